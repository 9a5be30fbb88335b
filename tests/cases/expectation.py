"""What a case expects of an outcome, key by key.

`applicability`, `score`, `attainable`, `missing`, `decisive`, `requests`: exactly. `verdicts`: exactly these among the codes that
answer the same questions; `verdicts_within`: some of these; `not_verdicts`: none of these; `open`: no verdict is settled, or a
verdict that names no candidate. `flags`, `recommendations`: at least these; `*_any`: one of these; `not_*`: none of these;
`*_exactly`: these and no others, in any order. `measure`: these figures. `likelihood_ratio`: `value` to four digits, `low` and
`high` to half a per cent (the shared cases were written with bounds of two decimals), or the range `between`. `probability`: a
number, or `none`. `ranking`: `none`, or `first`, `first_in`, `order` (pairs, the first ranked before the second),
`first_share_below`, `shares` to half a per mille.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from service.model.outcome import Outcome

Wanted = Mapping[str, Any]

_EXACTLY: Final = ("missing", "decisive", "requests")
_AT_LEAST: Final = ("flags", "recommendations")
_SHARE: Final = 0.0005
_NEAR: Final = {"value": 2e-4, "low": 5e-3, "high": 5e-3}


def check(outcome: Outcome, wanted: Wanted, questions: Mapping[str, str]) -> None:
    """Hold an outcome against what a case expects.

    Args:
        outcome: of the instrument.
        wanted: keys as above.
        questions: question that each verdict of the instrument answers.
    """
    for key, told in wanted.items():
        _CHECK[key](outcome, told, questions)


def _applicability(outcome: Outcome, told: str, _: Mapping[str, str]) -> None:
    assert outcome.applicability.value == told


def _score(outcome: Outcome, told: Wanted, _: Mapping[str, str]) -> None:
    assert outcome.score is not None
    assert {"low": outcome.score.low, "high": outcome.score.high} == told


def _attainable(outcome: Outcome, told: list[int], _: Mapping[str, str]) -> None:
    assert outcome.score is not None
    assert list(outcome.score.attainable) == told


def _verdicts(outcome: Outcome, told: list[str], questions: Mapping[str, str]) -> None:
    asked = {questions[verdict] for verdict in told}
    assert [each for each in outcome.verdicts if not asked or questions[each] in asked] == told


def _verdicts_within(outcome: Outcome, told: list[str], questions: Mapping[str, str]) -> None:
    asked = {questions[verdict] for verdict in told}
    found = {each for each in outcome.verdicts if questions[each] in asked}
    assert found
    assert found <= set(told)


def _not_verdicts(outcome: Outcome, told: list[str], _: Mapping[str, str]) -> None:
    assert not set(told) & set(outcome.verdicts)


def _open(outcome: Outcome, told: bool, _: Mapping[str, str]) -> None:
    assert told is (len(outcome.verdicts) != 1 or outcome.verdicts[0].startswith("no-"))


def _measure(outcome: Outcome, told: Mapping[str, float], _: Mapping[str, str]) -> None:
    assert outcome.measure is not None
    assert {name: outcome.measure.get(name) for name in told} == pytest.approx(told)


def _likelihood_ratio(outcome: Outcome, told: Wanted, _: Mapping[str, str]) -> None:
    ratio = outcome.likelihood_ratio
    assert ratio is not None
    for name, near in _NEAR.items():
        if name in told:
            assert getattr(ratio, name) == pytest.approx(told[name], rel=near)
    low, high = told.get("between", (0, float("inf")))
    assert low <= ratio.value <= high


def _probability(outcome: Outcome, told: float | str, _: Mapping[str, str]) -> None:
    assert outcome.probability == (None if told == "none" else pytest.approx(told, abs=_SHARE))


def _ranking(outcome: Outcome, told: Wanted, _: Mapping[str, str]) -> None:
    if told.get("none"):
        assert outcome.ranking is None
        return
    assert outcome.ranking is not None
    names = [each.outcome for each in outcome.ranking]
    shares = {each.outcome: each.share for each in outcome.ranking}
    assert names[0] == told.get("first", names[0])
    assert names[0] in told.get("first_in", names)
    assert outcome.ranking[0].share < told.get("first_share_below", 1.01)
    assert all(names.index(before) < names.index(after) for before, after in told.get("order", ()))
    for name, share in told.get("shares", {}).items():
        assert shares[name] == pytest.approx(share, abs=_SHARE)


def _exactly(field: str) -> Callable[[Outcome, Any, Mapping[str, str]], None]:
    def run(outcome: Outcome, told: list[Any], _: Mapping[str, str]) -> None:
        assert [list(each) if isinstance(each, tuple) else each for each in getattr(outcome, field)] == told

    return run


def _at_least(field: str) -> Callable[[Outcome, Any, Mapping[str, str]], None]:
    def run(outcome: Outcome, told: list[str], _: Mapping[str, str]) -> None:
        assert set(told) <= set(getattr(outcome, field))

    return run


def _none_of(field: str) -> Callable[[Outcome, Any, Mapping[str, str]], None]:
    def run(outcome: Outcome, told: list[str], _: Mapping[str, str]) -> None:
        assert not set(told) & set(getattr(outcome, field))

    return run


def _only(field: str) -> Callable[[Outcome, Any, Mapping[str, str]], None]:
    def run(outcome: Outcome, told: list[str], _: Mapping[str, str]) -> None:
        assert sorted(getattr(outcome, field)) == sorted(told)

    return run


def _one_of(field: str) -> Callable[[Outcome, Any, Mapping[str, str]], None]:
    def run(outcome: Outcome, told: list[str], _: Mapping[str, str]) -> None:
        assert set(told) & set(getattr(outcome, field))

    return run


def _elsewhere(_: Outcome, __: object, ___: Mapping[str, str]) -> None:
    """Leave a check to the runner, which knows the whole case."""


_CHECK: Final[Mapping[str, Callable[[Outcome, Any, Mapping[str, str]], None]]] = {
    "applicability": _applicability,
    "score": _score,
    "attainable": _attainable,
    "verdicts": _verdicts,
    "verdicts_within": _verdicts_within,
    "not_verdicts": _not_verdicts,
    "open": _open,
    "measure": _measure,
    "likelihood_ratio": _likelihood_ratio,
    "probability": _probability,
    "ranking": _ranking,
    "refused": _elsewhere,
    **{field: _exactly(field) for field in _EXACTLY},
    **{field: _at_least(field) for field in _AT_LEAST},
    **{f"not_{field}": _none_of(field) for field in _AT_LEAST},
    **{f"{field}_any": _one_of(field) for field in _AT_LEAST},
    **{f"{field}_exactly": _only(field) for field in _AT_LEAST},
}
CHECKS: Final = frozenset(_CHECK)
"""Every key that a case may use."""
