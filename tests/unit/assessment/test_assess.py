"""From a case to all outcomes: each lesion for itself, decisive sets, pointers after instruments."""

from dataclasses import replace
from itertools import product

import pytest

from service.assessment import assess as stage
from service.assessment.assess import assess
from service.assessment.catalogue import CATALOGUE, POINTERS, RULESET_VERSION
from service.model.case import Case
from service.model.lesion import Known, Lesion
from service.model.outcome import Applicability, Outcome
from tests.unit.assessment.test_decisive import by_trying
from tests.unit.instruments.known import at, by_finding, case_of, denied, stated, yes
from tests.unit.instruments.sins_by_hand import POINTS, TABLES


def outcome_of(case: Case, instrument: str, lesion: str = "lesion-1") -> Outcome:
    return next(each for each in assess(case, TABLES).lesion_outcomes[lesion] if each.instrument == instrument)


def test_each_lesion_has_the_outcomes_of_the_catalogue_in_its_order() -> None:
    other = Lesion(id="lesion-2", site=at("L3"), findings={})
    assessed = assess(case_of(others=(other,)), TABLES)
    assert list(assessed.lesion_outcomes) == ["lesion-1", "lesion-2"]
    for outcomes in assessed.lesion_outcomes.values():
        assert [outcome.instrument for outcome in outcomes] == keys("lesion")
    assert [outcome.instrument for outcome in assessed.patient_outcomes] == keys("patient")


def keys(scope: str) -> list[str]:
    """Return what is listed for a lesion or the patient: instruments, then pointers."""
    return [each.key for each in CATALOGUE if each.scope == scope] + [each.key for each in POINTERS if each.scope == scope]


def test_points_are_never_added_over_lesions() -> None:
    other = Lesion(id="lesion-2", site=at("S3"), findings=by_finding([stated("bone-lesion", "blastic")]))
    case = case_of(stated("bone-lesion", "lytic"), site=at("T12"), others=(other,))
    alone = Case(lesions=case.lesions[:1], study=case.study, patient=case.patient)
    assert outcome_of(case, "sins") == outcome_of(alone, "sins")


def test_a_patient_without_lesions_has_the_outcomes_of_the_patient_only() -> None:
    assessed = assess(Case(lesions=(), study={}, patient={}), TABLES)
    assert assessed.lesion_outcomes == {}
    assert [outcome.instrument for outcome in assessed.patient_outcomes] == keys("patient")
    assert all(outcome.is_silent for outcome in assessed.patient_outcomes)


def test_an_instrument_over_all_lesions_stands_with_the_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    def count(case: Case, _: object) -> Outcome:
        return Outcome(
            instrument="count", version="1", applicability=Applicability.APPLICABLE, verdicts=("one", "two")[: len(case.lesions)]
        )

    over_all = replace(CATALOGUE[0], key="count", scope="patient", assess=count, question=None)
    monkeypatch.setattr(stage, "CATALOGUE", (*CATALOGUE, over_all))
    assessed = stage.assess(case_of(others=(Lesion(id="lesion-2", site=at("L3"), findings={}),)), TABLES)
    assert [outcome.verdicts for outcome in assessed.patient_outcomes if outcome.instrument == "count"] == [("one", "two")]
    assert all(outcome.instrument != "count" for outcome in assessed.lesion_outcomes["lesion-1"])


def test_every_partial_combination_names_the_minimal_sets_that_settle_the_category() -> None:
    asked = ("vertebral-level", *tuple(POINTS)[1:])
    seen: dict[tuple[tuple[int, ...], ...], tuple[tuple[str, ...], ...]] = {}
    for values in product(*((*points, None) for points in POINTS.values())):
        said = {finding: value for finding, value in zip(POINTS, values, strict=True) if value is not None}
        points = tuple(
            (table[said[finding]],) if finding in said else tuple(sorted(table.values())) for finding, table in POINTS.items()
        )
        settled = sum(each[0] for each in points if len(each) == 1)
        key = (*(each for each in points if len(each) > 1), (settled,), tuple(len(each) for each in points))
        if key in seen:
            continue
        seen[key] = by_trying(dict(zip(asked, points, strict=True)))
        outcome = outcome_of(case_of(*(stated(finding, value) for finding, value in said.items())), "sins")
        assert outcome.decisive == seen[key], said


def test_a_settled_verdict_asks_for_nothing_more() -> None:
    complete = [stated(finding, next(iter(values))) for finding, values in POINTS.items()]
    assert outcome_of(case_of(*complete), "sins").decisive == ()
    assert outcome_of(case_of(yes("cord-compression"), yes("csf-visible")), "escc").decisive == ()


def test_what_does_not_apply_has_no_open_question() -> None:
    case = case_of(stated("reported-diagnosis", "enostosis"), tumour=False)
    assert all(outcome.decisive == () for outcome in assess(case, TABLES).lesion_outcomes["lesion-1"])


E, D, A, C, V = "epidural-involvement", "thecal-sac-deformation", "cord-abutment", "cord-compression", "csf-visible"


@pytest.mark.parametrize(
    ("knowns", "sets"),
    [
        ((), ((C,),)),
        ((yes(E),), ((C,),)),
        ((denied(V),), ((C,),)),
        ((yes(C),), ((V,),)),
        ((denied(C),), ((E, D, A),)),
        ((denied(C), yes(E)), ((D, A),)),
        ((denied(C), denied(V)), ()),
        ((denied(A), yes(C)), ((V,),)),
        ((yes(E), denied(D), stated("escc-grade", "3")), ()),
    ],
    ids=[
        "silence: compression settles the band",
        "epidural: compression settles the band",
        "effaced CSF: compression settles the band",
        "compressed: CSF settles the grade",
        "not compressed: three signs settle the grade",
        "not compressed, epidural: two signs settle the grade",
        "effaced, not compressed: open for good",
        "contradiction: CSF settles the grade",
        "reported grade disagrees: no missing sign settles it",
    ],
)
def test_escc_asks_for_the_band_while_it_is_open_and_then_for_the_grade(
    knowns: tuple[Known, ...], sets: tuple[tuple[str, ...], ...]
) -> None:
    assert outcome_of(case_of(*knowns), "escc").decisive == sets


def test_pointers_see_the_outcomes_of_their_lesion() -> None:
    stable = [stated(finding, "none") for finding in ("spinal-pain", "vertebral-collapse", "posterolateral-involvement")]
    stable += [stated("bone-lesion", "blastic"), stated("alignment", "normal"), denied(E)]
    case = case_of(*stable, site=at("T7"), patient=[denied("neurological-deficit")])
    assert "no-surgical-consultation" in outcome_of(case, "sins").flags


def test_instruments_have_their_own_key_and_the_catalogue_a_version() -> None:
    keys = [instrument.key for instrument in CATALOGUE]
    assert len(keys) == len(set(keys))
    assert RULESET_VERSION
