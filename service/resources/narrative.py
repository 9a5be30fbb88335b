"""text.div of a RiskAssessment: XHTML from the statements, in their own words.

Source: FHIR R4 narrative (txt-1, txt-2: basic formatting only, some content); interfaces sections 4 and 11.
"""

from functools import lru_cache
from html import escape
from typing import Final

from service.model.assessment import Assessment, Statement
from service.model.coded import Severity
from service.model.outcome import Outcome
from service.resources.answer import answers
from service.resources.emission import Emission
from service.resources.wording import (
    PATIENT,
    answer_text,
    applicability_text,
    citation_text,
    decisive_text,
    displays_text,
    missing_text,
    not_understood_text,
    score_text,
)

WITHDRAWN: Final = "Withdrawn"

DISCLAIMER: Final = (
    "Imaging appearance, computed from coded findings; decision by the multidisciplinary team; "
    "does not replace communication of critical results."
)

_OPEN: Final = '<div xmlns="http://www.w3.org/1999/xhtml">'
_HEAD: Final = (
    "<thead><tr><th>Assessment</th><th>Result</th><th>Score</th><th>Not assessed</th><th>Would settle it</th>"
    "<th>Take note</th><th>Recommended or asked for</th></tr></thead>"
)


def div(assessment: Assessment, emission: Emission) -> str:
    """Return the narrative: statements in order, one table for each lesion, and what was not understood.

    A withdrawn assessment says "Withdrawn" and nothing else.
    """
    if assessment.case is None:
        return f"{_OPEN}<p>{WITHDRAWN}</p></div>"
    lesions = assessment.case.lesions
    parts = (
        f"<p>Spinal lesion assessment, {escape(assessment.status)}. {DISCLAIMER}</p>",
        _statements(assessment),
        *(_table(lesion.site.text, assessment.lesion_outcomes.get(lesion.id, ()), emission) for lesion in lesions),
        _table(PATIENT, assessment.patient_outcomes, emission),
        _not_understood(assessment),
        _evidence(assessment),
    )
    return f"{_OPEN}{''.join(parts)}</div>"


def _statements(assessment: Assessment) -> str:
    if not assessment.statements:
        return "<p>No lesion of the spine is stated in codes.</p>"
    return f"<ol>{''.join(_statement(each) for each in assessment.statements)}</ol>"


def _statement(statement: Statement) -> str:
    return f"<li>{'<b>Urgent.</b> ' if statement.urgent else ''}{escape(statement.text)}</li>"


def _table(title: str, outcomes: tuple[Outcome, ...], emission: Emission) -> str:
    """Return one lesion's outcomes as a table; empty = none has something to say."""
    rows = "".join(_row(outcome, emission) for outcome in outcomes if not outcome.is_silent)
    if not rows:
        return ""
    return f"<h3>{escape(title)}</h3><table>{_HEAD}<tbody>{rows}</tbody></table>"


def _row(outcome: Outcome, emission: Emission) -> str:
    results = [answer_text(outcome, answer, emission) for answer in answers(outcome, emission)]
    if note := applicability_text(outcome):
        results.append(note)
    cells = (
        emission.title(outcome.instrument),
        "; ".join(results),
        "" if outcome.score is None else score_text(outcome.score),
        missing_text(outcome, emission),
        decisive_text(outcome, emission),
        displays_text(outcome, outcome.flags, emission),
        displays_text(outcome, outcome.recommendations + outcome.requests, emission),
    )
    return f"<tr><td>{'</td><td>'.join([_cell(text) for text in cells])}</td></tr>"


@lru_cache(maxsize=2048)
def _cell(text: str) -> str:
    """Escape the words of a cell; they are ours, so that few differ."""
    return escape(text)


def _not_understood(assessment: Assessment) -> str:
    words = not_understood_text(assessment.unmapped)
    said = f"<p>{escape(words)}</p>" if words else ""
    remarks = [issue.text for issue in assessment.issues if issue.severity is not Severity.INFORMATION]
    return said + (f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in remarks)}</ul>" if remarks else "")


def _evidence(assessment: Assessment) -> str:
    """Return every printed place that something said here rests on, once, in the order of the outcomes."""
    outcomes = [each for of_lesion in assessment.lesion_outcomes.values() for each in of_lesion]
    outcomes += assessment.patient_outcomes
    places = dict.fromkeys(citation for outcome in outcomes if not outcome.is_silent for citation in outcome.citations)
    return f"<p>Evidence: {escape('; '.join(citation_text(place) for place in places))}.</p>" if places else ""
