"""What no saying of any written case may contain, and what it must: for the instruments that name what a lesion may be."""

import re

import pytest

from service.assessment.assess import assess
from service.assessment.statements import say
from service.evidence.load import load
from service.model.assessment import Statement
from service.model.case import Case
from tests.cases.written_case import WrittenCase, build_case, written_cases

TABLES = load()
NATURE = ("mimics", "intramedullary", "treatment-response", "leptomeningeal", "cord-astrocytoma")


def statements(case: Case) -> tuple[Statement, ...]:
    return say(case, assess(case, TABLES))


FORBIDDEN = re.compile(r"\b(benign|diagnos\w*|proven|excluded that|no sign of|reassur\w*|harmless|normal spine)\b", re.IGNORECASE)


WRITTEN = [case for case in written_cases() if set(case.expected) & set(NATURE)]


@pytest.mark.parametrize("written", [case for case in WRITTEN if "mimics" in case.expected], ids=lambda case: case.id)
def test_no_candidate_is_favoured_without_the_metastasis_it_may_be(written: WrittenCase) -> None:
    texts = [each.text for each in statements(build_case(written).case) if each.instrument == "mimics"]
    favoured = [text for text in texts if "imaging favours" in text or "imaging may favour" in text]
    assert [text for text in favoured if "metastasis" not in text] == []


@pytest.mark.parametrize("written", WRITTEN, ids=lambda case: case.id)
def test_no_case_brings_out_a_diagnosis_or_comfort(written: WrittenCase) -> None:
    texts = [each.text for each in statements(build_case(written).case) if each.instrument in NATURE]
    assert not [text for text in texts if FORBIDDEN.search(text.replace("(differential diagnosis)", ""))]
    assert all(text.endswith(").") for text in texts)
