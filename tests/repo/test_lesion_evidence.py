"""The evidence of fracture cause, fracture risk and lesion nature: printed figures recomputed, signs in the vocabulary."""

import math
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from service.evidence.load import load
from service.evidence.tables import Row, whole, word
from service.instruments.lesion_nature.scale import scale_of
from service.mapping.mapfile import load as load_mappings

TABLES: Final = load()
VOCABULARY: Final = load_mappings(Path(__file__).resolve().parents[2] / "mappings", snomed_affiliate=False).vocabulary
TABLE_1: Final = TABLES["montoya-table-1"]
TEXT: Final = TABLES["shah-fracture"]
AN: Final = TABLES["an-table-3"]


def signs(row: Row, *columns: str) -> list[tuple[str, str]]:
    pairs = (sign.split("=") for column in columns if column in row for sign in word(row, column).split())
    return [(finding, answer) for finding, answer in pairs]


def test_table_1_has_seven_rows_for_each_examination_and_eleven_concepts() -> None:
    assert [len(TABLE_1.groups[modality]) for modality in ("ct", "mri")] == [7, 7]
    assert len({row["concept"] for row in TABLE_1.rows}) == 11
    both = {row["concept"] for row in TABLE_1.groups["ct"]} & {row["concept"] for row in TABLE_1.groups["mri"]}
    assert both == {"osteonecrosis", "posterior-wall", "soft-tissue"}


def test_the_text_adds_signs_and_no_concept() -> None:
    assert {row["concept"] for row in TEXT.rows if "concept" in row} <= {row["concept"] for row in TABLE_1.rows}


def test_every_sign_is_an_answer_of_the_vocabulary() -> None:
    told = [sign for row in (*TABLE_1.rows, *TEXT.rows) for sign in signs(row, "osteoporotic-signs", "metastatic-signs", "signs")]
    assert told
    for finding, answer in told:
        assert answer in {*VOCABULARY[finding].values, "absent"}, finding
        assert "fracture-cause" in VOCABULARY[finding].instruments, finding


def test_no_answer_is_a_sign_of_both_sides() -> None:
    sides: dict[tuple[str, str], set[str]] = {}
    for row in TABLE_1.rows:
        for side in ("osteoporotic", "metastatic"):
            for sign in signs(row, f"{side}-signs"):
                sides.setdefault(sign, set()).add(side)
    for part in ("osteoporotic", "metastatic"):
        for row in TEXT.groups[part]:
            for sign in signs(row, "signs"):
                sides.setdefault(sign, set()).add(part)
    assert {sign for sign, both in sides.items() if len(both) > 1} == set()


def test_the_misprint_of_the_posterior_wall_is_corrected() -> None:
    (erratum,) = [each for each in TABLE_1.errata if each.number == 24]
    assert "Bulging or the wall" in erratum.printed
    assert all(
        row["metastatic"] == "posterior wall bulging into the canal" for row in TABLE_1.rows if row["concept"] == "posterior-wall"
    )


def test_both_papers_print_half_of_the_cortex() -> None:
    edges = {whole(TABLES[name].row("cortex-destroyed"), "percent") for name in ("shah-fracture-risk", "montoya-fracture-risk")}
    assert edges == {50}


def test_the_printed_attenuations_are_the_cut_offs_of_their_source() -> None:
    printed, source = TABLES["montoya-attenuation"], TABLES["ulano-2016"]
    assert printed.row("metastasis")["hounsfield"] == source.row("mean")["hounsfield"]
    assert printed.row("enostosis")["hounsfield"] == source.row("maximum")["hounsfield"]
    assert [erratum.number for erratum in printed.errata] == [26]


def test_the_more_accurate_reference_is_the_disc_at_15_and_muscle_at_3_tesla() -> None:
    assert scale_of(TABLES).preferred == {Decimal("1.5"): "disc", Decimal(3): "muscle"}


@pytest.mark.parametrize(("sign", "positive", "negative"), [("halo-sign", 150, 0.25), ("bulls-eye-sign", 190, 0.05)])
def test_the_ratios_that_the_pelvic_figures_would_claim(sign: str, positive: float, negative: float) -> None:
    """They are what the caveat keeps out of the spine."""
    row = TABLES["shah-marrow-signs"].row(sign)
    sensitivity, specificity = float(row["sensitivity_percent"]), float(row["specificity_percent"])
    assert sensitivity / (100 - specificity) == pytest.approx(positive)
    assert (100 - sensitivity) / specificity == pytest.approx(negative, abs=0.005)


def test_the_pelvic_study_had_47_patients() -> None:
    study = TABLES["schweitzer-1993"]
    assert sum(whole(row, "patients") for row in study.rows) == 47
    assert {row["region"] for row in study.rows} == {"pelvis"}


def test_the_counts_of_an_add_up_to_their_printed_totals_and_percentages() -> None:
    for row in AN.rows:
        high, low, total = (whole(row, column) for column in ("t2_high", "t2_low", "total"))
        assert high + low == total
        assert round(100 * high / total, 1) == float(row["high_percent"])
        assert round(100 * low / total, 1) == float(row["low_percent"])
    assert sum(whole(row, "total") for row in AN.rows) == 76


def test_the_ratios_of_the_t2_hint_follow_from_the_counts() -> None:
    said = " ".join(scale_of(TABLES).caveats["an-table-3"])
    blastic, lytic = AN.row("blastic"), AN.row("lytic")
    high = (37 / 43) / (5 / 33)
    low = (28 / 33) / (6 / 43)
    assert (whole(lytic, "t2_high"), whole(blastic, "t2_low")) == (37, 28)
    assert (round(high, 1), round(low, 1)) == (5.7, 6.1)
    assert f"LR bright to lytic {high:.1f}, not bright to blastic {low:.1f}; 76 lesions" in said


def test_the_association_of_density_and_t2_is_as_strong_as_printed() -> None:
    (a, b), (c, d) = ((whole(row, "t2_high"), whole(row, "t2_low")) for row in AN.rows)
    n = a + b + c + d
    statistic = n * (a * d - b * c) ** 2 / ((a + b) * (c + d) * (a + c) * (b + d))
    corrected = n * (abs(a * d - b * c) - n / 2) ** 2 / ((a + b) * (c + d) * (a + c) * (b + d))
    assert math.erfc(math.sqrt(corrected / 2)) < 1e-8
    assert math.erfc(math.sqrt(statistic / 2)) < 0.001


def test_the_fat_suppressed_signals_are_all_told_apart() -> None:
    assert set(scale_of(TABLES).fat_sat) == set(VOCABULARY["t1-fat-sat-signal"].values)
