"""Close follow-up of an indolent lesion is pointed to only when nothing speaks against waiting; what does is named."""

from dataclasses import replace

import pytest

from service.assessment.assessed import Assessed
from service.assessment.pointers.follow_up import qualify
from service.model.case import Case
from service.model.lesion import Known
from service.model.outcome import Applicability, Outcome
from tests.unit.instruments.known import case_of, denied, disputed, stated, unknown, yes

INTACT = denied("neurological-deficit")
IRRADIATED = stated("spinal-irradiation", "whole-spine")
IESL = Outcome(
    instrument="iesl", version="1", applicability=Applicability.APPLICABLE, verdicts=("favours-iesl",), caveats=("n = 12",)
)
SINS = Outcome(instrument="sins", version="1", applicability=Applicability.APPLICABLE, verdicts=("stable", "potentially-unstable"))
ESCC = Outcome(
    instrument="escc", version="1", applicability=Applicability.APPLICABLE, verdicts=("grade-0", "grade-1c", "low-grade")
)


def qualified(*outcomes: Outcome, patient: tuple[Known, ...] = (INTACT, IRRADIATED), knowns: tuple[Known, ...] = ()) -> Outcome:
    case = case_of(*knowns, patient=patient, tumour=False)
    whole = Case(lesions=case.lesions, study=case.study, patient=case.patient)
    assessed = qualify(whole, Assessed(lesion_outcomes={"lesion-1": outcomes}, patient_outcomes=()))
    return next(each for each in assessed.lesion_outcomes["lesion-1"] if each.instrument == "iesl")


def test_it_is_recommended_where_nothing_speaks_against_it() -> None:
    outcome = qualified(SINS, ESCC, IESL)
    assert outcome.recommendations == ("close-follow-up",)
    assert outcome.flags == ()
    assert outcome.caveats == ("n = 12",)


@pytest.mark.parametrize(
    ("outcomes", "patient", "words"),
    [
        ((SINS, ESCC, replace(IESL, verdicts=("favours-iesl", "indeterminate"))), (INTACT, IRRADIATED), "the pattern is open"),
        (
            (SINS, replace(ESCC, verdicts=("grade-2", "high-grade")), IESL),
            (INTACT, IRRADIATED),
            "ESCC is 2 or more",
        ),
        (
            (SINS, replace(ESCC, verdicts=("grade-1c", "grade-2", "low-grade", "high-grade")), IESL),
            (INTACT, IRRADIATED),
            "ESCC is not known to be 1c or less",
        ),
        (
            (SINS, ESCC, replace(IESL, applicability=Applicability.UNKNOWN)),
            (INTACT, IRRADIATED),
            "the criteria of applicability are not all known",
        ),
        ((SINS, ESCC, replace(IESL, verdicts=("favours-metastasis",))), (INTACT, IRRADIATED), "the pattern favours metastasis"),
        (
            (ESCC, replace(IESL, verdicts=("favours-metastasis", "indeterminate"))),
            (INTACT,),
            "the pattern favours metastasis",
        ),
        ((SINS, IESL), (INTACT, IRRADIATED), "ESCC is not known to be 1c or less"),
        ((replace(SINS, verdicts=("potentially-unstable", "unstable")), ESCC, IESL), (INTACT, IRRADIATED), "SINS can be unstable"),
        ((replace(SINS, verdicts=()), ESCC, IESL), (INTACT, IRRADIATED), "SINS can be unstable"),
        ((ESCC, IESL), (INTACT, IRRADIATED), "SINS can be unstable"),
        ((SINS, ESCC, IESL), (stated("neurological-deficit", "present"), IRRADIATED), "a neurological deficit is stated"),
        ((SINS, ESCC, IESL), (unknown("neurological-deficit"), IRRADIATED), "a neurological deficit is not denied"),
        ((SINS, ESCC, IESL), (INTACT,), "irradiation of the whole spine is not recorded"),
        (
            (SINS, ESCC, IESL),
            (INTACT, stated("spinal-irradiation", "partial")),
            "irradiation of the whole spine is not recorded",
        ),
    ],
)
def test_anything_against_it_or_unknown_suppresses_it_and_is_named(
    outcomes: tuple[Outcome, ...], patient: tuple[Known, ...], words: str
) -> None:
    outcome = qualified(*outcomes, patient=patient)
    assert outcome.recommendations == ()
    assert outcome.flags == ("follow-up-pointer-suppressed",)
    assert outcome.caveats == ("n = 12", f"Close follow-up is not pointed to: {words}.")


@pytest.mark.parametrize(
    ("knowns", "patient"),
    [
        ((), (yes("spinal-metastasis"),)),
        ((), (disputed("spinal-metastasis", "present", "absent"),)),
        ((stated("biopsy-result", "malignant"),), (denied("spinal-metastasis"),)),
    ],
)
def test_nobody_waits_beside_a_metastasis_or_a_malignant_biopsy(knowns: tuple[Known, ...], patient: tuple[Known, ...]) -> None:
    outcome = qualified(SINS, ESCC, IESL, knowns=knowns, patient=(INTACT, IRRADIATED, *patient))
    assert outcome.recommendations == ()
    assert "Close follow-up is not pointed to: a spinal metastasis or a malignant biopsy is stated." in outcome.caveats


@pytest.mark.parametrize(
    "outcome",
    [
        replace(IESL, applicability=Applicability.UNKNOWN, verdicts=("favours-metastasis",)),
        replace(IESL, applicability=Applicability.UNKNOWN, verdicts=("indeterminate",)),
        replace(IESL, applicability=Applicability.NOT_APPLICABLE),
        replace(IESL, verdicts=("indeterminate",)),
    ],
)
def test_where_iesl_does_not_apply_or_favours_nothing_of_the_kind_nothing_is_added(outcome: Outcome) -> None:
    assert qualified(SINS, ESCC, outcome) == outcome


def test_other_outcomes_are_left_as_they_are() -> None:
    case = case_of(yes("expansile"), patient=(INTACT, IRRADIATED))
    whole = Case(lesions=case.lesions, study=case.study, patient=case.patient)
    assessed = qualify(whole, Assessed(lesion_outcomes={"lesion-1": (SINS, ESCC)}, patient_outcomes=()))
    assert assessed.lesion_outcomes["lesion-1"] == (SINS, ESCC)
