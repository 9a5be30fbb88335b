"""Every evidence table: totals recomputed, errata in the list of misprints, every instrument's tables and codes there."""

import csv
from itertools import product
from pathlib import Path
from typing import Final

import pytest

from service.assessment.assess import assess
from service.assessment.catalogue import CATALOGUE
from service.evidence.load import load
from service.evidence.tables import whole, word
from service.model.spine import TABLE_LEVELS, position
from tests.cases.written_case import build_case, written_cases

ROOT: Final = Path(__file__).parent.parent.parent
TABLES: Final = load()
SINS: Final = TABLES["montoya-table-3"]
ESCC: Final = TABLES["montoya-escc"]
COMPONENTS: Final = ("location", "pain", "bone-lesion", "alignment", "collapse", "posterolateral")
MISPRINTS: Final = range(1, 39)
"""Numbers of the list of misprints and contradictions in the supplied papers."""
FROM_OTHER_REPORT: Final = "from-other-report"


def _outcomes() -> dict[tuple[str, str], str]:
    with (ROOT / "mappings" / "base" / "outcomes.csv").open(encoding="utf-8", newline="") as lines:
        return {(row["instrument"], row["outcome"]): row["kind"] for row in csv.DictReader(lines)}


def test_every_file_of_the_folder_is_loaded() -> None:
    files = {file.stem for file in (ROOT / "service" / "evidence").glob("*.toml")}
    assert set(TABLES) == files


@pytest.mark.parametrize("name", TABLES)
def test_errata_with_a_number_are_in_the_list_of_misprints(name: str) -> None:
    numbers = [erratum.number for erratum in TABLES[name].errata if erratum.number is not None]
    assert set(numbers) <= set(MISPRINTS)
    assert len(numbers) == len(set(numbers))


def test_every_misprint_of_the_list_stands_in_a_table() -> None:
    assert {erratum.number for table in TABLES.values() for erratum in table.errata} >= set(MISPRINTS)


def test_the_accuracies_of_mri_and_ct_imply_shares_of_disease_that_agree() -> None:
    table = TABLES["shah-modality"]
    bounds: dict[str, tuple[float, float]] = {}
    for name in ("mri", "ct"):
        row = table.row(name, "osseous metastasis")
        printed = [float(row[f"{figure}_percent"]) for figure in ("sensitivity", "specificity", "accuracy")]
        fits = [
            share / 1000
            for share in range(1001)
            if abs(printed[0] * share / 1000 + printed[1] * (1 - share / 1000) - printed[2]) <= 0.1
        ]
        bounds[name] = (fits[0], fits[-1])
    assert bounds["mri"][0] <= bounds["ct"][0] <= bounds["ct"][1] <= bounds["mri"][1]


@pytest.mark.parametrize("name", TABLES)
def test_a_table_beyond_the_papers_is_marked_in_its_citation_too(name: str) -> None:
    assert TABLES[name].ext is ("(ext)" in TABLES[name].citation.locator)


def test_the_levels_of_the_sins_bands_are_the_printed_ranges_expanded() -> None:
    expanded: dict[str, str] = {}
    for row in SINS.groups["location"]:
        for span in word(row, "levels").split():
            first, last = span.split("-")
            between = [level for level in TABLE_LEVELS if position(first) <= position(level) <= position(last)]
            assert not set(between) & set(expanded)
            expanded.update(dict.fromkeys(between, word(row, "value")))
    assert expanded == {word(row, "value"): word(row, "band") for row in SINS.groups["location-level"]}
    assert set(expanded) == set(TABLE_LEVELS)
    assert len(expanded) == 30


def test_the_sins_components_add_up_to_the_printed_range_0_to_18() -> None:
    points = [[whole(row, "points") for row in SINS.groups[component]] for component in COMPONENTS]
    sums = {sum(each) for each in product(*points)}
    assert (min(sums), max(sums)) == (0, 18)
    assert sums == set(range(19))


def test_the_sins_categories_cover_every_total_once() -> None:
    covered = [total for row in SINS.groups["category"] for total in range(whole(row, "low"), whole(row, "high") + 1)]
    assert covered == list(range(19))
    assert [row["consultation"] for row in SINS.groups["category"]] == [False, True, True]


def test_the_sins_values_are_those_of_the_vocabulary() -> None:
    with (ROOT / "mappings" / "base" / "findings.csv").open(encoding="utf-8", newline="") as lines:
        values = {(row["finding"], row["value"]) for row in csv.DictReader(lines)}
    asked = {
        "location": "sins-location",
        "pain": "spinal-pain",
        "bone-lesion": "bone-lesion",
        "alignment": "alignment",
        "collapse": "vertebral-collapse",
        "posterolateral": "posterolateral-involvement",
        "location-level": "vertebral-level",
    }
    for component, finding in asked.items():
        assert all((finding, row["value"]) in values for row in SINS.groups[component]), component


def test_each_escc_grade_adds_a_sign_to_the_grade_before() -> None:
    signs = ("epidural-involvement", "thecal-sac-deformation", "cord-abutment", "cord-compression")
    counts = [sum(row[sign] is True for sign in signs) for row in ESCC.rows]
    assert counts == [0, 1, 2, 3, 4, 4]
    assert all([row[sign] for sign in signs] == sorted((row[sign] for sign in signs), reverse=True) for row in ESCC.rows)
    assert [row.get("csf-visible") for row in ESCC.rows] == [None, None, None, None, True, False]
    assert [row["grade"] for row in ESCC.rows if row["band"] == "high-grade"] == ["2", "3"]


def test_agreement_is_worst_on_bone_quality_and_best_on_pain() -> None:
    kappas = {word(row, "component"): row["kappa_between"] for row in TABLES["fourney-2011"].rows if "kappa_between" in row}
    assert set(kappas) == set(COMPONENTS)
    assert min(kappas, key=lambda component: float(kappas[component])) == "bone-lesion"
    assert max(kappas, key=lambda component: float(kappas[component])) == "pain"


@pytest.mark.parametrize("instrument", CATALOGUE, ids=lambda instrument: instrument.key)
def test_an_instrument_rests_on_a_paper_first_and_names_only_tables_that_exist(instrument: object) -> None:
    sources = next(each.sources for each in CATALOGUE if each is instrument)
    assert set(sources) <= set(TABLES)
    beyond = [TABLES[name].ext for name in sources]
    assert not beyond[0]
    assert beyond == sorted(beyond)


def test_every_instrument_reads_findings_of_the_vocabulary() -> None:
    with (ROOT / "mappings" / "base" / "findings.csv").open(encoding="utf-8", newline="") as lines:
        findings = {row["finding"] for row in csv.DictReader(lines)}
    for instrument in CATALOGUE:
        assert set(instrument.reads) <= findings
        assert len(instrument.reads) == len(set(instrument.reads))


def test_every_code_that_the_cases_bring_out_is_in_the_vocabulary_and_of_its_kind() -> None:
    kinds = _outcomes()
    for written in written_cases():
        built = build_case(written)
        assessed = assess(built.case, TABLES)
        for outcomes in (*assessed.lesion_outcomes.values(), assessed.patient_outcomes):
            for outcome in outcomes:
                said = (
                    *((code, "verdict") for code in outcome.verdicts),
                    *((code, "recommendation") for code in outcome.recommendations),
                    *((code, "reason-missing") for code in outcome.requests),
                    *((code, "flag") for code in outcome.flags if code != FROM_OTHER_REPORT),
                )
                for code, kind in said:
                    assert kind in {kinds.get((outcome.instrument, code)), kinds.get(("any", code))}, (outcome.instrument, code)


def test_every_case_of_the_files_says_why_and_where_from() -> None:
    assert all(written.why and written.source and written.expected for written in written_cases())
    assert {instrument.key for instrument in CATALOGUE} <= {key for written in written_cases() for key in written.expected}
