"""The time around the assessed report in which context counts.

Source: interfaces section 1 (context of the same patient).
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from service.intake.entry import Entry
from service.intake.instants import Span
from service.intake.opened import Opened
from service.intake.said import stated

OUTSIDE: Final = "outside the context window"
UNDATED: Final = "they or the report have no date"
OFF: Final = "context is switched off"
AFTER: Final = "begun after the report"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The time around the report.

    Attributes:
        now: when the report speaks of; None = not stated.
        reach: how far before and after it context counts; zero = context is off.
    """

    now: Span | None
    reach: timedelta

    def why_not(self, then: Span | None) -> str | None:
        """Return why something said then does not count; None = it does."""
        if not self.reach:
            return OFF
        if then is None or self.now is None:
            return UNDATED
        return None if then.is_near(self.now, self.reach) else OUTSIDE

    def why_no_history(self, then: Span | None) -> str | None:
        """Return why history does not count, which has no limit but must not begin after the report; None = it does."""
        if not self.reach:
            return OFF
        if then is None or self.now is None or then.may_precede(self.now):
            return None
        return AFTER


def window_of(opened: Opened, report: Entry) -> Window:
    """Return the window around the assessed report."""
    return Window(now=stated(report.node), reach=timedelta(days=opened.dossier.context_days))
