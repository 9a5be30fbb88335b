"""Nothing silent: every coding of a report is used, or listed with its path and the reason.

A coding is used when its statement is (an Observation, a component, a conclusion, a Condition, a Procedure), or when it is what a
statement hangs on: the heading of a group, a tracking identifier, the place of a BodyStructure. It is listed when a row of
`unmapped` names it at its statement or element, or its statement as a whole.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from service.model.coded import ItemKind, Reading
from service.model.finding import Translation
from tests.builders import RADLEX
from tests.forms.codes import known_codes, words

Json = dict[str, Any]
REASONS: Final = frozenset(
    {
        "unknown-code",
        "unknown-system",
        "unknown-answer",
        "excluded",
        "excluded-status",
        "display-mismatch",
        "condition-not-met",
        "unit-not-understood",
        "out-of-range",
        "level-not-understood",
        "not-for-this-patient",
        "superseded",
    }
)
"""Every reason of interfaces section 1."""

_TRACKING: Final = frozenset({"112039", "112040"})
_WRAPPERS: Final = frozenset({"404684003", "ASSERTION"})
_WORDS: Final = frozenset(each.code for polarity in ("present", "absent", "uncertain") for each in words(polarity, RADLEX))
_AROUND: Final = frozenset({"bodySite", "method"})
_ELEMENTS: Final = ("code", "valueCodeableConcept", "interpretation", "bodySite", "method", "dataAbsentReason")
_PATH_OF: Final = {"interpretation": ".interpretation", "bodySite": ".bodySite", "method": ".method"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """One coding of a report.

    Attributes:
        system, code: as sent; None = left out.
        statement: path of what states it.
        element: path of the element it stands in.
        is_structural: it holds other statements together and says nothing itself.
        is_around: it says where or how the statements of its group were seen.
    """

    system: str | None
    code: str
    statement: str
    element: str
    is_structural: bool
    is_around: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What became of the codings of a report.

    Attributes:
        used, unmapped, lost: in document order; every coding is in exactly one.
    """

    used: tuple[Stated, ...]
    unmapped: tuple[Stated, ...]
    lost: tuple[Stated, ...]


def account(codings: Iterable[Stated], reading: Reading, translation: Translation, rows: list[Json]) -> Account:
    """Return what became of every coding.

    Args:
        codings: all that the report states.
        reading, translation: what the service made of it.
        rows: `unmapped` of the Assessment JSON.
    """
    used_paths = {finding.source.path for finding in translation.findings}
    used_paths |= {item.source.path for item in reading.items if item.kind is ItemKind.EXAM}
    inherited = {
        (coding.system, coding.code)
        for item in reading.items
        if item.source.path in used_paths
        for coding in (*item.sites, *item.method)
    }
    listed = {(row["system"], row["code"], row["path"]) for row in rows}
    whole = {row["path"] for row in rows}
    found: dict[str, list[Stated]] = {"used": [], "unmapped": [], "lost": []}
    for each in codings:
        if (each.system, each.code, each.element) in listed or (each.statement in whole and each.statement not in used_paths):
            found["unmapped"].append(each)
        elif each.is_structural or each.statement in used_paths or (each.is_around and (each.system, each.code) in inherited):
            found["used"].append(each)
        else:
            found["lost"].append(each)
    return Account(**{name: tuple(some) for name, some in found.items()})


def stated(resource: Json) -> Iterator[Stated]:
    """Yield every coding that a body states, with its path; the same resource twice says nothing twice."""
    seen: list[Json] = []
    for path, node in resources(resource):
        if node in seen:
            continue
        seen.append(node)
        match node["resourceType"]:
            case "Observation":
                yield from _observation(path, node)
            case "Condition" | "Procedure":
                for name in ("code", "bodySite"):
                    yield from _codings(path, node, name, is_structural=False)
            case "DiagnosticReport":
                yield from _codings(f"{path}.code", {"": node["code"]}, "", is_structural=False)
                for number, concept in enumerate(node.get("conclusionCode", [])):
                    yield from _codings(f"{path}.conclusionCode[{number}]", {"": concept}, "", is_structural=False)
            case "BodyStructure":
                yield from _codings(path, node, "location", is_structural=True)


def resources(resource: Json) -> Iterator[tuple[str, Json]]:
    """Yield every resource with its FHIRPath: of Bundles, Parameters and contained ones."""
    yield from _resources(resource["resourceType"], resource)


def _resources(path: str, node: Json) -> Iterator[tuple[str, Json]]:
    if node["resourceType"] == "Bundle":
        for number, entry in enumerate(node.get("entry", [])):
            yield from _resources(f"{path}.entry[{number}].resource", entry["resource"])
    elif node["resourceType"] == "Parameters":
        for number, parameter in enumerate(node["parameter"]):
            if "resource" in parameter:
                yield from _resources(f"{path}.parameter[{number}].resource", parameter["resource"])
    else:
        yield path, node
        for number, inner in enumerate(node.get("contained", [])):
            yield from _resources(f"{path}.contained[{number}]", inner)


def _observation(path: str, node: Json) -> Iterator[Stated]:
    holds_others = bool(node.get("hasMember") or node.get("component"))
    for name in _ELEMENTS:
        holds = holds_others and (name == "code" or (name in _AROUND and _is_known(node.get(name, {}))))
        yield from _codings(path, node, name, is_structural=holds or _is_tracking(node))
    for number, component in enumerate(node.get("component", [])):
        inner = f"{path}.component[{number}]"
        for name in _ELEMENTS:
            said_by = path if _is_word(component) else inner
            yield from _codings(said_by, component, name, is_structural=_is_tracking(component))


def _is_known(concept: Json) -> bool:
    """Tell whether a concept has a coding of our tables: those beside it are its translations."""
    return any(coding["code"] in known_codes() for coding in concept.get("coding", []))


def _is_tracking(node: Json) -> bool:
    return any(coding["code"] in _TRACKING for coding in node["code"].get("coding", []))


def _is_word(component: Json) -> bool:
    """Tell whether a component is a word for present or absent: it is said of its Observation."""
    return any(coding["code"] in _WORDS for coding in component["code"].get("coding", []))


def _codings(path: str, node: Mapping[str, Any], name: str, *, is_structural: bool) -> Iterator[Stated]:
    concepts = node.get(name, [])
    for concept in concepts if isinstance(concepts, list) else [concepts]:
        for coding in concept.get("coding", []):
            yield Stated(
                system=coding.get("system"),
                code=coding["code"],
                statement=path,
                element=path + _PATH_OF.get(name, ""),
                is_structural=is_structural or coding["code"] in _WRAPPERS,
                is_around=name in _AROUND,
            )


def at(resource: Json, path: str) -> Any:  # noqa: ANN401 - any JSON
    """Return what stands at a path of the service (`Bundle.entry[2].resource.component[0].value`); None = nothing does."""
    found: Any = resource
    for step in path.split(".")[1:]:
        name, _, number = step.rstrip("]").partition("[")
        keys = [key for key in found if key == name or (key.startswith(name) and key[len(name)].isupper())]
        if not keys:
            return None
        found = found[keys[0]][int(number)] if number else found[keys[0]]
    return found
