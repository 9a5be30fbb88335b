"""The arithmetic of the benchmarks: medians, turns, limits and what a row prints; no time is tested."""

import pytest

from benchmarks.ground import Effort, Ground, NotToBeHadError
from benchmarks.runner import TOLERANCE, Result, Row, Times, Turn, Verdict, interleaved, judge, run, show, timed


def turns(log: list[str], name: str, *seconds: float) -> list[Turn]:
    def turn(each: float) -> float:
        log.append(name)
        return each

    return [lambda each=each: turn(each) for each in seconds]  # type: ignore[misc]


def row(limit: float | None = None, times: Times | None = None) -> Row:
    def measure(_: Ground) -> Times:
        if times is None:
            raise NotToBeHadError("PostgreSQL is not installed")
        return times

    return Row(name="example", what="this", against="that", limit=limit, measure=measure)


def test_the_ratio_is_that_of_the_medians_without_the_warm_up() -> None:
    log: list[str] = []
    times = interleaved(turns(log, "a", 90.0, 3.0, 4.0, 50.0), turns(log, "b", 70.0, 2.0, 1.0, 2.0), warm_up=1)
    assert (times.ours, times.against, times.ratio) == (4.0, 2.0, 2.0)


def test_each_side_is_first_every_other_time() -> None:
    log: list[str] = []
    interleaved(turns(log, "a", 1.0, 1.0, 1.0), turns(log, "b", 1.0, 1.0, 1.0), warm_up=0)
    assert "".join(log) == "abbaab"


def test_both_sides_take_the_same_number_of_turns() -> None:
    with pytest.raises(ValueError, match="shorter"):
        interleaved(turns([], "a", 1.0, 1.0), turns([], "b", 1.0), warm_up=0)


def test_a_turn_of_many_pieces_counts_one_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter((10.0, 16.0))
    monkeypatch.setattr("benchmarks.runner.time.perf_counter", lambda: next(clock))
    done: list[int] = []
    assert timed(lambda: done.append(1), pieces=3)() == 2.0
    assert done == [1]


@pytest.mark.parametrize(
    ("ratio", "limit", "verdict"),
    [
        (9.0, None, Verdict.NO_LIMIT),
        (1.5, 1.5, Verdict.KEPT),
        (1.5 * (1 + TOLERANCE) - 0.001, 1.5, Verdict.WITHIN_TOLERANCE),
        (1.5 * (1 + TOLERANCE) + 0.001, 1.5, Verdict.MISSED),
    ],
)
def test_a_limit_is_missed_beyond_the_tolerance_only(ratio: float, limit: float | None, verdict: Verdict) -> None:
    assert judge(ratio, limit) is verdict


def test_a_row_shows_ratio_limit_verdict_and_both_sides() -> None:
    [result] = run([row(1.5, Times(ours=0.006, against=0.003))], Ground(Effort()))
    first, ours, against = show(result).splitlines()
    assert first.split() == ["example", "2.00", "limit", "1.50", "missed"]
    assert ours.split() == ["this", "6.000", "ms", "167", "a", "second"]
    assert against.split() == ["against", "that", "3.000", "ms", "333", "a", "second"]


def test_a_row_that_cannot_be_measured_says_why_and_is_not_missed() -> None:
    [result] = run([row(1.5)], Ground(Effort()))
    assert result == Result(row=result.row, times=None, why_not="PostgreSQL is not installed")
    assert show(result).splitlines()[0].endswith("not measured: PostgreSQL is not installed")


@pytest.mark.parametrize(("rounds", "weight", "expected"), [(60, 1, 63), (60, 6, 13), (2, 6, 4)])
def test_a_costly_row_takes_fewer_turns_and_one_at_least(rounds: int, weight: int, expected: int) -> None:
    assert Effort(rounds=rounds, warm_up=3).turns(weight) == expected
