from decimal import Decimal

import pytest

from service.mapping import codes
from service.model.coded import Coding, Interval, QuantityValue, Value
from service.model.finding import State
from tests.unit.mapping.items import (
    PRESENT,
    T12,
    coded,
    item,
    local,
    number,
    only_finding,
    only_unmapped,
    said,
    text,
    true,
    understood,
)

UNKNOWN = Coding(codes.SNOMED, "261665006")


@pytest.mark.parametrize(
    ("finding", "value", "interval"),
    [
        ("vertebral-collapse-percent", number("60"), Interval.exactly(Decimal(60))),
        ("vertebral-collapse-percent", number("40", "60"), Interval(low=Decimal(40), high=Decimal(60))),
        ("attenuation-mean", number("900", unit="[hnsf'U]"), Interval.exactly(Decimal(900))),
        ("bone-scan-foci", number("3", unit=None), Interval.exactly(Decimal(3))),
        ("lesion-diameter", number("21", unit="mm"), Interval.exactly(Decimal("2.1"))),
        ("in-phase-signal", number("0", "400", unit="1"), Interval(low=Decimal(0), high=Decimal(400))),
        ("opposed-phase-signal", number("0", unit="1"), Interval.exactly(Decimal(0))),
    ],
)
def test_a_number_arrives_as_interval_in_the_unit_of_the_vocabulary(finding: str, value: QuantityValue, interval: Interval) -> None:
    found = only_finding(item(local(finding), value=value))
    assert (found.finding, found.state, found.value, found.interval) == (finding, State.PRESENT, None, interval)


def test_a_comparator_stays_an_interval() -> None:
    over_50 = QuantityValue(interval=Interval(low=Decimal(50), high=None, low_open=True), unit_code="%")
    found = only_finding(item(local("vertebral-collapse-percent"), value=over_50))
    assert found.interval == Interval(low=Decimal(50), high=None, low_open=True)


@pytest.mark.parametrize(
    ("finding", "value", "reason"),
    [
        ("vertebral-collapse-percent", number("101"), "out-of-range"),
        ("vertebral-collapse-percent", number("90", "110"), "out-of-range"),
        ("in-phase-signal", number("0", unit="1"), "out-of-range"),
        ("in-phase-signal", number("-5", unit="1"), "out-of-range"),
        ("vertebral-collapse-percent", number("5", unit="mm"), "unit-not-understood"),
        ("vertebral-collapse-percent", number("40", unit=None), "unit-not-understood"),
        ("bone-scan-foci", number("2.5", unit="1"), "unknown-answer"),
        ("vertebral-collapse", number("40"), "unknown-answer"),
        ("cord-compression", number("1", unit=None), "unknown-answer"),
        ("vertebral-collapse-percent", true(), "unknown-answer"),
        ("vertebral-collapse-percent", coded(PRESENT), "unknown-answer"),
        ("vertebral-collapse-percent", coded(local("over-50")), "unknown-answer"),
        ("vertebral-collapse-percent", text("40 %"), "unknown-answer"),
        ("vertebral-collapse", text("over 50"), "unknown-answer"),
        ("vertebral-collapse", coded(text="over 50"), "unknown-answer"),
    ],
)
def test_a_value_that_does_not_fit_its_question_is_refused_with_its_finding(finding: str, value: Value, reason: str) -> None:
    unmapped = only_unmapped(item(local(finding), value=value, sites=(T12,)))
    assert (unmapped.reason, unmapped.finding) == (reason, finding)
    assert unmapped.place is not None
    assert unmapped.place.levels == ("T12",)


def test_a_number_that_is_said_to_be_unknown_is_not_assessed() -> None:
    assert said(item(local("vertebral-collapse-percent"), value=coded(UNKNOWN))) == [
        ("vertebral-collapse-percent", State.NOT_ASSESSED, None)
    ]


NEG, POS, IND = (Coding(codes.INTERPRETATION, code) for code in ("NEG", "POS", "IND"))
ZERO = Interval.exactly(Decimal(0))
ABOVE_ZERO = Interval(low=Decimal(0), high=None, low_open=True)


@pytest.mark.parametrize(
    ("finding", "value", "word", "contrary"),
    [
        ("vertebral-collapse-percent", number("30"), NEG, [ZERO]),
        ("vertebral-collapse-percent", number("0"), NEG, []),
        ("vertebral-collapse-percent", number("0", "20"), NEG, []),
        ("vertebral-collapse-percent", number("0"), POS, [ABOVE_ZERO]),
        ("vertebral-collapse-percent", number("30"), POS, []),
        ("bone-scan-foci", number("3", unit=None), NEG, [ZERO]),
        ("lesion-diameter", number("21", unit="mm"), NEG, [ZERO]),
        ("negative-lumbar-punctures", number("2", unit=None), NEG, []),
        ("opposed-phase-loss-percent", number("30"), NEG, []),
        ("attenuation-mean", number("900", unit="[hnsf'U]"), NEG, []),
    ],
)
def test_a_word_that_disagrees_with_an_amount_is_kept_beside_it(
    finding: str, value: QuantityValue, word: Coding, contrary: list[Interval]
) -> None:
    first, *others = understood(item(local(finding), value=value, interpretation=(word,), sites=(T12,))).findings
    assert first.interval is not None
    assert [(each.finding, each.state, each.interval) for each in others] == [(finding, State.PRESENT, each) for each in contrary]


def test_a_number_called_uncertain_is_flagged() -> None:
    told = understood(item(local("attenuation-mean"), value=number("900", unit="[hnsf'U]"), interpretation=(IND,))).findings
    assert [(each.state, each.flags) for each in told] == [(State.PRESENT, ()), (State.NOT_ASSESSED, ("uncertain-input",))]
