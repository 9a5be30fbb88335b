"""Treatment response against the table of its rules in every combination of the signs, and its gate."""

from itertools import product

import pytest

from service.evidence.load import load
from service.instruments.treatment_response import TREATMENT_RESPONSE
from service.model.lesion import Known
from service.model.outcome import Applicability, Outcome
from tests.unit.instruments.known import answered, at, case_of, denied, disputed, stated, unknown, yes

TABLES = load()
TREATED = stated("lesion-treatment", "radiotherapy")
FLARE, RESPONSE, UNDECIDABLE = "osteoblastic-flare", "favours-response", "undecidable"

SCLEROSIS = ("sclerotic-rim", "progressive", "fading", "unchanged", None)
DIFFUSION = ("less-restricted", "more-restricted", "unchanged", None)
YES_NO = (True, False, None)


def assess(*knowns: Known, treated: Known | None = TREATED, **others: object) -> Outcome:
    gate = () if treated is None else (treated,)
    return TREATMENT_RESPONSE.assess(case_of(*gate, *knowns, site=at("T7"), **others), TABLES)  # type: ignore[arg-type]  # keywords of case_of


Signs = tuple[str | None, bool | None, str | None, bool | None, bool | None]
EVERY: list[Signs] = list(product(SCLEROSIS, YES_NO, DIFFUSION, YES_NO, YES_NO))


def said(signs: Signs) -> list[Known]:
    sclerosis, new, diffusion, low_t1, other = signs
    worded = (("sclerosis-change", sclerosis), ("diffusion-change", diffusion))
    answers = (("new-sclerotic-lesions", new), ("persistent-low-t1", low_t1), ("other-response-signs", other))
    return [
        *(stated(finding, value) for finding, value in worded if value is not None),
        *(answered(finding, present=value) for finding, value in answers if value is not None),
    ]


def expected(signs: Signs) -> tuple[str, ...]:
    sclerosis, new, diffusion, low_t1, other = signs
    if (sclerosis, new, diffusion, low_t1) == (None, None, None, None):
        return (FLARE, RESPONSE, UNDECIDABLE)
    flares = (sclerosis == "sclerotic-rim" or new is True) and other is True
    responds = sclerosis == "progressive" or diffusion == "less-restricted"
    sure = FLARE if flares else RESPONSE if responds else UNDECIDABLE
    return (sure, UNDECIDABLE) if sure != UNDECIDABLE and diffusion == "more-restricted" else (sure,)


def test_every_combination_of_the_signs_gives_the_verdicts_of_the_rules() -> None:
    for signs in EVERY:
        assert assess(*said(signs)).verdicts == expected(signs), signs


def test_every_combination_flags_what_is_not_established_or_means_either() -> None:
    for signs in EVERY:
        sclerosis, new, _, low_t1, other = signs
        flags = set(assess(*said(signs)).flags)
        new_sclerosis = sclerosis == "sclerotic-rim" or new is True
        assert ("flare-not-established" in flags) is (new_sclerosis and other is not True), signs
        assert ("active-tumour-or-fibrosis" in flags) is (low_t1 is True), signs
        assert ("response-or-lytic-conversion" in flags) is (sclerosis == "fading"), signs
        assert "mri-overcalls-after-treatment" in flags


def test_every_combination_asks_for_other_signs_only_where_a_flare_needs_them() -> None:
    for signs in EVERY:
        sclerosis, new, _, _, other = signs
        outcome = assess(*said(signs))
        asks = (sclerosis == "sclerotic-rim" or new is True) and other is None
        assert outcome.requests == (("missing-response-signs",) if asks else ()), signs
        assert ("other-response-signs" in outcome.missing) is asks, signs
        assert not set(outcome.missing) & {known.finding for known in said(signs)}


def test_every_stated_sign_has_a_reason_and_nothing_else_does() -> None:
    for signs in EVERY:
        sclerosis, new, _, _, _ = signs
        known = {each.finding for each in said(signs)}
        quiet = set() if sclerosis == "sclerotic-rim" or new is True else {"other-response-signs"}
        quiet |= {"persistent-low-t1"} if signs[3] is False else set()
        reasons = {reason.finding for reason in assess(*said(signs)).reasons}
        assert reasons == (known - quiet) | {"lesion-treatment"}, signs


def test_other_signs_alone_are_no_response_of_the_rule() -> None:
    assert assess(yes("other-response-signs")).verdicts == (FLARE, RESPONSE, UNDECIDABLE)


def test_a_disputed_response_leaves_a_flare_possible() -> None:
    outcome = assess(stated("sclerosis-change", "sclerotic-rim"), disputed("other-response-signs", "present", "absent"))
    assert outcome.verdicts == (FLARE, UNDECIDABLE)
    assert {"flare-not-established", "conflicting-input"} <= set(outcome.flags)
    assert outcome.requests == ()


def test_a_flare_may_stand_beside_a_sure_response() -> None:
    knowns = (stated("sclerosis-change", "sclerotic-rim"), stated("diffusion-change", "less-restricted"))
    assert assess(*knowns, disputed("other-response-signs", "present", "absent")).verdicts == (FLARE, RESPONSE)


def test_new_sclerosis_elsewhere_is_not_of_a_lytic_lesion() -> None:
    knowns = (yes("new-sclerotic-lesions"), yes("other-response-signs"))
    assert assess(stated("bone-lesion", "lytic"), *knowns).verdicts == (UNDECIDABLE,)
    assert assess(stated("bone-lesion", "blastic"), *knowns).verdicts == (FLARE,)
    assert assess(disputed("bone-lesion", "lytic", "blastic"), *knowns).verdicts == (FLARE, UNDECIDABLE)


@pytest.mark.parametrize(
    ("treatment", "applicability", "overcalls"),
    [
        (stated("lesion-treatment", "systemic-therapy", "ablation"), Applicability.APPLICABLE, True),
        (stated("lesion-treatment", "kind-not-stated"), Applicability.APPLICABLE, True),
        (disputed("lesion-treatment", "radiotherapy", "absent"), Applicability.UNKNOWN, True),
        (denied("lesion-treatment", "radiotherapy"), Applicability.UNKNOWN, False),
        (unknown("lesion-treatment"), Applicability.UNKNOWN, False),
        (None, Applicability.UNKNOWN, False),
    ],
)
def test_the_gate_is_the_treatment(treatment: Known | None, applicability: Applicability, *, overcalls: bool) -> None:
    outcome = assess(stated("sclerosis-change", "progressive"), treated=treatment)
    assert (outcome.applicability, outcome.verdicts) == (applicability, (RESPONSE,))
    assert ("mri-overcalls-after-treatment" in outcome.flags) is overcalls
    assert ("lesion-treatment" in outcome.missing) is (not overcalls)


def test_an_untreated_lesion_has_no_response() -> None:
    outcome = assess(stated("sclerosis-change", "progressive"), treated=denied("lesion-treatment"))
    assert (outcome.applicability, outcome.verdicts) == (Applicability.NOT_APPLICABLE, ())
    assert (outcome.flags, outcome.missing, outcome.requests) == ((), (), ())
    assert [(reason.finding, reason.value) for reason in outcome.reasons] == [
        ("lesion-treatment", "absent"),
        ("sclerosis-change", "progressive"),
    ]
    assert assess(treated=denied("lesion-treatment")).is_silent


def test_silence_is_open_and_unknown() -> None:
    outcome = assess(treated=None)
    assert outcome.is_silent
    assert (outcome.applicability, outcome.verdicts) == (Applicability.UNKNOWN, (FLARE, RESPONSE, UNDECIDABLE))
    assert assess(yes("other-response-signs"), treated=None).is_silent


def test_the_study_speaks_of_new_sclerosis_at_every_lesion() -> None:
    outcome = assess(treated=None, study=[yes("new-sclerotic-lesions")])
    assert "flare-not-established" in outcome.flags


def test_uncertain_and_refused_inputs_are_said() -> None:
    assert assess(unknown("sclerosis-change", "uncertain-input"), treated=None).flags == ("uncertain-input",)
    assert assess(treated=None, invalid=[("lesion-1", "diffusion-change")]).flags == ("invalid-input",)


def test_the_histology_and_the_misprint_stand_with_every_result() -> None:
    text = " ".join(assess(treated=None).caveats)
    assert "7 of 7 sites with tumour" in text
    assert "14 without" in text
    assert "Figure 4" in text
