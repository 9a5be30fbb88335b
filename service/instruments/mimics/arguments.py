"""What each stated finding speaks for or against; what is not stated says nothing.

Signs that a candidate needs are always named. What supports or excludes it, and the circumstances it needs, are named beside a
candidate that is under discussion: some part of its rule is stated, or the report names it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from service.instruments.mimics.reading import ATTENUATION, MAXIMUM, NAMED, OF_COLLECTION
from service.instruments.mimics.rules import METASTASIS, Rule, Rules
from service.sign import CONTRADICTED, SHOWN, Argument, Readings, Sign, Standing, weighed

_METASTATIC: Final = "metastatic-fracture"


def arguments(rules: Rules, readings: Readings, names: frozenset[str]) -> Iterator[Argument]:
    """Yield every argument in the order of the candidates; a disputed finding speaks for and against.

    Args:
        rules: of the evidence tables.
        readings: what is said.
        names: diagnoses that the report names.
    """
    found = [argument for rule in rules.rules for argument in _about(rule, readings, names)]
    found += _weighed((rules.halo,), readings, SHOWN, f"for {METASTASIS}")
    found += _weighed((rules.crosses_disc,), readings, SHOWN, f"against {METASTASIS}")
    if _METASTATIC in names:
        found.append(Argument(finding=NAMED, direction=f"for {METASTASIS}", evidence=rules.halo.evidence))
    yield from dict.fromkeys(found)
    yield from _undecided(rules, readings, {argument.finding for argument in found})


def _about(rule: Rule, readings: Readings, names: frozenset[str]) -> Iterator[Argument]:
    """Yield the arguments about one candidate."""
    supporting, opposing = f"for {rule.candidate}", f"against {rule.candidate}"
    named = bool(rule.names & names)
    discussed = named or rule.is_begun(readings)
    yield from _weighed((*rule.needed, *(rule.context if discussed else ())), readings, SHOWN, supporting)
    yield from _weighed(rule.supports if discussed else (), readings, SHOWN, supporting)
    if named:
        yield Argument(finding=NAMED, direction=supporting, evidence=rule.evidence)
    yield from _weighed((*rule.needed, *(rule.context if discussed else ())), readings, CONTRADICTED, opposing)
    yield from _weighed(rule.excluding if discussed else (), readings, SHOWN, opposing)


def _weighed(signs: Iterable[Sign], readings: Readings, wanted: frozenset[Standing], direction: str) -> Iterator[Argument]:
    """Yield the findings whose signs stand so; the maximum of the attenuation goes with the mean."""
    for argument in weighed(signs, readings, wanted, direction):
        yield argument
        if argument.finding == ATTENUATION:
            yield replace(argument, finding=MAXIMUM)


def _undecided(rules: Rules, readings: Readings, argued: set[str]) -> Iterator[Argument]:
    """Yield what decides nothing and is shown all the same: an attenuation, and words that state a collection, disputed or not."""
    if ATTENUATION in readings and ATTENUATION not in argued:
        evidence = _evidence(rules, ATTENUATION)
        yield from (Argument(finding=finding, direction=None, evidence=evidence) for finding in (ATTENUATION, MAXIMUM))
    for finding, described in OF_COLLECTION.items():
        if finding not in argued and finding in readings and described & readings[finding].words:
            yield Argument(finding=finding, direction=None, evidence=_evidence(rules, finding))


def _evidence(rules: Rules, finding: str) -> str:
    """Return where a finding is printed first."""
    signs = (sign for rule in rules.rules for sign in (*rule.needed, *rule.supports))
    return next(sign.evidence for sign in signs if sign.finding == finding)
