"""The constants of IESL: ratios and intervals that follow from the printed counts, blocks and signs."""

import math
from dataclasses import replace
from typing import Final

import pytest

from service.evidence.load import load
from service.instruments.iesl.scale import BLOCKS, Weight, scale_of

TABLES: Final = load()

PUBLISHED: Final = {
    ("lesion-shape", "round-ovoid"): (17.50, 2.86, 1.23, 9.68),
    ("lesion-shape", "irregular"): (0.13, -2.03, -8.75, -0.56),
    ("lesion-margin", "well-defined"): (12.50, 2.53, 0.65, 9.30),
    ("lesion-margin", "ill-defined"): (0.40, -0.93, -3.19, -0.12),
    ("target-enhancement", "present"): (17.50, 2.86, 1.24, 9.70),
    ("target-enhancement", "absent"): (0.13, -2.03, -8.78, -0.56),
    ("expansile", "present"): (0.13, -2.03, -8.78, -0.56),
    ("expansile", "absent"): (17.50, 2.86, 1.23, 9.71),
    ("basivertebral-vein-obliterated", "present"): (0.13, -2.03, -8.76, -0.56),
    ("basivertebral-vein-obliterated", "absent"): (17.50, 2.86, 1.23, 9.73),
    ("pathologic-fracture", "present"): (0.40, -0.93, -3.20, -0.13),
    ("pathologic-fracture", "absent"): (12.50, 2.53, 0.66, 9.33),
    ("epidural-soft-tissue", "present"): (0.15, -1.92, -8.65, -0.42),
    ("epidural-soft-tissue", "absent"): (5.83, 1.76, 0.63, 4.27),
    ("paraspinal-soft-tissue", "present"): (0.17, -1.79, -8.52, -0.28),
    ("paraspinal-soft-tissue", "absent"): (3.50, 1.25, 0.32, 2.89),
    ("t2-vs-muscle", "hyper"): (0.54, -0.62, -2.96, 0.43),
    ("t2-vs-muscle", "iso"): (0.33, -1.10, -7.78, 0.76),
    ("t2-vs-muscle", "hypo"): (11.67, 2.46, 0.53, 9.27),
    ("bone-lesion", "blastic"): (3.27, 1.18, 0.12, 2.85),
    ("bone-lesion", "lytic"): (0.18, -1.72, -8.44, -0.13),
    ("bone-lesion", "mixed"): (0.78, -0.25, -6.86, 2.45),
    ("bone-scan-uptake", "present"): (0.40, -0.92, -3.19, -0.11),
    ("bone-scan-uptake", "absent"): (11.25, 2.42, 0.55, 9.24),
}
"""Ratio, its logarithm and the ends of the interval as the specification lists them: ratios exact, ends drawn at random."""

NOISE: Final = {"near": 0.011, "far": 0.04}
"""How far an end drawn at random may lie from the exact one, by the side of the interval that it is on: the ends of equal counts
(round shape, target, not expansile, vein preserved) differ from one another by as much."""


def weights() -> dict[tuple[str, str], Weight]:
    return {(feature.finding, value): weight for feature in scale_of(TABLES).features for value, weight in feature.weights.items()}


def test_every_value_of_the_table_has_a_weight_and_no_other() -> None:
    assert weights().keys() == PUBLISHED.keys()


@pytest.mark.parametrize("key", PUBLISHED, ids="=".join)
def test_the_ratio_follows_from_the_printed_counts(key: tuple[str, str]) -> None:
    ratio, log, _, _ = PUBLISHED[key]
    assert math.exp(weights()[key].log) == pytest.approx(ratio, abs=0.0055)  # 0.3947 is listed as 0.40
    assert round(weights()[key].log, 2) == log


@pytest.mark.parametrize("key", PUBLISHED, ids="=".join)
def test_the_interval_is_the_listed_one_but_for_the_noise_of_its_drawing(key: tuple[str, str]) -> None:
    _, _, low, high = PUBLISHED[key]
    found = weights()[key]
    far_is_high = found.log > 0 or key == ("bone-lesion", "mixed")
    assert found.low == pytest.approx(low, abs=NOISE["near" if found.log > 0 else "far"])
    assert found.high == pytest.approx(high, abs=NOISE["far" if far_is_high else "near"])


def test_equal_counts_have_equal_weights_whatever_was_drawn() -> None:
    same = [weights()[key] for key, (ratio, *_) in PUBLISHED.items() if ratio == 17.50]
    assert len(same) == 4
    assert len(set(same)) == 1


def test_the_blocks_share_the_log_ratio_equally_and_so_do_the_findings_of_a_block() -> None:
    shares = {feature.finding: feature.share for feature in scale_of(TABLES).features}
    assert [round(sum(shares[finding] for finding in findings), 9) for findings in BLOCKS.values()] == [0.25] * 4
    assert shares["expansile"] == 1 / 20


def test_signs_that_no_indolent_lesion_showed_are_the_five_of_the_rule() -> None:
    signs = {feature.finding: feature.sign for feature in scale_of(TABLES).features if feature.sign}
    assert signs == {
        "lesion-shape": "irregular",
        "expansile": "present",
        "basivertebral-vein-obliterated": "present",
        "epidural-soft-tissue": "present",
        "paraspinal-soft-tissue": "present",
    }


def test_the_misprinted_shape_is_not_computed_with() -> None:
    as_printed = {**TABLES, "wu-table-2": replace(TABLES["wu-table-2"], errata=())}
    misprinted = next(feature for feature in scale_of(as_printed).features if feature.finding == "lesion-shape")
    assert misprinted.weights["irregular"].log > weights()["lesion-shape", "irregular"].log
