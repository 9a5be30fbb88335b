"""Who asks: what the audit keeps of a request, and what the caller may see."""

from dataclasses import dataclass
from typing import Final

from service.model.permission import Permission, Permissions, grants


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One request's sender.

    Attributes:
        name: client registration, hospital slug of a webhook, `anonymous` where authentication is off, or `unauthenticated`.
        address: network address; None = no network (command line, worker).
        request_id: X-Request-Id as sent, else made by us.
        hospitals: slugs of the hospitals whose records it sees; None = all (authentication is off, or the caller is ourselves).
        permissions: what its token grants; None = everything, as above.
        token_id: `jti` of its token; None = none.
    """

    name: str
    address: str | None
    request_id: str
    hospitals: frozenset[str] | None = None
    permissions: Permissions | None = None
    token_id: str | None = None

    def sees(self, hospital: str) -> bool:
        """Tell whether the caller may know of this hospital's records."""
        return self.hospitals is None or hospital in self.hospitals

    def may(self, needed: Permission) -> bool:
        """Tell whether the caller's token grants this."""
        return self.permissions is None or grants(self.permissions, needed)


OURSELVES: Final = Caller(name="spinal-lesion-service", address=None, request_id="worker")
"""Who acts when nobody asks: the worker."""
