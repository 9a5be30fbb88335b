"""What holds of fracture cause, fracture risk and lesion nature for every case: order is nothing, unknown is never absent."""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.evidence.load import load
from service.instrument import Instrument
from service.instruments.fracture_cause import FRACTURE_CAUSE
from service.instruments.fracture_risk import FRACTURE_RISK
from service.instruments.lesion_nature import LESION_NATURE
from service.mapping.mapfile import load as load_mappings
from service.model.case import Case
from service.model.finding import Kind
from service.model.lesion import Known
from service.model.outcome import Applicability
from tests.unit.instruments.known import case_of, denied, disputed, exactly, measured, seen, stated, unknown

TABLES: Final = load()
INSTRUMENTS: Final = (FRACTURE_CAUSE, FRACTURE_RISK, LESION_NATURE)
MAPPINGS: Final = Path(__file__).resolve().parents[3] / "mappings"
VOCABULARY: Final = load_mappings(MAPPINGS, snomed_affiliate=False).vocabulary
READ: Final = tuple(dict.fromkeys(finding for instrument in INSTRUMENTS for finding in instrument.reads))
MODALITIES: Final = ("ct", "mri", "x-ray", "")
SIGNS: Final = {
    finding: VOCABULARY[finding].values
    for finding in FRACTURE_CAUSE.reads
    if VOCABULARY[finding].kind is not Kind.QUANTITY and finding not in {"vertebral-fracture", "reported-diagnosis"}
}


@cache
def order_of(instrument: str) -> Mapping[str, int]:
    with (MAPPINGS / "base" / "outcomes.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row["outcome"] for row in csv.DictReader(lines) if row["instrument"] == instrument and row["kind"] == "verdict"]
    return {verdict: place for place, verdict in enumerate(rows)}


@st.composite
def statements(draw: st.DrawFn, finding: str) -> Known:
    """Anything that the findings stage may make of one finding."""
    definition = VOCABULARY[finding]
    if definition.kind is Kind.QUANTITY:
        low, high = sorted(draw(st.tuples(st.integers(1, 1500), st.integers(1, 1500))))
        return draw(
            st.sampled_from([exactly(finding, low), measured(finding, low, high), measured(finding, None, high), unknown(finding)])
        )
    value, other = draw(st.tuples(st.sampled_from(definition.values), st.sampled_from((*definition.values, "absent"))))
    modality, second = draw(st.tuples(st.sampled_from(MODALITIES), st.sampled_from(MODALITIES)))
    ways = [
        seen(finding, (value, modality)),
        seen(finding, (None, modality)),
        seen(finding, (value, modality), (None if other == "absent" else other, second)),
        disputed(finding, *dict.fromkeys((value, other))),
        denied(finding, value),
        unknown(finding, "uncertain-input"),
        stated(finding, *dict.fromkeys((value, value if other == "absent" else other))),
    ]
    return draw(st.sampled_from(ways))


@st.composite
def anything(draw: st.DrawFn) -> list[Known]:
    """Any statements about some of the findings that the instruments read."""
    findings = draw(st.lists(st.sampled_from(READ), unique=True, max_size=12))
    return [draw(statements(finding)) for finding in findings]


@settings(max_examples=150, deadline=None)
@given(anything(), st.data())
def test_the_order_of_findings_is_nothing(knowns: list[Known], data: st.DataObject) -> None:
    one, other = case_of(*knowns), case_of(*data.draw(st.permutations(knowns)))
    for instrument in INSTRUMENTS:
        assert instrument.assess(one, TABLES) == instrument.assess(other, TABLES)


@settings(max_examples=150, deadline=None)
@given(anything())
def test_every_case_has_an_outcome_within_its_bounds(knowns: list[Known]) -> None:
    case = case_of(*knowns)
    for instrument in INSTRUMENTS:
        outcome, order = instrument.assess(case, TABLES), order_of(instrument.key)
        places = [order[verdict] for verdict in outcome.verdicts]
        assert places == sorted(set(places))
        assert set(outcome.missing) <= {known for known in instrument.reads if not case.known(known).values}
        assert set(outcome.missing) <= set(instrument.reads)
        assert all(reason.value != "not-assessed" for reason in outcome.reasons)
        assert len({(reason.finding, reason.evidence) for reason in outcome.reasons}) == len(outcome.reasons)
    counts = FRACTURE_CAUSE.assess(case, TABLES).measure
    assert counts is None or (min(counts.values()) >= 0 and sum(counts.values()) <= 11)


@settings(max_examples=100, deadline=None)
@given(anything())
def test_a_fracture_that_is_not_denied_has_a_word_and_a_denied_one_has_none(knowns: list[Known]) -> None:
    outcome = FRACTURE_CAUSE.assess(case_of(*knowns), TABLES)
    assert bool(outcome.verdicts) is (outcome.applicability is not Applicability.NOT_APPLICABLE)
    assert "unweighted-tally" in outcome.flags


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(tuple(SIGNS)), st.data())
def test_a_denied_sign_is_known_and_an_unstated_one_is_missing(finding: str, data: st.DataObject) -> None:
    other = data.draw(st.sampled_from([[], [stated("vertebral-fracture", "compression")]]))
    assert finding in FRACTURE_CAUSE.assess(case_of(*other), TABLES).missing
    assert finding not in FRACTURE_CAUSE.assess(case_of(*other, denied(finding)), TABLES).missing


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(tuple(SIGNS)), st.integers(0, 2), max_size=8), st.sampled_from(tuple(SIGNS)))
def test_a_sign_that_is_denied_or_uncertain_never_speaks_for_the_other_side(said: dict[str, int], finding: str) -> None:
    """Except for the two absences, which are signs of their own."""
    if finding in {"pedicle-destruction", "intravertebral-osteonecrosis"}:
        return
    knowns = [stated(key, SIGNS[key][place % len(SIGNS[key])]) for key, place in said.items() if key != finding]
    without, with_denial = case_of(*knowns), case_of(*knowns, denied(finding))
    uncertain = case_of(*knowns, unknown(finding, "uncertain-input"))
    first, second, third = (FRACTURE_CAUSE.assess(case, TABLES) for case in (without, with_denial, uncertain))
    assert (first.verdicts, first.measure) == (second.verdicts, second.measure) == (third.verdicts, third.measure)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(tuple(SIGNS)), unique=True, max_size=10), st.sampled_from(["present", None]))
def test_a_stated_mass_is_never_outvoted(findings: list[str], denial: str | None) -> None:
    others = [stated(key, SIGNS[key][0]) for key in findings if key != "paraspinal-soft-tissue"]
    mass = seen("paraspinal-soft-tissue", ("present", "mri"), *((("present", "ct"),) if denial else ()))
    assert "favours-osteoporotic" not in FRACTURE_CAUSE.assess(case_of(*others, mass), TABLES).verdicts


@st.composite
def intervals(draw: st.DrawFn, finding: str, low: int, high: int) -> tuple[int, Known, Known]:
    """A true number, a narrower and a wider interval around it."""
    truth = draw(st.integers(low, high))
    inner = sorted((truth, draw(st.integers(low, high))))
    outer = (draw(st.integers(low, inner[0])), draw(st.integers(inner[1], high)))
    return truth, measured(finding, *inner), measured(finding, *outer)


def _sclerotic(*knowns: Known) -> Case:
    return case_of(*knowns, stated("bone-lesion", "blastic"), denied("lesion-treatment"))


@pytest.mark.parametrize(
    ("instrument", "finding", "low", "high"),
    [
        (FRACTURE_RISK, "cortex-destroyed-percent", 0, 100),
        (LESION_NATURE, "opposed-phase-loss-percent", -50, 100),
        (LESION_NATURE, "attenuation-mean", 800, 1100),
        (LESION_NATURE, "attenuation-max", 800, 1100),
    ],
)
@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_narrower_number_never_widens_and_the_truth_stays_possible(
    instrument: Instrument, finding: str, low: int, high: int, data: st.DataObject
) -> None:
    truth, inner, outer = data.draw(intervals(finding, low, high))
    exact, narrow, wide = (
        set(instrument.assess(_sclerotic(known), TABLES).verdicts) for known in (exactly(finding, truth), inner, outer)
    )
    assert exact <= narrow <= wide


@settings(max_examples=100, deadline=None)
@given(st.integers(800, 1100), st.integers(800, 1100))
def test_knowing_the_mean_never_widens_what_the_maximum_leaves(mean: int, maximum: int) -> None:
    if mean > maximum:
        return
    alone = LESION_NATURE.assess(_sclerotic(exactly("attenuation-max", maximum)), TABLES)
    both = LESION_NATURE.assess(_sclerotic(exactly("attenuation-max", maximum), exactly("attenuation-mean", mean)), TABLES)
    assert set(both.verdicts) <= set(alone.verdicts)


@pytest.mark.parametrize("treatment", [unknown("lesion-treatment"), denied("lesion-treatment", "radiotherapy")])
def test_unknown_treatment_is_neither_treated_nor_untreated(treatment: Known) -> None:
    value, density = exactly("attenuation-mean", 700), stated("bone-lesion", "blastic")
    outcome = LESION_NATURE.assess(case_of(value, density, treatment), TABLES)
    assert outcome.verdicts == ("blastic-pattern",)
    assert "attenuation-treatment-unknown" in outcome.requests
