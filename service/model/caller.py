"""Who asks: what the audit keeps of a request."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One request's sender.

    Attributes:
        name: client registration, hospital slug of a webhook, or `anonymous` where authentication is off.
        address: network address; None = no network (command line, worker).
        request_id: X-Request-Id as sent, else made by us.
    """

    name: str
    address: str | None
    request_id: str
