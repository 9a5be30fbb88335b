"""Leptomeningeal disease: any sign is a suspicion, symptoms are none, nothing excludes it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.evidence.load import load
from service.instruments.leptomeningeal import LEPTOMENINGEAL
from service.model.case import Case
from service.model.lesion import Known
from service.model.outcome import Applicability, Outcome
from tests.unit.instruments.known import by_finding, denied, disputed, exactly, stated, unknown, yes

TABLES = load()
SUSPECTED, NOT_EXCLUDED = "leptomeningeal-suspected", "leptomeningeal-not-excluded"
SIGNS = (
    yes("subarachnoid-nodules"),
    *(stated("leptomeningeal-enhancement", form) for form in ("diffuse", "sheet-like", "nodular", "focal")),
    yes("thickened-nerve-roots"),
    yes("csf-enhancement"),
    yes("unexplained-hydrocephalus"),
    yes("leptomeningeal-seeding"),
    stated("clinical-suspicion", "leptomeningeal-disease"),
    stated("clinical-suspicion", "tumour", "leptomeningeal-disease"),
)
DENIALS = tuple(
    denied(finding)
    for finding in (
        "subarachnoid-nodules",
        "leptomeningeal-enhancement",
        "thickened-nerve-roots",
        "csf-enhancement",
        "unexplained-hydrocephalus",
        "leptomeningeal-seeding",
        "clinical-suspicion",
    )
)
SYMPTOMS = (yes("known-malignancy"), stated("neurological-deficit", "severe-or-progressive"), yes("axial-pain"))


def assess(*knowns: Known, **others: object) -> Outcome:
    case = Case(lesions=(), study={}, patient=by_finding(knowns), **others)  # type: ignore[arg-type]  # fields of Case
    return LEPTOMENINGEAL.assess(case, TABLES)


@pytest.mark.parametrize("sign", SIGNS, ids=lambda known: f"{known.finding} {known.values}")
def test_any_sign_is_a_suspicion_with_its_reason(sign: Known) -> None:
    outcome = assess(sign, *(denial for denial in DENIALS if denial.finding != sign.finding))
    assert outcome.verdicts == (SUSPECTED,)
    assert outcome.missing == ()
    [reason] = [reason for reason in outcome.reasons if reason.direction == f"for {SUSPECTED}"]
    assert (reason.finding, reason.value) == (sign.finding, " | ".join(sign.values))
    assert outcome.recommendations == ("whole-neuraxis-mri-gd", "csf-flow-study")


def test_cytology_and_punctures_are_left_to_what_sees_the_epidural_space() -> None:
    outcome = assess(yes("csf-enhancement"), exactly("negative-lumbar-punctures", 1))
    assert not {"csf-cytology", "repeat-lumbar-puncture"} & set(outcome.recommendations)


@pytest.mark.parametrize("denial", DENIALS, ids=lambda known: known.finding)
def test_a_denied_sign_is_shown_and_excludes_nothing(denial: Known) -> None:
    outcome = assess(denial)
    assert outcome.verdicts == (NOT_EXCLUDED,)
    assert [(reason.value, reason.direction) for reason in outcome.reasons] == [("absent", "does not exclude")]
    assert denial.finding not in outcome.missing
    assert len(outcome.missing) == 6
    assert outcome.recommendations == ()


def test_symptoms_with_a_malignancy_are_silence() -> None:
    assert assess(*SYMPTOMS) == assess()
    assert assess().is_silent
    assert assess().verdicts == (NOT_EXCLUDED,)
    assert assess().applicability is Applicability.APPLICABLE


def test_a_disputed_sign_leaves_both_and_is_pursued() -> None:
    outcome = assess(disputed("subarachnoid-nodules", "present", "absent"))
    assert outcome.verdicts == (SUSPECTED, NOT_EXCLUDED)
    assert "whole-neuraxis-mri-gd" in outcome.recommendations
    assert "conflicting-input" in outcome.flags


def test_a_disputed_suspicion_leaves_both() -> None:
    assert assess(disputed("clinical-suspicion", "leptomeningeal-disease", "absent")).verdicts == (SUSPECTED, NOT_EXCLUDED)


def test_an_uncertain_sign_is_not_stated_and_said_to_be_uncertain() -> None:
    outcome = assess(unknown("csf-enhancement", "uncertain-input"))
    assert (outcome.verdicts, outcome.flags, outcome.reasons) == ((NOT_EXCLUDED,), ("uncertain-input",), ())
    assert "csf-enhancement" in outcome.missing


@pytest.mark.parametrize(
    ("sign", "flags"),
    [
        (stated("leptomeningeal-enhancement", "nodular"), ("poor-prognosis",)),
        (yes("csf-enhancement"), ("massive-tumour-coating", "poor-prognosis")),
        (yes("thickened-nerve-roots"), ()),
        (denied("leptomeningeal-enhancement"), ()),
    ],
)
def test_enhancement_of_the_central_nervous_system_is_a_poor_prognosis(sign: Known, flags: tuple[str, ...]) -> None:
    assert assess(sign).flags == flags


@pytest.mark.parametrize(
    ("knowns", "requests"),
    [
        ((denied("contrast-given"),), ("no-contrast-mri",)),
        ((yes("contrast-given"),), ()),
        ((), ()),
        ((denied("contrast-given"), stated("leptomeningeal-enhancement", "focal")), ()),
    ],
)
def test_contrast_is_asked_for_where_it_is_denied(knowns: tuple[Known, ...], requests: tuple[str, ...]) -> None:
    assert assess(*knowns).requests == requests
    assert assess(*knowns).is_silent is (len(knowns) < 2)


def test_a_tumour_that_spreads_there_is_context_and_no_sign() -> None:
    assert assess(stated("primary-cancer", "melanoma")).is_silent
    outcome = assess(stated("primary-cancer", "melanoma"), denied("csf-enhancement"))
    assert [(reason.finding, reason.direction) for reason in outcome.reasons] == [
        ("csf-enhancement", "does not exclude"),
        ("primary-cancer", "context"),
    ]
    assert len(assess(stated("primary-cancer", "prostate"), denied("csf-enhancement")).reasons) == 1


def test_a_cauda_equina_syndrome_is_named_beside_a_suspicion_only() -> None:
    syndrome = yes("cauda-equina-syndrome")
    assert "cauda-equina-syndrome" in [reason.finding for reason in assess(syndrome, yes("thickened-nerve-roots")).reasons]
    assert len(assess(syndrome, denied("thickened-nerve-roots")).reasons) == 1
    assert assess(syndrome).is_silent


def test_negative_punctures_are_shown_and_exclude_nothing() -> None:
    outcome = assess(exactly("negative-lumbar-punctures", 3))
    assert outcome.verdicts == (NOT_EXCLUDED,)
    assert [(reason.value, reason.direction) for reason in outcome.reasons] == [("3", "does not exclude")]


def test_what_tests_miss_stands_with_every_result() -> None:
    text = " ".join(assess().caveats)
    for figure in ("50-60 %", "three 90 %", "up to 50 %", "31 of 35", "4 of 17", "90 % with solid", "55 % with lymphoma"):
        assert figure in text


def test_a_refused_value_is_said() -> None:
    assert assess(invalid=frozenset({(None, "negative-lumbar-punctures")})).flags == ("invalid-input",)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from((*SIGNS, *DENIALS)), unique_by=lambda known: known.finding), st.data())
def test_the_order_of_findings_is_nothing_and_a_sign_is_never_outvoted(knowns: list[Known], data: st.DataObject) -> None:
    outcome = assess(*knowns)
    assert outcome == assess(*data.draw(st.permutations(knowns)))
    assert outcome.verdicts == ((SUSPECTED,) if any(known in SIGNS for known in knowns) else (NOT_EXCLUDED,))
    assert assess(*knowns, *SYMPTOMS) == outcome
