"""The sayings: in order of urgency, with the figures of the outcome, never more than is known."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from service.assessment.assess import assess
from service.assessment.catalogue import versions
from service.assessment.statements import say
from service.assessment.statements.say import SAYERS
from service.assessment.statements.words import words
from service.evidence.load import load
from service.mapping.mapfile import load as load_mappings
from service.model.assessment import Statement
from service.model.case import Case
from service.model.lesion import Known, Lesion, Site
from tests.unit.instruments.known import at, by_finding, case_of, denied, disputed, exactly, stated, unknown, yes

TABLES = load()
MAPPINGS = Path(__file__).parents[3] / "mappings"
E, D, A, C, V = "epidural-involvement", "thecal-sac-deformation", "cord-abutment", "cord-compression", "csf-visible"
T2 = yes("axial-t2-at-worst-level")
ESCC_SOURCE = "(Montoya-Bordón 2023, Degree of spinal cord compression, Figure 7)."


def statements(case: Case) -> tuple[Statement, ...]:
    whole = replace(case, focus=None)
    return say(whole, assess(whole, TABLES))


def text(case: Case, instrument: str) -> str:
    return next(each.text for each in statements(case) if each.instrument == instrument)


def escc(*knowns: Known, site: Site | None = None, tumour: bool = True) -> str:
    return text(case_of(*knowns, site=site or at("T7"), study=[T2], tumour=tumour), "escc")


WORKED = (stated("bone-lesion", "lytic"), stated("alignment", "normal"), stated("vertebral-collapse", "over-50"))


def test_an_open_score_names_its_interval_its_categories_and_what_would_settle_it() -> None:
    assert text(case_of(*WORKED, site=at("T12")), "sins") == (
        "T12: SINS 8 to 14 of 18: potentially unstable or unstable; missing spinal pain, posterolateral involvement; knowing both "
        "would settle the category; consultation for surgery (Montoya-Bordón 2023, Table 3)."
    )


def test_a_settled_score_is_one_number() -> None:
    case = case_of(*WORKED, stated("spinal-pain", "mechanical"), stated("posterolateral-involvement", "none"), site=at("T12"))
    assert (
        text(case, "sins") == "T12: SINS 11 of 18: potentially unstable; consultation for surgery (Montoya-Bordón 2023, Table 3)."
    )


def test_two_totals_are_alternatives_and_not_an_interval() -> None:
    sides = stated("posterolateral-involvement", "at-least-unilateral")
    assert (
        "SINS 12 or 14 of 18: potentially unstable or unstable; knowing posterolateral involvement would settle the category"
        in text(case_of(*WORKED, stated("spinal-pain", "mechanical"), sides, site=at("T12")), "sins")
    )


def test_nothing_known_names_everything_that_is_missing() -> None:
    said = text(case_of(), "sins")
    assert said.startswith(
        "site not stated: SINS 0 to 18 of 18: stable, potentially unstable or unstable; missing vertebral level,"
    )
    assert "knowing all 6 would settle the category; consultation for surgery possible" in said


def test_several_smallest_sets_are_alternatives() -> None:
    said = escc(yes(E), denied(C), yes(V), denied("escc-grade", "1b"))
    assert "ESCC grade 1a or 1c" in said
    assert "knowing thecal sac deformation, or spinal cord abutment would settle the grade" in said


@pytest.mark.parametrize(
    ("knowns", "words"),
    [
        ((disputed("bone-lesion", "lytic", "blastic"),), "conflicting statements, all kept"),
        ((unknown("spinal-pain", "uncertain-input"),), "uncertain statements count as not assessed"),
        ((stated("spinal-pain", "mechanical", flags=("from-other-report",)),), "partly from other reports"),
        ((exactly("vertebral-collapse-percent", 50),), "collapse of exactly 50 % lies in neither row"),
    ],
)
def test_what_limits_a_score_is_said_with_it(knowns: tuple[Known, ...], words: str) -> None:
    assert words in text(case_of(*knowns, site=at("T7")), "sins")


def test_a_score_that_may_not_apply_says_so_and_recommends_nothing() -> None:
    said = text(case_of(*WORKED, site=at("T12"), tumour=False), "sins")
    assert "no neoplasm is stated, nothing follows from it" in said
    assert "consultation" not in said


def test_a_score_that_does_not_apply_gives_no_figure_and_no_diagnosis() -> None:
    case = case_of(*WORKED, stated("reported-diagnosis", "osteoporotic-fracture"), site=at("T12"), tumour=False)
    assert text(case, "sins") == (
        "T12: SINS not applicable: a benign diagnosis is reported and no malignancy is stated (Montoya-Bordón 2023, Table 3)."
    )


def test_silence_about_the_canal_is_open_and_never_grade_zero() -> None:
    said = escc()
    assert said.startswith("T7: ESCC open: nothing epidural is stated, every grade is possible; missing epidural involvement,")
    assert "knowing spinal cord compression would settle the band" in said


def test_compression_is_time_critical() -> None:
    assert escc(yes(C), yes(V)) == f"T7: ESCC grade 2: high grade; time-critical: spinal cord compression {ESCC_SOURCE}"


def test_effaced_csf_without_stated_compression_is_time_critical_and_open() -> None:
    assert escc(denied(V)) == (
        "T7: ESCC grade 1c or 3: band open, low or high grade; time-critical: spinal cord compression not stated, but no CSF is "
        "visible; missing spinal cord compression; knowing it would settle the band, unless compression is denied; "
        "CSF effaced without settled compression "
        f"{ESCC_SOURCE}"
    )


def test_effaced_csf_beside_disputed_compression_is_as_urgent_as_silence() -> None:
    case = case_of(disputed(C, "present", "absent"), denied(V), site=at("T7"), study=[T2])
    first = statements(case)[0]
    assert (first.instrument, first.urgent) == ("escc", True)
    assert "time-critical: spinal cord compression disputed, but no CSF is visible" in first.text


def test_a_low_grade_with_1c_says_which_convention_it_follows() -> None:
    assert escc(yes(A), denied(C), yes(V)) == f"T7: ESCC grade 1c: low grade, 1c counted as low grade {ESCC_SOURCE}"
    assert "counted" not in escc(yes(D), denied(A))


def test_below_the_conus_there_is_no_cord_to_speak_of() -> None:
    said = escc(yes(C), yes(V), site=at("L4"))
    assert "time-critical: thecal sac / cauda equina compression" in said
    assert "cord compress" not in said.removesuffix(ESCC_SOURCE)
    assert "partly below the conus" not in said


def test_across_the_conus_the_cord_is_named_and_the_rest_said() -> None:
    said = escc(yes(C), yes(V), site=at("L1", "L2"))
    assert "spinal cord compression" in said
    assert "partly below the conus" in said


def test_the_basis_is_questioned_when_axial_t2_is_not_stated() -> None:
    assert "not stated to be read on axial T2 at the worst level" in text(case_of(yes(C), site=at("T7")), "escc")


def test_an_abscess_on_the_cord_is_time_critical_without_a_grade() -> None:
    diagnosis = stated("reported-diagnosis", "epidural-abscess")
    said = escc(yes(C), diagnosis, tumour=False)
    assert "ESCC not applicable" in said
    assert "time-critical: spinal cord compression is stated or not excluded" in said
    assert "time-critical" not in escc(yes(E), diagnosis, tumour=False)


def test_the_order_is_time_critical_then_worst_category_then_grades_then_what_does_not_apply() -> None:
    unstable = by_finding(
        [
            stated("bone-lesion", "lytic"),
            stated("alignment", "subluxation-translation"),
            stated("vertebral-collapse", "over-50"),
            stated("posterolateral-involvement", "bilateral"),
            denied(E),
        ]
    )
    stable = by_finding(
        [
            stated("bone-lesion", "blastic"),
            stated("alignment", "normal"),
            stated("vertebral-collapse", "none"),
            stated("posterolateral-involvement", "none"),
            stated("spinal-pain", "none"),
            yes(E),
        ]
    )
    abutted = by_finding([yes(C), yes(V)])
    others = (
        Lesion(id="lesion-2", site=at("T9"), findings=unstable),
        Lesion(id="lesion-3", site=at("T11"), findings=abutted),
        Lesion(id="lesion-4", site=at("L3"), findings={}),
    )
    case = case_of(*stable.values(), site=at("T3"), others=others)
    said = [each for each in statements(case) if each.instrument in {"sins", "escc"}]
    assert [(each.lesion, each.instrument, each.urgent) for each in said] == [
        ("lesion-3", "escc", True),
        ("lesion-2", "sins", False),
        ("lesion-3", "sins", False),
        ("lesion-4", "sins", False),
        ("lesion-1", "sins", False),
        ("lesion-1", "escc", False),
        ("lesion-2", "escc", False),
        ("lesion-4", "escc", False),
    ]


@pytest.mark.parametrize(
    "knowns", [(disputed(C, "present", "absent"),), (yes(E), denied(D), stated("escc-grade", "3"))], ids=["two readers", "grade"]
)
def test_compression_that_is_stated_and_disputed_comes_before_any_score(knowns: tuple[Known, ...]) -> None:
    said = statements(case_of(*knowns, site=at("T7"), study=[T2]))
    assert [(each.instrument, each.urgent) for each in said][:2] == [("next-imaging", True), ("escc", False)]


def test_what_is_urgent_comes_before_a_disputed_compression() -> None:
    bleeding = (yes("epidural-collection"), stated("collection-enhancement", "focal"))
    said = statements(case_of(disputed(C, "present", "absent"), *bleeding, site=at("T7"), study=[T2]))
    assert [each.urgent for each in said] == sorted((each.urgent for each in said), reverse=True)
    assert [each.instrument for each in said][:3] == ["next-imaging", "mimics", "escc"]


def test_a_collection_that_only_a_disputed_description_states_is_said_to_be_urgent() -> None:
    case = case_of(disputed("collection-position", "circumferential", "absent"), site=at("T7"), study=[T2])
    first = next(each for each in statements(case) if each.instrument == "mimics")
    assert first.urgent
    assert "time-critical: an epidural collection is stated" in first.text


def test_of_two_compressed_lesions_the_worse_is_said_first() -> None:
    milder = (yes(C), yes(V))
    worse = Lesion(id="lesion-2", site=at("L3"), findings=by_finding([yes(C), denied(V)]))
    first, second, *_ = statements(case_of(*milder, site=at("T7"), others=(worse,), study=[T2]))
    assert [(each.lesion, each.instrument, each.urgent) for each in (first, second)] == [
        ("lesion-2", "escc", True),
        ("lesion-1", "escc", True),
    ]


def test_what_does_not_apply_is_said_last() -> None:
    benign = Lesion(id="lesion-2", site=at("T9"), findings=by_finding([stated("reported-diagnosis", "enostosis")]))
    case = case_of(stated("biopsy-result", "malignant"), site=at("T3"), others=(benign,), tumour=False)
    said = [each.lesion for each in statements(case) if each.instrument in {"sins", "escc"}]
    assert said == ["lesion-1", "lesion-1", "lesion-2", "lesion-2"]


def test_every_figure_of_a_score_is_that_of_the_outcome() -> None:
    case = case_of(*WORKED, site=at("T12"))
    score = assess(case, TABLES).lesion_outcomes["lesion-1"][0].score
    assert score is not None
    figures = re.search(r"SINS (\d+) to (\d+) of (\d+)", text(case, "sins"))
    assert figures is not None
    assert [int(figure) for figure in figures.groups()] == [score.low, score.high, score.of]


def test_every_instrument_of_the_catalogue_is_said() -> None:
    assert set(SAYERS) == set(versions())


def test_an_outcome_without_words_is_not_said(monkeypatch: pytest.MonkeyPatch) -> None:
    wordless = replace(SAYERS["sins"], words=lambda _, __: ("", ""))
    monkeypatch.setitem(SAYERS, "sins", wordless)
    assert "sins" not in {each.instrument for each in statements(case_of(*WORKED, site=at("T12")))}


def test_no_lesion_no_saying() -> None:
    assert statements(Case(lesions=(), study={}, patient={})) == ()


def test_ranks_count_from_one_in_the_order_of_reading() -> None:
    said = statements(case_of(*WORKED, site=at("T12"), patient=[yes("known-malignancy")]))
    assert [each.rank for each in said] == list(range(1, len(said) + 1))


def test_that_something_was_said_elsewhere_is_no_saying_by_itself() -> None:
    elsewhere = replace(denied("pain-red-flag"), flags=("from-other-report",))
    case = replace(case_of(tumour=False), lesions=(), patient={"pain-red-flag": elsewhere})
    assert not any("partly from other reports" in each.text for each in statements(case))


def test_a_fact_of_another_report_adds_no_saying() -> None:
    grade = (yes(C), yes(V), stated("bone-lesion", "lytic"), stated("alignment", "normal"), stated("vertebral-collapse", "none"))
    mine = case_of(*grade, stated("posterolateral-involvement", "none"), stated("spinal-pain", "none"), site=at("T7"), study=[T2])
    known = {finding: replace(each, flags=("from-other-report",)) for finding, each in mine.patient.items()}
    assert known
    assert [each.instrument for each in statements(replace(mine, patient=known))] == [each.instrument for each in statements(mine)]


def test_every_sequence_and_modality_is_written_as_people_write_it() -> None:
    written = [words(finding) for finding in load_mappings(MAPPINGS, snomed_affiliate=False).vocabulary]
    assert [text for text in written if {"t1", "t2", "csf", "mri", "ct", "fdg", "stir", "vs"} & set(text.split())] == []
