"""Files of reports to dossiers, for the tools that look at many: Bundles and reports one by one, NDJSON exports joined.

An export has one resource a line and one type a file, so a report and its Observations lie apart: every report is joined with what
it lists and with its patient; Observations that no report lists are looked at by themselves. All lines of an export are held in
memory.
Source: FHIR Bulk Data Access (NDJSON); interfaces section 1 (reaching findings).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from service.errors import ServiceError
from service.intake.addresses import localise
from service.intake.parse import Limits, Node, parse
from service.intake.tree import references
from service.model.dossier import Document, Dossier, Origin
from service.model.hospital import HospitalSlug

EXPORT_SUFFIXES: Final = (".ndjson", ".jsonl")
_WHOLE: Final = frozenset({"Bundle", "Parameters"})
_LONE: Final = b'{"resourceType":"DiagnosticReport","status":"final","code":{"text":"none"},"result":[{"reference":"%s"}]}'
"""The report under which an Observation is looked at that no report lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One report, or one Observation without any, to look at.

    Attributes:
        name: file, and for an export the line (`export/DiagnosticReport.ndjson:7`).
        dossier: what stands there; lenient, without an EHR.
    """

    name: str
    dossier: Dossier


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A file or line that is no FHIR JSON, and why."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    name: str
    raw: bytes
    node: Node

    @property
    def key(self) -> str:
        return f"{self.node.get('resourceType')}/{self.node.get('id')}"


@dataclass(slots=True)
class _Pool:
    """The lines of all exports, by what refers to them."""

    lines: dict[str, _Line] = field(default_factory=dict)

    def pieces(self, context_days: int) -> Iterator[Piece]:
        """Yield every report with its Observations, then the Observations that no report lists."""
        listed: set[str] = set()
        for line in self._of("DiagnosticReport"):
            inner = self._below(line, "result")
            listed |= inner.keys()
            yield _piece(line.name, _bundle([line, *inner.values(), *self._patient(line)]), context_days)
        members = {key for line in self._of("Observation") for key in _targets(line.node, "hasMember")}
        for line in self._of("Observation"):
            if line.key not in listed | members:
                lone = _Line(name=line.name, raw=_LONE.replace(b"%s", line.key.encode()), node={})
                inner = self._below(line, "hasMember")
                yield _piece(line.name, _bundle([lone, line, *inner.values(), *self._patient(line)]), context_days)

    def _of(self, kind: str) -> list[_Line]:
        return [line for line in self.lines.values() if line.node.get("resourceType") == kind]

    def _below(self, top: _Line, name: str) -> dict[str, _Line]:
        """Return what a resource lists, with its members to any depth, each once."""
        found: dict[str, _Line] = {}
        ahead = _targets(top.node, name)
        while ahead:
            key = ahead.pop(0)
            if key not in found and key != top.key and (line := self.lines.get(key)) is not None:
                found[key] = line
                ahead += _targets(line.node, "hasMember")
        return found

    def _patient(self, line: _Line) -> list[_Line]:
        subject = line.node.get("subject")
        reference = subject.get("reference") if isinstance(subject, dict) else None
        known = self.lines.get(localise(reference, None)) if isinstance(reference, str) else None
        return [known] if known is not None else []


def pieces(files: Iterable[tuple[str, bytes]], limits: Limits, context_days: int) -> Iterator[Piece | Unread]:
    """Yield everything there is to look at in some files.

    Args:
        files: name and content; names that end in `.ndjson` or `.jsonl` are exports.
        limits: size limits of one resource.
        context_days: window for context, as the hospital has it.
    """
    pool = _Pool()
    for name, content in files:
        if not name.endswith(EXPORT_SUFFIXES):
            yield _piece(name, content, context_days)
            continue
        for number, raw in enumerate(content.splitlines(), start=1):
            if raw.strip():
                yield from _take(pool, f"{name}:{number}", raw, limits, context_days)
    yield from pool.pieces(context_days)


def _take(pool: _Pool, name: str, raw: bytes, limits: Limits, context_days: int) -> Iterator[Piece | Unread]:
    """Put one line into the pool; a line that is whole by itself is looked at as it is."""
    try:
        node = parse(raw, limits).node
    except ServiceError as error:
        yield Unread(name=name, text=error.text)
        return
    line = _Line(name=name, raw=raw, node=node)
    if node.get("resourceType") in _WHOLE:
        yield _piece(name, raw, context_days)
    else:
        pool.lines[line.key] = line


def _targets(node: Node, name: str) -> list[str]:
    return [localise(text, None) for _, each in references(node, name) if isinstance(text := each.get("reference"), str)]


def _bundle(lines: Iterable[_Line]) -> bytes:
    """Join lines into one Bundle, byte by byte as they are."""
    entries = b",".join(b'{"resource":' + line.raw + b"}" for line in lines)
    return b'{"resourceType":"Bundle","type":"collection","entry":[' + entries + b"]}"


def _piece(name: str, content: bytes, context_days: int) -> Piece:
    dossier = Dossier(
        hospital=HospitalSlug("local"),
        ehr_base=None,
        report=None,
        context_days=context_days,
        strict=False,
        documents=(Document(origin=Origin.POSTED, request="", status=200, body=content),),
    )
    return Piece(name=name, dossier=dossier)
