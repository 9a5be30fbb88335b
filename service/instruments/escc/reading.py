"""What the statements leave possible: the grades that fit the signs, weighed against the reported grade.

Source: clinical rules 3. The set treatment, and the rule that effaced CSF excludes 0-1b, are ours.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Final

from service.evidence.tables import Row, word
from service.instrument import says_something
from service.instruments.escc.scale import COMPRESSION, CSF, SIGNS, Scale, is_abutment
from service.model.case import Case
from service.model.finding import State
from service.model.lesion import Known

REPORTED: Final = "escc-grade"
_SEVERITY: Final = ("epidural-involvement", "thecal-sac-deformation", "cord-abutment", CSF, COMPRESSION)
"""Signs by severity: each needs those before it. Of CSF the sign is that it is not visible."""
_FROM_THE_SCALE: Final = frozenset({"D32", "D33"})
"""Derivations that fill signs from other signs or from the reported grade: both are weighed here, so only statements count."""

_Signs = Mapping[str, bool]
_Said = tuple[frozenset[bool], ...]
"""What was said of each sign, in their order: nothing, yes, no or both."""

_NOTHING: Final[frozenset[bool]] = frozenset()
_BOTH: Final = frozenset({True, False})
_YES: Final = frozenset({True})
_NO: Final = frozenset({False})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """What the statements leave possible.

    Attributes:
        said: what was said of each sign: nothing, yes, no or both.
        rows: grades still possible, least severe first.
        asked: grades that answers may still lead to: where a denial had to be dropped it is asked again, and every grade with it.
        contradictory: True = denials had to be dropped.
        disagrees: True = the reported grade is not among the grades of the signs, or the report excludes all of these.
        is_silent: True = neither a sign nor a grade is stated.
    """

    said: Mapping[str, frozenset[bool]]
    rows: tuple[Row, ...]
    asked: tuple[Row, ...]
    contradictory: bool
    disagrees: bool
    is_silent: bool

    @property
    def is_effaced(self) -> bool:
        """Somebody says that no CSF is visible."""
        return False in self.said[CSF]

    @property
    def has_open_abutment(self) -> bool:
        """Grade 1c beside effaced CSF: the paper's low grade is not to be relied on."""
        return self.is_effaced and any(is_abutment(row) for row in self.rows)


def read(case: Case, scale: Scale) -> Reading:
    """Weigh the signs, each reading of a conflict for itself, then the reported grade."""
    reported = case.known(REPORTED)
    said = tuple([_said(case.known(sign)) for sign in SIGNS])
    return _weighed(scale, said, reported.values, reported.denied, is_reported=says_something(reported))


@lru_cache(maxsize=4096)
def _weighed(scale: Scale, answers: _Said, reported: tuple[str, ...], excluded: tuple[str, ...], *, is_reported: bool) -> Reading:
    """Weigh what is said. Remembered: reports repeat the same words.

    Args:
        scale: the grades.
        answers: what was said of each sign.
        reported: grades that the report states.
        excluded: grades that it denies.
        is_reported: True = it speaks of the grade at all.
    """
    said = dict(zip(SIGNS, answers, strict=True))
    fits = [_fitting(signs, scale.rows) for signs in _readings(said)]
    names = {word(row, "grade") for rows, _ in fits for row in rows}
    names, disagrees = _with_reported(names, reported, excluded, tuple(word(row, "grade") for row in scale.rows))
    rows, contradictory = tuple(row for row in scale.rows if row["grade"] in names), any(dropped for _, dropped in fits)
    return Reading(
        said=said,
        rows=rows,
        asked=scale.rows if contradictory and not is_reported else rows,
        contradictory=contradictory,
        disagrees=disagrees,
        is_silent=not any(answers) and not is_reported,
    )


def _said(known: Known) -> frozenset[bool]:
    """Return yes, no, both (a conflict) or nothing."""
    if known.state is State.CONFLICT:
        return _BOTH
    if known.derived_by in _FROM_THE_SCALE or known.state is State.NOT_ASSESSED:
        return _NOTHING
    return _YES if known.state is State.PRESENT else _NO


def _readings(said: Mapping[str, frozenset[bool]]) -> Iterable[_Signs]:
    """Yield every way to read the statements: one way without conflict."""
    spoken = {sign: sorted(answers) for sign, answers in said.items() if answers}
    return (dict(zip(spoken, chosen, strict=True)) for chosen in product(*spoken.values()))


def _fitting(signs: _Signs, rows: tuple[Row, ...]) -> tuple[tuple[Row, ...], bool]:
    """Return the grades that fit, and whether denials had to be dropped for it.

    A contradiction drops only denials that are less severe than the worst positive sign: never a downgrade.
    """
    found = tuple(row for row in rows if _fits(row, signs))
    if found:
        return found, False
    worst = max(place for place, sign in enumerate(_SEVERITY) if sign in signs and _is_sign(sign, present=signs[sign]))
    kept = {s: said for s, said in signs.items() if s == CSF or said or _SEVERITY.index(s) > worst}
    return tuple(row for row in rows if _fits(row, kept)), True


def _is_sign(sign: str, *, present: bool) -> bool:
    """Tell whether a statement speaks for compression."""
    return present is not (sign == CSF)


def _fits(row: Row, signs: _Signs) -> bool:
    """Tell whether a grade agrees with every statement."""
    return all(allows(row, sign, present=present) for sign, present in signs.items())


def allows(row: Row, sign: str, *, present: bool) -> bool:
    """Tell whether a grade agrees with one statement; where it says nothing of CSF, effaced CSF still needs an abutted cord."""
    return row[sign] is present if sign in row else present or row["cord-abutment"] is True


def _with_reported(
    names: set[str], reported: tuple[str, ...], excluded: tuple[str, ...], scale: tuple[str, ...]
) -> tuple[set[str], bool]:
    """Weigh the reported grade against the grades of the signs.

    A grade among them narrows them; one outside is flagged (True) and, when it is worse than all of them, stays possible beside
    them: never a downgrade. Grades that the report excludes are left out while others remain; where none does, that is flagged.
    """
    worst = max(scale.index(name) for name in names)
    chosen: set[str] = set()
    for grade in (grade for grade in reported if grade in scale):
        chosen |= {grade} if grade in names else names | ({grade} if scale.index(grade) > worst else set())
    disagrees = any(grade in scale and grade not in names for grade in reported)
    found = chosen or names
    left = found - set(excluded)
    return left or found, disagrees or not left
