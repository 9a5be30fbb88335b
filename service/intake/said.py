"""When something was said: the clinically relevant time of a resource.

The nodes may be unsound (a report is chosen before it is validated), so every element is looked at with care.
"""

from service.intake.instants import Span, read_date, read_period
from service.intake.parse import Node


def effective(node: Node) -> tuple[str, Span] | None:
    """Return effective[x] of a report or Observation as text (the start of a Period) and span; None = not stated."""
    for name in ("effectiveDateTime", "effectiveInstant"):
        if (dated := _dated(node, name)) is not None:
            return dated
    return _begun(node, "effectivePeriod")


def stated(node: Node) -> Span | None:
    """Return when a report or Observation speaks of: effective, else issued; None = not stated."""
    found = effective(node) or _dated(node, "issued")
    return found[1] if found else None


def begun(node: Node, element: str) -> Span | None:
    """Return when a Condition or Procedure began (`onset`, `performed`); None = not stated as a date."""
    found = _dated(node, f"{element}DateTime") or _begun(node, f"{element}Period")
    return found[1] if found else None


def recorded(node: Node) -> Span | None:
    """Return Condition.recordedDate; None = not stated."""
    found = _dated(node, "recordedDate")
    return found[1] if found else None


def _dated(node: Node, name: str) -> tuple[str, Span] | None:
    text = node.get(name)
    span = read_date(text) if isinstance(text, str) else None
    return (text, span) if isinstance(text, str) and span is not None else None


def _begun(node: Node, name: str) -> tuple[str, Span] | None:
    period = node.get(name)
    if not isinstance(period, dict):
        return None
    start, end = (side if isinstance(side := period.get(name), str) else None for name in ("start", "end"))
    text = start or end
    return (text, read_period(start, end)) if text else None
