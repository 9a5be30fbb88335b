"""What is said of the mimics: which candidate the signs favour, never that a metastasis is excluded."""

from collections.abc import Iterable, Mapping
from typing import Final

from service.assessment.statements.saying import Order, Sayer, Tier
from service.assessment.statements.words import either, joined, missing, notes, words
from service.model.case import Case
from service.model.outcome import Outcome

_URGENT: Final = "urgent"
_METASTASIS: Final = "metastasis"
_NO_CANDIDATE: Final = "no-leading-candidate"
_BOTH: Final = "two-candidates"
_FOR: Final = "for "
_SIGNS: Final = frozenset({"halo-sign", "bulls-eye-sign"})
_NAMED: Final = "reported-diagnosis"

_NAMES: Final[Mapping[str, str]] = {
    "discitis-osteomyelitis": "discitis-osteomyelitis",
    "schmorl-node": "acute Schmorl node",
    "ivory-vertebra-differential": "ivory vertebra (metastasis, Paget disease or lymphoma, undecidable on X-ray)",
}
"""Candidates whose code does not read as words."""

_NOTES: Final[Mapping[str, str]] = {
    "against-metastasis": "it crosses the disc, which speaks against metastasis",
    "active-extravasation": "focal enhancement: possible active extravasation",
    "atypical-haemangioma": "possible atypical haemangioma, not bright on T1",
    "ct-for-trabeculae": "CT would show trabeculae",
}


def _words(_: Case, outcome: Outcome) -> Iterable[str]:
    if _URGENT in outcome.flags:
        yield f"time-critical: {_danger(outcome)}"
    yield _verdict(outcome)
    yield _supporting(outcome)
    yield missing(outcome)
    yield from notes(outcome, _NOTES)


def _danger(outcome: Outcome) -> str:
    """Name what cannot wait."""
    stated = {reason.finding for reason in outcome.reasons if (reason.direction or _FOR).startswith(_FOR)}
    collection = any(finding.startswith(("epidural-collection", "collection-")) for finding in stated)
    return (
        "an epidural collection is stated, bleeding or infection not excluded"
        if collection
        else "infection or bleeding not excluded"
    )


def _verdict(outcome: Outcome) -> str:
    """Say which candidates the signs favour."""
    named = [_name(verdict) for verdict in outcome.verdicts if verdict != _NO_CANDIDATE]
    if not named:
        both = {reason.finding for reason in outcome.reasons} >= _SIGNS and _BOTH in outcome.flags
        return "halo and bull's-eye sign contradict each other: neither counts" if both else "no leading candidate among the mimics"
    if outcome.verdicts == (_METASTASIS,):
        return "imaging favours metastasis, no rule of a mimic is fulfilled"
    doubt = "" if _METASTASIS in outcome.verdicts else ", metastasis not excluded"
    if _NO_CANDIDATE in outcome.verdicts:
        return f"imaging may favour {either(named)}, by some of the statements{doubt}"
    if len(named) == 1:
        return f"imaging favours {named[0]}{doubt}"
    if _BOTH in outcome.flags:
        return f"imaging favours {joined(named, 'and')}, several rules are fulfilled{doubt}"
    return f"imaging favours {either(named)}, the statements disagree{doubt}"


def _name(candidate: str) -> str:
    return _NAMES.get(candidate, words(candidate))


def _supporting(outcome: Outcome) -> str:
    """Name the candidates that something supports and nothing fulfils."""
    supported: dict[str, list[str]] = {}
    for reason in outcome.reasons:
        candidate = (reason.direction or "").removeprefix(_FOR)
        if candidate != (reason.direction or "") and candidate not in outcome.verdicts:
            supported.setdefault(candidate, []).append(_sign(reason.finding, reason.value))
    if not supported or "supporting-only" not in outcome.flags:
        return ""
    listed = "; ".join(f"{_name(candidate)} ({', '.join(signs)})" for candidate, signs in supported.items())
    return f"supporting only: {listed}"


def _sign(finding: str, value: str) -> str:
    if finding == _NAMED:
        return "named in the report"
    return words(finding) if value == "present" else f"{words(finding)} {words(value.replace(' | ', ' or '))}"


def _order(outcome: Outcome) -> Order:
    if _URGENT in outcome.flags:
        return Tier.TIME_CRITICAL, 1, 0
    if outcome.verdicts == (_NO_CANDIDATE,):
        return Tier.REST, 0, 0
    return Tier.NATURE, int(_METASTASIS not in outcome.verdicts), 0


SAYER: Final = Sayer(words=_words, order=_order)
