"""A content in a form: the bytes that a hospital would post."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final

from service.model.finding import Vocabulary
from tests.builders import Json, body, concept, observation
from tests.builders import report as report_of
from tests.forms.content import Content, LesionContent, Statement
from tests.forms.facts import BESIDE_THE_REPORT, FactWriter
from tests.forms.features import Facts, Form, Shape, Wrapping, forms
from tests.forms.holding import hold, possible
from tests.forms.noise import add_noise, repeated, silent_questions
from tests.forms.shapes import Placed, Shaper
from tests.forms.spelling import Speller
from tests.forms.which import FLAT
from tests.forms.wording import Worder
from tests.forms.wrapping import wrap

_IN_PANEL: Final = frozenset({Shape.FLAT_IN_PANEL, Shape.MEMBERS_IN_PANEL, Shape.SITED_MEMBERS_IN_PANEL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One report as it is posted.

    Attributes:
        body: JSON bytes.
        query: what goes into the address: a prior that the body does not state.
        first: references of the Observations of the first lesion, as sources name them.
        used: feature values that took effect, with their number.
    """

    body: bytes
    query: str
    first: frozenset[str]
    used: Counter[StrEnum | str]


def write(content: Content, form: Form, vocabulary: Vocabulary) -> Written:
    """Write a content in a form; features that cannot apply to it do not take effect."""
    worder = Worder(Speller(form))
    worder.speller.exam = content.only_modality if form.facts is Facts.RESOURCE else None
    facts = FactWriter(worder, content.wide)
    for number, fact in enumerate(content.wide):
        facts.write(number, fact, has_group=_has_group(content, form))
    placed = _placed(content, facts, worder, vocabulary)
    add_noise(placed, worder.speller)
    _add_facts(placed, facts.own, form)
    return _posted(content, facts, placed, worder.speller)


def is_sayable(content: Content) -> bool:
    """Tell whether every statement has a code in the vocabulary."""
    worder = Worder(Speller(forms()[0]))
    return all(
        worder.can_say(said) for said in (*content.wide, *(each for lesion in content.lesions for each in lesion.statements))
    )


def _placed(content: Content, facts: FactWriter, worder: Worder, vocabulary: Vocabulary) -> Placed:
    """Return the Observations of all lesions; what others say of them goes beside the report."""
    speller, placed = worder.speller, Placed()
    for number, lesion in enumerate(content.lesions):
        here = [*(each for each in lesion.statements if not each.is_elsewhere), *(facts.inner if number == 0 else [])]
        extra = silent_questions(lesion, speller, vocabulary) if number == 0 else []
        needs_identity = _needs_identity(lesion, here, content, speller.form)
        shaper = Shaper(replace(lesion, statements=tuple(here)), worder, needs_identity=needs_identity, extra=extra)
        facts.beside += [shaper.alone(each, **BESIDE_THE_REPORT) for each in lesion.statements if each.is_elsewhere]
        placed.add(shaper.place(here))
    return placed


def _posted(content: Content, facts: FactWriter, placed: Placed, speller: Speller) -> Written:
    """Return the bytes of the report with everything that belongs to it."""
    form = speller.form
    shares_structures = bool(facts.beside) and bool(placed.structures)
    holding = possible(form, placed, has_other_report=bool(facts.elsewhere), shares_structures=shares_structures)
    names = [f"Observation/{each['id']}" for each in (*placed.tops, *placed.below) if each["id"].startswith("lesion1-")]
    held = hold(placed, holding, _exam(speller), facts.conclusions)
    beside = held.beside[::-1] if form.number % 2 and not _share_a_place(content) else held.beside
    others = [*repeated(beside, speller), *_other_report(facts.elsewhere), *facts.beside]
    first = [held.names.get(name, name) for name in names]
    is_alone = not (beside or others or facts.patient.keys() & {"birthDate", "gender"})
    speller.used.update([holding, form.addressing])
    if form.wrapping is Wrapping.REPORT_ALONE and is_alone:
        speller.used[Wrapping.REPORT_ALONE] += 1
        return Written(body=body(held.report), query=_query(content.prior), first=frozenset(first), used=speller.used)
    speller.used[Wrapping.COLLECTION if form.wrapping is Wrapping.REPORT_ALONE else form.wrapping] += 1
    inside = content.prior if form.wrapping is Wrapping.PARAMETERS else None
    posted, renamed = wrap([facts.patient, held.report, *beside, *others], form, inside)
    query = _query(None if inside is not None else content.prior)
    return Written(body=body(posted), query=query, first=frozenset(_renamed(first, renamed)), used=speller.used)


def _query(prior: Decimal | None) -> str:
    return "" if prior is None else f"&prior={prior}"


def _exam(speller: Speller) -> Json:
    """Return the code of the report: it names the modality of everything in it, or nothing at all."""
    if speller.exam is None:
        return concept(text="Imaging of the spine")
    return speller.examination(speller.exam)


def _has_group(content: Content, form: Form) -> bool:
    """Tell whether the first lesion says something of its own, in a group where facts of the patient can stand."""
    said = content.lesions[0].statements if content.lesions else ()
    return form.shape not in FLAT and any(not each.is_elsewhere for each in said)


def _needs_identity(lesion: LesionContent, said: Sequence[Statement], content: Content, form: Form) -> bool:
    """Tell whether its place does not tell a lesion from others, or does not hold its Observations together."""
    others = [each for each in content.lesions if each is not lesion]
    if not lesion.has_place:
        return bool(others) or (form.shape not in FLAT and len({each.setting for each in said}) > 1)
    return any(not each.has_place or _meet(lesion, each) for each in others)


def _meet(one: LesionContent, other: LesionContent) -> bool:
    """Tell whether two lesions share a level or disc, or one of them names only a region."""
    shared = (set(one.levels) & set(other.levels)) or (set(one.discs) & set(other.discs))
    return bool(shared) or not (one.levels or one.discs) or not (other.levels or other.discs)


def _share_a_place(content: Content) -> bool:
    """Tell whether two lesions are at one place: those are counted in the order of the document."""
    places = [(lesion.levels, lesion.discs, lesion.regions) for lesion in content.lesions]
    return len(set(places)) < len(places)


def _add_facts(placed: Placed, own: list[Json], form: Form) -> None:
    """Add what is said of study and patient, in one panel with all lesions where the form asks for one."""
    members = [*placed.tops, *own]
    if form.shape not in _IN_PANEL or not members:
        placed.tops = members
        return
    held = [{"reference": f"Observation/{each['id']}"} for each in members]
    placed.below = [*members, *placed.below]
    placed.tops = [observation(concept(text="Structured findings"), id="panel", hasMember=held)]


def _other_report(observations: list[Json]) -> list[Json]:
    """Return the other report with its Observations; none without any."""
    if not observations:
        return []
    result = [{"reference": f"Observation/{each['id']}"} for each in observations]
    said_at = BESIDE_THE_REPORT["effectiveDateTime"]
    code = concept(text="Imaging of the spine")
    return [report_of(id="r2", code=code, result=result, effectiveDateTime=said_at, issued=None, meta=None), *observations]


def _renamed(references: Iterable[str], names: dict[str, str]) -> set[str]:
    """Return references by the new names of resources; a contained one keeps its fragment."""
    found = set()
    for reference in references:
        owner, mark, fragment = reference.partition("#")
        found.add(f"{names.get(owner, owner)}{mark}{fragment}")
    return found
