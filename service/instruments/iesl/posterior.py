"""Quantiles of the log ratio of two proportions that are known from a few counts only.

A counted proportion is known as the distribution Beta(a, b) with a and b multiples of one half (Jeffreys' prior). With the
proportion written as sin² of an angle, its density is a product of whole powers of sine and cosine: smooth, with a distribution
function in closed form. The probability that a log ratio lies beyond a value is then the integral of a smooth function over a
quarter turn, summed at fixed angles (Fejér's first rule); Newton steps find the value for a given probability. No random numbers
and no library: the same counts give the same figures.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_ANGLES: Final = 32
_STEPS: Final = 40
_CLOSE: Final = 1e-11


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportion:
    """What counts tell of a proportion: Beta(twice_a / 2, twice_b / 2).

    Attributes:
        twice_a, twice_b: whole numbers from 1.
    """

    twice_a: int
    twice_b: int

    @classmethod
    def counted(cls, count: int, of: int, categories: int) -> "Proportion":
        """Return what a count tells under Jeffreys' prior: one half of a patient for each category.

        Args:
            count: patients in the category.
            of: patients assessed.
            categories: number of categories that share the patients.
        """
        return cls(twice_a=2 * count + 1, twice_b=2 * (of - count) + categories - 1)

    @property
    def mean(self) -> float:
        """The expected proportion."""
        return self.twice_a / (self.twice_a + self.twice_b)


@lru_cache(maxsize=256)
def log_ratio_quantile(share: float, first: Proportion, second: Proportion) -> float:
    """Return the value below which ln(first) - ln(second) lies with a given probability, the two being independent.

    Args:
        share: the probability, between 0 and 1.
        first: the proportion above the line.
        second: the one below it.
    """
    wanted = math.log(share / (1 - share))
    value = math.log(first.mean / second.mean)
    for _ in range(_STEPS):
        below, density = _below(value, first, second)
        step = (math.log(below / (1 - below)) - wanted) * below * (1 - below) / density
        value -= step
        if abs(step) < _CLOSE:
            break
    return value


def _below(value: float, first: Proportion, second: Proportion) -> tuple[float, float]:
    """Return the probability that the log ratio is below a value, and its density there."""
    if value >= 0:
        beyond, density = _beyond(value, first, second)
        return 1 - beyond, density
    return _beyond(-value, second, first)


def _beyond(value: float, first: Proportion, second: Proportion) -> tuple[float, float]:
    """Return the probability of ln(first) - ln(second) > value and the density there, for a value from 0.

    The integrand has no edge: second must be below first / e^value, which is below 1 for every first.
    """
    shrunk = math.exp(-value / 2)
    beyond = density = 0.0
    for sine, weight in _weighted_sines(first):
        inner = shrunk * sine
        outer = math.sqrt(1 - inner * inner)
        beyond += weight * _share_below(second, inner, outer)
        density += weight * _angle_density(second, inner, outer) * inner / outer / 2
    return beyond, density


@lru_cache(maxsize=256)
def _weighted_sines(proportion: Proportion) -> tuple[tuple[float, float], ...]:
    """Return the sines of the fixed angles, each with the probability around it."""
    return tuple(
        (math.sin(angle), weight * _angle_density(proportion, math.sin(angle), math.cos(angle))) for angle, weight in _angles()
    )


@lru_cache(maxsize=1)
def _angles() -> tuple[tuple[float, float], ...]:
    """Return the angles of Fejér's first rule between 0 and a quarter turn with their weights."""
    quarter = math.pi / 2
    found = []
    for number in range(_ANGLES):
        turn = (2 * number + 1) * math.pi / (2 * _ANGLES)
        ripple = sum(math.cos(2 * k * turn) / (4 * k * k - 1) for k in range(1, _ANGLES // 2 + 1))
        found.append((quarter * (1 + math.cos(turn)) / 2, quarter / _ANGLES * (1 - 2 * ripple)))
    return tuple(found)


def _angle_density(proportion: Proportion, sine: float, cosine: float) -> float:
    """Return the density of the angle whose sine and cosine are given."""
    powers = sine ** (proportion.twice_a - 1) * cosine ** (proportion.twice_b - 1)
    return 2 * math.exp(-_log_beta(proportion.twice_a, proportion.twice_b)) * powers


def _share_below(proportion: Proportion, sine: float, cosine: float) -> float:
    """Return the probability that the proportion is below sine²."""
    start, terms = _closed_form(proportion)
    return _simplest(start, sine, cosine) + sum([factor * sine**power * cosine**other for factor, power, other in terms])


def _simplest(start: tuple[int, int], sine: float, cosine: float) -> float:
    """Return the probability below sine² for Beta(1/2 or 1, 1/2 or 1), given twice the parameters."""
    match start:
        case (1, 1):
            return math.asin(sine) * 2 / math.pi
        case (1, _):
            return sine
        case (_, 1):
            return 1 - cosine
        case _:
            return sine * sine


@lru_cache(maxsize=256)
def _closed_form(proportion: Proportion) -> tuple[tuple[int, int], tuple[tuple[float, int, int], ...]]:
    """Return the parameters of the simplest distribution of this kind, and the terms that lead from it to the proportion's.

    Each raise of a parameter by one adds one product of powers (recurrence of the incomplete beta function).
    """
    start = (2 - proportion.twice_a % 2, 2 - proportion.twice_b % 2)
    terms = []
    for twice_a in range(start[0], proportion.twice_a, 2):
        factor = math.exp(-_log_beta(twice_a, start[1])) * 2 / twice_a
        terms.append((-factor, twice_a, start[1]))
    for twice_b in range(start[1], proportion.twice_b, 2):
        factor = math.exp(-_log_beta(proportion.twice_a, twice_b)) * 2 / twice_b
        terms.append((factor, proportion.twice_a, twice_b))
    return start, tuple(terms)


def _log_beta(twice_a: int, twice_b: int) -> float:
    """Return the logarithm of the beta function."""
    return math.lgamma(twice_a / 2) + math.lgamma(twice_b / 2) - math.lgamma((twice_a + twice_b) / 2)
