"""Fracture risk: the share of the cortex against its edge, and what stands beside it."""

import pytest

from service.evidence.load import load
from service.instruments.fracture_risk import FRACTURE_RISK
from service.model.lesion import Known
from service.model.outcome import Applicability, Outcome
from tests.unit.instruments.known import case_of, denied, disputed, exactly, measured, stated, unknown, yes

TABLES = load()
SHARE = "cortex-destroyed-percent"
HIGH, NOT_HIGH = "high-fracture-risk", "not-high-by-this-criterion"


def assess(*knowns: Known) -> Outcome:
    return FRACTURE_RISK.assess(case_of(*knowns), TABLES)


@pytest.mark.parametrize(
    ("share", "verdicts", "direction"),
    [
        (exactly(SHARE, 0), (NOT_HIGH,), "not high by this criterion"),
        (exactly(SHARE, 49.9), (NOT_HIGH,), "not high by this criterion"),
        (exactly(SHARE, 50), (HIGH,), "high risk"),
        (exactly(SHARE, 75), (HIGH,), "high risk"),
        (measured(SHARE, 50, None), (HIGH,), "high risk"),
        (measured(SHARE, None, 50, high_open=True), (NOT_HIGH,), "not high by this criterion"),
        (measured(SHARE, None, 50), (HIGH, NOT_HIGH), None),
        (measured(SHARE, 40, 60), (HIGH, NOT_HIGH), None),
    ],
)
def test_the_edge_is_high_and_an_interval_keeps_what_it_meets(
    share: Known, verdicts: tuple[str, ...], direction: str | None
) -> None:
    outcome = assess(share)
    assert outcome.verdicts == verdicts
    assert [reason.direction for reason in outcome.reasons] == [direction]
    assert (outcome.missing, outcome.requests) == ((), ())


def test_silence_is_no_verdict_and_asked_for() -> None:
    outcome = assess()
    assert (outcome.verdicts, outcome.reasons, outcome.flags) == ((), (), ())
    assert (outcome.missing, outcome.requests) == ((SHARE,), ("missing-cortex-percent",))
    assert outcome.applicability is Applicability.APPLICABLE


def test_no_cortex_destroyed_is_not_an_unstated_share() -> None:
    assert assess(exactly(SHARE, 0)).verdicts != assess().verdicts
    assert assess(unknown(SHARE, "uncertain-input")).verdicts == ()


@pytest.mark.parametrize(
    ("known", "flags"),
    [
        (yes("cortical-blurring"), {"cortical-blurring-seen"}),
        (disputed("cortical-blurring", "present", "absent"), {"cortical-blurring-seen", "conflicting-input"}),
        (denied("cortical-blurring"), set()),
        (stated("vertebral-fracture", "compression"), {"already-fractured"}),
        (disputed("vertebral-fracture", "compression", "absent"), {"already-fractured", "conflicting-input"}),
        (denied("vertebral-fracture"), set()),
        (yes("pathologic-fracture"), {"already-fractured"}),
        (denied("pathologic-fracture"), set()),
        (stated("lesion-treatment", "radiotherapy", "ablation"), {"bone-weakened-by-ablation"}),
        (stated("lesion-treatment", "radiotherapy"), set()),
        (denied("lesion-treatment"), set()),
    ],
)
def test_what_stands_beside_the_share_changes_no_verdict(known: Known, flags: set[str]) -> None:
    outcome = assess(exactly(SHARE, 20), known)
    assert set(outcome.flags) == flags
    assert outcome.verdicts == (NOT_HIGH,)


def test_blurring_and_ablation_speak_without_a_share_and_a_fracture_alone_does_not() -> None:
    assert not assess(yes("cortical-blurring")).is_silent
    assert not assess(stated("lesion-treatment", "ablation")).is_silent
    fractured = assess(stated("vertebral-fracture", "unspecified"))
    assert fractured.is_silent
    assert fractured.flags == ("already-fractured",)
    assert assess(stated("lesion-treatment", "radiotherapy")).is_silent


def test_a_fracture_is_listed_beside_the_share_once() -> None:
    derived = stated("vertebral-fracture", "unspecified", derived_by="D10")
    outcome = assess(exactly(SHARE, 60), yes("pathologic-fracture"), derived)
    assert [(reason.finding, reason.value) for reason in outcome.reasons] == [(SHARE, "60"), ("pathologic-fracture", "present")]
    assert [reason.evidence for reason in outcome.reasons] == [
        "shah-fracture-risk: cortex-destroyed",
        "shah-fracture-risk: fracture",
    ]


def test_the_caveats_say_that_not_high_is_not_low_and_that_sins_is_not_merged() -> None:
    caveats = " ".join(assess(exactly(SHARE, 20)).caveats)
    assert "does not mean low" in caveats
    assert "SINS" in caveats
    assert [citation.paper for citation in assess().citations] == ["Shah 2011", "Montoya-Bordón 2023"]
