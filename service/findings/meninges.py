"""What is said of the leptomeninges is no lesion of bone: it is set aside before lesions are made.

Source: derivations D47, D65, D75; Shah 2011, section 3.1.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from service.findings.restate import ENHANCEMENT
from service.findings.tree import LEVEL_ANSWERS, QUALIFIERS, node, own_sites
from service.model.coded import Issue, Severity
from service.model.finding import Finding

_LEPTOMENINGES: Final = frozenset({"leptomeninges", "cauda-equina", "subarachnoid-space"})
_SAID_OF_PLACES: Final = ENHANCEMENT | {"lesion-morphology"}
_GOES_ALONG: Final = QUALIFIERS | LEVEL_ANSWERS


def set_aside(statements: Sequence[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Part statements of lesions from those whose own site lies wholly at the leptomeninges, with their qualifiers.

    Returns:
        Statements of lesions, and those of the leptomeninges.
    """
    lesion_sites = [said for said in statements if said.finding == "lesion-site"]
    away = {node(said) for said in statements if said.finding in _SAID_OF_PLACES and _is_there(said, lesion_sites)}
    if not away:
        return list(statements), []
    parted: tuple[list[Finding], list[Finding]] = ([], [])
    for said in statements:
        goes = said.finding in _SAID_OF_PLACES and _is_there(said, lesion_sites)
        parted[goes or (said.finding in _GOES_ALONG and node(said) in away)].append(said)
    return parted


def unused(statements: Iterable[Finding]) -> Iterable[Issue]:
    """Say that enhancement there describes no bone lesion; morphology there is composed with its site."""
    for said in statements:
        if said.finding in ENHANCEMENT:
            yield Issue(
                severity=Severity.INFORMATION,
                code="informational",
                text=f"{said.finding} at the leptomeninges or cauda equina does not describe a bone lesion and was not used.",
                path=said.source.path,
            )


def _is_there(said: Finding, lesion_sites: Sequence[Finding]) -> bool:
    parts = own_sites(said, lesion_sites)
    return bool(parts) and parts <= _LEPTOMENINGES
