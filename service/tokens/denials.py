"""Failed proofs of identity, one audit fact for each source address and minute: a flood of them cannot fill the audit."""

import threading
from datetime import datetime
from typing import Final

_MOST_SOURCES: Final = 10_000


class Denials:
    """Which addresses already have their fact of this minute; threads may share it."""

    def __init__(self) -> None:
        """Begin with none."""
        self._minute: datetime | None = None
        self._sources: set[str | None] = set()
        self._lock = threading.Lock()

    def is_recorded(self, source: str | None, at: datetime) -> bool:
        """Tell whether the address (None = not known, one for all) has its fact.

        Beyond the most remembered every address has it.
        """
        with self._lock:
            self._turn_to(at)
            return source in self._sources or len(self._sources) >= _MOST_SOURCES

    def record(self, source: str | None, at: datetime) -> None:
        """Remember that the fact is stored; called after the commit, so that a failed one is tried again."""
        with self._lock:
            self._turn_to(at)
            self._sources.add(source)

    def _turn_to(self, at: datetime) -> None:
        minute = at.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute, self._sources = minute, set()
