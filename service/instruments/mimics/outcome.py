"""Mimics of a spinal metastasis: the candidates whose rule is fulfilled, and every stated finding for and against them.

Source: evidence tables of `rules`; clinical rules 9. Which signs a rule needs together is this service's reading of the papers.
"""

from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Final

from service.evidence.tables import Tables
from service.instrument import Instrument, Judgement, input_flags, made_once, mentioned, reasons_of
from service.instruments.mimics.caveats import ALWAYS, caveats
from service.instruments.mimics.judge import NO_CANDIDATE, judge
from service.instruments.mimics.reading import NAMED, could_change, is_collection_disputed, read
from service.instruments.mimics.rules import CUT_OFFS, DENSITY, SIGNS, SOURCES, Rules, rules_of
from service.model.case import Case
from service.model.outcome import Applicability, Citation, Outcome, Reason

_READS: Final = (
    "reported-diagnosis",
    "t1-signal",
    "signal-reference",
    "t1-vs-muscle",
    "t1-vs-disc",
    "t2-signal",
    "stir-signal",
    "lesion-margin",
    "coarse-trabeculae",
    "cortical-destruction",
    "epidural-soft-tissue",
    "paraspinal-soft-tissue",
    "epidural-involvement",
    "lesion-extent",
    "primary-cancer",
    "parallels-endplate",
    "disc-height-loss",
    "disc-t2-dark",
    "intravertebral-disc-herniation",
    "endplate-erosion",
    "intradiscal-fluid",
    "clinical-suspicion",
    "crosses-disc",
    "epidural-collection",
    "collection-position",
    "collection-multisegmental",
    "collection-ct-hyperdense",
    "collection-enhancement",
    "epidural-bleeding-risk",
    "attenuation-mean",
    "attenuation-max",
    "bone-lesion",
    "lesion-treatment",
    "chemotherapy",
    "spinal-irradiation",
    "halo-sign",
    "bulls-eye-sign",
    "opposed-phase-loss-percent",
    "double-line-sign",
    "enhancement",
    "enhancement-pattern",
    "expansile",
    "sclerosis-change",
    "new-sclerotic-lesions",
    "other-response-signs",
    "ivory-vertebra",
    "intramedullary-lesion",
)


def _assess(case: Case, tables: Tables) -> Outcome:
    """Weigh the candidates at the lesion under study."""
    rules = rules_of(tables)
    if not mentioned(case, rules.spoken):
        return _silent(tables)
    readings = read(case, rules.findings, rules.cuts)
    judgement = judge(tuple(sorted(readings.items(), key=itemgetter(0))), frozenset(case.known(NAMED).values), rules)
    reasons = reasons_of(case, judgement.arguments)
    missing = could_change(case, judgement.missing)
    return Outcome(
        instrument=MIMICS.key,
        version=MIMICS.version,
        applicability=judgement.applicability,
        verdicts=judgement.verdicts,
        reasons=reasons,
        missing=missing,
        flags=tuple(sorted(_flags(case, judgement, rules, reasons))),
        recommendations=judgement.recommendations,
        requests=("missing-rule-parts",) if missing else (),
        citations=tuple(_citations(reasons, judgement.verdicts, tables)),
        caveats=tuple(caveats(case, readings, rules, tables)),
    )


@made_once
def _silent(tables: Tables) -> Outcome:
    """Return the outcome of a lesion of which no sign is stated."""
    return Outcome(
        instrument=MIMICS.key,
        version=MIMICS.version,
        applicability=Applicability.APPLICABLE,
        verdicts=(NO_CANDIDATE,),
        citations=(tables[SIGNS].citation,),
        caveats=ALWAYS,
    )


def _flags(case: Case, judgement: Judgement, rules: Rules, reasons: Iterable[Reason]) -> frozenset[str]:
    """Return the flags of the candidates and of the findings behind them."""
    disputed = {"conflicting-input"} if is_collection_disputed(case) else set[str]()
    return judgement.flags | disputed | input_flags(case, {*rules.spoken, *(reason.finding for reason in reasons)})


def _citations(reasons: Iterable[Reason], verdicts: tuple[str, ...], tables: Tables) -> Iterator[Citation]:
    """Yield the printed places behind the reasons, those for a verdict first."""
    supporting = {f"for {verdict}" for verdict in verdicts}
    ordered = sorted(reasons, key=lambda reason: reason.direction not in supporting)
    names = dict.fromkeys(reason.evidence.split(":")[0] for reason in ordered) or dict.fromkeys((SIGNS,))
    yield from (tables[name].citation for name in names)
    if DENSITY in names:
        yield tables[CUT_OFFS].citation


MIMICS: Final = Instrument(
    key="mimics",
    version="3",
    title="Mimics of metastasis",
    scope="lesion",
    sources=SOURCES,
    reads=_READS,
    assess=_assess,
)
