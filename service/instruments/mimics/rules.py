"""The rules of the candidates, made once of the evidence tables: what each needs, what supports it, what excludes it.

Source: evidence tables shah-mimics, montoya-differential, shah-haematopoietic-marrow, shah-marrow-signs, montoya-opposed-phase,
montoya-attenuation, wu-marrow and montoya-response; clinical rules 9. What excludes a candidate is this service's, not the papers'.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from service.evidence.tables import Row, Tables, whole, word
from service.instrument import made_once
from service.instruments.mimics.reading import ATTENUATION, LOSS, OPEN_DENSITY, SPEAKING, TREATMENT, Cuts
from service.sign import ABSENT, Readings, Sign, Standing, Way, any_of, parts_of, sign_of

SIGNS: Final = "shah-mimics"
MARROW: Final = "shah-marrow-signs"
PHASE: Final = "montoya-opposed-phase"
DENSITY: Final = "montoya-attenuation"
CUT_OFFS: Final = "ulano-2016"
STUDY: Final = "schweitzer-1993"
TREATED: Final = "wu-marrow"
_PRINTED: Final = (SIGNS, "montoya-differential", "shah-haematopoietic-marrow", TREATED, "montoya-response")
SOURCES: Final = (*_PRINTED, MARROW, PHASE, DENSITY, STUDY, CUT_OFFS)

HAEMANGIOMA: Final = "haemangioma"
DISCITIS: Final = "discitis-osteomyelitis"
HAEMATOMA: Final = "epidural-haematoma"
ABSCESS: Final = "epidural-abscess"
PHLEGMON: Final = "epidural-phlegmon"
METASTASIS: Final = "metastasis"
_DISCOGENIC: Final = "discogenic-endplate-change"
_SCHMORL: Final = "schmorl-node"
_ENOSTOSIS: Final = "enostosis"
_NORMAL_MARROW: Final = "normal-haematopoietic-marrow"
_OSTEONECROSIS: Final = "osteonecrosis"
_FLARE: Final = "osteoblastic-flare"
IVORY: Final = "ivory-vertebra-differential"

CANDIDATES: Final = (
    HAEMANGIOMA,
    _DISCOGENIC,
    _SCHMORL,
    DISCITIS,
    HAEMATOMA,
    ABSCESS,
    PHLEGMON,
    _ENOSTOSIS,
    _NORMAL_MARROW,
    _OSTEONECROSIS,
    _FLARE,
    IVORY,
)
"""Every candidate with a rule, in the order of the verdicts."""

HALO: Final = "halo-sign"
BULLS_EYE: Final = "bulls-eye-sign"

_NAMES: Final[Mapping[str, frozenset[str]]] = {
    **{each: frozenset({each}) for each in (HAEMANGIOMA, _DISCOGENIC, DISCITIS, HAEMATOMA, ABSCESS, _ENOSTOSIS, _OSTEONECROSIS)},
    PHLEGMON: frozenset({ABSCESS}),
    IVORY: frozenset({"paget-disease", "lymphoma"}),
}
"""Diagnoses by which a reporter may name a candidate: they support it and fulfil no rule."""

_DARK_ON_T2: Final = (("t2-signal", "hypo"), ("stir-signal", "hypo"))
_EXCLUDED: Final[Mapping[tuple[str, str], tuple[tuple[str, str], ...]]] = {
    (HAEMANGIOMA, ""): (
        ("cortical-destruction", "present"),
        ("epidural-soft-tissue", "present"),
        ("paraspinal-soft-tissue", "present"),
        ("epidural-involvement", "present"),
        ("lesion-extent", "extraosseous"),
        ("primary-cancer", "melanoma"),
    ),
    (_DISCOGENIC, ""): (
        ("clinical-suspicion", "infection"),
        ("disc-t2-dark", ABSENT),
        ("intradiscal-fluid", "present"),
        *_DARK_ON_T2,
    ),
    (_SCHMORL, ""): _DARK_ON_T2,
    (_ENOSTOSIS, ""): (("bone-lesion", "lytic mixed"),),
    (_NORMAL_MARROW, "bulls-eye"): ((HALO, "present"),),
    (_FLARE, ""): ((TREATMENT, ABSENT),),
    (_FLARE, "new"): (("bone-lesion", "lytic"),),
}
"""By candidate and way (empty = every way), the answers beside which its rule is not fulfilled: the rest supports only."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """What one candidate needs.

    Attributes:
        candidate: its verdict.
        ways: one of them suffices.
        needed: signs of the rule that speak for themselves.
        context: signs of the rule that say nothing without one of these.
        supports: signs that speak for it and are no part of the rule.
        excluding: signs beside which it is not fulfilled.
        names: diagnoses by which a reporter may name it.
        evidence: table and candidate, for what rests on no row.
    """

    candidate: str
    ways: tuple[Way, ...]
    needed: tuple[Sign, ...]
    context: tuple[Sign, ...]
    supports: tuple[Sign, ...]
    excluding: tuple[Sign, ...]
    names: frozenset[str]
    evidence: str

    def standing(self, readings: Readings) -> Standing:
        """Return how the rule stands."""
        return any_of([way.standing(readings) for way in self.ways])

    def is_begun(self, readings: Readings) -> bool:
        """Tell whether some part of the rule is shown, disputed or not."""
        return any(sign.standing(readings.get(sign.finding)) >= Standing.MAYBE for sign in self.needed)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rules:
    """All rules.

    Attributes:
        rules: in the order of the candidates.
        halo, crosses_disc: the sign for a metastasis, and the one against it.
        regenerating: signs of red marrow that grows again after treatment; context only.
        cuts: numbers that part the readings of measured values.
        findings: everything that is read.
        spoken: findings that say something of a candidate without any other.
    """

    rules: tuple[Rule, ...]
    halo: Sign
    crosses_disc: Sign
    regenerating: tuple[Sign, ...]
    cuts: Cuts
    findings: frozenset[str]
    spoken: frozenset[str]


@made_once
def rules_of(tables: Tables) -> Rules:
    """Return the rules that the evidence tables print.

    Raises:
        BrokenReleaseError: a table lacks a cell or row that a rule needs.
    """
    printed = [(row, sign_of(tables[name], row)) for name in _PRINTED for row in tables[name].rows]

    def told(candidate: str) -> list[tuple[Row, Sign]]:
        return [(row, sign) for row, sign in printed if row["candidate"] == candidate]

    rules = tuple(_rule(candidate, (*told(candidate), *_figures(candidate))) for candidate in CANDIDATES)
    (crosses_disc,) = (sign for _, sign in told(METASTASIS))
    halo = _marrow_sign(HALO)
    regenerating = tuple(sign for _, sign in told("regenerating-marrow"))
    needed = {sign.finding for rule in rules for sign in rule.needed} | {HALO, crosses_disc.finding}
    circumstances = (sign for rule in rules for sign in (*rule.context, *rule.supports, *rule.excluding, *regenerating))
    return Rules(
        rules=rules,
        halo=halo,
        crosses_disc=crosses_disc,
        regenerating=regenerating,
        cuts=Cuts(
            loss_percent=whole(tables[PHASE].row("benign"), "loss_percent"),
            metastasis_below_hu=whole(tables[DENSITY].row("metastasis"), "hounsfield"),
            enostosis_reaching_hu=whole(tables[DENSITY].row("enostosis"), "hounsfield"),
        ),
        findings=frozenset({*needed, *(sign.finding for sign in circumstances)}),
        spoken=frozenset(needed) | SPEAKING,
    )


def _rule(candidate: str, told: Iterable[tuple[Row, Sign]]) -> Rule:
    """Build one rule of its signs and of what excludes it."""
    by_role: dict[object, list[Sign]] = {}
    for row, sign in told:
        by_role.setdefault(row["role"], []).append(sign)
    parts = [(row, sign) for row, sign in told if row["role"] != "supports"]
    names = tuple(dict.fromkeys(word(row, "way") for row, _ in parts if "way" in row)) or ("",)
    table = parts[0][1].evidence.split(":")[0]
    ways = tuple(
        Way(
            parts=parts_of((row, sign) for row, sign in parts if row.get("way", name) == name),
            excluded_by=tuple(_excluding(candidate, name, table)),
        )
        for name in names
    )
    return Rule(
        candidate=candidate,
        ways=ways,
        needed=tuple(by_role["needs"]),
        context=tuple(by_role.get("context", ())),
        supports=tuple(by_role.get("supports", ())),
        excluding=tuple(dict.fromkeys(sign for way in ways for sign in way.excluded_by)),
        names=_NAMES.get(candidate, frozenset()),
        evidence=f"{table}: {candidate}",
    )


def _marrow_sign(sign: str) -> Sign:
    return Sign(finding=sign, values=frozenset({"present"}), evidence=f"{MARROW}: {sign}")


def _figures(candidate: str) -> Iterator[tuple[Row, Sign]]:
    """Yield the parts of a rule that tables of figures print: bull's-eye, loss of signal, attenuation of an untreated lesion."""
    if candidate == _NORMAL_MARROW:
        yield {"role": "needs", "way": "bulls-eye", "part": "centre"}, _marrow_sign(BULLS_EYE)
        benign = Sign(finding=LOSS, values=frozenset({"benign"}), evidence=f"{PHASE}: benign")
        yield {"role": "needs", "way": "fat", "part": "loss"}, benign
    if candidate == _ENOSTOSIS:
        place = f"{DENSITY}: {_ENOSTOSIS}"
        dense = Sign(finding=ATTENUATION, values=frozenset({_ENOSTOSIS}), vague=OPEN_DENSITY, evidence=place)
        yield {"role": "needs", "part": "attenuation"}, dense
        yield {"role": "context", "part": "untreated"}, Sign(finding=TREATMENT, values=frozenset({ABSENT}), evidence=place)


def _excluding(candidate: str, way: str, table: str) -> Iterator[Sign]:
    """Yield the signs that exclude a candidate this way; they are printed nowhere, so that their evidence is its rule."""
    for each in dict.fromkeys(("", way)):
        for finding, values in _EXCLUDED.get((candidate, each), ()):
            yield Sign(finding=finding, values=frozenset(values.split()), evidence=f"{table}: {candidate}")
