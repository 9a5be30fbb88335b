"""The strictest confidentiality of everything that was read.

Source: FHIR R4 security labels; HL7 v3-Confidentiality (unrestricted to very restricted).
"""

from collections.abc import Iterable, Iterator
from typing import Final

from service.intake.parse import Node
from service.model.coded import Coding

CONFIDENTIALITY: Final = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_STRICTNESS: Final = ("U", "L", "M", "N", "R", "V")


def strictest(labels: Iterable[Coding]) -> tuple[Coding, ...]:
    """Return the labels that hold for all: of confidentiality only the strictest, every other kind, sorted.

    A confidentiality code that is not of the scale is kept beside it.
    """
    every = {(label.system, label.code) for label in labels}
    graded = [code for system, code in every if system == CONFIDENTIALITY and code in _STRICTNESS]
    held = {(system, code) for system, code in every if system != CONFIDENTIALITY or code not in _STRICTNESS}
    if graded:
        held.add((CONFIDENTIALITY, max(graded, key=_STRICTNESS.index)))
    return tuple(Coding(system, code) for system, code in sorted(held, key=lambda label: (label[0] or "", label[1])))


def labels_of(nodes: Iterable[Node]) -> Iterator[Coding]:
    """Yield the security labels that have a code; what has no form of a label is passed over."""
    for node in nodes:
        meta = node.get("meta")
        security = meta.get("security") if isinstance(meta, dict) else None
        yield from read_labels(security if isinstance(security, list) else ())


def read_labels(codings: Iterable[object]) -> Iterator[Coding]:
    """Yield labels of codings that may have any form."""
    for each in codings:
        if isinstance(each, dict) and isinstance(code := each.get("code"), str):
            system = each.get("system")
            yield Coding(system if isinstance(system, str) else None, code)
