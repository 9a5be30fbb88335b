"""Every row of the shipped tables through the translator, in its role, with its condition met and not met."""

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import replace

from service.mapping import codes
from service.mapping.presence import DENIAL_SAYS_NOTHING
from service.model.coded import CodedItem, Coding, ItemKind
from service.model.finding import Finding, Kind, State, Translation, Unmapped
from tests.unit.mapping.items import (
    CORD_COMPRESSION,
    coded,
    false,
    item,
    local,
    mappings,
    true,
    understood,
)
from tests.unit.mapping.rows import (
    CodingRow,
    Pair,
    as_condition,
    as_procedure,
    at,
    coding_rows,
    cord,
    first_answer,
    met,
    said_of,
    stated,
    unmet,
)

ADC = Coding(codes.RADLEX, "RID12698", "apparent diffusion coefficient map")
"""Excluded as a number, mapped as the name of a sequence."""

Wrong = list[tuple[object, ...]]
"""Rows that do not do what they say, with what they do instead."""

LOOKED_FOR = {"vertebral-level": "levels", "disc-level": "discs", "spinal-region": "regions", "lesion-site": "parts"}


def said_by(items: Iterable[CodedItem], affiliate: bool = True) -> tuple[Translation, list[Pair], list[Unmapped]]:
    """Return what items mean, and of that what the last of them says and leaves."""
    *around, last = items
    translation = understood(*around, last, affiliate=affiliate)
    path = last.source.path
    mine = [each for each in translation.findings if each.source.path == path]
    return translation, [pair(each) for each in mine], [each for each in translation.unmapped if each.path.startswith(path)]


def pair(finding: Finding) -> Pair:
    return finding.finding, finding.state, None if finding.state is State.ABSENT and finding.value == "present" else finding.value


def has(unmapped: Iterable[Unmapped], reason: str, why: str | None) -> bool:
    return any(each.reason == reason and each.why == why for each in unmapped)


def conditioned(rows: list[CodingRow]) -> list[CodingRow]:
    return [row for row in rows if row.condition not in {"none", "needs-bone-lesion"}]


def test_every_question_is_answered_with_its_finding() -> None:
    wrong: Wrong = []
    for row in coding_rows("question"):
        answer, value = (true(), row.value) if row.value else first_answer(row.definition)
        _, said, left = said_by(met(row, row.coding, value=answer))
        state = State.ABSENT if row.definition.kind is Kind.BOOLEAN and value == "absent" else State.PRESENT
        if (row.finding, state, None if state is State.ABSENT else value) not in said or left:
            wrong.append((str(row), said, left))
    assert wrong == []


def test_a_yes_no_question_answered_no_denies_its_value_where_a_denial_transfers() -> None:
    wrong: Wrong = []
    for row in coding_rows("question"):
        if row.value is None:
            continue
        _, said, left = said_by(met(row, row.coding, value=false()))
        denied = said_of(row.definition, "absent", row.value) in said
        if denied is (row.match == "close") or denied is has(left, "condition-not-met", DENIAL_SAYS_NOTHING):
            wrong.append((str(row), said, left))
    assert wrong == []


def test_a_question_whose_condition_is_not_met_is_listed_with_the_reason() -> None:
    wrong: Wrong = []
    for row in conditioned(coding_rows("question")):
        answer = true() if row.value else first_answer(row.definition)[0]
        _, said, left = said_by(unmet(row, row.coding, value=answer))
        if [each for each in said if each[0] == row.finding] or not has(left, "condition-not-met", row.why):
            wrong.append((str(row), said, left))
    assert wrong == []


def test_every_answer_answers_its_question() -> None:
    wrong: Wrong = []
    for row in coding_rows("answer"):
        _, said, left = said_by([item(local(row.finding), value=coded(row.coding))])
        expected = stated(row)
        if row.definition.kind is Kind.BOOLEAN and row.value == "absent":
            expected = (row.finding, State.ABSENT, None)
        if said != [expected] or left:
            wrong.append((str(row), said, left))
    assert wrong == []


def test_every_word_of_presence_answers_every_kind_of_question_it_can() -> None:
    wrong: Wrong = []
    for row in coding_rows("presence"):
        for finding in ("cord-compression", "vertebral-collapse"):
            definition = mappings().vocabulary[finding]
            value = None if row.polarity == "absent" else {"cord-compression": "present", "vertebral-collapse": "some"}[finding]
            expected = said_of(definition, row.polarity, value)
            told = [item(local(finding), value=coded(row.coding))]
            if row.system == codes.INTERPRETATION:
                told.append(item(local(finding), interpretation=(row.coding,)))
            for each in told:
                translation, said, left = said_by([each])
                flags = {flag for found in translation.findings for flag in found.flags}
                if said != [expected] or left or flags != ({"uncertain-input"} if row.polarity == "uncertain" else set()):
                    wrong.append((str(row), finding, said, left))
    assert wrong == []


def bare(rows: list[CodingRow], said_as: Callable[[CodedItem], CodedItem] = copy) -> Wrong:
    """Return what goes wrong when each code stands alone, said in some way, and its condition is met."""
    wrong: Wrong = []
    for row in rows:
        *around, last = met(row, row.coding)
        translation, said, _ = said_by([*around, said_as(last)])
        if stated(row) not in said or translation.unmapped:
            wrong.append((str(row), said, translation.unmapped))
    return wrong


def test_every_assertion_primary_and_history_code_says_its_finding_alone() -> None:
    assert bare(coding_rows("assertion", "primary", "history")) == []


def test_every_such_code_says_it_as_a_condition_too() -> None:
    assert bare(coding_rows("assertion", "primary", "history"), as_condition) == []


def test_every_history_code_says_it_as_a_procedure() -> None:
    assert bare(coding_rows("history"), as_procedure) == []


def test_every_such_code_is_denied_by_no_where_a_denial_transfers() -> None:
    wrong: Wrong = []
    for row in coding_rows("assertion", "primary", "history"):
        *around, last = met(row, row.coding)
        for denied in (replace(last, value=false()), replace(last, value=coded(Coding(codes.SNOMED, "2667000", "Absent")))):
            _, said, left = said_by([*around, denied])
            expected = said_of(row.definition, *(("absent", row.value) if row.polarity == "present" else ("present", "present")))
            if (expected in said) is (row.match == "close"):
                wrong.append((str(row), said, left))
            if row.match == "close" and not said and {each.reason for each in left} != {"condition-not-met"}:
                wrong.append((str(row), said, left))
    assert wrong == []


def test_a_code_whose_condition_is_not_met_says_nothing_and_is_listed() -> None:
    wrong: Wrong = []
    for row in conditioned(coding_rows("assertion", "primary", "history")):
        _, said, left = said_by(unmet(row, row.coding))
        if stated(row) in said or not (said or has(left, "condition-not-met", row.why)):
            wrong.append((str(row), said, left))
    assert wrong == []


def test_every_site_is_the_place_of_a_finding_there() -> None:
    wrong: Wrong = []
    for row in coding_rows("site"):
        here = at(row)
        translation, said, left = said_by([here])
        [place] = [each.place for each in translation.findings if each.finding == "vertebral-collapse"]
        sides = {
            "laterality": place.sides,
            "sins-location": tuple(value for finding, _, value in said if finding == "sins-location"),
        }
        named = sides.get(row.finding) or getattr(place, LOOKED_FOR.get(row.finding, "parts"))
        conditional = row.condition == "needs-spinal-site"
        if (row.value in named) is conditional or left:
            wrong.append((str(row), place, left))
    assert wrong == []


def test_a_level_word_that_may_be_a_segment_is_no_vertebra_for_a_cord_finding() -> None:
    wrong: Wrong = []
    rows = [row for row in coding_rows("site") if row.condition == "needs-bone-lesion"]
    for row in rows:
        translation, said, left = said_by([cord(row)])
        [found] = translation.findings
        if row.value in found.place.levels or [each.reason for each in left] != ["condition-not-met"]:
            wrong.append((str(row), said, left))
    assert rows
    assert wrong == []


def test_every_examination_code_says_what_it_is_and_how_a_finding_was_seen() -> None:
    wrong: Wrong = []
    for row in coding_rows("modality"):
        exam = replace(item(row.coding), kind=ItemKind.EXAM)
        seen = item(CORD_COMPRESSION, value=true(), method=(row.coding,), name="Observation/9")
        translation, said, left = said_by([seen, exam])
        [finding] = [each for each in translation.findings if each.finding == "cord-compression"]
        expected = (row.finding, State.ABSENT, None) if row.polarity == "absent" else (row.finding, State.PRESENT, row.value)
        as_modality = row.finding != "modality" or row.value in finding.modality
        if expected not in said or left or not as_modality:
            wrong.append((str(row), said, left))
    assert wrong == []
