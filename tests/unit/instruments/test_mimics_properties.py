"""What holds of the mimics for every case: the rules written by hand, order is nothing, unknown is never absent."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.instruments.mimics import MIMICS
from tests.unit.instruments.known import case_of, denied, exactly, stated, unknown, yes
from tests.unit.instruments.mimics_by_hand import TABLES, VALUES, assess, known_of, over_all_readings, reading, verdicts

BRIGHT: Final = ("t1-signal", "lesion-margin", "coarse-trabeculae", "cortical-destruction", "halo-sign", "bulls-eye-sign")
"""Findings that meet in one rule more often than chance would have it."""
FLUID: Final = (
    "t1-signal",
    "t2-signal",
    "stir-signal",
    "parallels-endplate",
    "disc-height-loss",
    "disc-t2-dark",
    "intradiscal-fluid",
)
BLOOD: Final = (
    "epidural-collection",
    "collection-enhancement",
    "collection-multisegmental",
    "endplate-erosion",
    "intradiscal-fluid",
)
NECROSIS: Final = ("double-line-sign", "enhancement-pattern", "expansile", "epidural-soft-tissue", "paraspinal-soft-tissue")
FLARE: Final = ("sclerosis-change", "new-sclerotic-lesions", "other-response-signs", "bone-lesion", "ivory-vertebra", "halo-sign")

Said = Mapping[str, tuple[str, ...]]


@st.composite
def sayings(draw: st.DrawFn) -> Said:
    """Answers to some findings, at most four of them disputed."""
    usual = draw(st.sampled_from((BRIGHT, FLUID, BLOOD, NECROSIS, FLARE)))
    findings = draw(st.lists(st.sampled_from([*usual, *usual, *VALUES]), min_size=1, max_size=9, unique=True))
    found: dict[str, tuple[str, ...]] = {}
    for finding in findings:
        likely = VALUES[finding][:1] * 2 + VALUES[finding]
        answers = tuple(dict.fromkeys(draw(st.lists(st.sampled_from(likely), min_size=1, max_size=2))))
        disputed = sum(len(each) > 1 for each in found.values())
        found[finding] = answers if disputed < 4 else answers[:1]
    return found


@settings(max_examples=400, deadline=None)
@given(sayings())
def test_the_verdicts_are_those_of_every_way_to_read_the_statements(said: Said) -> None:
    denied_and_described = said.get("epidural-collection") == ("absent",) and any(
        finding.startswith("collection-") for finding in said
    )
    if not denied_and_described:
        assert list(reading(said).verdicts) == over_all_readings(said)


@settings(max_examples=150, deadline=None)
@given(sayings(), st.data())
def test_the_order_of_findings_is_nothing(said: Said, data: st.DataObject) -> None:
    shuffled = dict(data.draw(st.permutations(list(said.items()))))
    assert reading(said) == reading(shuffled)


@settings(max_examples=150, deadline=None)
@given(sayings())
def test_a_finding_that_no_rule_reads_changes_nothing(said: Said) -> None:
    knowns = [known_of(finding, answers) for finding, answers in said.items()]
    others = (stated("spinal-pain", "mechanical"), exactly("vertebral-collapse-percent", 60), yes("target-enhancement"))
    assert not {known.finding for known in others} & set(MIMICS.reads)
    assert assess(*knowns, *others) == assess(*knowns)


@settings(max_examples=150, deadline=None)
@given(sayings())
def test_every_reason_is_something_stated_and_every_stated_sign_of_a_candidate_has_one(said: Said) -> None:
    outcome = reading(said)
    assert {reason.finding for reason in outcome.reasons} <= set(said)
    assert all(reason.sources for reason in outcome.reasons)
    assert all(reason.evidence.split(":")[0] in TABLES for reason in outcome.reasons)
    assert {f"for {verdict}" for verdict in outcome.verdicts if verdict != "no-leading-candidate"} <= {
        reason.direction for reason in outcome.reasons
    }


@settings(max_examples=150, deadline=None)
@given(sayings())
def test_what_is_missing_was_not_stated_and_is_asked_for(said: Said) -> None:
    outcome = reading(said)
    assert not set(outcome.missing) & {finding for finding in said if finding != "collection-enhancement"}
    assert outcome.requests == (("missing-rule-parts",) if outcome.missing else ())


@pytest.mark.parametrize(
    "said",
    [
        {"t1-signal": "hyper"},
        {"t1-signal": "hypo", "stir-signal": "hyper"},
        {"endplate-erosion": "present"},
        {"epidural-collection": "present"},
        {"double-line-sign": "present", "enhancement-pattern": "rim", "expansile": "absent", "epidural-soft-tissue": "absent"},
        {"sclerosis-change": "sclerotic-rim"},
    ],
    ids=str,
)
def test_some_answer_to_what_is_missing_fulfils_a_rule(said: Mapping[str, str]) -> None:
    given_once = {finding: (value,) for finding, value in said.items()}
    missing = reading(given_once).missing
    answers = [dict(zip(missing, chosen, strict=True)) for chosen in product(*(VALUES[finding] for finding in missing))]
    found = {verdict for each in answers for verdict in verdicts({**said, **each})}
    assert missing
    assert found - {"no-leading-candidate"}


NEEDED: Final = (
    "coarse-trabeculae",
    "parallels-endplate",
    "disc-height-loss",
    "intravertebral-disc-herniation",
    "endplate-erosion",
    "intradiscal-fluid",
    "crosses-disc",
    "epidural-collection",
    "collection-multisegmental",
    "collection-ct-hyperdense",
    "halo-sign",
    "bulls-eye-sign",
    "double-line-sign",
    "new-sclerotic-lesions",
    "ivory-vertebra",
)


@pytest.mark.parametrize("finding", NEEDED)
def test_an_uncertain_sign_is_neither_present_nor_absent_and_said_to_be_uncertain(finding: str) -> None:
    outcome = MIMICS.assess(case_of(unknown(finding, "uncertain-input")), TABLES)
    assert outcome.is_silent
    assert (outcome.verdicts, outcome.missing, outcome.flags) == (("no-leading-candidate",), (), ("uncertain-input",))


@pytest.mark.parametrize("finding", [finding for finding in NEEDED if finding not in {"halo-sign", "crosses-disc"}])
def test_a_denied_sign_speaks_against_its_candidate_and_an_unstated_one_says_nothing(finding: str) -> None:
    outcome = assess(denied(finding))
    assert outcome.reasons
    assert all(str(reason.direction).startswith("against ") and reason.value == "absent" for reason in outcome.reasons)
    assert assess().is_silent


@pytest.mark.parametrize("finding", ["halo-sign", "crosses-disc"])
def test_a_sign_of_or_against_metastasis_that_is_not_there_says_nothing(finding: str) -> None:
    assert assess(denied(finding)) == replace(assess(), caveats=assess(denied(finding)).caveats)


def test_many_disputes_at_once_are_settled_in_no_time() -> None:
    every = {finding: values[:2] for finding, values in VALUES.items()}
    outcome = reading(every)
    assert {"no-leading-candidate", "metastasis", "normal-haematopoietic-marrow"} <= set(outcome.verdicts)
    certain = {**every, "ivory-vertebra": ("present",)}
    assert not {"no-leading-candidate", "metastasis"} & set(reading(certain).verdicts)
    either = {**every, "epidural-collection": ("present",), "collection-enhancement": ("peripheral-necrotic-core", "diffuse")}
    assert not {"no-leading-candidate", "metastasis"} & set(reading(either).verdicts)
