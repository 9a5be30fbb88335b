"""A lesion as Observations: which of them hold which."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from service.model.finding import Scope
from tests.builders import RADELEMENT, SNOMED, Json, coding, component, concept, observation
from tests.elements import without_none
from tests.forms.content import LesionContent, Statement
from tests.forms.features import Heading, Identity, Shape
from tests.forms.spelling import Speller
from tests.forms.where import Where
from tests.forms.which import Which, tracking, with_components
from tests.forms.wording import CLINICAL_FINDING, Worder

QUALIFIERS: Final = frozenset({"lesion-site", "laterality", "signal-reference"})
"""Findings that say something of other findings."""

FOUNDS_NOTHING: Final = QUALIFIERS | {"spinal-pain"}
"""Findings that make no lesion where they stand alone."""

_OF_A_LESION: Final = frozenset({Scope.LESION, Scope.LEVEL})
_NO_SETTING: Final = (None, None, None)
_HOLDS_COMPONENTS: Final = frozenset(
    {Shape.COMPONENTS, Shape.FINDING_WITH_COMPONENTS, Shape.MEMBERS_WITH_COMPONENTS, Shape.MEMBERS_AND_COMPONENTS}
)

Said = tuple[Statement, Json]
"""A statement and its elements: code, value[x] and what goes with them."""


@dataclass(slots=True)
class Placed:
    """The Observations of some statements.

    Attributes:
        tops: those that no other one holds.
        below: members, in order.
        structures: BodyStructures that they refer to.
    """

    tops: list[Json] = field(default_factory=list)
    below: list[Json] = field(default_factory=list)
    structures: list[Json] = field(default_factory=list)

    def add(self, other: "Placed") -> None:
        """Take the Observations of other statements."""
        self.tops += other.tops
        self.below += other.below
        self.structures += other.structures


class Shaper:
    """Shapes the Observations of one lesion."""

    def __init__(self, lesion: LesionContent, worder: Worder, *, needs_identity: bool, extra: Sequence[Json] = ()) -> None:
        """Choose how the lesion is placed and told from others.

        Args:
            lesion: its place and statements.
            worder: words the statements.
            needs_identity: True = its place does not tell it from the other lesions.
            extra: elements of further questions that the lesion carries without an answer.
        """
        self._lesion, self._worder, self._speller = lesion, worder, worder.speller
        self._shape = self._speller.form.shape
        self._where = Where(lesion, self._speller)
        self._which = Which(self._where, self._speller, needs_identity=needs_identity)
        self._extra = list(extra)
        self._number = 0

    def place(self, statements: Sequence[Statement]) -> Placed:
        """Return the Observations of the lesion."""
        placed = _BUILD[self._shape](self, [(each, self._say(each)) for each in statements])
        self._speller.used[self._shape] += 1
        placed.structures = self._which.structures
        return placed

    def alone(self, said: Statement, **elements: object) -> Json:
        """Return one Observation of the lesion that nothing holds."""
        return {**self._observation(said, self._say(said), own=True), **elements}

    def _say(self, said: Statement) -> Json:
        on_vertebra = bool(self._lesion.levels) and self._shape is not Shape.SITED_MEMBERS_IN_PANEL
        return self._worder.say(said, on_vertebra=on_vertebra, may_hold=self._shape not in _HOLDS_COMPONENTS)

    def _flat(self, said: Sequence[Said]) -> Placed:
        if not said:
            levels = [observation(**{"code": None, **self._named(), **elements}) for elements in self._where.answers()]
            return Placed(tops=[self._which.identified(each) for each in levels])
        tops = [self._observation(each, elements, own=True) for each, elements in said]
        return Placed(tops=[*tops, *(self._observation(None, elements, own=True) for elements in self._extra)])

    def _components(self, said: Sequence[Said]) -> Placed:
        together, alone = self._together(said)
        tops = []
        for number, alike in enumerate(together):
            inner = [*(elements for _, elements in alike), *(self._extra if number == 0 else [])]
            tops.append(self._group(_components_of(inner), like=alike[0][0]))
        return Placed(tops=[*(tops or [self._group([])]), *alone])

    def _finding_with_components(self, said: Sequence[Said]) -> Placed:
        together, alone = self._together(said)
        tops = []
        for number, alike in enumerate(together):
            inner = [*(elements for _, elements in alike[1:]), *(self._extra if number == 0 else [])]
            if any(_share_coding(alike[0][1], elements) for elements in inner):
                tops.append(self._group(_components_of([alike[0][1], *inner]), like=alike[0][0]))
            else:
                tops.append(with_components(self._observation(*alike[0], own=True), _components_of(inner)))
        return Placed(tops=[*(tops or [self._group([])]), *alone])

    def _members(self, said: Sequence[Said]) -> Placed:
        return self._grouped(self._leaves(said))

    def _members_with_components(self, said: Sequence[Said]) -> Placed:
        together, leaves = self._together(said, own=False, always=True)
        pairs = [alike[place : place + 2] for alike in together for place in range(0, len(alike), 2)]
        leaves += [self._group(_components_of(elements for _, elements in pair), like=pair[0][0], own=False) for pair in pairs]
        return self._grouped([*leaves, *(self._observation(None, elements, own=False) for elements in self._extra)])

    def _members_and_components(self, said: Sequence[Said]) -> Placed:
        """Return a group of which every second statement is a component, as far as a component can say it."""
        inner = [each for number, each in enumerate(said) if number % 2 and each[0].setting == _NO_SETTING]
        placed = self._grouped(self._leaves([each for each in said if each not in inner]))
        placed.tops = [with_components(placed.tops[0], _components_of(elements for _, elements in inner))]
        return placed

    def _members_sited_too(self, said: Sequence[Said]) -> Placed:
        """Return a group and members that say where the lesion is; what is said of the patient is nowhere."""
        leaves = [
            self._where.sited(leaf, each, own=each.definition.scope in _OF_A_LESION)
            for (each, _), leaf in zip(said, self._leaves(said), strict=False)
        ]
        return self._grouped([*leaves, *(self._observation(None, elements, own=False) for elements in self._extra)])

    def _members_by_topic(self, said: Sequence[Said]) -> Placed:
        """Return a group of groups: qualifiers stand directly below the lesion, of which they speak."""
        direct = self._leaves([each for each in said if each[0].finding in QUALIFIERS])
        others = [each for each in said if each[0].finding not in QUALIFIERS]
        topics, below = [], []
        for pair in (others[place : place + 2] for place in range(0, len(others), 2)):
            leaves = [self._observation(each, elements, own=False) for each, elements in pair]
            topics.append(self._which.shared({**self._heading(), "hasMember": _named_in(leaves)}))
            below += leaves
        placed = self._grouped([*topics, *direct])
        placed.below += below
        return placed

    def _finding_with_members(self, said: Sequence[Said]) -> Placed:
        """Return the first finding as Observation and the others as its members; a qualifier would qualify that finding alone."""
        if not said or said[0][0].setting != _NO_SETTING or any(each.finding in QUALIFIERS for each, _ in said):
            return self._members(said)
        leaves = self._leaves(said[1:])
        top = self._observation(*said[0], own=True)
        return Placed(tops=[without_none({**top, "hasMember": _named_in(leaves) or None})], below=leaves)

    def _sited_members(self, said: Sequence[Said]) -> Placed:
        """Return a group that does not say where it is: its first finding does, the others belong to the same lesion."""
        first = next((number for number, (each, _) in enumerate(said) if each.finding not in FOUNDS_NOTHING), None)
        if not self._where.has_site or self._which.identity is not Identity.NONE or first is None:
            return self._members(said)
        leaves = [self._observation(each, elements, own=number == first) for number, (each, elements) in enumerate(said)]
        leaves += [self._observation(None, elements, own=False) for elements in self._extra]
        return Placed(tops=[{**self._heading(), "hasMember": _named_in(leaves)}], below=leaves)

    def _together(self, said: Sequence[Said], *, own: bool = True, always: bool = False) -> tuple[list[list[Said]], list[Json]]:
        """Return statements that one Observation can hold, and Observations of qualifiers.

        A qualifier among components speaks of its Observation: where there are several, it stands alone and speaks of the lesion.
        """
        settings = _by_setting(said)
        if len(settings) < 2 and not always:
            return settings, []
        alone = [each for each in said if each[0].finding in QUALIFIERS]
        settings = _by_setting([each for each in said if each[0].finding not in QUALIFIERS])
        return settings, [self._observation(each, elements, own=own) for each, elements in alone]

    def _leaves(self, said: Sequence[Said]) -> list[Json]:
        leaves = [self._observation(each, elements, own=False) for each, elements in said]
        return leaves + [self._observation(None, elements, own=False) for elements in self._extra]

    def _grouped(self, leaves: list[Json]) -> Placed:
        """Return a group that holds these Observations, and its level or tracking identifier where they are members."""
        if self._where.is_answered:
            leaves = [*(self._observation(None, elements, own=False) for elements in self._where.answers()), *leaves]
        if self._which.identity is Identity.TRACKING_MEMBER:
            self._speller.used[Identity.TRACKING_MEMBER] += 1
            leaves.append(self._observation(None, tracking("112039", self._lesion.name), own=False))
        group = self._group([], has_level_answer=False)
        return Placed(tops=[without_none({**group, "hasMember": _named_in(leaves) or None})], below=leaves)

    def _observation(self, said: Statement | None, elements: Json, *, own: bool) -> Json:
        """Return one Observation that says something.

        Args:
            said: for its setting; None = no setting.
            elements: code, value and what goes with them.
            own: True = it says itself where it is and which lesion it is of.
        """
        made = observation(**{"code": None, **self._named(), **_setting(said, self._speller), **elements})
        made = self._where.sited(made, said, own=own)
        if not own:
            return self._which.shared(made)
        if self._where.is_answered:
            made = with_components(made, _components_of(self._where.answers()))
        return self._which.identified(made)

    def _group(self, inner: list[Json], *, like: Statement | None = None, own: bool = True, has_level_answer: bool = True) -> Json:
        """Return an Observation that holds others."""
        heading = self._where.sited({**self._heading(), **_setting(like, self._speller)}, like, own=own)
        if own and self._where.is_answered and has_level_answer:
            inner = [*_components_of(self._where.answers()), *inner]
        heading = with_components(heading, inner)
        return self._which.identified(heading) if own else self._which.shared(heading)

    def _heading(self) -> Json:
        heading = self._speller.form.heading
        self._speller.used[heading] += 1
        match heading:
            case Heading.TEXT:
                code = concept(text="Lesion")
            case Heading.ELEMENT_SET:
                code = concept(coding("RDES21", "Spinal Neuroplastic Lesion", system=self._speller.system(RADELEMENT)))
            case Heading.CLINICAL_FINDING:
                code = concept(coding(CLINICAL_FINDING, "Clinical finding", system=self._speller.system(SNOMED)))
        return observation(**{"code": code, **self._named()})

    def _named(self) -> Json:
        self._number += 1
        return {"id": f"{self._lesion.name}-{self._number}"}


_BUILD: Final[dict[Shape, Callable[[Shaper, Sequence[Said]], Placed]]] = {
    Shape.FLAT: Shaper._flat,
    Shape.FLAT_IN_PANEL: Shaper._flat,
    Shape.COMPONENTS: Shaper._components,
    Shape.FINDING_WITH_COMPONENTS: Shaper._finding_with_components,
    Shape.MEMBERS: Shaper._members,
    Shape.MEMBERS_IN_PANEL: Shaper._members,
    Shape.MEMBERS_WITH_COMPONENTS: Shaper._members_with_components,
    Shape.MEMBERS_BY_TOPIC: Shaper._members_by_topic,
    Shape.MEMBERS_AND_COMPONENTS: Shaper._members_and_components,
    Shape.MEMBERS_SITED_TOO: Shaper._members_sited_too,
    Shape.FINDING_WITH_MEMBERS: Shaper._finding_with_members,
    Shape.SITED_MEMBERS_IN_PANEL: Shaper._sited_members,
}


def _setting(said: Statement | None, speller: Speller) -> Json:
    return {} if said is None else setting_elements(said, speller)


def setting_elements(said: Statement, speller: Speller) -> Json:
    """Return method and performer of a statement."""
    elements: Json = {}
    if said.modality is not None and said.modality != speller.exam:
        elements["method"] = speller.examination(said.modality)
    if said.observer is not None:
        elements["performer"] = [_performer(said.observer, speller)]
    return elements


def _performer(observer: str, speller: Speller) -> Json:
    """Return one reader, always by the same name: two readers are told apart by display, identifier or address alike."""
    name = observer.replace(" ", "-")
    return (
        {"display": observer},
        {"identifier": {"system": "https://hospital.example/staff", "value": name}},
        {"reference": f"https://staff.hospital.example/fhir/Practitioner/{name}", "display": "Radiologist"},
    )[speller.form.number % 3]


def _by_setting(said: Iterable[Said]) -> list[list[Said]]:
    """Return statements together that one Observation can hold, in order."""
    alike: dict[tuple[object, ...], list[Said]] = {}
    for each in said:
        alike.setdefault(each[0].setting, []).append(each)
    return list(alike.values())


def _components_of(elements: Iterable[Json]) -> list[Json]:
    return [component(**each) for each in elements]


def _named_in(leaves: Iterable[Json]) -> list[Json]:
    return [{"reference": f"Observation/{leaf['id']}"} for leaf in leaves]


def _share_coding(one: Json, other: Json) -> bool:
    """Tell whether two codes share a coding: FHIR forbids it between an Observation with a value and its component (obs-7)."""
    first, second = ({(each.get("system"), each["code"]) for each in told["code"]["coding"]} for told in (one, other))
    return bool(first & second)
