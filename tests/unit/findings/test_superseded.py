"""Every statement of another report is used, an issue, or listed with the reason."""

from datetime import UTC, datetime

import pytest

from service.model.finding import Finding
from tests.unit.findings.statements import built, said

MARCH = datetime(2026, 1, 3, tzinfo=UTC)
MAY = datetime(2026, 1, 5, tzinfo=UTC)
LYTIC = said("bone-lesion", "lytic", "T7")
CODE = "http://snomed.info/sct|17621005"


def other(finding: str, told: str, where: str | None = "T7", at: datetime | None = MARCH, code: str = CODE) -> Finding:
    return said(finding, told, where, context=True, at=at, code=code)


def listed(*statements: Finding) -> list[tuple[str, str]]:
    return [(row.path, row.reason) for row in built(LYTIC, *statements).unmapped]


def test_context_that_is_used_is_not_listed() -> None:
    assert listed(other("alignment", "normal")) == []
    assert listed(other("primary-cancer", "lung", None), other("primary-cancer", "breast", None, MAY)) == []


def test_an_older_word_is_listed_as_superseded() -> None:
    old, new = other("alignment", "normal"), other("alignment", "de-novo-deformity", at=MAY)
    [row] = built(LYTIC, old, new).unmapped
    assert (row.path, row.reason, row.finding) == (old.source.path, "superseded", "alignment")
    assert (row.system, row.code) == ("http://snomed.info/sct", "17621005")
    assert row.why is not None


def test_what_the_report_says_itself_stands_and_context_that_agrees_is_listed() -> None:
    agreeing = other("alignment", "normal")
    assert listed(said("alignment", "normal", "T7"), agreeing) == [(agreeing.source.path, "superseded")]


def test_disagreement_is_a_conflict_and_not_listed() -> None:
    assert listed(said("alignment", "de-novo-deformity", "T7"), other("alignment", "normal")) == []


def test_context_at_another_place_is_an_issue_and_not_listed_twice() -> None:
    elsewhere = other("alignment", "normal", "L3")
    result = built(LYTIC, elsewhere)
    assert [issue.path for issue in result.issues] == [elsewhere.source.path]
    assert result.unmapped == ()


def test_what_describes_another_examination_is_listed_as_such() -> None:
    modality = other("modality", "ct", None, code="")
    [row] = built(LYTIC, modality).unmapped
    assert (row.reason, row.system, row.code) == ("condition-not-met", None, None)
    assert row.why == "it describes another examination"


@pytest.mark.parametrize("finding", ["vertebral-level", "laterality"])
def test_words_that_only_place_others_are_not_listed(finding: str) -> None:
    value = {"vertebral-level": "T7", "laterality": "left"}[finding]
    assert listed(said(finding, value, "T7", context=True, at=MARCH)) == []
