"""The case as a whole."""

import string
from collections.abc import Mapping
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.model.case import Case
from service.model.coded import CodedItem, Coding, Interval, ItemKind, Severity, Source
from service.model.finding import Finding, Kind, Place, State, Unmapped
from service.model.lesion import Known
from tests.unit.findings.statements import built, component, item, member, place, reading, said, vocabulary, word, words

_T7_CODING = Coding("http://radlex.org", "RID29204")


def test_findings_stand_in_the_order_of_the_vocabulary() -> None:
    lesion = built(
        said("alignment", "normal", "T7"), said("bone-lesion", "lytic", "T7"), said("vertebral-level", "T7")
    ).case.lesions[0]
    order = [finding for finding in vocabulary() if finding in lesion.findings]
    assert list(lesion.findings) == order


def test_scopes_are_kept_apart_and_the_prior_is_passed_on() -> None:
    found = built(said("bone-lesion", "lytic", "T7"), said("spinal-metastasis"), said("contrast-given"), prior=Decimal("0.3")).case
    assert set(found.study) == {"contrast-given", "bone-abnormality"}
    assert set(found.patient) == {"spinal-metastasis", "bone-metastases", "known-malignancy"}
    assert found.prior == Decimal("0.3")
    assert found.focus is None


def test_an_empty_translation_is_an_empty_case() -> None:
    found = built()
    assert found.case == Case(lesions=(), study={}, patient={})
    assert (found.issues, found.unmapped) == ((), ())


def test_sources_stand_in_document_order() -> None:
    first, second = said("expansile", "present", "T7"), said("expansile", "absent", "T7")
    known = built(second, first, of=reading(map(item, (first, second)))).case.lesions[0].findings["expansile"]
    assert known.sources == (first, second)


def test_a_finding_denied_as_a_whole_without_meaning_is_said() -> None:
    found = built(said("alignment", "absent", "T7"))
    assert word(found.case.lesions[0].findings["alignment"]) == "?"
    (issue,) = found.issues
    assert (issue.severity, issue.code) == (Severity.WARNING, "incomplete")
    assert "alignment" in issue.text


def test_age_and_sex_cite_the_patient() -> None:
    patient = CodedItem(
        source=Source(reference="Patient/1", version="3", path="Bundle.entry[0].resource"),
        kind=ItemKind.PATIENT,
        status="",
        code=(),
    )
    known = built(of=reading([patient], birth_date="1960-02-03", gender="female")).case.patient
    assert [each.source.reference for each in known["age-at-lesion"].sources] == ["Patient/1"]
    assert [each.source.reference for each in known["sex"].sources] == ["Patient/1"]


def _refused(finding: str | None, path: str, reason: str = "unknown-answer", where: Place | None = None) -> Unmapped:
    return Unmapped(system=None, code="x", display=None, path=path, reason=reason, finding=finding, place=where)


@pytest.mark.parametrize("reason", ["unknown-answer", "unit-not-understood", "out-of-range"])
def test_a_refused_value_stays_with_its_group(reason: str) -> None:
    at_t7, at_l1 = (component(f"Observation/{level}", 0, "bone-lesion", "lytic", place(level)) for level in ("T7", "L1"))
    bad = component("Observation/L1", 1, "alignment", "?", place())
    found = built(
        at_t7, at_l1, of=reading(map(item, (at_t7, at_l1, bad))), unmapped=[_refused("alignment", bad.source.path, reason)]
    )
    assert found.case.invalid == {("lesion-2", "alignment")}
    known = found.case.lesions[1].findings["alignment"]
    assert (known.state, known.flags) == (State.NOT_ASSESSED, ("invalid-input",))
    assert [each.source.path for each in known.sources] == [bad.source.path]


def test_a_refused_value_is_placed_by_the_place_that_mapping_read() -> None:
    at_t7, at_l1 = said("bone-lesion", "lytic", "T7"), said("bone-lesion", "lytic", "L1")
    bad = said("alignment", "?")
    row = _refused("alignment", bad.source.path, where=place("L1"))
    assert built(at_t7, at_l1, of=reading(map(item, (at_t7, at_l1, bad))), unmapped=[row]).case.invalid == {
        ("lesion-2", "alignment")
    }


def test_a_refused_value_is_placed_by_a_site_that_means_a_level_elsewhere() -> None:
    at_t7, at_l1 = said("bone-lesion", "lytic", "T7"), said("bone-lesion", "lytic", "L1")
    bad = said("alignment", "?")
    items = (item(at_t7, sites=[_T7_CODING]), item(at_l1), item(bad, sites=[_T7_CODING]))
    found = built(at_t7, at_l1, of=reading(items), unmapped=[_refused("alignment", bad.source.path)])
    assert found.case.invalid == {("lesion-1", "alignment")}


def test_a_refused_value_of_no_certain_lesion_counts_for_each_and_is_listed_once() -> None:
    at_t7, at_l1 = said("bone-lesion", "lytic", "T7"), said("bone-lesion", "lytic", "L1")
    bad = said("alignment", "?")
    found = built(at_t7, at_l1, of=reading(map(item, (at_t7, at_l1, bad))), unmapped=[_refused("alignment", bad.source.path)])
    assert found.case.invalid == {(None, "alignment")}
    assert found.issues == ()
    unknown_path = built(at_t7, unmapped=[_refused("alignment", "Bundle.entry[9]")])
    assert unknown_path.case.invalid == {(None, "alignment")}


def test_refused_pain_is_that_of_the_lesion_or_of_the_patient() -> None:
    at_t7, bad = said("bone-lesion", "lytic", "T7"), said("spinal-pain", "?")
    found = built(at_t7, of=reading(map(item, (at_t7, bad))), unmapped=[_refused("spinal-pain", bad.source.path)])
    assert found.case.invalid == {("lesion-1", "spinal-pain")}
    alone = built(of=reading([item(bad)]), unmapped=[_refused("spinal-pain", bad.source.path)])
    assert alone.case.invalid == {(None, "spinal-pain")}


def test_a_refused_value_of_study_or_patient_has_no_lesion() -> None:
    at_t7, bad = said("bone-lesion", "lytic", "T7"), said("age-at-lesion", "?")
    found = built(at_t7, of=reading(map(item, (at_t7, bad))), unmapped=[_refused("age-at-lesion", bad.source.path, "out-of-range")])
    assert found.case.invalid == {(None, "age-at-lesion")}
    assert word(found.case.patient["age-at-lesion"]) == "?"


def test_a_value_beside_a_refused_one_counts_and_the_refusal_is_said() -> None:
    good, bad = said("alignment", "normal", "T7"), said("alignment", "?", "T7")
    found = built(good, of=reading(map(item, (good, bad))), unmapped=[_refused("alignment", bad.source.path, where=place("T7"))])
    known = found.case.lesions[0].findings["alignment"]
    assert (word(known), known.flags) == ("normal", ("invalid-input",))
    assert found.case.invalid == {("lesion-1", "alignment")}


def test_a_refusal_that_mapping_states_itself_is_not_stated_twice() -> None:
    told = said("alignment", None, "T7", flags=["invalid-input"])
    told = said("alignment", "?", "T7", flags=["invalid-input"], reference=told.source.reference)
    found = built(told, unmapped=[_refused("alignment", told.source.path)])
    assert len(found.case.lesions[0].findings["alignment"].sources) == 1


def test_other_unmapped_rows_refuse_nothing() -> None:
    told = said("bone-lesion", "lytic", "T7")
    rows = [_refused("alignment", told.source.path, "condition-not-met"), _refused(None, told.source.path)]
    assert built(told, unmapped=rows).case.invalid == frozenset()


_LESION_FINDINGS = [
    key
    for key, definition in vocabulary().items()
    if definition.scope.value in {"lesion", "level"} and definition.kind is not Kind.COUNT
]
_LEVELS = st.sampled_from([None, "T7", "L1"])


@st.composite
def _statements(draw: st.DrawFn) -> Finding:
    definition = vocabulary()[draw(st.sampled_from([*_LESION_FINDINGS, "spinal-pain", "vertebral-collapse", "spinal-metastasis"]))]
    level = draw(_LEVELS)
    if definition.kind is Kind.QUANTITY:
        told: str | Interval = Interval.exactly(Decimal(draw(st.integers(0, 60))))
    else:
        told = draw(st.sampled_from([*(value for value in definition.values if value != "absent"), "absent", "?"]))
    context = draw(st.integers(0, 5)) == 0
    where = place(
        *([level] if level else []),
        parents=draw(st.sampled_from([(), (), ("Observation/g",)])),
        parts=draw(st.sampled_from([(), (), ("pedicle",), ("epidural-space",)])),
        sides=draw(st.sampled_from([(), (), ("left",), ("right",)])),
        identities=draw(st.sampled_from([(), (), (), ("tracking:a",), ("identifier:b",), ("tracking:a", "structure:c")])),
    )
    return said(definition.key, told, where, context=context)


def _short(case: Case) -> object:
    def brief(findings: Mapping[str, Known]) -> object:
        return {
            key: (known.state, known.values, known.denied, known.interval, known.derived_by, known.flags, known.sources)
            for key, known in findings.items()
        }

    return (
        [(lesion.id, lesion.site, lesion.source, brief(lesion.findings)) for lesion in case.lesions],
        brief(case.study),
        brief(case.patient),
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(_statements(), max_size=7).flatmap(lambda told: st.tuples(st.just(told), st.permutations(told))))
def test_the_order_of_findings_does_not_change_the_case(told: tuple[list[Finding], list[Finding]]) -> None:
    statements, shuffled = told
    known = reading(map(item, statements))
    before, after = built(*statements, of=known), built(*shuffled, of=known)
    assert _short(before.case) == _short(after.case)
    assert before.issues == after.issues


@settings(max_examples=150, deadline=None)
@given(st.lists(_statements(), max_size=6))
def test_unknown_never_becomes_absent(statements: list[Finding]) -> None:
    answered = {said.finding for said in statements if said.state is not State.NOT_ASSESSED}
    unknown = [said for said in statements if said.finding not in answered]
    for lesion in built(*unknown).case.lesions:
        stated = {finding: known for finding, known in lesion.findings.items() if known.derived_by is None}
        assert all(known.state in {State.NOT_ASSESSED, State.PRESENT} for known in stated.values())
        assert all(
            known.state is State.NOT_ASSESSED
            for finding, known in stated.items()
            if finding in {s.finding for s in unknown} - _PLACES
        )


_PLACES = {"vertebral-level", "disc-level", "spinal-region"}


@settings(max_examples=150, deadline=None)
@given(st.lists(_statements(), max_size=6))
def test_every_statement_of_the_report_is_used_or_said(statements: list[Finding]) -> None:
    mine = [said for said in statements if not said.source.from_other_report and said.finding != "spinal-pain"]
    found = built(*mine)
    spoken = {issue.path for issue in found.issues}
    placed = {level for lesion in found.case.lesions for level in lesion.site.levels}
    for said_ in mine:
        if vocabulary()[said_.finding].scope.value in {"lesion", "level"} and said_.source.path not in spoken:
            assert found.case.lesions
            assert set(said_.place.levels) <= placed


def test_the_words_of_the_cases_build_what_they_say() -> None:
    told: Mapping[str, object] = {"vertebral-level": "C5", "bone-lesion": "lytic", "vertebral-collapse": "some"}
    for shape in ("flat", "component", "member"):
        statements = [_in_shape(shape, place_, finding, str(value)) for place_, (finding, value) in enumerate(told.items())]
        (lesion,) = built(*statements).case.lesions
        assert {finding: words(lesion)[finding] for finding in told} == told, shape
        assert lesion.site.text == "C5"


def _in_shape(shape: str, number: int, finding: str, told: str) -> Finding:
    if shape == "component":
        return component("Observation/g", number, finding, told)
    if shape == "member":
        return member("Observation/g", finding, told)
    return said(finding, told, place("C5"))


def test_texts_of_issues_hold_no_values() -> None:
    found = built(
        said("bone-lesion", "lytic", "T7"),
        said("bone-lesion", "blastic", "L1"),
        said("alignment", "normal"),
        said("laterality", "left", "S1"),
    )
    assert len(found.issues) == 2
    for issue in found.issues:
        said_words = set(issue.text.translate(str.maketrans("", "", string.punctuation.replace("-", ""))).split())
        assert said_words.isdisjoint({"lytic", "blastic", "normal", "left", "T7", "L1", "S1"})
