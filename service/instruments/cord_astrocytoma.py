"""Cord astrocytoma: a high grade and any abnormality of bone call for a search for bone metastases; no scan excludes them.

Source: evidence table case-cord-astrocytoma; clinical rules 13. One case report: that a negative scan excludes nothing, and that an
abnormality on one modality suffices beside normal findings on others, is what it says.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from service.evidence.tables import Tables
from service.instrument import Instrument, input_flags, is_stated, made_once, mentioned, reason_of, says_something
from service.model.case import Case
from service.model.finding import State
from service.model.lesion import Known
from service.model.outcome import Applicability, Outcome, Reason
from service.sign import ABSENT, Sign, Standing, said_of, sign_of

TABLE: Final = "case-cord-astrocytoma"

_SCRUTINISE: Final = "scrutinise-for-bone-metastasis"
_OUTSIDE: Final = "outside-rule"
_GRADE: Final = "cord-astrocytoma-grade"
_BONE: Final = "bone-abnormality"
_BIOPSY: Final = "biopsy-result"
_SCANS: Final = ("bone-scan-uptake", "fdg-uptake")
_ASKED: Final = frozenset({_GRADE})
_READS: Final = (_GRADE, _BONE, *_SCANS, _BIOPSY)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Printed:
    """The table as the rule reads it: the two signs of the rule, the negative scans, and the sentences to print."""

    grade: Sign
    bone: Sign
    scans: tuple[Sign, ...]
    caveats: tuple[str, ...]


@made_once
def _printed(tables: Tables) -> Printed:
    table = tables[TABLE]
    reported = table.row("case", "lesion-diameter", "cord tumour")
    scan, pet = (table.row("negative-scan", finding, "absent") for finding in _SCANS)
    grade, bone = (sign_of(table, row) for row in table.groups["rule"])
    return Printed(
        grade=grade,
        bone=bone,
        scans=tuple(sign_of(table, row) for row in table.groups["negative-scan"]),
        caveats=(
            f"One case report; {reported['cases_reported']} cases are known; the lesions of bone may be lytic or blastic.",
            (
                f"{scan['positive']} of {scan['of']} reported bone scans were positive; FDG uptake was clear at {pet['level']} "
                f"only (SUV {pet['suv']})."
            ),
            *(row.sentence for row in table.errata),
        ),
    )


def _assess(case: Case, tables: Tables) -> Outcome:
    """Tell whether the rule calls for a search; where no astrocytoma of the cord is stated there is nothing to say."""
    printed = _printed(tables)
    grade = case.known(_GRADE)
    if not mentioned(case, _ASKED):
        return _silent(tables)
    stands = printed.grade.standing(said_of(grade))
    rule = min(stands, _bone(case.known(_BONE), printed))
    applicability = _applicability(grade)
    applies = applicability is not Applicability.NOT_APPLICABLE
    is_open = applies and rule is Standing.MISSING
    return Outcome(
        instrument=CORD_ASTROCYTOMA.key,
        version=CORD_ASTROCYTOMA.version,
        applicability=applicability,
        verdicts=_VERDICTS[rule] if applies else (),
        reasons=tuple(_reasons(case, printed)),
        missing=tuple(_missing(case, stands)) if is_open else (),
        flags=tuple(sorted(_flags(case, applicability, printed))),
        recommendations=tuple(_recommendations(case)) if applies and rule >= Standing.MAYBE else (),
        requests=("missing-grade",) if is_open and stands is Standing.MISSING and says_something(grade) else (),
        citations=(tables[TABLE].citation,),
        caveats=printed.caveats,
    )


_VERDICTS: Final = {
    Standing.YES: (_SCRUTINISE,),
    Standing.MAYBE: (_SCRUTINISE, _OUTSIDE),
    Standing.MISSING: (_SCRUTINISE, _OUTSIDE),
    Standing.NO: (_OUTSIDE,),
}
"""What is said by how the rule stands."""


@made_once
def _silent(tables: Tables) -> Outcome:
    """Return the outcome of a patient of whom no astrocytoma of the cord is stated."""
    return Outcome(
        instrument=CORD_ASTROCYTOMA.key,
        version=CORD_ASTROCYTOMA.version,
        applicability=Applicability.UNKNOWN,
        verdicts=_VERDICTS[Standing.MISSING],
        missing=(_GRADE,),
        citations=(tables[TABLE].citation,),
        caveats=_printed(tables).caveats,
    )


def _applicability(grade: Known) -> Applicability:
    """Tell whether there is an astrocytoma of the cord, of whatever grade."""
    match grade.state:
        case State.ABSENT:
            return Applicability.NOT_APPLICABLE
        case State.NOT_ASSESSED:
            return Applicability.UNKNOWN
        case _:
            return Applicability.UNKNOWN if ABSENT in grade.values else Applicability.APPLICABLE


def _bone(known: Known, printed: Printed) -> Standing:
    """Return how the abnormality stands: seen on one modality it is there, whatever another shows."""
    return Standing.YES if is_stated(known) else printed.bone.standing(said_of(known))


def _missing(case: Case, grade: Standing) -> Iterator[str]:
    if grade is Standing.MISSING:
        yield _GRADE
    if not says_something(case.known(_BONE)):
        yield _BONE


def _negative(case: Case, printed: Printed) -> Iterator[tuple[Known, str]]:
    """Yield every scan that is negative somewhere, with its evidence."""
    for sign in printed.scans:
        yield from (
            (known, sign.evidence) for known in case.everywhere(sign.finding) if sign.standing(said_of(known)) >= Standing.MAYBE
        )


def _flags(case: Case, applicability: Applicability, printed: Printed) -> frozenset[str]:
    """Return the flags of the rule where it may apply, and those of its inputs, at every lesion."""
    places = (case, *(case.at(lesion) for lesion in case.lesions))
    found = frozenset[str]().union(*(input_flags(place, _READS) for place in places))
    if applicability is Applicability.NOT_APPLICABLE or not says_something(case.known(_GRADE)):
        return found
    return found | {"pet-not-routine"} | ({"negative-scan-does-not-exclude"} if any(_negative(case, printed)) else set())


def _recommendations(case: Case) -> Iterator[str]:
    """Yield what to do: biopsy, again or open where a specimen was not enough, unless one has found tumour."""
    biopsies = {value for known in case.everywhere(_BIOPSY) for value in known.values}
    yield "mri-spine"
    if "malignant" not in biopsies:
        yield "consider-bone-biopsy"
        if "insufficient" in biopsies:
            yield "repeat-or-open-biopsy"


def _reasons(case: Case, printed: Printed) -> Iterator[Reason]:
    """Yield the grade and, beside a stated astrocytoma, what is stated of bone, scans and biopsies."""
    grade, bone = case.known(_GRADE), case.known(_BONE)
    if not says_something(grade):
        return
    yield reason_of(grade, printed.grade.evidence, _DIRECTIONS[printed.grade.standing(said_of(grade))])
    if says_something(bone):
        yield reason_of(bone, printed.bone.evidence, _DIRECTIONS[_bone(bone, printed)])
    for known, evidence in _negative(case, printed):
        yield reason_of(known, evidence, "does not exclude")
    for known in case.everywhere(_BIOPSY):
        if says_something(known):
            yield reason_of(known, f"{TABLE}: biopsy {_BIOPSY}")


_DIRECTIONS: Final = {
    Standing.YES: f"for {_SCRUTINISE}",
    Standing.MAYBE: None,
    Standing.MISSING: None,
    Standing.NO: f"against {_SCRUTINISE}",
}
"""What a sign of the rule speaks for; disputed or without a grade, for neither."""


CORD_ASTROCYTOMA: Final = Instrument(
    key="cord-astrocytoma",
    version="1",
    title="Cord astrocytoma",
    scope="patient",
    sources=(TABLE,),
    reads=_READS,
    assess=_assess,
)
