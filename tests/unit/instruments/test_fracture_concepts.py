"""Fracture cause: how statements of one concept are read together, by two readers and on two examinations."""

from dataclasses import replace
from decimal import Decimal

import pytest

from service.evidence.load import load
from service.instruments.fracture_cause import FRACTURE_CAUSE
from service.model.coded import Interval
from service.model.finding import State
from service.model.lesion import Known
from service.model.outcome import Outcome
from tests.unit.instruments.known import case_of, denied, exactly, measured, seen, stated, yes

TABLES = load()
FRACTURE = stated("vertebral-fracture", "unspecified")
CT, MRI = "ct", "mri"


def assess(*knowns: Known) -> Outcome:
    return FRACTURE_CAUSE.assess(case_of(FRACTURE, *knowns), TABLES)


def tally(outcome: Outcome) -> tuple[float, float]:
    assert outcome.measure is not None
    return outcome.measure["metastatic"], outcome.measure["osteoporotic"]


@pytest.mark.parametrize(
    ("knowns", "counts", "flags"),
    [
        ((seen("posterior-wall", ("bulging", CT), ("bulging", MRI)),), (1, 0), set()),
        ((seen("posterior-wall", ("bulging", CT), ("retropulsion", MRI)),), (0, 0), {"concept-conflict"}),
        ((seen("posterior-wall", ("normal", CT), ("bulging", MRI)),), (0, 0), {"concept-conflict"}),
        ((seen("posterior-wall", ("bulging", CT), ("retropulsion", CT)),), (0, 0), set()),
        ((seen("posterior-wall", ("bulging", "dual-energy-ct"), ("retropulsion", "pet-mri")),), (0, 0), {"concept-conflict"}),
        ((seen("posterior-wall", ("bulging", "x-ray"), ("retropulsion", MRI)),), (0, 0), set()),
        ((seen("jigsaw-sign", ("present", CT)), seen("cortical-destruction", ("present", MRI))), (0, 0), {"concept-conflict"}),
        ((seen("jigsaw-sign", ("present", CT)), seen("cortical-destruction", ("present", CT))), (0, 0), {"concept-conflict"}),
        ((seen("jigsaw-sign", ("present", CT)), seen("cortical-destruction", (None, MRI))), (0, 1), set()),
        ((seen("fluid-sign", ("present", MRI)), seen("intravertebral-osteonecrosis", (None, MRI))), (0, 0), {"concept-conflict"}),
        (
            (seen("pedicle-destruction", (None, CT)), seen("posterior-element-signal", ("present", MRI))),
            (0, 0),
            {"concept-conflict"},
        ),
        ((seen("pedicle-destruction", (None, MRI)), seen("posterior-element-signal", ("present", MRI))), (1, 0), set()),
        ((seen("pedicle-destruction", (None, "")), seen("posterior-element-signal", ("present", ""))), (1, 0), set()),
        ((seen("pedicle-destruction", ("unilateral", CT), ("bilateral", MRI)),), (1, 0), {"reliable-sign"}),
        ((seen("paraspinal-soft-tissue", ("present", CT), (None, MRI)), yes("epidural-soft-tissue")), (1, 0), set()),
        ((seen("paravertebral-haematoma", ("present", MRI)), yes("epidural-soft-tissue")), (0, 0), {"concept-conflict"}),
    ],
)
def test_a_concept_counts_once_and_for_neither_side_where_its_signs_disagree(
    knowns: tuple[Known, ...], counts: tuple[int, int], flags: set[str]
) -> None:
    outcome = assess(*knowns)
    assert tally(outcome) == counts
    assert set(outcome.flags) - {"unweighted-tally", "conflicting-input"} == flags


def test_a_statement_of_two_kinds_of_examination_is_of_neither() -> None:
    wall = seen("posterior-wall", ("bulging", CT), ("retropulsion", MRI))
    bulging, retropulsion = wall.sources
    known = replace(wall, sources=(bulging, replace(retropulsion, modality=(CT, MRI))))
    outcome = assess(known, stated("diffusion", "restricted"))
    assert outcome.verdicts == ("favours-metastatic", "indeterminate")


def test_two_readers_of_one_examination_leave_both_readings() -> None:
    outcome = assess(seen("posterior-wall", ("bulging", MRI), ("retropulsion", MRI)), stated("diffusion", "restricted"))
    assert outcome.verdicts == ("favours-metastatic", "indeterminate")
    assert tally(outcome) == (1, 0)
    assert outcome.reasons[1].direction is None


def test_two_readers_of_one_ct_beside_an_mri_are_ct_against_mri_in_one_reading_only() -> None:
    wall = seen("posterior-wall", ("bulging", CT), ("retropulsion", CT), ("bulging", MRI))
    outcome = assess(wall, stated("diffusion", "restricted"), stated("enhancement-degree", "intense"), yes("fluid-sign"))
    assert outcome.verdicts == ("favours-metastatic", "indeterminate")
    assert "concept-conflict" in outcome.flags


def test_a_disputed_reliable_sign_leaves_open_whether_it_outvotes() -> None:
    mass = seen("paraspinal-soft-tissue", ("present", CT), (None, MRI))
    outcome = assess(mass, yes("jigsaw-sign"), yes("fluid-sign"))
    assert outcome.verdicts == ("favours-osteoporotic", "indeterminate")
    assert "reliable-sign" not in outcome.flags
    assert "concept-conflict" in outcome.flags


def test_a_mass_on_ct_where_mri_sees_a_haematoma_is_disputed_too() -> None:
    knowns = (seen("paraspinal-soft-tissue", ("present", CT)), seen("paravertebral-haematoma", ("present", MRI)))
    outcome = assess(*knowns, yes("jigsaw-sign"), yes("fluid-sign"))
    assert outcome.verdicts == ("favours-osteoporotic", "indeterminate")


def test_a_mass_and_a_haematoma_of_one_examination_leave_the_mass_standing() -> None:
    knowns = (seen("paraspinal-soft-tissue", ("present", MRI)), seen("paravertebral-haematoma", ("present", MRI)))
    outcome = assess(*knowns, yes("jigsaw-sign"), yes("fluid-sign"))
    assert outcome.verdicts == ("indeterminate",)
    assert "reliable-sign" in outcome.flags


def test_a_value_denied_by_one_examination_and_stated_by_the_other_is_a_conflict_of_the_two() -> None:
    every = ("bulging", "retropulsion", "normal")
    wall = seen("posterior-wall", ("bulging", CT))
    (no_bulging,) = seen("posterior-wall", (None, MRI)).sources
    known = Known(
        finding="posterior-wall",
        state=State.CONFLICT,
        values=every,
        denied=("bulging",),
        sources=(*wall.sources, replace(no_bulging, value="bulging")),
    )
    outcome = assess(known, stated("diffusion", "restricted"))
    assert tally(outcome) == (1, 0)
    assert outcome.verdicts == ("indeterminate",)
    assert "concept-conflict" in outcome.flags


def test_a_less_specific_word_beside_a_specific_one_is_no_answer_of_its_own() -> None:
    pedicle = seen("pedicle-destruction", ("side-not-stated", MRI), ("unilateral", CT))
    known = Known(finding="pedicle-destruction", state=State.CONFLICT, values=("unilateral", "absent"), sources=pedicle.sources)
    assert assess(known).verdicts == ("favours-metastatic", "indeterminate")


def test_a_denied_value_leaves_the_concept_open_and_counts_nowhere() -> None:
    outcome = assess(denied("posterior-wall", "bulging"))
    assert tally(outcome) == (0, 0)
    assert [reason.value for reason in outcome.reasons] == ["unspecified", "not bulging"]


# Opposed phase.


@pytest.mark.parametrize(
    ("loss", "verdicts"),
    [
        (exactly("opposed-phase-loss-percent", 20), ("indeterminate",)),
        (measured("opposed-phase-loss-percent", 20, None), ("favours-osteoporotic", "indeterminate")),
        (measured("opposed-phase-loss-percent", None, 30), ("favours-osteoporotic", "indeterminate")),
        (measured("opposed-phase-loss-percent", None, 20), ("indeterminate",)),
    ],
)
def test_a_loss_that_decides_on_no_look_leaves_the_looks_it_meets(loss: Known, verdicts: tuple[str, ...]) -> None:
    outcome = assess(loss, yes("fluid-sign"))
    assert outcome.verdicts == verdicts
    assert outcome.citations[-1].locator.startswith("Magnetic resonance")


def test_a_look_that_follows_from_the_loss_is_listed_as_the_loss() -> None:
    look = seen("opposed-phase-appearance", ("no-signal-drop", MRI), derived_by="D40")
    outcome = assess(look, exactly("opposed-phase-loss-percent", 8), stated("diffusion", "restricted"))
    assert tally(outcome) == (2, 0)
    assert [(reason.finding, reason.direction) for reason in outcome.reasons[1:]] == [
        ("opposed-phase-loss-percent", "metastatic"),
        ("diffusion", "metastatic"),
    ]


def test_a_loss_without_a_number_is_no_look() -> None:
    loss = Known(finding="opposed-phase-loss-percent", state=State.NOT_ASSESSED, flags=("invalid-input",))
    outcome = assess(loss)
    assert tally(outcome) == (0, 0)
    assert "invalid-input" in outcome.flags


def test_the_look_of_two_readers_is_open() -> None:
    hull = Known(
        finding="opposed-phase-loss-percent",
        state=State.CONFLICT,
        interval=Interval(low=Decimal(10), high=Decimal(40)),
    )
    assert assess(hull, yes("fluid-sign")).verdicts == ("favours-osteoporotic", "indeterminate")
