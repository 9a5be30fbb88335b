"""The parts that pipeline and query work with; built once by the composition root."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from service.ehr.client import EhrClient
from service.ehr.conformance import Conformance
from service.errors import NotFoundError
from service.evidence.tables import Tables
from service.intake.parse import Limits
from service.mapping.mapfile import Mappings
from service.model.assessment import Versions
from service.model.caller import Caller
from service.model.hospital import Hospital, HospitalSlug
from service.resources.emission import Emission
from service.settings import Settings
from service.storage.audit import AuditFact
from service.storage.database import Database
from service.storage.terms import AuditAction, AuditOutcome
from service.tokens.denials import Denials
from service.tokens.verify import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """What one hospital's codes mean, and which codes it is answered in.

    Attributes:
        mappings: the loaded tables, hospital's own differences included.
        emission: codes that may be emitted.
        versions: everything whose change may change an outcome.
    """

    mappings: Mappings
    emission: Emission
    versions: Versions


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything a step needs; clock and ids enter only here.

    Attributes:
        settings: frozen settings.
        hospitals: registered hospitals by slug.
        languages: one for each hospital.
        tables: evidence tables.
        database: where everything is kept.
        limits: size limits of input.
        ehr: client of a hospital's EHR, one for each thread.
        conformance: what that EHR can do; read once, then remembered.
        tokens: checks the tokens of API callers; None = authentication is off.
        denials: which source addresses have their audit fact of failed proofs of identity.
        clock: now, in UTC.
        new_id: a fresh identifier (UUID text).
    """

    settings: Settings
    hospitals: Mapping[HospitalSlug, Hospital]
    languages: Mapping[HospitalSlug, Language]
    tables: Tables
    database: Database
    limits: Limits
    ehr: Callable[[Hospital], EhrClient]
    conformance: Callable[[Hospital], Conformance]
    tokens: Tokens | None
    denials: Denials
    clock: Callable[[], datetime]
    new_id: Callable[[], str]

    def hospital(self, slug: str) -> Hospital:
        """Return a registered hospital.

        Raises:
            NotFoundError: nobody is registered under that name.
        """
        if (found := self.hospitals.get(HospitalSlug(slug))) is None:
            raise NotFoundError(
                "No hospital is registered under this name; the operator registers it in hospitals/<name>/hospital.toml."
            )
        return found

    def fact(
        self,
        caller: Caller,
        action: AuditAction,
        subtype: str,
        *,
        entity: str,
        patient: str | None = None,
        hospital: str | None = None,
        outcome: AuditOutcome = AuditOutcome.SUCCESS,
        outcome_desc: str | None = None,
        detail: str | None = None,
    ) -> AuditFact:
        """Return the audit fact of something that happens now.

        Args:
            caller: who did it.
            action: AuditEvent.action.
            subtype: AuditEvent.subtype, a restful-interaction code.
            entity: reference of what it was done to.
            patient: Patient reference; None = not known.
            hospital: slug; None = not known.
            outcome: how it ended.
            outcome_desc: why it failed, in a word of ours; None = it did not.
            detail: an id of our own rows, or of the token that was refused; None = none.
        """
        return AuditFact(
            at=self.clock(),
            hospital=hospital,
            action=action,
            subtype=subtype,
            outcome=outcome,
            outcome_desc=outcome_desc,
            agent=caller.name,
            agent_address=caller.address,
            patient=patient,
            entity=entity,
            request_id=caller.request_id,
            detail=detail,
        )


def utc_text(instant: datetime) -> str:
    """Write an instant as FHIR instant in UTC with milliseconds."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
