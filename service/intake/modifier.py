"""What may change the meaning of a whole resource or component, and is not understood here.

Source: FHIR R4 Extensibility (modifierExtension), Resource.implicitRules (a modifier element).
"""

from typing import Final

from service.intake.parse import Node

_MODIFIERS: Final = ("modifierExtension", "implicitRules")


def modifier_of(node: Node) -> str | None:
    """Return the name of the element that may change the meaning of everything beside it; None = none."""
    return next((name for name in _MODIFIERS if name in node), None)
