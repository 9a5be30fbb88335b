"""From readings to verdicts: which rules are fulfilled, which may be, and what would complete the others.

Where statements disagree every way to read them is weighed: the verdicts are those of all ways together. Source: clinical rules 9.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import product
from typing import Final

from service.instrument import Judgement
from service.instruments.mimics.arguments import arguments
from service.instruments.mimics.reading import (
    ATTENUATION,
    BRIGHTER_THAN_MUSCLE,
    COLLECTION,
    MAXIMUM,
    NO_MAXIMUM,
    NO_MEAN,
    T1,
)
from service.instruments.mimics.rules import (
    ABSCESS,
    BULLS_EYE,
    CANDIDATES,
    DISCITIS,
    HAEMANGIOMA,
    HAEMATOMA,
    HALO,
    METASTASIS,
    PHLEGMON,
    Rule,
    Rules,
)
from service.model.outcome import Applicability
from service.sign import ABSENT, Readings, Said, Sign, Standing

NO_CANDIDATE: Final = "no-leading-candidate"
_VERDICTS: Final = (*CANDIDATES[:-1], METASTASIS, CANDIDATES[-1], NO_CANDIDATE)
_CRITICAL: Final = frozenset({DISCITIS, HAEMATOMA, ABSCESS, PHLEGMON})
"""Infective and haemorrhagic candidates."""

_ONE_INFECTION: Final = {ABSCESS: DISCITIS}
"""Two names for one process: they do not contradict each other."""

_PRESENT: Final = "present"
_ATYPICAL: Final = "atypical-haemangioma"
_TRABECULAE: Final = "coarse-trabeculae"
_BRIGHT: Final = frozenset({"hyper", BRIGHTER_THAN_MUSCLE})
_NOT_SHOWN: Final = Said(words=frozenset({ABSENT}))

Signature = tuple[tuple[str, Said], ...]
"""Readings in the order of their findings."""

Standings = Mapping[Rule, Standing]


@lru_cache(maxsize=4096)
def judge(signature: Signature, names: frozenset[str], rules: Rules) -> Judgement:
    """Weigh the readings. Remembered: reports repeat the same words.

    Args:
        signature: what is said.
        names: diagnoses that the report names.
        rules: of the evidence tables.
    """
    readings = dict(signature)
    standings = {rule: rule.standing(readings) for rule in rules.rules}
    verdicts = _verdicts(standings, readings)
    flags = {flag for flag, holds in _flags(standings, readings, names, verdicts) if holds}
    asks_for_ct = _ATYPICAL in flags and _TRABECULAE not in readings
    return Judgement(
        applicability=Applicability.APPLICABLE,
        verdicts=verdicts,
        arguments=tuple(arguments(rules, readings, names)),
        missing=tuple(dict.fromkeys(_missing(standings, readings))),
        flags=frozenset(flags),
        recommendations=("ct-for-trabeculae",) if asks_for_ct else (),
    )


def _verdicts(standings: Standings, readings: Readings) -> tuple[str, ...]:
    """Return every verdict that some reading gives.

    A rule holds each finding once, so that a rule that may be fulfilled is fulfilled by some reading. A halo speaks for metastasis
    where no rule is fulfilled; beside a bull's-eye neither sign does.
    """
    found = {rule.candidate for rule, standing in standings.items() if standing >= Standing.MAYBE}
    signs = (readings.get(sign, _NOT_SHOWN).words or _NOT_SHOWN.words for sign in (HALO, BULLS_EYE))
    for halo, bulls_eye in product(*map(sorted, signs)):
        fixed = {HALO: Said(words=frozenset({halo})), BULLS_EYE: Said(words=frozenset({bulls_eye}))}
        if _may_all_fail(standings, {**readings, **fixed}):
            found.add(METASTASIS if halo == _PRESENT != bulls_eye else NO_CANDIDATE)
    return tuple(verdict for verdict in _VERDICTS if verdict in found)


def _may_all_fail(rules: Iterable[Rule], readings: Readings) -> bool:
    """Tell whether some reading fulfils no rule; the rule with the fewest disputes is decided first, so that few are tried."""
    standings = {rule: rule.standing(readings) for rule in rules}
    if Standing.YES in standings.values():
        return False
    undecided = [rule for rule, standing in standings.items() if standing is Standing.MAYBE]
    if not undecided:
        return True
    disputed = min((_disputed(rule, readings) for rule in undecided), key=len)
    words = sorted(readings[disputed[0]].words)
    return any(_may_all_fail(undecided, {**readings, disputed[0]: Said(words=frozenset({word}))}) for word in words)


def _disputed(rule: Rule, readings: Readings) -> tuple[str, ...]:
    """Return the findings of a rule that are read in several ways."""
    findings = dict.fromkeys(sign.finding for sign in (*rule.needed, *rule.context, *rule.excluding))
    return tuple(finding for finding in findings if finding in readings and len(readings[finding].words) > 1)


def _missing(standings: Standings, readings: Readings) -> Iterator[str]:
    """Yield the findings that would complete a rule of which something is stated already."""
    for rule in (rule for rule, standing in standings.items() if standing is Standing.MISSING):
        for way in rule.ways:
            if any(_is_touched(sign, readings) for part in way.parts for sign in part if sign in rule.needed):
                yield from (name for sign in way.missing(readings) if (name := _asked(sign, readings)))


def _asked(sign: Sign, readings: Readings) -> str | None:
    """Return the finding that would show a sign; None = mean and maximum of the attenuation are stated and disagree."""
    words = readings.get(sign.finding, Said()).words
    if sign.finding != ATTENUATION or not words:
        return sign.finding
    return MAXIMUM if NO_MAXIMUM in words else ATTENUATION if NO_MEAN in words else None


def _is_touched(sign: Sign, readings: Readings) -> bool:
    """Tell whether a sign is shown, disputed or not, or said less precisely than it asks for."""
    said = readings.get(sign.finding)
    return said is not None and (sign.standing(said) >= Standing.MAYBE or bool(said.words & sign.vague))


def _standing(sign: Sign, readings: Readings) -> Standing:
    return sign.standing(readings.get(sign.finding))


def _flags(
    standings: Standings, readings: Readings, names: frozenset[str], verdicts: tuple[str, ...]
) -> Iterator[tuple[str, bool]]:
    """Yield every flag of the instrument and whether it is raised."""
    collection = _says(readings, COLLECTION, _PRESENT)
    critical = any(standing >= Standing.MAYBE and rule.candidate in _CRITICAL for rule, standing in standings.items())
    both_signs = readings.get(HALO) == readings.get(BULLS_EYE) == Said(words=frozenset({_PRESENT}))
    begun = any(rule.is_begun(readings) or rule.names & names for rule in standings)
    haemangioma = next(rule for rule in standings if rule.candidate == HAEMANGIOMA)
    yield "urgent", critical or collection or bool(_CRITICAL & names)
    yield "two-candidates", both_signs or list(standings.values()).count(Standing.YES) > 1
    yield "supporting-only", begun and NO_CANDIDATE in verdicts
    yield "against-metastasis", _says(readings, "crosses-disc", _PRESENT)
    yield "active-extravasation", collection and _says(readings, "collection-enhancement", "focal")
    yield _ATYPICAL, verdicts == (NO_CANDIDATE,) and _is_atypical(haemangioma, readings, names)
    yield "conflicting-input", len({_ONE_INFECTION.get(name, name) for name in names}) > 1


def _is_atypical(haemangioma: Rule, readings: Readings, names: frozenset[str]) -> bool:
    """Tell whether a lesion looks or is named like a haemangioma, is stated not to be bright on T1 and is not excluded.

    An outline alone is no look of it where coarse trabeculae are denied.
    """
    signal = readings.get(T1, Said()).words
    if not signal or signal & _BRIGHT or any(_standing(sign, readings) is Standing.YES for sign in haemangioma.excluding):
        return False
    named = bool(haemangioma.names & names)
    return named or (haemangioma.is_begun(readings) and readings.get(_TRABECULAE) != _NOT_SHOWN)


def _says(readings: Readings, finding: str, value: str) -> bool:
    """Tell whether somebody states the value."""
    return value in readings.get(finding, Said()).words
