"""How sites are written and ordered."""

import pytest

from service.findings.anatomy import levels_of, order, runs, site


@pytest.mark.parametrize(
    ("levels", "text"),
    [
        (["T12"], "T12"),
        (["T11", "T10"], "T10-T11"),
        (["T8", "T4"], "T4, T8"),
        (["T8", "T4", "T5"], "T4-T5, T8"),
        (["L1", "T12"], "T12-L1"),
        (["S1", "L5"], "L5-S1"),
        (["T12", "T13", "L1"], "T12-L1"),
        (["S5", "Co"], "S5-Co"),
        (["C0", "C1"], "C0-C1"),
    ],
)
def test_levels_are_written_as_runs(levels: list[str], text: str) -> None:
    assert site(levels, (), ()).text == text


@pytest.mark.parametrize(
    ("discs", "regions", "text"),
    [
        (["L4-L5"], [], "disc L4-L5"),
        (["L5-S1", "L4-L5"], ["lumbar"], "disc L4-L5, L5-S1"),
        ([], ["thoracic"], "thoracic spine"),
        ([], ["lumbar", "cervical"], "cervical spine, lumbar spine"),
        ([], ["whole-spine"], "whole spine"),
        ([], ["spine"], "site not stated"),
        ([], [], "site not stated"),
    ],
)
def test_other_sites_are_written_in_words(discs: list[str], regions: list[str], text: str) -> None:
    assert site((), discs, regions).text == text


def test_sites_are_ordered_from_head_to_tail_and_unplaced_ones_come_last() -> None:
    sites = [
        site(["C2"], (), ()),
        site((), (), ["thoracic"]),
        site(["T4"], (), ()),
        site((), ["T4-T5"], ()),
        site(["T5"], (), ()),
        site(["Co"], (), ()),
        site((), (), ["spine"]),
    ]
    assert sorted(sites, key=order) == sites


def test_a_region_holds_its_vertebrae_and_the_spine_names_none() -> None:
    assert levels_of(["thoracic"]) == {f"T{n}" for n in range(1, 14)}
    assert "C0" not in levels_of(["cervical"])
    assert levels_of(["spine"]) == frozenset()
    assert {"C1", "T12", "L6", "S5"} <= levels_of(["whole-spine"])


def test_runs_of_no_levels_are_none() -> None:
    assert runs(()) == ()
