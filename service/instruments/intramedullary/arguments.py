"""What each stated finding of a lesion within the cord speaks for or against."""

from collections.abc import Iterable, Iterator
from typing import Final

from service.instruments.intramedullary.printed import (
    AVM,
    CASE,
    DEMYELINATION,
    DIAMETER,
    LABELS,
    LARGE,
    LESION,
    METASTASIS,
    OF_THE_CORD,
    PRIMARY,
    SIZE,
    TABLE,
    Printed,
)
from service.sign import CONTRADICTED, SHOWN, Argument, Readings, Said, Sign, Standing, weighed

NAMED: Final = "reported-diagnosis"
AGE: Final = "age-at-lesion"
DEMYELINATING: Final = "demyelination"
LUNG: Final = "lung"
"""What speaks for a label beside the readings: a named diagnosis, and the primary."""

_SAYS_NOTHING_ALONE: Final = frozenset({(DEMYELINATION, "sex"), (AVM, "cord-oedema")})
"""Signs of a label that are common without it: they count beside another one."""


def is_begun(label: str, readings: Readings, printed: Printed) -> bool:
    """Tell whether a sign of a label is there, disputed or not, that says something alone."""
    own = (sign for sign in printed.signs[label] if (label, sign.finding) not in _SAYS_NOTHING_ALONE)
    return any(sign.standing(readings.get(sign.finding)) >= Standing.MAYBE for sign in own)


def arguments(readings: Readings, printed: Printed, also: frozenset[str]) -> Iterator[Argument]:
    """Yield what every stated finding speaks for; where no lesion is stated only what is seen of the cord.

    Args:
        readings: what is said.
        printed: the tables.
        also: what else speaks for a label.
    """
    if LESION not in readings:
        found = list(_about(AVM, readings, printed))
        argued = {argument.finding for argument in found}
        yield from found
        yield from (_bare(finding, METASTASIS) for finding in OF_THE_CORD if finding in readings and finding not in argued)
        return
    yield _bare(LESION, METASTASIS)
    for label in LABELS:
        yield from _about(label, readings, printed)
    yield from weighed(printed.supports, readings, SHOWN, f"for {METASTASIS}")
    yield from weighed(printed.excluding, readings, SHOWN, f"against {METASTASIS}")
    yield from _beside(readings, printed, also)
    for flag, signs in printed.flags.items():
        yield from weighed(signs, readings, SHOWN, flag)
    if LARGE in readings.get(DIAMETER, Said()).words:
        yield Argument(finding=DIAMETER, direction=SIZE, evidence=f"{CASE}: case {DIAMETER}")


def _about(label: str, readings: Readings, printed: Printed) -> Iterator[Argument]:
    """Yield the findings for and against one label."""
    begun = is_begun(label, readings, printed)
    signs: Iterable[Sign] = [sign for sign in printed.signs[label] if begun or (label, sign.finding) not in _SAYS_NOTHING_ALONE]
    yield from weighed(signs, readings, SHOWN, f"for {label}")
    yield from weighed(signs, readings, CONTRADICTED, f"against {label}")


def _beside(readings: Readings, printed: Printed, also: frozenset[str]) -> Iterator[Argument]:
    """Yield what speaks for a label without being a sign of it, and the age, for which the paper prints no number."""
    if LUNG in also:
        yield Argument(finding=PRIMARY, direction=f"for {METASTASIS}", evidence=f"{TABLE}: {METASTASIS} {PRIMARY}")
    if DEMYELINATING in also:
        yield Argument(finding=NAMED, direction=f"for {DEMYELINATION}", evidence=f"{TABLE}: {DEMYELINATION}")
    if is_begun(DEMYELINATION, readings, printed):
        yield Argument(finding=AGE, direction=None, evidence=f"{TABLE}: {DEMYELINATION} sex")


def _bare(finding: str, label: str) -> Argument:
    return Argument(finding=finding, direction=None, evidence=f"{TABLE}: {label} {finding}")
