"""The assessed report as far as later stages need it."""

from service.intake.addresses import base_of, is_shaped, localise
from service.intake.choice import Choice
from service.intake.entry import Entry
from service.intake.opened import Opened
from service.intake.parse import Node
from service.intake.said import effective, stated
from service.intake.security import labels_of, strictest
from service.intake.survey import Survey, subject_reference
from service.model.coded import Coding, Report


def read_report(opened: Opened, made: Survey, security: tuple[Coding, ...]) -> Report:
    """Read the assessed report.

    Args:
        opened: the dossier.
        made: the report among everything else.
        security: strictest labels of all that was read.
    """
    return _report(opened, made.report, subject_reference(opened, made), security)


def withdrawn_report(opened: Opened, choice: Choice) -> Report:
    """Read what is left of a report that was withdrawn; nothing of it may be sound."""
    entry = choice.report
    if entry is not None:
        subject = _literal(entry.node, "subject")
        named = localise(subject, opened.dossier.ehr_base) if subject else None
        return _report(opened, entry, named, strictest(labels_of((entry.node,))))
    return Report(
        reference=choice.reference,
        identity=choice.reference if opened.dossier.ehr_base is not None else None,
        version=None,
        last_updated=None,
        status="entered-in-error",
        subject=None,
        encounter=None,
        effective=None,
        said_at=None,
    )


def _report(opened: Opened, entry: Entry, subject: str | None, security: tuple[Coding, ...]) -> Report:
    node = entry.node
    meta = node.get("meta")
    updated = meta.get("lastUpdated") if isinstance(meta, dict) else None
    encounter = _literal(node, "encounter")
    dated = effective(node)
    span = stated(node)
    return Report(
        reference=entry.reference if entry.has_address else None,
        identity=identity_of(opened, entry),
        version=entry.version,
        last_updated=updated if isinstance(updated, str) else None,
        status=node["status"],
        subject=subject,
        encounter=localise(encounter, opened.dossier.ehr_base) if encounter else None,
        effective=dated[0] if dated else None,
        said_at=span.first if span else None,
        security=security,
    )


def identity_of(opened: Opened, entry: Entry) -> str | None:
    """Return what makes two receipts speak of the same report.

    Below the EHR base (or without any other address, where there is an EHR) it is `DiagnosticReport/7`; else the identifier, the
    official one first, as `system|value`; else the address on another server; None = a dry run only.
    """
    local = f"DiagnosticReport/{entry.node.get('id')}"
    if opened.dossier.ehr_base is not None and entry.identity == local:
        return local
    identifiers = entry.node.get("identifier")
    named = [each for each in identifiers if _is_named(each)] if isinstance(identifiers, list) else []
    named.sort(key=lambda each: each.get("use") != "official")
    if named:
        return f"{named[0]['system']}|{named[0]['value']}"
    return entry.identity if base_of(entry.identity) is not None else None


def _is_named(identifier: object) -> bool:
    return isinstance(identifier, dict) and all(isinstance(identifier.get(name), str) for name in ("system", "value"))


def _literal(node: Node, name: str) -> str | None:
    element = node.get(name)
    reference = element.get("reference") if isinstance(element, dict) else None
    return reference if isinstance(reference, str) and is_shaped(reference) else None
