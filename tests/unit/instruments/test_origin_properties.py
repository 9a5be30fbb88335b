"""What holds of origin for every case: order is nothing, shares add up, several equal lesions are one, unknown is never absent."""

import math
from collections.abc import Iterable
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from service.evidence.load import load
from service.instruments.origin import ORIGIN
from service.instruments.origin.ranking import NO_FAVOURITE, VERDICTS
from service.model.case import Case
from service.model.lesion import Known, Lesion, Site
from service.model.outcome import Outcome
from tests.unit.instruments.known import by_finding, disputed, stated, unknown, yes

TABLES: Final = load()
VALUES: Final = {
    "lesion-margin": ("well-defined", "ill-defined"),
    "t1-vs-muscle": ("hyper", "iso", "hypo"),
    "t2-vs-muscle": ("hyper", "iso", "hypo"),
    "epicentre": ("vertebral-body", "posterior-elements"),
    "lesion-extent": ("intraosseous", "extraosseous"),
    "enhancement-pattern": ("homogeneous", "heterogeneous", "rim", "target", "worms-in-a-bag", "patchy", "none"),
    "bone-lesion": ("lytic", "mixed", "blastic"),
}


@st.composite
def lesions(draw: st.DrawFn) -> list[Known]:
    findings = draw(st.lists(st.sampled_from(list(VALUES)), unique=True))
    return [stated(finding, draw(st.sampled_from(VALUES[finding]))) for finding in findings]


@st.composite
def disputes(draw: st.DrawFn) -> tuple[str, tuple[str, ...]]:
    """A finding and two of its values, in the order of the vocabulary."""
    finding = draw(st.sampled_from(list(VALUES)))
    chosen = draw(st.permutations(VALUES[finding]))[:2]
    return finding, tuple(value for value in VALUES[finding] if value in chosen)


def assess(*findings: Iterable[Known]) -> Outcome:
    made = tuple(Lesion(id=f"lesion-{n}", site=Site(), findings=by_finding(knowns)) for n, knowns in enumerate(findings, start=1))
    patient = by_finding((yes("spinal-metastasis"), stated("primary-cancer", "unknown")))
    return ORIGIN.assess(Case(lesions=made, study={}, patient=patient), TABLES)


@settings(max_examples=100, deadline=None)
@given(st.lists(lesions(), max_size=4), st.data())
def test_the_order_of_lesions_and_findings_is_nothing_and_the_same_case_gives_the_same(
    told: list[list[Known]], data: st.DataObject
) -> None:
    other = [data.draw(st.permutations(knowns)) for knowns in data.draw(st.permutations(told))]
    one, again, turned = assess(*told), assess(*told), assess(*other)
    assert one == again
    assert (one.ranking, one.verdicts, one.flags, one.missing) == (turned.ranking, turned.verdicts, turned.flags, turned.missing)


@settings(max_examples=150, deadline=None)
@given(st.lists(lesions(), max_size=4))
def test_shares_add_up_to_one_and_none_is_nil(told: list[list[Known]]) -> None:
    ranking = assess(*told).ranking
    if ranking is not None:
        assert math.isclose(sum(each.share for each in ranking), 1, abs_tol=1e-6)
        assert all(0 < each.share < 1 for each in ranking)
        assert len({each.outcome for each in ranking}) == 5


@settings(max_examples=150, deadline=None)
@given(lesions())
def test_a_favourite_has_the_share_and_twice_the_second(told: list[Known]) -> None:
    outcome = assess(told)
    if outcome.ranking is None:
        assert outcome.requests == ("too-few-features",)
        return
    [verdict] = outcome.verdicts
    leader, second = outcome.ranking[0], outcome.ranking[1]
    favoured = leader.share >= 0.6 and leader.share >= 2 * second.share and "unmodelled-primary-plausible" not in outcome.flags
    assert verdict == (f"favoured-{leader.outcome}" if favoured else NO_FAVOURITE)


@settings(max_examples=100, deadline=None)
@given(lesions(), st.integers(2, 5))
def test_the_same_lesion_again_changes_nothing(told: list[Known], times: int) -> None:
    once, often = assess(told), assess(*([told] * times))
    assert (once.ranking, once.verdicts, once.flags) == (often.ranking, often.verdicts, often.flags)


@settings(max_examples=150, deadline=None)
@given(lesions(), disputes())
def test_a_dispute_holds_every_reading_of_it(told: list[Known], dispute: tuple[str, tuple[str, ...]]) -> None:
    finding, values = dispute
    others = [known for known in told if known.finding != finding]
    readings = [assess([*others, stated(finding, value)]) for value in values]
    whole = assess([*others, disputed(finding, *values)])
    possible = {verdict for each in readings for verdict in each.verdicts or ((NO_FAVOURITE,) if whole.verdicts else ())}
    assert list(whole.verdicts) == [verdict for verdict in VERDICTS if verdict in possible]


@given(st.sampled_from(list(VALUES)))
def test_unknown_is_nothing_stated_and_never_a_category(finding: str) -> None:
    other = next(each for each in VALUES if each != finding)
    told = stated(other, VALUES[other][0])
    silent = assess([told, unknown(finding)])
    assert finding in silent.missing
    assert silent.ranking == assess([told]).ranking


def test_no_enhancement_is_a_category_and_not_a_missing_one() -> None:
    margin = stated("lesion-margin", "well-defined")
    assert assess([margin, stated("enhancement-pattern", "none")]).ranking != assess([margin]).ranking
