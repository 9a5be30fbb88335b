"""What holds of IESL for every case: order is nothing, the ratio stays in its bounds, a finding moves it to its own side."""

import math
from dataclasses import replace
from decimal import Decimal
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from service.evidence.load import load
from service.instruments.iesl import IESL
from service.instruments.iesl.scale import scale_of
from service.model.lesion import Known
from service.model.outcome import Outcome, Ratio
from tests.unit.instruments.known import case_of, denied, disputed, exactly, stated, unknown, yes

TABLES: Final = load()
WEIGHTS: Final = {feature.finding: dict(feature.weights) for feature in scale_of(TABLES).features}
APPLICABLE: Final = (
    yes("malignant-primary-brain-tumour"),
    yes("chemotherapy"),
    exactly("age-at-lesion", 14),
)


def say(finding: str, value: str) -> Known:
    return denied(finding) if value == "absent" else stated(finding, value)


@st.composite
def sayings(draw: st.DrawFn, finding: str) -> Known:
    """One value, two that disagree, or the denial of one."""
    values = list(WEIGHTS[finding])
    value, other = draw(st.permutations(values))[:2]
    ways = [say(finding, value), disputed(finding, *(each for each in values if each in {value, other}))]
    if "absent" not in values:
        ways.append(denied(finding, value))
    return draw(st.sampled_from(ways))


@st.composite
def lesions(draw: st.DrawFn) -> list[Known]:
    findings = draw(st.lists(st.sampled_from(list(WEIGHTS)), unique=True))
    return [draw(sayings(finding)) for finding in findings]


@st.composite
def plain_lesions(draw: st.DrawFn) -> dict[str, str]:
    """One value for some findings."""
    findings = draw(st.lists(st.sampled_from(list(WEIGHTS)), unique=True, max_size=10))
    return {finding: draw(st.sampled_from(list(WEIGHTS[finding]))) for finding in findings}


def assess(*knowns: Known) -> Outcome:
    return IESL.assess(case_of(denied("lesion-at-baseline"), *knowns, patient=APPLICABLE, tumour=False), TABLES)


def ratio_of(outcome: Outcome) -> Ratio:
    assert outcome.likelihood_ratio is not None
    return outcome.likelihood_ratio


@settings(max_examples=100, deadline=None)
@given(lesions(), st.data())
def test_the_order_of_findings_is_nothing_and_the_same_case_gives_the_same(knowns: list[Known], data: st.DataObject) -> None:
    other = data.draw(st.permutations(knowns))
    assert assess(*knowns) == assess(*knowns) == assess(*other)


@settings(max_examples=150, deadline=None)
@given(lesions())
def test_the_ratio_stays_within_what_one_perfect_table_supports_and_within_its_interval(knowns: list[Known]) -> None:
    ratio = ratio_of(assess(*knowns))
    assert 0.13 <= ratio.value <= 17.5
    assert 0 < ratio.low <= ratio.value <= ratio.high


@settings(max_examples=150, deadline=None)
@given(plain_lesions(), st.data())
def test_a_finding_more_moves_the_ratio_to_its_own_side(told: dict[str, str], data: st.DataObject) -> None:
    finding = data.draw(st.sampled_from([each for each in WEIGHTS if each not in told]))
    value = data.draw(st.sampled_from(list(WEIGHTS[finding])))
    before = ratio_of(assess(*(say(*each) for each in told.items()))).value
    after = ratio_of(assess(*(say(*each) for each in told.items()), say(finding, value))).value
    assert (after > before) is (WEIGHTS[finding][value].log > 0)
    assert after != before


@settings(max_examples=150, deadline=None)
@given(plain_lesions(), st.data())
def test_a_dispute_holds_every_reading_of_it(told: dict[str, str], data: st.DataObject) -> None:
    finding = data.draw(st.sampled_from([each for each in WEIGHTS if each not in told]))
    values = list(WEIGHTS[finding])
    others = [say(*each) for each in told.items()]
    readings = [assess(*others, say(finding, value)) for value in values]
    whole = assess(*others, disputed(finding, *values))
    assert set(whole.verdicts) == {verdict for each in readings for verdict in each.verdicts}
    assert ratio_of(whole).low == min(ratio_of(each).low for each in readings)
    assert ratio_of(whole).high == max(ratio_of(each).high for each in readings)
    assert ratio_of(whole).value == min(ratio_of(each).value for each in readings)


@given(st.sampled_from([finding for finding, values in WEIGHTS.items() if "absent" in values]))
def test_unknown_never_equals_absent(finding: str) -> None:
    silent, absent = assess(unknown(finding)), assess(denied(finding))
    assert finding in silent.missing
    assert finding not in absent.missing
    assert ratio_of(silent) == ratio_of(assess())
    assert ratio_of(absent) != ratio_of(silent)


@settings(max_examples=100, deadline=None)
@given(plain_lesions(), st.decimals(0, 1, places=3))
def test_the_probability_is_that_of_the_prior_moved_by_the_ratio(told: dict[str, str], prior: Decimal) -> None:
    case = case_of(denied("lesion-at-baseline"), *(say(*each) for each in told.items()), patient=APPLICABLE, tumour=False)
    outcome = IESL.assess(replace(case, prior=prior), TABLES)
    assert outcome.probability is not None
    assert 0 <= outcome.probability <= 1
    odds = float(prior) * ratio_of(outcome).value
    assert math.isclose(outcome.probability * (odds + 1 - float(prior)), odds, abs_tol=1e-8)
    assert IESL.assess(case, TABLES).probability is None
