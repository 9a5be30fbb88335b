"""How this EHR differs from others: what it supports, and what goes wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(slots=True, kw_only=True)
class Switches:
    """Properties of the server; may be changed while it runs.

    Attributes:
        metadata: has a CapabilityStatement.
        update_create: PUT to an id of the client's choice creates it.
        conditional_update, conditional_create: as the CapabilityStatement then says.
        versioned: keeps meta.versionId and sends ETag.
        last_updated: keeps meta.lastUpdated.
        if_match: how a version that is not the current one is answered; `ignored` = the write is done.
        answers_writes: `preferred` = as Prefer: return says; `silent` = an empty 200 without ETag and Location.
        rewrite: what becomes of a resource before it is kept.
        unknown_types: resource types that this server does not know at all.
        unsearchable: search parameters, as `Type.parameter`, that it does not know; a search with one is answered 400.
        ignored_parameters: search parameters that are silently not applied.
        page_size: resources in a page when _count does not say.
        page_overlap: rows that a page repeats from the one before; negative = rows that are dropped between pages.
        next_link: what becomes of a next link before it is sent.
        referential_integrity: a write that refers to something that is not there is refused.
        bearer: token that must be sent; None = none.
        smart_configuration: what `.well-known/smart-configuration` answers; None = 404.
    """

    metadata: bool = True
    update_create: bool = True
    conditional_update: bool = True
    conditional_create: bool = True
    versioned: bool = True
    last_updated: bool = True
    if_match: Literal[412, 409, "ignored"] = 412
    answers_writes: Literal["preferred", "silent"] = "preferred"
    rewrite: Callable[[dict[str, Any]], dict[str, Any]] = dict
    unknown_types: frozenset[str] = frozenset()
    unsearchable: frozenset[str] = frozenset()
    ignored_parameters: frozenset[str] = frozenset()
    page_size: int = 50
    page_overlap: int = 0
    next_link: Callable[[str], str] = str
    referential_integrity: bool = False
    bearer: str | None = None
    smart_configuration: dict[str, Any] | None = None


@dataclass(slots=True, kw_only=True)
class Fault:
    """Something that goes wrong with matching requests.

    Attributes:
        method: of the requests it strikes; None = every method.
        path: how their path below the base begins.
        times: how often it strikes; None = until it is cleared.
        before: happens first, as the work of another client.
        delay_seconds: wait before the request is looked at, or, when it is `applied`, before it is answered.
        applied: the request takes effect at once, whatever becomes of its answer.
        lost: the connection is closed without an answer.
        status: answered instead; None = the real answer.
        headers: sent with that answer.
        body: of that answer; None = an OperationOutcome.
        drip_seconds: wait after every byte of the body.
    """

    method: str | None = None
    path: str = ""
    times: int | None = None
    before: Callable[[], object] | None = None
    delay_seconds: float = 0.0
    applied: bool = False
    lost: bool = False
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    drip_seconds: float = 0.0

    def strikes(self, method: str, path: str) -> bool:
        """Tell whether a request is struck, and count it."""
        if self.times == 0 or self.method not in {None, method} or not path.startswith(self.path):
            return False
        self.times = None if self.times is None else self.times - 1
        return True
