"""A lesion within the cord: a label only with its context, whatever else is stated of the bone beside it."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.evidence.load import load
from service.instruments.intramedullary import INTRAMEDULLARY
from service.model.lesion import Known
from service.model.outcome import Applicability, Outcome
from tests.unit.instruments.known import at, case_of, denied, disputed, exactly, measured, stated, unknown, yes

TABLES = load()
LESION = yes("intramedullary-lesion")
ENHANCES = yes("enhancement")
CANCER = yes("known-malignancy")
METASTASIS, DEMYELINATION, AVM = "favours-intramedullary-metastasis", "favours-demyelination", "favours-spinal-avm"
ONLY = "differential-only"


def assess(*knowns: Known, **others: object) -> Outcome:
    return INTRAMEDULLARY.assess(case_of(*knowns, site=at("T7"), tumour=False, **others), TABLES)  # type: ignore[arg-type]  # keywords of case_of


PICTURES = (ENHANCES, stated("enhancement-degree", "mild"), stated("cord-oedema", "extensive"))
CONTEXTS = (CANCER, yes("bone-metastases"))


@pytest.mark.parametrize(("picture", "context"), list(product(PICTURES, CONTEXTS)), ids=str)
def test_a_metastasis_needs_a_picture_and_a_context(picture: Known, context: Known) -> None:
    outcome = assess(LESION, picture, patient=[context])
    assert (outcome.verdicts, outcome.requests, outcome.missing) == ((METASTASIS,), (), ())
    directions = {reason.finding: reason.direction for reason in outcome.reasons}
    assert directions == {"intramedullary-lesion": None, picture.finding: f"for {METASTASIS}", context.finding: f"for {METASTASIS}"}


@pytest.mark.parametrize("knowns", [(LESION,), (LESION, ENHANCES), (LESION, CANCER)])
def test_less_is_the_differential_and_a_request(knowns: tuple[Known, ...]) -> None:
    outcome = assess(*knowns)
    assert outcome.verdicts == (ONLY,)
    assert outcome.requests == ("missing-context",)
    assert any("demyelination, granulomatous disease, infarct" in caveat for caveat in outcome.caveats)


@pytest.mark.parametrize("knowns", [(LESION, ENHANCES, denied("known-malignancy"), denied("bone-metastases"))])
def test_a_denied_context_is_asked_for_no_more(knowns: tuple[Known, ...]) -> None:
    outcome = assess(*knowns)
    assert (outcome.verdicts, outcome.requests, outcome.missing) == ((ONLY,), (), ())


@pytest.mark.parametrize("exclusion", [denied("enhancement"), stated("cord-astrocytoma-grade", "grade-not-stated")])
def test_what_speaks_against_a_metastasis_leaves_no_label(exclusion: Known) -> None:
    outcome = assess(LESION, stated("cord-oedema", "extensive"), exclusion, patient=[CANCER])
    assert (outcome.verdicts, outcome.requests) == ((ONLY,), ())
    assert f"against {METASTASIS}" in {reason.direction for reason in outcome.reasons}


def test_no_astrocytoma_of_the_cord_excludes_nothing() -> None:
    assert assess(LESION, ENHANCES, patient=[CANCER, denied("cord-astrocytoma-grade")]).verdicts == (METASTASIS,)


def test_a_disputed_picture_leaves_both() -> None:
    outcome = assess(LESION, disputed("enhancement", "present", "absent"), patient=[CANCER])
    assert outcome.verdicts == (METASTASIS, ONLY)
    assert "conflicting-input" in outcome.flags


def test_melanoma_that_is_bright_on_t1_is_picture_and_context_at_once() -> None:
    bright = stated("t1-signal", "hyper")
    assert assess(LESION, bright, patient=[stated("primary-cancer", "lung", "melanoma")]).verdicts == (METASTASIS,)
    assert assess(LESION, bright, patient=[stated("primary-cancer", "lung")]).verdicts == (ONLY,)
    assert assess(LESION, stated("t1-signal", "iso"), patient=[stated("primary-cancer", "melanoma")]).verdicts == (ONLY,)


def test_lung_cancer_size_and_a_wide_cord_support_only() -> None:
    outcome = assess(LESION, exactly("lesion-diameter", 1), yes("cord-enlargement"), patient=[stated("primary-cancer", "lung")])
    assert outcome.verdicts == (ONLY,)
    supporting = {reason.finding for reason in outcome.reasons if reason.direction == f"for {METASTASIS}"}
    assert supporting == {"lesion-diameter", "cord-enlargement", "primary-cancer"}


@pytest.mark.parametrize(
    ("diameter", "flagged"),
    [
        (exactly("lesion-diameter", 1.49), False),
        (exactly("lesion-diameter", 1.5), True),
        (exactly("lesion-diameter", 2), True),
        (measured("lesion-diameter", 1, None), True),
        (measured("lesion-diameter", None, 1.5, high_open=True), False),
    ],
)
def test_a_size_of_one_and_a_half_or_more_excludes_nothing(diameter: Known, *, flagged: bool) -> None:
    outcome = assess(LESION, ENHANCES, diameter, patient=[CANCER])
    assert outcome.verdicts == (METASTASIS,)
    assert ("size-does-not-exclude" in outcome.flags) is flagged
    assert any("about 2 cm" in caveat for caveat in outcome.caveats) is flagged
    assert len(outcome.citations) == 1 + flagged


@pytest.mark.parametrize(
    ("signal", "flag"),
    [
        (stated("t1-signal", "hyper"), "suggests-melanoma"),
        (stated("t2-signal", "hypo"), "suggests-haemorrhage"),
        (stated("t2-star-signal", "hypo"), "suggests-haemorrhage"),
        (disputed("t1-signal", "hyper", "iso"), "suggests-melanoma"),
    ],
)
def test_the_signal_of_a_lesion_in_the_cord_suggests_what_it_holds(signal: Known, flag: str) -> None:
    assert flag in assess(LESION, signal).flags
    assert flag in {reason.direction for reason in assess(LESION, signal).reasons}
    assert flag not in assess(signal).flags


BANDS, COURSE, WOMAN = yes("oligoclonal-bands"), yes("waxing-waning-course"), stated("sex", "female")
AGE = exactly("age-at-lesion", 27)


def test_demyelination_needs_bands_course_and_a_woman_and_shows_the_age() -> None:
    outcome = assess(LESION, patient=[BANDS, COURSE, WOMAN, AGE])
    assert outcome.verdicts == (DEMYELINATION,)
    assert ("age-at-lesion", None) in [(reason.finding, reason.direction) for reason in outcome.reasons]
    assert any("prints no age" in caveat for caveat in outcome.caveats)
    assert assess(LESION, patient=[BANDS, COURSE, WOMAN]).verdicts == (DEMYELINATION,)


@pytest.mark.parametrize("left_out", [BANDS, COURSE, WOMAN], ids=lambda known: known.finding)
def test_less_than_all_three_is_no_demyelination_and_is_asked_for(left_out: Known) -> None:
    outcome = assess(LESION, patient=[known for known in (BANDS, COURSE, WOMAN) if known is not left_out])
    assert outcome.verdicts == (ONLY,)
    assert left_out.finding in outcome.missing


def test_a_woman_alone_is_no_sign_of_demyelination() -> None:
    outcome = assess(LESION, patient=[WOMAN, AGE])
    assert "oligoclonal-bands" not in outcome.missing
    assert [reason.finding for reason in outcome.reasons] == ["intramedullary-lesion"]


def test_a_man_speaks_against_it() -> None:
    outcome = assess(LESION, patient=[BANDS, COURSE, stated("sex", "male")])
    assert outcome.verdicts == (ONLY,)
    assert ("sex", f"against {DEMYELINATION}") in [(reason.finding, reason.direction) for reason in outcome.reasons]


def test_a_named_demyelination_supports_only() -> None:
    outcome = assess(LESION, stated("reported-diagnosis", "demyelination"))
    assert outcome.verdicts == (ONLY,)
    assert ("reported-diagnosis", f"for {DEMYELINATION}") in [(each.finding, each.direction) for each in outcome.reasons]


VOIDS = yes("surface-flow-voids")


@pytest.mark.parametrize("oedema", ["extensive", "extent-not-stated"])
def test_flow_voids_with_oedema_of_the_cord_are_a_malformation_also_without_a_stated_lesion(oedema: str) -> None:
    outcome = assess(VOIDS, stated("cord-oedema", oedema))
    assert (outcome.applicability, outcome.verdicts) == (Applicability.UNKNOWN, (AVM,))
    assert outcome.missing == ("intramedullary-lesion",)
    assert {reason.direction for reason in outcome.reasons} == {f"for {AVM}"}


def test_oedema_of_the_cord_alone_is_shown_and_says_nothing() -> None:
    outcome = assess(stated("cord-oedema", "extensive"), patient=[CANCER])
    assert (outcome.applicability, outcome.verdicts) == (Applicability.UNKNOWN, (ONLY,))
    assert [(reason.finding, reason.direction) for reason in outcome.reasons] == [("cord-oedema", None)]
    assert outcome.missing == ("intramedullary-lesion",)


def test_flow_voids_ask_for_the_oedema() -> None:
    assert "cord-oedema" in assess(VOIDS).missing
    assert assess(LESION, VOIDS, denied("cord-oedema")).verdicts == (ONLY,)


def test_a_denied_lesion_has_no_label_and_no_flag() -> None:
    outcome = assess(denied("intramedullary-lesion"), stated("t1-signal", "hyper"), ENHANCES, patient=[CANCER])
    assert (outcome.applicability, outcome.verdicts) == (Applicability.NOT_APPLICABLE, ())
    assert (outcome.missing, outcome.requests, outcome.flags) == ((), (), ())
    assert [(reason.finding, reason.value) for reason in outcome.reasons] == [("intramedullary-lesion", "absent")]


def test_a_disputed_lesion_is_weighed_and_its_applicability_unknown() -> None:
    outcome = assess(disputed("intramedullary-lesion", "present", "absent"), ENHANCES, patient=[CANCER])
    assert (outcome.applicability, outcome.verdicts) == (Applicability.UNKNOWN, (METASTASIS, ONLY))


def test_an_enhancing_bone_lesion_says_nothing_of_the_cord() -> None:
    outcome = assess(ENHANCES, stated("t1-signal", "hyper"), exactly("lesion-diameter", 3), patient=[CANCER])
    assert outcome.is_silent
    assert outcome == assess()
    assert (outcome.applicability, outcome.verdicts) == (Applicability.UNKNOWN, (ONLY,))


def test_uncertain_and_refused_inputs_are_said() -> None:
    assert assess(unknown("intramedullary-lesion", "uncertain-input")).flags == ("uncertain-input",)
    assert assess(invalid=[("lesion-1", "intramedullary-lesion")]).flags == ("invalid-input",)


EVERYTHING = (LESION, *PICTURES, VOIDS, yes("cord-enlargement"), stated("t1-signal", "hyper"), stated("t2-signal", "hypo"), AGE)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(EVERYTHING), unique_by=lambda known: known.finding), st.data())
def test_the_order_of_findings_is_nothing(knowns: list[Known], data: st.DataObject) -> None:
    patient = [CANCER, BANDS, COURSE, WOMAN]
    one = assess(*knowns, patient=patient)
    assert one == assess(*data.draw(st.permutations(knowns)), patient=data.draw(st.permutations(patient)))
    assert set(one.verdicts) <= {METASTASIS, DEMYELINATION, AVM, ONLY}
