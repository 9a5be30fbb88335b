"""A sign is there, disputed, not stated or contradicted, and these four are never mixed up."""

import pytest

from service.errors import BrokenReleaseError
from service.evidence.load import parse
from service.model.lesion import Known
from service.sign import (
    CONTRADICTED,
    SHOWN,
    Argument,
    Said,
    Sign,
    Standing,
    Way,
    all_of,
    any_of,
    parts_of,
    said_among,
    said_of,
    sign_of,
    weighed,
)
from tests.unit.instruments.known import denied, disputed, exactly, stated, unknown, yes

BRIGHT = Sign(finding="t1-signal", values=frozenset({"hyper"}), evidence="a: t1", vague=frozenset({"bright-somewhere"}))
HALO = Sign(finding="halo-sign", values=frozenset({"present"}), evidence="a: halo")
FREE = Sign(finding="expansile", values=frozenset({"absent"}), evidence="a: expansile")


@pytest.mark.parametrize(
    ("sign", "known", "standing"),
    [
        (BRIGHT, stated("t1-signal", "hyper"), Standing.YES),
        (BRIGHT, stated("t1-signal", "hypo"), Standing.NO),
        (BRIGHT, disputed("t1-signal", "hyper", "hypo"), Standing.MAYBE),
        (BRIGHT, disputed("t1-signal", "iso", "hypo"), Standing.NO),
        (BRIGHT, unknown("t1-signal"), Standing.MISSING),
        (BRIGHT, denied("t1-signal", "hyper"), Standing.NO),
        (BRIGHT, denied("t1-signal", "hypo"), Standing.MISSING),
        (BRIGHT, stated("t1-signal", "bright-somewhere"), Standing.MISSING),
        (HALO, yes("halo-sign"), Standing.YES),
        (HALO, denied("halo-sign"), Standing.NO),
        (HALO, disputed("halo-sign", "present", "absent"), Standing.MAYBE),
        (FREE, denied("expansile"), Standing.YES),
        (FREE, yes("expansile"), Standing.NO),
        (FREE, unknown("expansile"), Standing.MISSING),
    ],
)
def test_a_sign_stands_as_it_is_said(sign: Sign, known: Known, standing: Standing) -> None:
    assert sign.standing(said_of(known)) is standing


def test_a_number_is_no_word_and_shows_no_sign() -> None:
    assert BRIGHT.standing(said_of(exactly("t1-signal", 3))) is Standing.MISSING


MELANOMA = Sign(finding="primary-cancer", values=frozenset({"melanoma"}), evidence="a: primary")


@pytest.mark.parametrize(
    ("known", "standing"),
    [
        (stated("primary-cancer", "melanoma"), Standing.YES),
        (stated("primary-cancer", "lung", "melanoma"), Standing.YES),
        (stated("primary-cancer", "lung"), Standing.MISSING),
        (denied("primary-cancer"), Standing.NO),
        (denied("primary-cancer", "melanoma"), Standing.NO),
        (denied("primary-cancer", "lung"), Standing.MISSING),
        (disputed("primary-cancer", "melanoma", "absent"), Standing.MAYBE),
        (unknown("primary-cancer"), Standing.MISSING),
    ],
)
def test_answers_that_stand_beside_one_another_do_not_contradict(known: Known, standing: Standing) -> None:
    assert MELANOMA.standing(said_among(known, MELANOMA.values)) is standing


def test_all_are_the_least_and_any_is_the_greatest() -> None:
    assert all_of([Standing.YES, Standing.MISSING, Standing.MAYBE]) is Standing.MISSING
    assert any_of([Standing.NO, Standing.MAYBE, Standing.MISSING]) is Standing.MAYBE
    assert all_of([]) is Standing.YES
    assert any_of([]) is Standing.NO


PRESENT, ABSENT = Said(words=frozenset({"present"})), Said(words=frozenset({"absent"}))
BOTH = Said(words=frozenset({"present", "absent"}))
WAY = Way(
    parts=((HALO,), (BRIGHT, Sign(finding="stir-signal", values=frozenset({"hyper"}), evidence="a: stir"))),
    excluded_by=(Sign(finding="cortical-destruction", values=frozenset({"present"}), evidence="a"),),
)
SHOWN_BRIGHT = Said(words=frozenset({"hyper"}))


@pytest.mark.parametrize(
    ("cortex", "standing"),
    [(None, Standing.YES), (ABSENT, Standing.YES), (BOTH, Standing.MAYBE), (PRESENT, Standing.NO)],
    ids=["not stated", "denied", "disputed", "stated"],
)
def test_what_is_not_known_to_exclude_a_rule_does_not(cortex: Said | None, standing: Standing) -> None:
    readings = {"halo-sign": PRESENT, "stir-signal": SHOWN_BRIGHT}
    assert WAY.standing(readings if cortex is None else {**readings, "cortical-destruction": cortex}) is standing


def test_every_sign_of_a_missing_part_would_complete_a_rule() -> None:
    assert [sign.finding for sign in WAY.missing({"halo-sign": PRESENT})] == ["t1-signal", "stir-signal"]
    assert [sign.finding for sign in WAY.missing({"stir-signal": SHOWN_BRIGHT})] == ["halo-sign"]


def test_nothing_completes_a_rule_that_is_fulfilled_contradicted_or_excluded() -> None:
    assert WAY.missing({"halo-sign": PRESENT, "t1-signal": SHOWN_BRIGHT}) == ()
    assert WAY.missing({"halo-sign": ABSENT}) == ()
    assert WAY.missing({"halo-sign": PRESENT, "cortical-destruction": PRESENT}) == ()


def test_a_part_that_one_sign_contradicts_can_still_be_shown_by_another() -> None:
    dark = Said(words=frozenset({"hypo"}))
    assert [sign.finding for sign in WAY.missing({"halo-sign": PRESENT, "t1-signal": dark})] == ["stir-signal"]


def test_a_disputed_sign_speaks_for_and_against() -> None:
    readings = {"halo-sign": BOTH}
    assert list(weighed((HALO, BRIGHT), readings, SHOWN, "for it")) == [
        Argument(finding="halo-sign", direction="for it", evidence="a: halo")
    ]
    assert [each.finding for each in weighed((HALO, BRIGHT), readings, CONTRADICTED, "against it")] == ["halo-sign"]


TABLE = """
title = "Signs"
key = ["candidate", "part", "finding", "value"]

[citation]
paper = "Somebody 2020"
locator = "Section 1"

[[row]]
candidate = "haematoma"
part = "blood"
finding = "collection-enhancement"
value = "diffuse focal"
vague = "peripheral"

[[row]]
candidate = "haematoma"
part = "place"
finding = "collection-position"
value = "dorsal"

[[row]]
candidate = "haematoma"
part = "blood"
finding = "collection-ct-hyperdense"
value = "present"
"""


def test_a_sign_is_read_from_its_row_with_the_place_where_it_is_printed() -> None:
    table = parse("a-table", TABLE)
    assert sign_of(table, table.rows[0]) == Sign(
        finding="collection-enhancement",
        values=frozenset({"diffuse", "focal"}),
        evidence="a-table: haematoma collection-enhancement",
        vague=frozenset({"peripheral"}),
    )
    assert sign_of(table, table.rows[1]).vague == frozenset()


def test_signs_are_gathered_by_part_in_printed_order() -> None:
    table = parse("a-table", TABLE)
    parts = parts_of((row, sign_of(table, row)) for row in table.rows)
    assert [[sign.finding for sign in part] for part in parts] == [
        ["collection-enhancement", "collection-ct-hyperdense"],
        ["collection-position"],
    ]


def test_a_row_without_a_finding_is_a_broken_release() -> None:
    table = parse("a-table", TABLE)
    with pytest.raises(BrokenReleaseError, match="lacks text in column finding"):
        sign_of(table, {"candidate": "haematoma", "value": "present"})
