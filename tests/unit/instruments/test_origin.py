"""Origin: the ranking, what a reason says, odd statements, and what is printed with a result."""

from dataclasses import replace
from typing import Final

import pytest

from service.evidence.load import load
from service.instruments.origin import ORIGIN
from service.instruments.origin import ranking as ranking_stage
from service.instruments.origin.ranking import VERDICTS
from service.instruments.origin.scale import PRIMARIES
from service.model.case import Case
from service.model.finding import State
from service.model.lesion import Known, Lesion, Site
from service.model.outcome import Outcome, Reason
from tests.unit.instruments.known import by_finding, denied, disputed, exactly, stated, unknown, yes

TABLES: Final = load()
UNKNOWN_PRIMARY: Final = (yes("spinal-metastasis"), stated("primary-cancer", "unknown"))
HCC: Final = (
    stated("epicentre", "posterior-elements"),
    stated("lesion-extent", "extraosseous"),
    stated("enhancement-pattern", "worms-in-a-bag"),
)


def case_of(*lesions: tuple[Known, ...], patient: tuple[Known, ...] = UNKNOWN_PRIMARY) -> Case:
    made = tuple(Lesion(id=f"lesion-{n}", site=Site(), findings=by_finding(knowns)) for n, knowns in enumerate(lesions, start=1))
    return Case(lesions=made, study={}, patient=by_finding(patient))


def assess(*lesions: tuple[Known, ...], patient: tuple[Known, ...] = UNKNOWN_PRIMARY) -> Outcome:
    return ORIGIN.assess(case_of(*lesions, patient=patient), TABLES)


def reason(outcome: Outcome, finding: str) -> Reason:
    return next(each for each in outcome.reasons if each.finding == finding)


# Ranking.


def test_no_primary_is_ever_excluded() -> None:
    assert min(share.share for share in assess(HCC).ranking or ()) > 0


def test_the_ranking_holds_every_primary_by_support() -> None:
    ranking = assess(HCC).ranking
    assert ranking is not None
    assert {each.outcome for each in ranking} == set(PRIMARIES)
    shares = [each.share for each in ranking]
    assert shares == sorted(shares, reverse=True)
    assert ranking[0].outcome == "hcc"


def test_equal_support_stands_in_the_order_of_the_tables() -> None:
    ranking = assess((disputed("lesion-margin", "well-defined", "ill-defined"),)).ranking
    assert [each.outcome for each in ranking or ()] == list(PRIMARIES)
    assert {each.share for each in ranking or ()} == {0.2}


def every_dispute() -> tuple[Known, ...]:
    return (
        disputed("lesion-margin", "well-defined", "ill-defined"),
        disputed("t1-vs-muscle", "hyper", "hypo"),
        disputed("t2-vs-muscle", "hyper", "hypo"),
        disputed("epicentre", "vertebral-body", "posterior-elements"),
        disputed("lesion-extent", "intraosseous", "extraosseous"),
        disputed(
            "enhancement-pattern", "homogeneous", "heterogeneous", "rim", "target", "worms-in-a-bag", "patchy", "none", "absent"
        ),
        disputed("bone-lesion", "lytic", "mixed", "blastic"),
    )


def test_too_many_disputes_exclude_nothing() -> None:
    outcome = assess(every_dispute(), every_dispute(), HCC)
    assert outcome.verdicts == VERDICTS
    assert "Too many features are disputed to try every reading: no verdict is excluded." in outcome.caveats
    assert outcome.ranking == assess(HCC).ranking


def test_below_the_limit_every_reading_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    disputes = (disputed("epicentre", "vertebral-body", "posterior-elements"), *HCC[1:])
    assert assess(disputes).verdicts == ("favoured-hcc",)
    monkeypatch.setattr(ranking_stage, "_READINGS", 1)
    ranking_stage._ranked.cache_clear()
    assert assess(disputes).verdicts == VERDICTS
    ranking_stage._ranked.cache_clear()


@pytest.mark.parametrize("reverse", [False, True])
def test_the_order_of_the_lesions_is_nothing(reverse: bool) -> None:
    lesions = [HCC, (stated("lesion-margin", "well-defined"),), (stated("bone-lesion", "lytic"), stated("t2-vs-muscle", "hyper"))]
    outcome = assess(*(reversed(lesions) if reverse else lesions))
    assert outcome.ranking == assess(*lesions).ranking


# Reasons.


def test_a_reason_names_the_primary_for_which_its_value_is_likeliest_and_the_cell() -> None:
    outcome = assess((*HCC, stated("bone-lesion", "mixed")))
    assert (reason(outcome, "epicentre").direction, reason(outcome, "epicentre").evidence) == (
        "hcc",
        "an-table-1: epicentre posterior-elements",
    )
    assert (reason(outcome, "bone-lesion").direction, reason(outcome, "bone-lesion").evidence) == ("breast", "an-table-2: mixed")
    assert [source.reference for source in reason(outcome, "epicentre").sources] == ["Observation/epicentre-1"]


def test_equally_likely_primaries_are_both_named() -> None:
    assert reason(assess((stated("t1-vs-muscle", "iso"),)), "t1-vs-muscle").direction == "colorectal or hcc"


def test_what_the_model_cannot_use_is_shown_without_a_side() -> None:
    told = (
        stated("lesion-margin", "well-defined"),
        stated("enhancement-pattern", "target"),
        disputed("epicentre", "vertebral-body", "posterior-elements"),
        yes("anterior-ligament-spread"),
        exactly("lesion-diameter", 3),
    )
    directions = {each.finding: each.direction for each in assess(told).reasons}
    assert directions["enhancement-pattern"] == "not in the model"
    assert directions["epicentre"] == "open"
    assert directions["anterior-ligament-spread"] == directions["lesion-diameter"] == "no weight"
    assert directions["spinal-metastasis"] == directions["primary-cancer"] == "for whom it is made"


def test_every_lesion_has_reasons_of_its_own() -> None:
    outcome = assess((stated("lesion-margin", "well-defined"),), (stated("lesion-margin", "ill-defined"),), ())
    assert [each.value for each in outcome.reasons if each.finding == "lesion-margin"] == ["well-defined", "ill-defined"]


def test_without_a_ranking_there_are_no_reasons_but_a_known_primary() -> None:
    assert assess(HCC, patient=()).is_silent
    assert assess(()).is_silent
    known = assess(HCC, patient=(yes("spinal-metastasis"), stated("primary-cancer", "lung", "unknown")))
    assert [each.finding for each in known.reasons] == ["primary-cancer"]
    assert "Not ranked: the primary is known (lung)." in known.caveats


def test_every_reason_names_a_table_that_the_instrument_reads_and_a_cell_that_is_there() -> None:
    told = (*HCC, stated("bone-lesion", "lytic"), yes("anterior-ligament-spread"), exactly("lesion-diameter", 3))
    for each in assess(told).reasons:
        name, _, cell = each.evidence.partition(": ")
        assert name in ORIGIN.sources
        row = cell.split(" ")[0]
        table = TABLES[name]
        assert any(row in map(str, printed.values()) for printed in table.rows) or all(row in printed for printed in table.rows)


# Odd statements.


def test_two_primaries_of_which_one_is_denied_leave_the_other_known() -> None:
    both = disputed("primary-cancer", "breast", "lung", denied=("lung",))
    assert assess(HCC, patient=(yes("spinal-metastasis"), both)).verdicts == ("not-modelled",)


def test_a_denied_primary_beside_a_searched_one_is_said_and_changes_no_share() -> None:
    searched = replace(stated("primary-cancer", "unknown"), denied=("hcc",))
    outcome = assess(HCC, patient=(yes("spinal-metastasis"), searched))
    assert outcome.ranking == assess(HCC).ranking
    assert "The report excludes hcc; the shares do not use it, and it is not called favoured." in outcome.caveats


def test_a_disputed_denial_of_any_primary_names_none() -> None:
    assert assess(HCC, patient=(yes("spinal-metastasis"), disputed("primary-cancer", "absent"))).verdicts == ("favoured-hcc",)


def test_a_denied_pattern_of_enhancement_is_no_enhancement() -> None:
    assert "non-enhancing-sign" in assess((denied("enhancement-pattern"),)).flags


def test_a_word_that_the_paper_does_not_have_says_nothing() -> None:
    assert assess((stated("epicentre", "rib"),)).requests == ("too-few-features",)


def test_a_denied_category_leaves_the_others() -> None:
    outcome = assess((denied("bone-lesion", "lytic"), *HCC))
    assert outcome.verdicts == ("favoured-hcc",)
    assert any("the verdicts are those of every reading" in caveat for caveat in outcome.caveats)
    assert reason(outcome, "bone-lesion").value == "not lytic"


def test_an_unstated_feature_that_carries_a_flag_is_said() -> None:
    assert "uncertain-input" in assess((unknown("epicentre", "uncertain-input"), *HCC[1:])).flags


# What is printed with it.


@pytest.mark.parametrize(
    "words",
    [
        "relative support among five primaries (stomach, colorectal, hcc, lung, breast), not calibrated probabilities",
        "Prostate, thyroid, kidney and all other primaries are absent from the data.",
        "n = 30 patients (stomach 3, colorectal 7, hcc 7, lung 7, breast 6), 169 lesions, one hospital, retrospective",
        "lesions of the whole vertebra (42) are among the 58 ill-defined ones by definition",
        "28 of 33 blastic lesions are not bright, 37 of 43 lytic ones bright",
        "five lesions of Table 2 stand in neither row",
        "T2 with an echo time of 8-10 ms at 3 T",
        "a favourite has a share of 0.6 and 2 times the second",
        "Figure 7a",
    ],
)
def test_every_result_carries_the_caveats(words: str) -> None:
    for outcome in (assess(), assess(HCC), assess(HCC, patient=(stated("primary-cancer", "lung"),))):
        assert any(words in caveat for caveat in outcome.caveats)


CUES: Final = {
    stated("bone-lesion", "blastic"): "bronchial carcinoid (Shah 2011); prostate, neuroblastoma, stomach (Montoya-Bordón 2023).",
    yes("anterior-ligament-spread"): "a mass that spreads along the anterior longitudinal ligament (lung, breast).",
    stated("lesion-extent", "extraosseous"): "beyond the bone, with worms-in-a-bag enhancement (hcc).",
    exactly("lesion-diameter", 3): "stomach 1.12, colorectal 2.02, hcc 3.43, lung 1.05, breast 1.08 (119 lesions measured).",
    stated("enhancement-pattern", "patchy"): "Target and patchy enhancement are no categories of the paper",
    stated("t1-vs-muscle", "hyper"): "a primary outside the model is plausible (prostate; melanoma).",
}


@pytest.mark.parametrize(("known", "words"), CUES.items(), ids=[known.finding for known in CUES])
def test_a_cue_is_said_where_it_is_stated_and_nowhere_else(known: Known, words: str) -> None:
    margin = stated("lesion-margin", "well-defined")
    assert any(words in caveat for caveat in assess((margin, known)).caveats)
    assert not any(words in caveat for caveat in assess((margin,)).caveats)


def test_a_named_benign_lesion_does_not_count_and_is_named() -> None:
    haemangioma = (stated("t1-vs-muscle", "hyper"), stated("reported-diagnosis", "haemangioma", flags=("from-other-report",)))
    outcome = assess(HCC, haemangioma)
    assert outcome.ranking == assess(HCC).ranking
    assert "from-other-report" in outcome.flags
    assert "Left out, because named benign or without tumour cells on biopsy: site not stated." in outcome.caveats
    assert not any(reason.finding == "t1-vs-muscle" for reason in outcome.reasons)


@pytest.mark.parametrize(
    "said",
    [
        disputed("reported-diagnosis", "haemangioma", "absent"),
        stated("reported-diagnosis", "haemangioma", "lymphoma"),
        stated("biopsy-result", "insufficient"),
        disputed("biopsy-result", "malignant", "no-malignancy"),
    ],
)
def test_a_lesion_that_may_be_malignant_counts(said: Known) -> None:
    bright = stated("t1-vs-muscle", "hyper")
    outcome = assess(HCC, (bright, said))
    assert outcome.ranking == assess(HCC, (bright,)).ranking
    assert ("conflicting-input" in outcome.flags) is (said.state is State.CONFLICT)


def test_lesions_per_patient_are_said_beside_several_lesions() -> None:
    words = "Lesions per patient, no weight: stomach 15.7, colorectal 2.9, hcc 2.4, lung 8.0, breast 4.8."
    assert words in assess(HCC, HCC).caveats
    assert words not in assess(HCC).caveats


def test_a_leader_that_changes_is_said() -> None:
    assert any(caveat.startswith("Not robust") for caveat in assess((stated("t1-vs-muscle", "iso"),)).caveats)


def test_lists_of_the_literature_are_cited_only_with_a_ranking() -> None:
    assert {"An 2013"} == {citation.paper for citation in assess().citations}
    assert {"An 2013", "Shah 2011", "Montoya-Bordón 2023"} == {citation.paper for citation in assess(HCC).citations}
