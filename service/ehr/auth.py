"""How we prove to an EHR who we are.

A client asks its authorisation for a header before every exchange and tells it when the EHR refused that header. A static bearer
has nothing better to offer then; SMART Backend Services drops the cached token and fetches a fresh one, and the client asks once
more. Whatever the kind, the header is only ever sent below the registered base (`address`).
"""

from dataclasses import dataclass
from typing import Protocol

from service.ehr.smart import SmartBackend
from service.model.hospital import Hospital


class Authorization(Protocol):
    """Where the Authorization header comes from."""

    def header(self) -> str | None:
        """Return the value of the Authorization header; None = send none."""

    def renew(self) -> bool:
        """Drop what the EHR just refused.

        Returns:
            True when another header can be had, so that asking once more makes sense.
        """

    @property
    def withheld(self) -> frozenset[str]:
        """Scopes that were asked for and not granted; empty = none, or it is not known."""


@dataclass(frozen=True, slots=True)
class StaticBearer:
    """A token that somebody configured; refused means that somebody must configure another.

    Attributes:
        token: the secret; None = the EHR wants none.
    """

    token: str | None

    def header(self) -> str | None:
        """Return the bearer header; None = no token is configured."""
        return None if self.token is None else f"Bearer {self.token}"

    def renew(self) -> bool:
        """Return False: there is no other token."""
        return False

    @property
    def withheld(self) -> frozenset[str]:
        """Return the empty set: nobody says what a configured token grants."""
        return frozenset()

    def __repr__(self) -> str:
        """Say what it is without the secret."""
        return "StaticBearer(..)"


def authorization_of(hospital: Hospital) -> Authorization:
    """Return the authorisation that a hospital's registration asks for."""
    return StaticBearer(hospital.ehr_bearer) if hospital.smart is None else SmartBackend(hospital, hospital.smart)
