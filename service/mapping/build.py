"""From rows to look-up tables: concepts with everything a code can mean, and the terms they are known by."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from service.mapping import codes
from service.mapping.concept import Barred, Concept, Condition, Match, Meaning, Polarity, Role
from service.mapping.lookup import Lookup
from service.mapping.site import PLACES
from service.mapping.table import Release, Row, aliases_of

_WRAPPERS: Final = ((codes.SNOMED, "404684003"), (codes.ACT_CODE, "ASSERTION"), (codes.CATEGORY, "ASSERTION"))
"""Codes that say "the finding stands in the value". Source: interfaces section 1, forms of one statement."""

_NAMED_MODALITY: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {(codes.SNOMED, "441684001"): ("x-ray",)}
"""Codes that name their examination. Source: conditional.csv, 441684001 "modality is recorded as X-ray"."""

_SIGNAL_OF: Final[Mapping[str, str]] = {
    "t1": "t1-signal",
    "t2": "t2-signal",
    "t2-star": "t2-star-signal",
    "stir": "stir-signal",
    "t2-fat-sat": "stir-signal",
    "t1-fat-sat": "t1-fat-sat-signal",
}
"""A sequence as question: a signal word answers for its signal. Source: derivations D38."""

_PRESENCE_SUFFIXES: Final = (Polarity.ABSENT, Polarity.PRESENT, Polarity.UNCERTAIN, Polarity.UNKNOWN)
_PRESENCE_TERMS: Final = ("absent", "present", "indeterminate", "unknown")
"""Open Imaging Finding Model presence elements: .0 absent .1 present .2 indeterminate .3 unknown (vocabulary/README)."""

_THORACIC: Final = re.compile(r"\bT(?=\d)")
_OTHER_PREFIXES: Final = ("Th", "D")
_CDE_PREFIX: Final = "OIFMA_CDE_"
_ANY: Final = "?"
_MATCHES: Final[Mapping[str, Match]] = {match.name.lower(): match for match in Match}
_ROLES: Final[Mapping[str, Role]] = {role.value: role for role in Role}
_POLARITIES: Final[Mapping[str, Polarity]] = {"": Polarity.PRESENT, **{each.value: each for each in Polarity}}
_CONDITIONS: Final[Mapping[str, Condition]] = {each.value: each for each in Condition}

Code = tuple[str, str]


@dataclass(slots=True)
class _Draft:
    """A concept while its rows come in."""

    terms: set[str] = field(default_factory=set)
    meanings: list[Meaning] = field(default_factory=list)
    presence: Polarity | None = None
    barred: list[Barred] = field(default_factory=list)


def build(release: Release) -> Lookup:
    """Return the look-up tables of a release that passed its checks."""
    drafts: defaultdict[Code, _Draft] = defaultdict(_Draft)
    for code, meaning, row in _meanings(release):
        draft = drafts[code]
        draft.terms.add(codes.term(row["display"]))
        if meaning is None:
            draft.presence = _POLARITIES[row["polarity"]]
        else:
            draft.meanings.append(meaning)
    for row in release.excluded:
        draft = drafts[row["system"], row["code"]]
        draft.terms.add(codes.term(row["display"]))
        draft.barred.append(Barred(finding=row["nearest_finding"] or None, value=row["nearest_value"] or None, why=row["reason"]))
    _add_presence_answers(drafts)
    concepts = {code: _concept(code, draft) for code, draft in drafts.items()}
    concepts |= dict(_element_values(concepts))
    concepts |= dict(_other_spellings(concepts))
    for wrapper in _WRAPPERS:
        concepts[wrapper] = Concept(code="|".join(wrapper), is_wrapper=True)
    own = {codes.normalise(row["system"]) for row in release.systems if not row["canonical"]}
    systems = codes.KNOWN | own | {system for system, _ in concepts}
    return Lookup(concepts, _terms(concepts.values()), systems, aliases_of(release.systems))


def _meanings(release: Release) -> Iterator[tuple[Code, Meaning | None, Row]]:
    """Join codings with their conditions; presence words have no meaning of their own."""
    conditional = {(row["system"], row["code"], row["role"], row["finding"], row["value"]): row for row in release.conditional}
    for row in release.codings:
        code = (row["system"], row["code"])
        if row["role"] == Role.PRESENCE:
            yield code, None, row
            continue
        extra = conditional.get((*code, row["role"], row["finding"], row["value"]))
        meaning = Meaning(
            finding=row["finding"],
            value=row["value"] or None,
            polarity=_POLARITIES[row["polarity"]],
            role=_ROLES[row["role"]],
            match=_MATCHES[row["match"]],
            condition=_CONDITIONS[extra["condition"]] if extra else Condition.NONE,
            why=extra["why"] if extra else None,
            code="|".join(code),
            modality=_NAMED_MODALITY.get(code, ()),
        )
        yield code, meaning, row


def _concept(code: Code, draft: _Draft) -> Concept:
    roles: defaultdict[Role, list[Meaning]] = defaultdict(list)
    answers: defaultdict[str, list[Meaning]] = defaultdict(list)
    for meaning in draft.meanings:
        roles[meaning.role].append(meaning)
        if meaning.role is not Role.QUESTION:
            answers[meaning.finding].append(meaning)
    exams = roles[Role.MODALITY]
    return Concept(
        code="|".join(code),
        terms=frozenset(draft.terms),
        keys=frozenset(_keys(draft)),
        questions=(*roles[Role.QUESTION], *signal_questions(exams)),
        assertions=(*roles[Role.ASSERTION], *roles[Role.PRIMARY]),
        history=tuple(roles[Role.HISTORY]),
        exams=tuple(exams),
        sites=tuple(meaning for meaning in draft.meanings if _is_place(meaning)),
        answers={finding: _answers_first(rows) for finding, rows in answers.items()},
        presence=draft.presence,
        is_vertebra=any("vertebra" in term.split() for term in draft.terms),
        barred=tuple(draft.barred),
    )


def signal_questions(exams: Iterable[Meaning]) -> Iterator[Meaning]:
    """Yield the questions that a sequence asks: the signal word beside it goes to the finding of that sequence (D38)."""
    for exam in exams:
        signal = _SIGNAL_OF.get(exam.value or "") if exam.finding == "mr-sequence" else None
        if signal is not None:
            yield replace(exam, finding=signal, value=None, role=Role.QUESTION)


def _is_place(meaning: Meaning) -> bool:
    """Tell whether a code may stand as body site: site rows, and answers that name a place."""
    return meaning.role is Role.SITE or (meaning.role is Role.ANSWER and meaning.finding in PLACES and meaning.value is not None)


def _answers_first(rows: list[Meaning]) -> tuple[Meaning, ...]:
    """Return rows of role answer where there are any, else the others: a bare word needs no site behind its question."""
    return tuple(row for row in rows if row.role is Role.ANSWER) or tuple(rows)


def _keys(draft: _Draft) -> Iterator[tuple[str, str]]:
    """Yield what the concept's terms may stand for: its meanings, and the open question of the same finding."""
    if draft.presence is not None:
        yield "", draft.presence
    for meaning in draft.meanings:
        yield meaning.finding, meaning.value or _ANY
        yield meaning.finding, _ANY if meaning.value else "present"


def _terms(concepts: Iterable[Concept]) -> dict[str, frozenset[tuple[str, str]]]:
    """Return what each term stands for; open questions are a key of their question only."""
    terms: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for concept in concepts:
        is_open = any(question.value is None for question in concept.questions)
        keys = {key for key in concept.keys if key[1] != _ANY or is_open}
        for term in concept.terms:
            terms[term] |= keys
    return {term: frozenset(keys) for term, keys in terms.items()}


def _add_presence_answers(drafts: defaultdict[Code, _Draft]) -> None:
    """Add the four presence answers of every yes/no element of the finding model."""
    for (system, code), draft in list(drafts.items()):
        asked = [meaning for meaning in draft.meanings if meaning.role is Role.QUESTION and meaning.value is not None]
        if system != codes.OIFM or not asked or (system, f"{code}.0") in drafts:
            continue
        for suffix, (polarity, term) in enumerate(zip(_PRESENCE_SUFFIXES, _PRESENCE_TERMS, strict=True)):
            answer = drafts[system, f"{code}.{suffix}"]
            answer.terms.add(term)
            answer.meanings += [
                replace(meaning, role=Role.ANSWER, polarity=polarity, condition=Condition.NONE) for meaning in asked
            ]


def _element_values(concepts: Mapping[Code, Concept]) -> Iterator[tuple[Code, Concept]]:
    """Yield RadElement value codes `RDEn.k` beside their finding-model twins; they count only beside their display."""
    for (system, code), concept in concepts.items():
        number, dot, suffix = code.removeprefix(_CDE_PREFIX).partition(".")
        if system == codes.OIFM and dot and code.startswith(_CDE_PREFIX):
            value = f"RDE{int(number)}.{suffix}"
            yield (codes.RADELEMENT, value), replace(concept, code=f"{codes.RADELEMENT}|{value}", needs_display=True)


def _other_spellings(concepts: Mapping[Code, Concept]) -> Iterator[tuple[Code, Concept]]:
    """Yield our thoracic level and disc codes spelt `Th12` or `D12`, which are read as T12."""
    for (system, code), concept in concepts.items():
        if system == codes.LOCAL and _THORACIC.search(code):
            for prefix in _OTHER_PREFIXES:
                yield (system, _THORACIC.sub(prefix, code)), concept
