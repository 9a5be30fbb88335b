"""What an EHR offers, held against what we need of it: line by line, in plain words.

What it promises (CapabilityStatement) and how it meets our harmless questions count together. A question that is served is offered,
promised or not; one that is refused although it is promised may have been refused only because it names nobody.
Source: interfaces sections 1 (what is read), 5 (triggers) and 6 (write-back).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from service.ehr.client import EhrClient
from service.ehr.conformance import Conformance, Promise
from service.ehr.deliver import Method, first_method
from service.ehr.needs import (
    CHANGED,
    CONDITIONS,
    FINDINGS,
    GROUP_OF,
    MERGED,
    OTHER_REPORTS,
    PAIN,
    PATIENT,
    PROCEDURES,
    PROVEN,
    REPORT,
    REPORT_OF,
    WRITTEN,
    Need,
    Reply,
    Tried,
    ask,
)
from service.ehr.provenance import is_offered
from service.model.hospital import Hospital, WriteBack

_OF_CONTEXT: Final = (PAIN, OTHER_REPORTS, CONDITIONS, PROCEDURES, MERGED, REPORT_OF, GROUP_OF)
"""What stands outside the report, and the way from there to reports: the assessment does without what is not offered."""

_R4: Final = "4.0."
_METHODS: Final[Mapping[str, str]] = {
    Method.UPDATE_CREATE: "PUT to an id of ours (updateCreate)",
    Method.CONDITIONAL_UPDATE: "conditional update by our identifier",
    Method.CONDITIONAL_CREATE: "conditional create (If-None-Exist) by our identifier",
    Method.SEARCH_CREATE: "search for our identifier, then create, then look again",
}


class Mark(StrEnum):
    """How one line counts."""

    OK = "ok"
    NOTE = "note"
    LACKS = "lacks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that was looked at: `lacks` = something needed is not there, `note` = worth knowing."""

    mark: Mark
    text: str


def examine(client: EhrClient, hospital: Hospital, conformance: Conformance) -> tuple[Line, ...]:
    """Look at everything that we need of one EHR.

    Args:
        client: its client.
        hospital: what its registration asks for.
        conformance: what the EHR promises.
    """
    return (
        _version(conformance),
        *(_met(ask(client, need), need, conformance, needed=need is not PATIENT) for need in (REPORT, FINDINGS, PATIENT)),
        *(_met(ask(client, need), need, conformance, needed=False) for need in _OF_CONTEXT),
        *_write_back(client, hospital, conformance),
        *_provenance(client, hospital, conformance),
        _triggers(client, conformance),
        *_authentication(client, hospital, conformance),
    )


def _either(is_there: bool, yes: str, no: str, otherwise: Mark = Mark.NOTE) -> Line:
    return Line(mark=Mark.OK, text=yes) if is_there else Line(mark=otherwise, text=no)


def _version(conformance: Conformance) -> Line:
    if not conformance.is_stated:
        return Line(mark=Mark.NOTE, text="CapabilityStatement: there is none, so nothing is promised; what follows was tried out")
    stated, software = conformance.fhir_version, f" ({conformance.software})" if conformance.software else ""
    if stated is None:
        return Line(mark=Mark.NOTE, text=f"FHIR version: not stated{software}; R4 (4.0.x) is spoken")
    said = f"FHIR version {stated}{software}"
    other = f"{said}: R4 (4.0.x) is needed. Register the R4 base of this server."
    return _either(stated.startswith(_R4), said, other, Mark.LACKS)


def _met(tried: Tried, need: Need, conformance: Conformance, *, needed: bool) -> Line:
    """Judge one need by promise and reply."""
    promise = conformance.of(need.resource_type)
    is_promised = set(need.parameters) <= promise.parameters if need.parameters else "read" in promise.interactions
    match tried.reply:
        case Reply.SERVED:
            beyond = "" if is_promised or not conformance.is_stated else " (not promised, but served)"
            return Line(mark=Mark.OK, text=f"{need.title}{beyond}")
        case Reply.IGNORED:
            text = f"{need.title}: the EHR ignores the question and answers with everything. {need.without}"
            return Line(mark=Mark.NOTE, text=text)
        case Reply.DENIED:
            scope = f"system/{need.resource_type}.{'rs' if need.parameters else 'r'}"
            remedy = f"Check the credentials of [ehr] and their scopes ({scope})."
            return Line(mark=Mark.LACKS, text=f"{need.title}: our authorisation is refused ({tried.said}). {remedy}")
        case Reply.REFUSED if is_promised:
            text = f"{need.title}: promised; our question, which names nobody, was answered {tried.said}"
            return Line(mark=Mark.NOTE, text=text)
        case _:
            mark = Mark.LACKS if needed else Mark.NOTE
            return Line(mark=mark, text=f"{need.title}: {tried.reply} ({tried.said}). {need.without}")


def _write_back(client: EhrClient, hospital: Hospital, conformance: Conformance) -> Iterator[Line]:
    if hospital.write_back is not WriteBack.RISK_ASSESSMENT:
        yield Line(mark=Mark.NOTE, text=f"write-back: {hospital.write_back}, by write_back.policy; nothing is written to this EHR")
        return
    promise = conformance.of("RiskAssessment")
    method = first_method(promise)
    first = _first_write(method, promise, conformance)
    yield first
    if method is not Method.UPDATE_CREATE and first.mark is not Mark.LACKS:
        yield _met(ask(client, WRITTEN), WRITTEN, conformance, needed=True)
    if conformance.is_stated and first.mark is not Mark.LACKS:
        yield from _later_writes(promise)


def _first_write(method: Method, promise: Promise, conformance: Conformance) -> Line:
    if not conformance.is_stated:
        return Line(mark=Mark.NOTE, text=f"first write: nothing is promised, so it is: {_METHODS[method]}")
    return _either(
        method in {Method.UPDATE_CREATE, Method.CONDITIONAL_UPDATE} or "create" in promise.interactions,
        f"first write: {_METHODS[method]}",
        "first write: this EHR takes no RiskAssessment (no create, no updateCreate). "
        "Have it allowed, or set write_back.policy to none.",
        Mark.LACKS,
    )


def _later_writes(promise: Promise) -> Iterator[Line]:
    yield _either(
        {"read", "update"} <= promise.interactions,
        "later writes: PUT by id",
        "later writes: a RiskAssessment cannot be read and updated, so an amended report could not replace its result. "
        "Have both allowed, or set write_back.policy to none.",
        Mark.LACKS,
    )
    yield _either(
        promise.version_aware,
        "If-Match: honoured (versioned-update)",
        "If-Match: not promised; somebody else's change is recognised by reading before each write",
    )
    yield _either(
        bool({"vread", "history-instance"} & promise.interactions),
        "history: earlier versions of a RiskAssessment stay readable",
        "history: earlier versions of a RiskAssessment are not promised there; they stay readable here",
    )


def _provenance(client: EhrClient, hospital: Hospital, conformance: Conformance) -> Iterator[Line]:
    if not hospital.provenance:
        return
    promise = conformance.of("Provenance")
    if not is_offered(conformance):
        text = "Provenance: asked for by ehr.provenance, and this EHR takes none. Have it allowed, or leave ehr.provenance out."
        yield Line(mark=Mark.LACKS, text=text)
    elif promise.update_create:
        yield Line(mark=Mark.OK, text=f"Provenance: {_METHODS[Method.UPDATE_CREATE]}")
    else:
        yield _met(ask(client, PROVEN), PROVEN, conformance, needed=not promise.conditional_create)


def _triggers(client: EhrClient, conformance: Conformance) -> Line:
    if "create" in conformance.of("Subscription").interactions:
        return Line(mark=Mark.OK, text="Subscriptions: can be created here (rest-hook, see docs/integrators.md)")
    polling = _met(ask(client, CHANGED), CHANGED, conformance, needed=False)
    found = "polling is possible (DiagnosticReport by _lastUpdated)" if polling.mark is Mark.OK else polling.text
    return Line(mark=Mark.NOTE, text=f"Subscriptions: not offered. Let an integration engine call the webhook; {found}")


def _authentication(client: EhrClient, hospital: Hospital, conformance: Conformance) -> Iterator[Line]:
    named = ", ".join(sorted(conformance.security)) or "none"
    ours = "SMART Backend Services" if hospital.smart else "a static bearer" if hospital.ehr_bearer is not None else "none"
    remedy = "Where a question above was refused, set ehr.bearer_env or [ehr.smart]."
    yield _either(
        not conformance.security or ours != "none",
        f"authentication: the EHR names {named}, [ehr] configures {ours}",
        f"authentication: the EHR names {named}, and [ehr] configures none. {remedy}",
    )
    if client.withheld:
        scopes = " ".join(sorted(client.withheld))
        yield Line(mark=Mark.NOTE, text=f"authentication: the EHR did not grant {scopes}. Have it granted where it is needed.")
    if ours != "none" and (hospital.ehr_base or "").startswith("http://"):
        yield Line(mark=Mark.NOTE, text="ehr.base is http: the token and every report travel unencrypted")
