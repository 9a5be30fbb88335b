"""Any code of the tables in any place of a report: nothing is lost, and no order of codings, lists or entries changes anything."""

import copy
import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import (
    ABSENT_REASON,
    INTERPRETATION,
    LOCAL,
    RADLEX,
    SNOMED,
    body,
    bundle,
    coding,
    concept,
    patient,
    quantity,
    report,
)
from tests.builders import observation as an_observation
from tests.forms.accounted import REASONS, account, at, stated
from tests.forms.codes import OIFM
from tests.forms.compared import said
from tests.forms.conftest import Services

Json = dict[str, Any]
_BASE: Final = Path(__file__).parents[2] / "mappings" / "base"
_OURS: Final[Mapping[str, str]] = {"LOCAL": LOCAL, "OIFM": OIFM}
_ELEMENTS: Final = ("result", "component", "hasMember", "coding", "entry")
_SETTINGS: Final = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None, derandomize=True)


def _codes(file: str, *roles: str) -> st.SearchStrategy[Json]:
    """Choose codes of a table by number: the table itself would fill every message of a failure."""
    with (_BASE / file).open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if not roles or row["role"] in roles]
    codes = [coding(row["code"], row["display"], system=_OURS.get(row["system"], row["system"])) for row in rows]
    return st.integers(0, len(codes) - 1).map(lambda number: codes[number])


_UNKNOWN: Final = st.sampled_from([coding("V-1", system=system) for system in (SNOMED, RADLEX, "https://pacs.example/codes", None)])
_SAYS: Final = _codes("codings.csv", "question", "assertion", "primary", "history", "modality") | _codes("excluded.csv")
_ANSWERS: Final = _codes("codings.csv", "answer", "presence")
_SITES: Final = _codes("codings.csv", "site")


def _concepts(codes: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    each = st.lists(codes | _UNKNOWN, min_size=1, max_size=2, unique_by=lambda one: (one.get("system"), one["code"]))
    return each.map(lambda codings: concept(*codings))


_VALUES: Final[st.SearchStrategy[Json]] = st.one_of(
    st.just({}),
    st.booleans().map(lambda value: {"valueBoolean": value}),
    _concepts(_ANSWERS).map(lambda value: {"valueCodeableConcept": value}),
    st.builds(quantity, st.sampled_from([0, 5, 60, 150]), st.sampled_from(["%", "mm", "1"])).map(
        lambda value: {"valueQuantity": value}
    ),
    st.just({"dataAbsentReason": concept(coding("unknown", system=ABSENT_REASON))}),
)
_WORDS: Final = st.sampled_from(["NEG", "POS", "IND"]).map(
    lambda code: {"interpretation": [concept(coding(code, system=INTERPRETATION))]}
)
_STATEMENTS: Final = st.builds(
    lambda code, value, word: {"code": code, **value, **word}, _concepts(_SAYS), _VALUES, st.just({}) | _WORDS
)
_OBSERVATIONS: Final = st.builds(
    lambda statement, site, components: {**statement, **site, **components},
    _STATEMENTS,
    st.just({}) | _concepts(_SITES).map(lambda site: {"bodySite": site}),
    st.just({}) | st.lists(_STATEMENTS, min_size=1, max_size=2).map(lambda components: {"component": components}),
)


@st.composite
def _bundles(draw: st.DrawFn) -> Json:
    """Return a report with Observations of which some hold later ones: alone, in a group, or in several."""
    said_here = draw(st.lists(_OBSERVATIONS, min_size=1, max_size=4))
    made = [an_observation(**{"id": f"o{number}", **each}) for number, each in enumerate(said_here)]
    for number, each in enumerate(made[:-1]):
        later = draw(st.lists(st.integers(number + 1, len(made) - 1), max_size=2, unique=True))
        if later:
            each["hasMember"] = [{"reference": f"Observation/o{member}"} for member in later]
    return bundle(patient(), report(*made), *made)


@_SETTINGS
@given(posted=_bundles())
def test_every_coding_is_used_or_listed(services: Services, posted: Json) -> None:
    content = json.loads(body(posted))
    assessment = _assessed(services, content)
    [(reading, translation)] = services.seen
    left_out = {str(issue["path"]).removesuffix(".value") for issue in assessment["issues"] if issue["code"] == "invariant"}
    lost = account(stated(content), reading, translation, assessment["unmapped"]).lost
    assert [each for each in lost if each.statement.partition(".component")[0] not in left_out] == []
    for row in assessment["unmapped"]:
        assert row["reason"] in REASONS
        assert at(content, row["path"]) is not None, row


@_SETTINGS
@given(posted=_bundles(), data=st.data())
def test_no_order_changes_the_result(services: Services, posted: Json, data: st.DataObject) -> None:
    content = json.loads(body(posted))
    turned = copy.deepcopy(content)
    _turn(turned, data.draw(st.sampled_from(_ELEMENTS)))
    assert _unordered(_assessed(services, turned)) == _unordered(_assessed(services, content))


def _assessed(services: Services, content: Json) -> Json:
    answer = services.open.post("/assessments?store=false", content, Prefer="handling=lenient")
    assert answer.status_code == 200, answer.text
    assessment: Json = answer.get_json()
    return assessment


def _turn(node: object, element: str) -> None:
    """Turn every list of one element round."""
    if isinstance(node, dict):
        for name, each in node.items():
            if name == element:
                each.reverse()
            _turn(each, element)
    elif isinstance(node, list):
        for each in node:
            _turn(each, element)


def _unordered(assessment: Json) -> list[object]:
    """Return what an assessment says of lesions, without the numbers that it gives them by the order of the document."""
    content = said(assessment)
    lesions = sorted(json.dumps({**each, "id": ""}, sort_keys=True) for each in content["lesions"])
    rows = sorted((row["reason"], row["code"] or "", row["system"] or "") for row in assessment["unmapped"])
    statements = sorted(each["text"] for each in content["statements"])
    return [lesions, statements, rows, content["study_findings"], content["patient_findings"], content["patient_outcomes"]]
