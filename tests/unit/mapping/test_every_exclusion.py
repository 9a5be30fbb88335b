"""Every row that must not be read: licensed ones until they are switched on, excluded codes, barred values."""

from dataclasses import replace

import pytest

from service.mapping import codes
from service.mapping.concept import Role
from service.model.coded import CodedItem, CodedValue, Coding, ItemKind
from tests.unit.mapping.items import CORD_COMPRESSION, coded, item, local, number, true, understood
from tests.unit.mapping.rows import as_condition, as_procedure, at, coding_rows, raw, system_of

Wrong = list[tuple[object, ...]]
ADC = Coding(codes.RADLEX, "RID12698", "apparent diffusion coefficient map")
"""Excluded as a number, mapped as the name of a sequence."""


def anywhere(coding: Coding) -> list[CodedItem]:
    """Return items that carry a code in every place where codes are read."""
    return [
        item(coding),
        item(coding, value=true()),
        item(CORD_COMPRESSION, value=coded(coding)),
        item(local("cord-compression"), value=coded(coding)),
        replace(item(coding), kind=ItemKind.CONCLUSION),
        replace(item(coding), kind=ItemKind.EXAM),
        as_condition(item(coding)),
        as_procedure(item(coding)),
    ]


def test_every_licensed_row_is_unknown_until_it_is_switched_on() -> None:
    wrong: Wrong = []
    excluded = {(system_of(row), row["code"]) for row in raw("base", "excluded")}
    rows = [row for row in coding_rows(*Role) if row.folder == "snomed-affiliate" and (row.system, row.code) not in excluded]
    for row in rows:
        [nowhere] = [found.place for found in understood(at(row)).findings]
        if nowhere.levels or nowhere.discs or nowhere.regions or nowhere.parts or nowhere.sides:
            wrong.append((str(row), at(row), nowhere))
        for each in anywhere(row.coding):
            left = understood(each).unmapped
            reason = "unknown-answer" if isinstance(each.value, CodedValue) else "unknown-code"
            if [(one.code, one.reason) for one in left if one.code == row.code] != [(row.code, reason)]:
                wrong.append((str(row), each, left))
    assert rows
    assert wrong == []


@pytest.mark.parametrize("affiliate", [False, True])
def test_every_excluded_code_is_refused_with_its_reason_wherever_it_stands(affiliate: bool) -> None:
    wrong: Wrong = []
    for row in [each for each in raw("base", "excluded") if each["kind"] == "excluded"]:
        coding = Coding(system_of(row), row["code"], row["display"])
        told = anywhere(coding) if coding != ADC else [item(coding, value=number("900", unit="um2/s"))]
        for each in told:
            translation = understood(each, affiliate=affiliate)
            left = [(one.reason, one.why) for one in translation.unmapped if one.code == row["code"]]
            if left != [("excluded", row["reason"])]:
                wrong.append((row["code"], each.kind, each.code, translation.findings, left))
    assert wrong == []


def test_every_barred_value_is_not_what_its_code_says() -> None:
    wrong: Wrong = []
    for row in [each for each in raw("base", "excluded") if each["kind"] == "value-barred"]:
        coding = Coding(system_of(row), row["code"], row["display"])
        barred = (row["nearest_finding"], row["nearest_value"])
        told = [*anywhere(coding), item(local(barred[0]), value=coded(coding)), item(CORD_COMPRESSION, sites=(coding,))]
        for each in told:
            translation = understood(each, affiliate=True)
            if barred in {(found.finding, found.value) for found in translation.findings}:
                wrong.append((row["code"], each))
        answered = understood(told[-2], affiliate=True)
        if not answered.findings and [(one.reason, one.why) for one in answered.unmapped] != [("excluded", row["reason"])]:
            wrong.append((row["code"], answered))
    assert wrong == []
