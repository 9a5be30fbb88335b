"""What holds of the whole assessment for every case, from findings to statements: random cases, seeds fixed."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

import pytest

from service.assessment.assess import assess
from service.assessment.assessed import Assessed
from service.assessment.catalogue import CATALOGUE, POINTERS
from service.assessment.statements import say
from service.evidence.load import load
from service.model.assessment import Statement
from service.model.case import Case
from service.model.outcome import Applicability, Outcome, Reason
from tests.cases.written_case import WrittenCase, build_case, vocabulary
from tests.unit.assessment.any_case import any_case, shuffled

TABLES: Final = load()
OUTCOMES: Final = Path(__file__).resolve().parents[3] / "mappings" / "base" / "outcomes.csv"
SEEDS: Final = range(6)
CASES: Final = 200
"""Cases of each seed."""

KEYS: Final = frozenset({*(each.key for each in CATALOGUE), *(each.key for each in POINTERS)})
COMFORT: Final = re.compile(r"no tumou?r|harmless|reassur|diagnosis of|proven|(?<!not )(?<!has )\bexcluded\b", re.IGNORECASE)
"""`Has excluded` is a condition: what imaging must have done before a puncture."""

CITED: Final = re.compile(r"\(.*(?:20\d\d|Case report).*\)\.$")
"""A printed place closes the sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One random case and what came of it."""

    written: WrittenCase
    case: Case
    assessed: Assessed
    statements: tuple[Statement, ...]

    def outcomes(self) -> Iterator[tuple[str | None, Outcome]]:
        """Yield every outcome with its lesion; None = of the patient."""
        for lesion, outcomes in self.assessed.lesion_outcomes.items():
            yield from ((lesion, outcome) for outcome in outcomes)
        yield from ((None, outcome) for outcome in self.assessed.patient_outcomes)


@cache
def tried(seed: int) -> tuple[Tried, ...]:
    random = Random(seed)  # noqa: S311 - no secret
    return tuple(made_of(any_case(random)) for _ in range(CASES))


def made_of(written: WrittenCase) -> Tried:
    case = build_case(written).case
    assessed = assess(case, TABLES)
    return Tried(written=written, case=case, assessed=assessed, statements=say(case, assessed))


@cache
def listed() -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the codes of every instrument by kind, in the order of the table."""
    found: dict[str, dict[str, list[str]]] = {}
    with OUTCOMES.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            found.setdefault(row["instrument"], {}).setdefault(row["kind"], []).append(row["outcome"])
    return {name: {kind: tuple(codes) for kind, codes in kinds.items()} for name, kinds in found.items()}


def codes(instrument: str, kind: str) -> tuple[str, ...]:
    return (*listed()[instrument].get(kind, ()), *listed()["any"].get(kind, ()))


def every_outcome(seed: int) -> Iterable[tuple[Tried, Outcome]]:
    return ((one, outcome) for one in tried(seed) for _, outcome in one.outcomes())


@pytest.mark.parametrize("seed", SEEDS)
def test_every_code_is_listed_for_its_instrument_and_every_finding_is_of_the_vocabulary(seed: int) -> None:
    for _, outcome in every_outcome(seed):
        name, verdicts = outcome.instrument, codes(outcome.instrument, "verdict")
        places = [verdicts.index(verdict) for verdict in outcome.verdicts]
        assert places == sorted(set(places)), outcome
        assert set(outcome.flags) <= {*codes(name, "flag")}, outcome
        assert list(outcome.flags) == sorted(set(outcome.flags)), outcome
        assert set(outcome.recommendations) <= {*codes(name, "recommendation")}, outcome
        assert set(outcome.requests) <= {*codes(name, "reason-missing")}, outcome
        assert {*outcome.missing, *(each for chosen in outcome.decisive for each in chosen)} <= vocabulary().keys(), outcome
        assert {reason.finding for reason in outcome.reasons} <= vocabulary().keys() | KEYS, outcome


@pytest.mark.parametrize("seed", SEEDS)
def test_every_number_lies_within_what_is_published(seed: int) -> None:
    for one, outcome in every_outcome(seed):
        if (score := outcome.score) is not None:
            assert score.of is not None
            assert 0 <= score.low <= score.high <= score.of
            assert (score.low, score.high) == (min(score.attainable), max(score.attainable))
        if (ratio := outcome.likelihood_ratio) is not None:
            assert 0 < ratio.low <= ratio.value <= ratio.high
            assert 0.13 < ratio.value <= 17.5
        if outcome.probability is not None:
            assert one.case.prior is not None
            assert outcome.applicability is Applicability.APPLICABLE
            assert 0 < outcome.probability < 1
        if outcome.ranking is not None:
            shares = [each.share for each in outcome.ranking]
            assert shares == sorted(shares, reverse=True)
            assert sum(shares) == pytest.approx(1, abs=1e-6)
            assert min(shares) > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_recommended_by_what_does_not_apply_or_is_said_nowhere(seed: int) -> None:
    for one in tried(seed):
        spoken = {(each.lesion, each.instrument) for each in one.statements}
        for lesion, outcome in one.outcomes():
            if outcome.recommendations:
                assert outcome.applicability is not Applicability.NOT_APPLICABLE, outcome
            if outcome.recommendations or "urgent" in outcome.flags:
                assert (lesion, outcome.instrument) in spoken, outcome
            if outcome.instrument == "management" and outcome.recommendations:
                assert outcome.applicability is Applicability.APPLICABLE, outcome


@pytest.mark.parametrize("seed", SEEDS)
def test_every_statement_is_cited_comforts_nobody_and_urgent_ones_come_first(seed: int) -> None:
    for one in tried(seed):
        assert [each.rank for each in one.statements] == list(range(1, len(one.statements) + 1))
        urgent = [each.urgent for each in one.statements]
        assert urgent == sorted(urgent, reverse=True), [(each.instrument, each.urgent) for each in one.statements]
        for each in one.statements:
            assert CITED.search(each.text), each.text
            assert not COMFORT.search(each.text), each.text


def plain(outcome: Outcome) -> Outcome:
    """Return an outcome without where its inputs were said."""
    return replace(outcome, reasons=tuple(unsourced(reason) for reason in outcome.reasons))


def unsourced(reason: Reason) -> Reason:
    return replace(reason, sources=())


@pytest.mark.parametrize("seed", SEEDS[:3])
def test_the_order_in_which_a_report_says_things_is_nothing(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - no secret
    for one in tried(seed):
        other = made_of(shuffled(random, one.written))
        assert [(lesion, plain(outcome)) for lesion, outcome in other.outcomes()] == [
            (lesion, plain(outcome)) for lesion, outcome in one.outcomes()
        ]
        assert other.statements == one.statements
