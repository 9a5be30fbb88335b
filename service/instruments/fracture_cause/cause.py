"""Cause of a vertebral fracture: which side its signs speak for, concept by concept.

Source: evidence tables montoya-table-1 and shah-fracture; clinical rules 4. The rule for the word is ours, not the papers'.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from service.evidence.tables import Tables
from service.instrument import Gate, Instrument, input_flags, made_once, mentioned, says_something, sources_of, text_of
from service.instruments.fracture_cause.concepts import Found, find, reasons
from service.instruments.fracture_cause.reading import APPEARANCE, LOSS
from service.instruments.fracture_cause.scale import METASTATIC, OPPOSED, OSTEOPOROTIC, TABLE, TEXT, Scale, scale_of
from service.instruments.fracture_cause.tally import Tally, tally
from service.model.case import Case
from service.model.finding import State
from service.model.outcome import Applicability, Outcome, Reason

_FRACTURE: Final = "vertebral-fracture"
_DIAGNOSIS: Final = "reported-diagnosis"
_NAMED_FRACTURES: Final = frozenset({"osteoporotic-fracture", "metastatic-fracture"})
_SIGN_FINDINGS: Final = (
    "jigsaw-sign",
    "cortical-destruction",
    "fracture-line",
    "cancellous-destruction",
    "intravertebral-vacuum",
    "fluid-sign",
    "intravertebral-osteonecrosis",
    "posterior-wall",
    "pedicle-destruction",
    "posterior-element-involvement",
    "posterior-element-signal",
    "paravertebral-haematoma",
    "paraspinal-soft-tissue",
    "epidural-soft-tissue",
    "compression-fractures-elsewhere",
    "other-focal-lesions",
    "t1-hypointensity-pattern",
    "spared-marrow",
    APPEARANCE,
    LOSS,
    "diffusion",
    "enhancement-degree",
)
_READS: Final = (_FRACTURE, _DIAGNOSIS, *_SIGN_FINDINGS)
_SIGNS: Final = frozenset(_SIGN_FINDINGS)
_ANY: Final = frozenset(_READS)

_ALWAYS: Final = frozenset({"unweighted-tally"})
_DENIED: Final = "A fracture of the vertebra is denied: there is no cause to tell."
_NOT_STATED: Final = "No fracture of the vertebra is stated beyond dispute: the tally says what its signs would speak for."


def _assess(case: Case, tables: Tables) -> Outcome:
    """Weigh the signs of the vertebra under study; where no fracture is stated the tally is shown all the same."""
    heard = mentioned(case, _ANY)
    if not heard:
        return _silence(tables)
    scale = scale_of(tables)
    gate = _gate(case)
    if gate.applicability is Applicability.NOT_APPLICABLE:
        return _denied(case, gate, scale)
    return _outcome(case, gate, scale, heard)


def _outcome(case: Case, gate: Gate, scale: Scale, heard: frozenset[str]) -> Outcome:
    """Join gate and tally."""
    found = find(case, scale, heard)
    result = tally(tuple([each.standings for each in found]), tuple([each.brings for each in found if each.unstated]))
    applies = gate.applicability is Applicability.APPLICABLE
    unasked = () if applies or says_something(case.known(_FRACTURE)) else (_FRACTURE,)
    unstated = [finding for each in found for finding in each.unstated] if result.can_change else []
    return Outcome(
        instrument=FRACTURE_CAUSE.key,
        version=FRACTURE_CAUSE.version,
        applicability=gate.applicability,
        verdicts=result.verdicts,
        measure={METASTATIC: result.metastatic, OSTEOPOROTIC: result.osteoporotic},
        reasons=tuple(_reasons(case, found, result)),
        missing=(*unasked, *unstated),
        flags=tuple(sorted(_ALWAYS.union(gate.flags, result.flags, input_flags(case, heard & _SIGNS)))),
        requests=("too-few-concepts",) if result.has_too_few else (),
        citations=(*scale.citations, scale.loss) if LOSS in heard else scale.citations,
        caveats=(*scale.caveats, _NOT_STATED) if heard and not applies else scale.caveats,
    )


@made_once
def _silence(tables: Tables) -> Outcome:
    """Return the outcome of a vertebra of which nothing is stated."""
    empty = Case(lesions=(), study={}, patient={})
    return _outcome(empty, _gate(empty), scale_of(tables), frozenset())


def _gate(case: Case) -> Gate:
    """Decide whether there is a fracture whose cause can be asked for.

    Applicable: a fracture is stated, or the reporter names one as osteoporotic or metastatic. Not applicable: it is denied. Else,
    also where one says so and another denies it, unknown.
    """
    state, diagnosis = case.known(_FRACTURE).state, case.known(_DIAGNOSIS)
    is_named = diagnosis.state is State.PRESENT and not _NAMED_FRACTURES.isdisjoint(diagnosis.values)
    flags = input_flags(case, (_FRACTURE,))
    if state is State.ABSENT and is_named:
        return Gate(applicability=Applicability.UNKNOWN, flags=flags | {"conflicting-input"})
    if state is State.ABSENT:
        return Gate(applicability=Applicability.NOT_APPLICABLE, flags=flags)
    applies = state is State.PRESENT or (is_named and state is not State.CONFLICT)
    return Gate(applicability=Applicability.APPLICABLE if applies else Applicability.UNKNOWN, flags=flags)


def _denied(case: Case, gate: Gate, scale: Scale) -> Outcome:
    """Return the outcome of a vertebra that is not fractured: no tally."""
    return Outcome(
        instrument=FRACTURE_CAUSE.key,
        version=FRACTURE_CAUSE.version,
        applicability=gate.applicability,
        reasons=tuple(_of_fracture(case)),
        flags=tuple(sorted(gate.flags | _ALWAYS)),
        citations=scale.citations,
        caveats=(*scale.caveats, _DENIED),
    )


def _reasons(case: Case, found: Sequence[Found], result: Tally) -> Iterator[Reason]:
    """Yield the fracture itself and the signs; without a fracture too few signs are nothing to speak of."""
    fracture = tuple(_of_fracture(case))
    if not fracture and result.has_too_few:
        return
    yield from fracture
    for each in found:
        if each.answers:
            yield from reasons(case, each, counts_absences=result.counts_absences)


def _of_fracture(case: Case) -> Iterator[Reason]:
    """Yield what is said of the fracture and who is held responsible for it; a name decides nothing."""
    fracture, diagnosis = case.known(_FRACTURE), case.known(_DIAGNOSIS)
    named = [fracture] if says_something(fracture) else []
    if not _NAMED_FRACTURES.isdisjoint(diagnosis.values):
        named.append(diagnosis)
    for known in named:
        yield Reason(finding=known.finding, value=text_of(known), evidence=f"{TABLE}: fracture", sources=sources_of((known,)))


FRACTURE_CAUSE: Final = Instrument(
    key="fracture-cause",
    version="1",
    title="Fracture cause",
    scope="lesion",
    sources=(TABLE, TEXT, OPPOSED),
    reads=_READS,
    assess=_assess,
)
