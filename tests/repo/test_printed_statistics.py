"""Every percentage, total and P value that Wu and An print, recomputed from their printed counts; what differs is an erratum."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Final

import pytest
from scipy import stats  # type: ignore[import-untyped]  # scipy ships no types

from service.evidence.load import load
from service.evidence.tables import Cell, Row, Table, whole, word

TABLES: Final = load()
WU: Final = (TABLES["wu-table-1"], TABLES["wu-table-2"])
AN: Final = TABLES["an-table-1"]
PRIMARIES: Final = ("stomach", "colorectal", "hcc", "lung", "breast")
GROUPS: Final = ("iesl", "sm")

NOT_FROM_COUNTS: Final = {"age-at-first-diagnosis", "age-at-lesion", "interval-to-lesion", "follow-up"}
"""Mann-Whitney tests of Wu's Table 1: the single values are not printed."""


def rounds_to(exact: float, printed: Cell) -> bool:
    """Tell whether a printed number is the exact one, rounded at the digits that it prints."""
    digits = len(str(printed).partition(".")[2])
    return abs(exact - float(printed)) <= 0.5000001 * 10.0**-digits


def numbers(table: Table) -> set[int | None]:
    return {erratum.number for erratum in table.errata}


# Percentages and totals.


def test_every_percentage_of_wu_follows_from_its_count_but_two() -> None:
    wrong = [
        (word(row, table.key[0]), group)
        for table in WU
        for row in table.rows
        for group in GROUPS
        if group in row and not rounds_to(100 * whole(row, group) / whole(row, f"{group}_of"), row[f"{group}_percent"])
    ]
    assert wrong == [("stem-cell-transplantation", "iesl"), ("lesion-shape", "sm")]
    assert {7, 1} <= numbers(WU[0]) | numbers(WU[1])


def test_the_shape_that_is_used_gives_the_printed_per_cent() -> None:
    row = WU[1].used("lesion-shape", "irregular")
    assert (whole(row, "sm"), whole(row, "sm_of"), row["sm_percent"]) == (9, 9, 100)
    assert WU[1].row("lesion-shape", "irregular")["sm"] == 0


@pytest.mark.parametrize("table", WU, ids=lambda table: table.name)
def test_the_categories_of_wu_add_up_to_their_patients_but_the_number_of_lesions(table: Table) -> None:
    grouped = {str(name): rows for name, rows in table.groups.items() if len(rows) > 1}
    wrong = {
        (name, group)
        for (name, rows), group in product(grouped.items(), GROUPS)
        if sum(whole(row, group) for row in rows) != whole(rows[0], f"{group}_of")
    }
    assert wrong == ({("lesion-number", "iesl"), ("lesion-number", "sm")} if table.name == "wu-table-2" else set())


def test_the_cohort_of_wu_has_twelve_patients() -> None:
    row = TABLES["wu-cohort"].row("patients")
    assert [whole(row, column) for column in ("iesl", "sm", "total")] == [3, 9, 12]


def test_every_percentage_of_an_follows_from_its_count_but_one() -> None:
    wrong = [
        (row["finding"], row["value"], row["primary"])
        for row in AN.rows
        if "percent" in row and not rounds_to(100 * whole(row, "count") / whole(row, "of"), row["percent"])
    ]
    assert wrong == [("epicentre", "posterior-elements", "breast")]
    assert 11 in numbers(AN)


@pytest.mark.parametrize(("finding", "primary"), list(product(AN.groups, PRIMARIES)))
def test_the_categories_of_an_add_up_to_the_lesions_of_a_primary(finding: str, primary: str) -> None:
    rows = [row for row in AN.groups[finding] if row["primary"] == primary]
    lesions = whole(TABLES["an-cohort"].row(primary), "lesions")
    assert sum(whole(row, "count") for row in rows) == lesions
    without_contrast = sum(whole(row, "count") for row in rows if row["value"] == "not-applicable")
    assert {whole(row, "of") for row in rows if row["value"] != "not-applicable"} == {lesions - without_contrast}


def test_the_totals_of_an_are_the_sums_of_the_primaries() -> None:
    for row in AN.rows:
        if row["primary"] == "total":
            parts = [AN.row(row["finding"], row["value"], primary) for primary in PRIMARIES]
            assert whole(row, "count") == sum(whole(part, "count") for part in parts)


def test_the_cohort_of_an_adds_up_and_two_quotients_are_misprinted() -> None:
    cohort = TABLES["an-cohort"]
    rows, total = [cohort.row(primary) for primary in PRIMARIES], cohort.row("total")
    assert [sum(whole(row, column) for row in rows) for column in ("patients", "lesions")] == [30, 169]
    assert whole(total, "measured") + whole(total, "whole_vertebra") + whole(total, "without_mass") == whole(total, "lesions")
    wrong = [
        row["primary"] for row in rows if not rounds_to(whole(row, "lesions") / whole(row, "patients"), row["lesions_per_patient"])
    ]
    assert wrong == ["stomach", "colorectal"]
    assert 18 in numbers(cohort)


def test_the_rows_of_the_density_add_up_and_two_totals_are_misprinted() -> None:
    table = TABLES["an-table-2"]
    columns = ("blastic", "lytic", "mixed", "indeterminate")
    for primary in (*PRIMARIES, "total"):
        row = table.row(primary)
        assert (sum(whole(row, column) for column in columns) == whole(row, "total")) is (primary != "total")
    sums = {column: sum(whole(table.row(primary), column) for primary in PRIMARIES) for column in columns}
    assert [column for column in columns if sums[column] != table.row("total")[column]] == ["blastic", "lytic"]
    assert (sums["blastic"], sums["lytic"]) == (34, 47)
    assert 12 in numbers(table)
    assert 169 - sums["mixed"] - sums["indeterminate"] == 81
    assert 14 in numbers(TABLES["an-table-2"])


# P values.


def fisher(rows: tuple[Row, ...]) -> float:
    row = rows[0]
    counts = [[whole(row, group), whole(row, f"{group}_of") - whole(row, group)] for group in GROUPS]
    return float(stats.fisher_exact(counts).pvalue)


def likelihood_ratio(rows: tuple[Row, ...]) -> float:
    counts = [[whole(row, group) for row in rows] for group in GROUPS]
    return float(stats.chi2_contingency(counts, correction=False, lambda_="log-likelihood").pvalue)


def recomputed(table: Table) -> Iterator[tuple[str, float, float]]:
    """Yield each printed P value of Wu with the one that follows from the counts: Fisher for two categories, else G."""
    for name, printed in table.groups.items():
        rows = tuple(table.used(*(row[column] for column in table.key)) for row in printed)
        if "p" in rows[0] and name not in NOT_FROM_COUNTS:
            test: Callable[[tuple[Row, ...]], float] = fisher if len(rows) <= 2 else likelihood_ratio
            yield str(name), float(rows[0]["p"]), test(rows)


def test_every_p_value_of_wu_follows_from_its_counts_but_two() -> None:
    found = {name: (printed, exact) for table in WU for name, printed, exact in recomputed(table)}
    assert len(found) == 26
    wrong = {name: exact for name, (printed, exact) in found.items() if not rounds_to(exact, printed)}
    assert wrong == {
        "posterior-element-involvement": pytest.approx(0.4545, abs=1e-4),
        "lesion-number": pytest.approx(0.139, abs=1e-3),
    }
    assert {5, 2} <= numbers(WU[1])


@pytest.mark.parametrize(("finding", "value"), [("t2-vs-muscle", "hypo"), ("bone-lesion", "blastic")])
def test_the_binary_contrasts_that_wu_quotes_have_another_p_value(finding: str, value: str) -> None:
    row = WU[1].row(finding, value)
    assert fisher((row,)) == pytest.approx(0.0455, abs=1e-4)
    assert not rounds_to(fisher((row,)), WU[1].groups[finding][0]["p"])
    assert {3, 4} <= numbers(WU[1])


def one_sample_t(row: Row) -> float:
    """Return the P value of An's test: the proportion against one half, lesions as 0 and 1."""
    count, of = whole(row, "count"), whole(row, "of")
    return float(stats.ttest_1samp([1] * count + [0] * (of - count), 0.5).pvalue)


def is_reproduced(row: Row) -> bool:
    printed, exact = word(row, "p"), one_sample_t(row)
    return exact < float(printed[2:]) if printed.startswith("<") else rounds_to(exact, float(printed))


def test_every_p_value_of_an_follows_from_its_counts_but_the_extent_of_lung() -> None:
    rows = [row for row in AN.rows if "p" in row]
    assert len(rows) == 26
    wrong = [row for row in rows if not is_reproduced(row)]
    assert [(row["finding"], row["primary"], row["p"]) for row in wrong] == [("lesion-extent", "lung", "0.02")]
    assert one_sample_t(wrong[0]) < 0.001
    assert 15 in numbers(AN)


def test_the_epicentre_of_colorectal_is_not_below_the_p_value_of_the_text() -> None:
    assert 0.02 < one_sample_t(AN.row("epicentre", "vertebral-body", "colorectal")) < 0.0215
    assert 16 in numbers(AN)


def test_the_mean_and_deviation_of_the_ages_fit_the_patients_of_the_figures() -> None:
    row = WU[0].row("age-at-lesion", "years")
    ages = (11, 12, 28)
    assert sum(ages) / 3 == row["iesl_mean"]
    assert rounds_to(float(stats.tstd(ages)), row["iesl_sd"])


def test_the_follow_up_of_wu_excludes_the_six_months_of_a_figure() -> None:
    row = WU[0].row("follow-up", "months")
    months = (5, 35, 220)
    assert rounds_to(sum(months) / 3, row["iesl_mean"])
    assert rounds_to(float(stats.tstd(months)), row["iesl_sd"])
    assert 10 in numbers(WU[0])
