"""What is implemented, as Markdown, from the data that runs: instruments and pointers, their findings, answers and evidence tables.

`instruments` and `evidence` print it, and docs/instruments.md is the whole of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from service.assessment.assessed import Assessed
from service.assessment.catalogue import CATALOGUE, POINTERS, RULESET_VERSION
from service.assessment.pointers.pointer import Pointer
from service.evidence.tables import Row, Table, Tables
from service.instrument import Instrument
from service.mapping.mapfile import Mappings
from service.mapping.outcomes import OutcomeDef
from service.model.case import Case
from service.model.finding import Definition
from service.model.lesion import Lesion, Site
from service.model.outcome import Outcome

Shown = Instrument | Pointer
EVERY: Final[tuple[Shown, ...]] = (*CATALOGUE, *POINTERS)
"""Everything that has an outcome: the instruments, then the pointers that follow from them."""

_KINDS: Final = (
    ("verdict", "Verdicts"),
    ("open", "Codes of an open question"),
    ("flag", "Flags"),
    ("recommendation", "Recommendations"),
    ("reason-missing", "Asks for"),
)
_HEAD: Final = """# Instruments

What this release computes, from the data that runs. Made by `spinal-lesion-service instruments document`; do not edit.

Every outcome says what it rests on, what it could not know and where that is printed. A finding that nobody stated is
*not assessed*, never "no" and never 0. Nothing here is a diagnosis.
"""


def document(mappings: Mappings, tables: Tables) -> str:
    """Return docs/instruments.md: every instrument and pointer, then every evidence table."""
    parts = [_HEAD, f"Rule set {RULESET_VERSION}.\n", listing(), *(instrument(each, mappings, tables) for each in EVERY)]
    parts += ["## Evidence tables\n", evidence_listing(tables)]
    parts += [table(each) for _, each in sorted(tables.items())]
    return "\n".join(parts)


def listing() -> str:
    """Return the table of all instruments and pointers."""
    rows = ((f"`{each.key}`", each.title, each.version, each.scope, ", ".join(each.sources)) for each in EVERY)
    return _table(("key", "title", "version", "one for each", "evidence tables"), rows)


def instrument(shown: Shown, mappings: Mappings, tables: Tables) -> str:
    """Return everything about one instrument or pointer.

    Args:
        shown: which.
        mappings: vocabulary and outcomes.
        tables: evidence.
    """
    silent = _silent(shown, tables)
    follows = f" It follows from the outcomes of {', '.join(shown.follows)}." if isinstance(shown, Pointer) else ""
    parts = [
        f"## {shown.title}\n",
        f"`{shown.key}`, version {shown.version}, one outcome for each {shown.scope}.{follows}\n",
        _citations(tables[name] for name in shown.sources),
        "### Reads\n",
        _table(("finding", "scope", "values", "meaning"), (_reads(mappings.vocabulary[each]) for each in shown.reads)),
    ]
    answered = [each for each in mappings.outcomes if each.instrument == shown.key]
    for kind, title in _KINDS:
        if rows := [_answers(each) for each in answered if each.kind == kind]:
            parts += [f"### {title}\n", _table(("code", "question", "says", "meaning"), rows)]
    parts += ["### Evidence\n", _bullets(_source(tables[name]) for name in shown.sources)]
    when = "where nothing is stated" if isinstance(shown, Pointer) else "with every result"
    parts += [f"### Printed {when}\n", _bullets(silent.caveats)] if silent.caveats else []
    return "\n".join(parts)


def _silent(shown: Shown, tables: Tables) -> Outcome:
    """Return the outcome where nothing is stated: what an instrument still says, it always says."""
    case = _empty_case(shown)
    if isinstance(shown, Pointer):
        return shown.point(case, Assessed(lesion_outcomes={}, patient_outcomes=()), tables)
    return shown.assess(case, tables)


def _empty_case(shown: Shown) -> Case:
    """Return a case in which nothing is stated."""
    lesion = Lesion(id="lesion-1", site=Site(), findings={})
    case = Case(lesions=(lesion,), study={}, patient={})
    return case.at(lesion) if shown.scope == "lesion" else case


def _citations(sources: Iterable[Table]) -> str:
    return f"Cites {'; '.join(f'{each.citation.paper}, {each.citation.locator}' for each in sources)}.\n"


def _reads(definition: Definition) -> tuple[str, ...]:
    if definition.unit is not None:
        low, high = ("" if bound is None else str(bound) for bound in (definition.low, definition.high))
        values = f"{low} to {high} {definition.unit}".strip()
    else:
        values = _shortened(definition.values)
    return f"`{definition.key}`", definition.scope.value, values, definition.meaning


def _shortened(values: Sequence[str]) -> str:
    shown = 12
    more = f" and {len(values) - shown} more" if len(values) > shown else ""
    return ", ".join(values[:shown]) + more


def _answers(outcome: OutcomeDef) -> tuple[str, ...]:
    return f"`{outcome.outcome}`", outcome.question, outcome.display, outcome.meaning


def _source(shown: Table) -> str:
    return f"`{shown.name}`: {shown.title} ({_printed(shown)})"


def evidence_listing(tables: Tables) -> str:
    """Return the table of all evidence tables."""
    rows = ((f"`{each.name}`", each.title, _printed(each), str(len(each.rows))) for _, each in sorted(tables.items()))
    return _table(("table", "holds", "printed", "rows"), rows)


def table(shown: Table) -> str:
    """Return one evidence table as printed, with its errata."""
    columns = list(dict.fromkeys(column for row in shown.rows for column in row))
    parts = [f"### `{shown.name}`\n", f"{shown.title} ({_printed(shown)}).\n"]
    parts.append(_table(columns, ([_cell(row, column) for column in columns] for row in shown.rows)))
    if shown.errata:
        parts.append("Printed otherwise than used:\n")
        parts.append(_bullets(_erratum_texts(shown)))
    return "\n".join(parts)


def _erratum_texts(shown: Table) -> Iterator[str]:
    for each in shown.errata:
        number = f"no. {each.number}, " if each.number is not None else ""
        yield f"{number}{each.where}: printed {each.printed}; used {each.used}; {each.why}"


def _printed(shown: Table) -> str:
    place = f"{shown.citation.paper}, {shown.citation.locator}"
    return f"{place}; context only, decides nothing" if shown.ext else place


def _cell(row: Row, column: str) -> str:
    match row.get(column):
        case None:
            return ""
        case bool() as truth:
            return "yes" if truth else "no"
        case other:
            return str(other)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(_escaped(cell) for cell in line)} |\n" for line in lines)


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines) + "\n"
