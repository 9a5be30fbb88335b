"""What somebody may do: SMART system scopes, taken apart into single permissions.

Source: SMART App Launch 2.2, Scopes (v2 syntax: `system/RiskAssessment.rs`, the letters of `cruds` in this order).
"""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final

ANY_RESOURCE: Final = "*"

# A scope with a query (`system/Observation.rs?category=..`) grants less than its letters: it is passed over, not widened.
_SCOPE: Final = re.compile(r"system/(\*|[A-Z][A-Za-z]{0,63})\.(?=[cruds])(c?r?u?d?s?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One kind of interaction with one resource type.

    Attributes:
        resource: FHIR resource type; `*` = every type.
        interaction: c(reate), r(ead), u(pdate), d(elete) or s(earch).
    """

    resource: str
    interaction: str

    def __str__(self) -> str:
        """Write it as the smallest scope that grants it."""
        return f"system/{self.resource}.{self.interaction}"


Permissions = frozenset[Permission]


def parse_scope(scope: str) -> Permissions:
    """Return what a scope grants; nothing for a scope of another kind (`openid`, `user/..`, SMART v1)."""
    if (found := _SCOPE.fullmatch(scope)) is None:
        return frozenset()
    return frozenset(Permission(resource=found[1], interaction=letter) for letter in found[2])


def grants(granted: AbstractSet[Permission], needed: Permission) -> bool:
    """Tell whether the permission is among those granted, for its resource type or for every type."""
    return needed in granted or replace(needed, resource=ANY_RESOURCE) in granted


def within(granted: AbstractSet[Permission], ceiling: AbstractSet[Permission]) -> Permissions:
    """Return what both grant."""
    return frozenset(each for each in granted if grants(ceiling, each)) | frozenset(
        each for each in ceiling if grants(granted, each)
    )
