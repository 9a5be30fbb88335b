"""text.div: the statements' own words, escaped, and what was not understood."""

from dataclasses import replace
from xml.etree import ElementTree as ET

from service.model.assessment import Assessment, Statement
from service.model.case import Case
from service.model.coded import Issue, Severity
from service.model.finding import Unmapped
from service.model.lesion import Site
from service.model.outcome import Applicability, Citation
from service.resources.narrative import DISCLAIMER, div
from tests.unit.resources.example import assessment, emission, lesion, open_sins, outcome, withdrawn

_XHTML = "{http://www.w3.org/1999/xhtml}"
_ALLOWED = {"div", "p", "b", "ol", "ul", "li", "h3", "table", "thead", "tbody", "tr", "th", "td"}
_UNMAPPED = Unmapped(system=None, code="x", display=None, path="Observation", reason="unknown-code")


def _read(made: Assessment) -> ET.Element:
    return ET.fromstring(div(made, emission()))  # noqa: S314 - our own output


def _cells(made: Assessment) -> list[list[str]]:
    rows = _read(made).iter(f"{_XHTML}tr")
    return [["".join(cell.itertext()) for cell in row] for row in rows]


def test_every_statement_stands_in_it_word_for_word() -> None:
    made = assessment()
    said = ["".join(item.itertext()) for item in _read(made).iter(f"{_XHTML}li")]
    assert said == [statement.text for statement in made.statements]


def test_an_urgent_statement_says_so_in_words() -> None:
    urgent = Statement(rank=1, lesion=None, text="T12: ESCC 3", urgent=True, instrument="escc")
    (item,) = _read(assessment(statements=(urgent,))).iter(f"{_XHTML}li")
    assert "".join(item.itertext()) == "Urgent. T12: ESCC 3"


def test_a_lesion_has_a_row_for_each_instrument() -> None:
    _, sins, escc = _cells(assessment())
    assert sins == [
        "SINS",
        "Category open: Potentially unstable (SINS 7-12) or Unstable (SINS 13-18)",
        "11 to 14",
        "spinal pain",
        "spinal pain",
        "",
        "Surgical consultation; Pain missing",
    ]
    assert escc[:3] == ["ESCC", "ESCC grade 1b; Low-grade epidural disease", ""]


def test_an_instrument_that_does_not_apply_is_said_to() -> None:
    not_applicable = outcome("sins", "stable", applicability=Applicability.NOT_APPLICABLE)
    assert _cells(assessment(not_applicable))[1][1] == "Stable (SINS 0-6); not applicable"


def test_outcomes_over_all_lesions_have_a_table_of_their_own() -> None:
    made = assessment(patient_outcomes=(outcome("next-imaging", recommendations=("mri",)),))
    assert [heading.text for heading in _read(made).iter(f"{_XHTML}h3")] == ["T12", "Patient"]
    assert _cells(made)[-1] == ["Next imaging", "", "", "", "", "", "MRI"]


def test_what_was_not_understood_is_named_once_with_its_reason() -> None:
    said = "<p>Not understood or not used: x (unknown-code).</p>"
    assert said in div(assessment(unmapped=(_UNMAPPED,)), emission())
    assert said in div(assessment(unmapped=(_UNMAPPED,) * 2), emission())
    assert "not understood" not in div(assessment(), emission())


def test_warnings_about_the_input_are_shown_and_mere_information_is_not() -> None:
    warning = Issue(severity=Severity.WARNING, code="conflict", text="Two lesions at T11.")
    information = Issue(severity=Severity.INFORMATION, code="informational", text="Read twice.")
    text = div(assessment(issues=(warning, information)), emission())
    assert "Two lesions at T11." in text
    assert "Read twice." not in text


def test_a_report_without_a_lesion_says_that_none_is_coded() -> None:
    made = assessment(case=Case(lesions=(), study={}, patient={}), lesion_outcomes={}, statements=())
    text = div(made, emission())
    assert "No lesion of the spine is stated in codes." in text
    assert "Evidence" not in text


def test_a_lesion_without_outcomes_has_no_table() -> None:
    assert "<table>" not in div(assessment(lesion_outcomes={}), emission())


def test_a_withdrawn_assessment_says_withdrawn_and_nothing_else() -> None:
    assert "".join(_read(withdrawn()).itertext()) == "Withdrawn"


def test_markup_in_any_text_is_escaped() -> None:
    hostile = '<script>alert("x")</script> & more'
    statement = Statement(rank=1, lesion="lesion-1", text=hostile, urgent=False, instrument="sins")
    made = assessment(
        statements=(statement,),
        case=Case(lesions=(lesion(site=Site(text=hostile)),), study={}, patient={}),
        issues=(Issue(severity=Severity.WARNING, code="conflict", text=hostile),),
    )
    made = replace(made, lesion_outcomes={"lesion-1": (outcome("sins", hostile, flags=(hostile,)),)})
    assert {element.tag.removeprefix(_XHTML) for element in _read(made).iter()} <= _ALLOWED


def test_the_disclaimer_and_the_evidence_are_printed() -> None:
    text = div(assessment(), emission())
    assert DISCLAIMER in text
    assert "Evidence: Montoya-Bordon 2023, Table 3; Montoya-Bordon 2023, Degree of spinal cord compression." in text


def test_evidence_of_what_is_not_said_is_not_printed() -> None:
    unsaid = outcome("fracture-risk", reasons=(), citations=(Citation(paper="Shah 2011", locator="Section 2.1"),))
    assert "Section 2.1" not in div(assessment(open_sins(), unsaid), emission())
