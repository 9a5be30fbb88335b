"""FHIR data types as dictionaries."""

import pytest

from service.model.coded import Coding
from service.resources.element import coding, concept


@pytest.mark.parametrize(
    ("value", "element"),
    [
        (Coding(None, "x"), {"code": "x"}),
        (Coding("s", "x"), {"system": "s", "code": "x"}),
        (Coding("s", "x", "X"), {"system": "s", "code": "x", "display": "X"}),
    ],
)
def test_absent_parts_of_a_coding_are_left_out(value: Coding, element: dict[str, str]) -> None:
    assert coding(value) == element


def test_a_concept_without_codes_is_text_only() -> None:
    assert concept((), "T12") == {"text": "T12"}
