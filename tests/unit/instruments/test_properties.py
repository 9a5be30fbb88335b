"""What holds of both instruments for every case: knowing more never widens, order is nothing, unknown is never absent."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from service.evidence.load import load
from service.instruments.escc import ESCC
from service.instruments.sins import SINS
from service.model.case import Case
from service.model.coded import Interval
from service.model.finding import State
from service.model.lesion import Known
from service.model.spine import TABLE_LEVELS
from tests.unit.instruments.known import answered, at, case_of, denied, exactly, measured, stated

TABLES: Final = load()

SIGNS: Final = ("epidural-involvement", "thecal-sac-deformation", "cord-abutment", "cord-compression", "csf-visible")
GRADES: Final[Mapping[str, tuple[bool, ...]]] = {
    "0": (False, False, False, False, True),
    "1a": (True, False, False, False, True),
    "1b": (True, True, False, False, True),
    "1c": (True, True, True, False, True),
    "2": (True, True, True, True, True),
    "3": (True, True, True, True, False),
}
"""One patient of each grade."""

ROWS: Final[Mapping[str, tuple[str, ...]]] = {
    "spinal-pain": ("mechanical", "occasional-non-mechanical", "none"),
    "bone-lesion": ("lytic", "mixed", "blastic"),
    "alignment": ("subluxation-translation", "de-novo-deformity", "normal"),
    "posterolateral-involvement": ("bilateral", "unilateral", "none"),
}


@st.composite
def ways_to_say(draw: st.DrawFn, finding: str, truth: str) -> Known:
    """The true value, a word that says less, or the denial of a value that is not true."""
    others = tuple(value for value in ROWS[finding] if value != truth)
    ways = [stated(finding, truth), denied(finding, draw(st.sampled_from(others))), stated(finding, truth, others[0])]
    if finding == "posterolateral-involvement" and truth != "none":
        ways.append(stated(finding, "at-least-unilateral"))
    if finding in {"posterolateral-involvement", "spinal-pain"} and truth == "none":
        ways.append(denied(finding))
    return draw(st.sampled_from(ways))


@st.composite
def sayings_of_collapse(draw: st.DrawFn, loss: int, share: int) -> list[Known]:
    """What a report may say of a loss of height and of the share of the body involved."""
    percent = "vertebral-collapse-percent"
    around = measured(percent, draw(st.integers(0, loss)), draw(st.integers(loss, 100)))
    ways: list[Known] = [exactly(percent, loss), around, measured(percent, None, loss), measured(percent, loss, None)]
    if loss == 0:
        ways.append(denied("vertebral-collapse"))
        ways.append(stated("vertebral-collapse", "no-collapse-over-50-involved" if share > 50 else "none"))
    elif loss == 50:
        ways.append(stated("vertebral-collapse", "some"))
    else:
        ways.extend((stated("vertebral-collapse", "over-50" if loss > 50 else "under-50"), stated("vertebral-collapse", "some")))
    said = draw(st.lists(st.sampled_from(ways), max_size=2, unique_by=lambda known: known.finding))
    return said + draw(st.sampled_from([[], [exactly("body-involvement-percent", share)]]))


@st.composite
def patients(draw: st.DrawFn) -> tuple[str, list[Known]]:
    """A level and true statements about one patient."""
    level = draw(st.sampled_from(TABLE_LEVELS))
    truth = {finding: draw(st.sampled_from(rows)) for finding, rows in ROWS.items()}
    knowns = [draw(ways_to_say(finding, value)) for finding, value in truth.items()]
    if truth["alignment"] == "normal":
        knowns.append(denied("spinal-deformity"))
    knowns.extend(draw(sayings_of_collapse(draw(st.integers(0, 100)), draw(st.integers(0, 100)))))
    return level, knowns


def totals(case: Case) -> set[int]:
    score = SINS.assess(case, TABLES).score
    assert score is not None
    return set(score.attainable)


@settings(max_examples=150, deadline=None)
@given(patients(), st.data())
def test_a_consistent_statement_more_never_widens_sins(patient: tuple[str, list[Known]], data: st.DataObject) -> None:
    level, knowns = patient
    fewer = data.draw(st.lists(st.sampled_from(knowns), unique_by=lambda known: known.finding))
    place = at(level) if data.draw(st.booleans()) else None
    before, after = case_of(*fewer, site=place), case_of(*knowns, site=at(level))
    assert totals(after) <= totals(before)
    assert set(SINS.assess(after, TABLES).verdicts) <= set(SINS.assess(before, TABLES).verdicts)


@settings(max_examples=100, deadline=None)
@given(patients())
def test_totals_stay_within_the_scale_and_consistent_statements_are_no_conflict(patient: tuple[str, list[Known]]) -> None:
    level, knowns = patient
    outcome = SINS.assess(case_of(*knowns, site=at(level)), TABLES)
    assert outcome.score is not None
    assert 0 <= outcome.score.low <= outcome.score.high <= 18
    assert (outcome.score.low, outcome.score.high) == (outcome.score.attainable[0], outcome.score.attainable[-1])
    assert "conflicting-input" not in outcome.flags


@settings(max_examples=100, deadline=None)
@given(patients(), st.lists(st.booleans(), min_size=5, max_size=5), st.data())
def test_the_order_of_findings_is_nothing(patient: tuple[str, list[Known]], signs: list[bool], data: st.DataObject) -> None:
    level, knowns = patient
    knowns = [*knowns, *(answered(sign, present=present) for sign, present in zip(SIGNS, signs, strict=True))]
    one = case_of(*knowns, site=at(level))
    other = case_of(*data.draw(st.permutations(knowns)), site=at(level))
    for instrument in (SINS, ESCC):
        assert instrument.assess(one, TABLES) == instrument.assess(other, TABLES)


@given(st.sampled_from(tuple(GRADES)), st.data())
@settings(max_examples=150, deadline=None)
def test_a_consistent_sign_more_never_widens_escc(grade: str, data: st.DataObject) -> None:
    truth = dict(zip(SIGNS, GRADES[grade], strict=True))
    more = data.draw(st.lists(st.sampled_from(SIGNS), unique=True))
    fewer = data.draw(st.lists(st.sampled_from(more), unique=True)) if more else []
    told = [answered(sign, present=truth[sign]) for sign in more]
    reported = data.draw(st.sampled_from([[], [stated("escc-grade", grade)]]))
    before = ESCC.assess(case_of(*(answered(sign, present=truth[sign]) for sign in fewer)), TABLES)
    after = ESCC.assess(case_of(*told, *reported), TABLES)
    assert set(after.verdicts) <= set(before.verdicts)
    assert f"grade-{grade}" in after.verdicts
    assert "contradictory" not in after.flags


@given(st.sampled_from(("spinal-pain", "posterolateral-involvement", "vertebral-collapse")))
def test_unknown_never_equals_absent_in_sins(finding: str) -> None:
    assert totals(case_of(denied(finding))) < totals(case_of())
    assert finding in SINS.assess(case_of(), TABLES).missing
    assert finding not in SINS.assess(case_of(denied(finding)), TABLES).missing


def test_a_hull_of_disagreeing_numbers_is_read_like_any_interval() -> None:
    hull = Interval(low=Decimal(30), high=Decimal(70))
    known = replace(exactly("vertebral-collapse-percent", 30), state=State.CONFLICT, interval=hull)
    outcome = SINS.assess(case_of(known), TABLES)
    assert outcome.reasons[4].points == (2, 3)
    assert "conflicting-input" in outcome.flags
