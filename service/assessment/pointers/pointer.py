"""The one shape of what follows from outcomes: a pointer is an outcome of its own, a qualification changes another's."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from service.assessment.assessed import Assessed
from service.evidence.tables import Tables
from service.model.case import Case
from service.model.outcome import Outcome

Qualification = Callable[[Case, Assessed], Assessed]
"""Adds what an outcome may say only beside others; takes the whole case and what the instruments said of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """What the papers say follows from the outcomes of instruments.

    Attributes:
        key: name in JSON, codes and cases (`management`).
        version: raised by every change of its rule or its tables.
        title: what people call it.
        scope: `lesion` = once for each lesion (`case.focus` is set), `patient` = once over all.
        sources: names of the evidence tables it reads.
        reads: findings that can change its outcome.
        follows: instruments whose outcomes can change it.
        point: the rule; pure: same case, outcomes and tables, same outcome.
    """

    key: str
    version: str
    title: str
    scope: Literal["lesion", "patient"]
    sources: tuple[str, ...]
    reads: tuple[str, ...]
    follows: tuple[str, ...]
    point: Callable[[Case, Assessed, Tables], Outcome]
