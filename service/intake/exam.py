"""What was examined: the code of the report and the modalities of its imaging studies."""

from collections.abc import Iterator

from service.intake.entry import Entry
from service.intake.items import Frame
from service.intake.parse import Node
from service.intake.values import read_coding, read_codings
from service.model.coded import CodedItem, Coding, ItemKind, Source


def exam_items(entry: Entry, start: Frame) -> list[CodedItem]:
    """Return the items of a report's code, or of a study's modality and procedureCode.

    Args:
        entry: DiagnosticReport or ImagingStudy; sound.
        start: what the Observations of the report inherit: an exam belongs to the same examination.
    """
    concepts = _study(entry.node) if entry.kind == "ImagingStudy" else iter((("code", entry.node["code"]),))
    return [
        CodedItem(
            source=Source(reference=entry.reference, version=entry.version, path=f"{entry.path}.{name}", said_at=start.said_at),
            kind=ItemKind.EXAM,
            status=entry.node["status"],
            code=read_codings(concept),
            code_text=concept.get("text"),
            method=start.method,
            study=start.study or "",
        )
        for name, concept in concepts
    ]


def _study(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield the modalities of a study, those of its series where it lists none itself, and its procedure codes."""
    modalities = [(f"modality[{place}]", each) for place, each in enumerate(node.get("modality", ()))]
    if not modalities:
        once: dict[Coding, tuple[str, Node]] = {}
        for place, series in enumerate(node.get("series", ())):
            if "code" in (modality := series.get("modality", {})):
                once.setdefault(read_coding(modality), (f"series[{place}].modality", modality))
        modalities = list(once.values())
    yield from ((path, {"coding": [each]}) for path, each in modalities)
    yield from ((f"procedureCode[{place}]", each) for place, each in enumerate(node.get("procedureCode", ())))
