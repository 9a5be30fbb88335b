"""Every case of every case file, posted in forms that hospitals use: the form must not change the result.

What must follow is what follows of the same statements without any form (tests/cases), key by key, apart from ids, sources and
paths; what a case expects of its outcomes is held against each form as well.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import combinations, cycle, islice
from pathlib import Path
from typing import Any, Final

import pytest

from service.evidence.load import load as load_evidence
from service.mapping.mapfile import load as load_mappings
from tests.cases.expectation import check
from tests.cases.written_case import WrittenCase, build_case, read_cases, vocabulary, written_cases
from tests.forms.accounted import REASONS, account, at, stated
from tests.forms.codes import needs_licence
from tests.forms.compared import FROM_OTHER_REPORT, expected_of, first_lesion, outcome_of, said
from tests.forms.conftest import Services
from tests.forms.content import content_of
from tests.forms.features import DIMENSIONS, Form, forms
from tests.forms.report import Written, is_sayable, write
from tests.integration.scene import Scene

Json = dict[str, Any]
FORMS_OF_A_CASE: Final = 2
FORMS_OF_A_HARD_CONTENT: Final = 12
LEAST_USES: Final = 5
"""How often each feature must take effect at least."""

_HERE: Final = Path(__file__).parent
_FORMS: Final = forms()
_TABLES: Final = load_evidence()
_OUTCOMES: Final = load_mappings(_HERE.parents[1] / "mappings", snomed_affiliate=False).outcomes
_QUESTIONS: Final = {(each.instrument, each.outcome): each.question for each in _OUTCOMES}
_HARD: Final = read_cases(_HERE / "contents.toml")
CASES: Final = tuple(case for case in (*_HARD, *written_cases()) if is_sayable(content_of(case, vocabulary())))
"""Every case whose statements all have a code; what has none cannot be sent by anybody."""


@cache
def _forms_of_cases() -> Mapping[str, tuple[Form, ...]]:
    """Return the forms of every case: the array goes round through all of them."""
    turning = cycle(_FORMS)
    numbers = [FORMS_OF_A_HARD_CONTENT] * len(_HARD) + [FORMS_OF_A_CASE] * (len(CASES) - len(_HARD))
    return {case.id: tuple(islice(turning, number)) for case, number in zip(CASES, numbers, strict=True)}


@cache
def _written(name: str) -> tuple[tuple[Form, Written], ...]:
    case = next(case for case in CASES if case.id == name)
    content = content_of(case, vocabulary())
    return tuple((form, write(content, form, vocabulary())) for form in _forms_of_cases()[name])


def test_every_case_has_its_own_name() -> None:
    names = [case.id for case in CASES]
    assert len(names) == len(set(names))


def test_hardly_a_case_says_what_no_code_can_say() -> None:
    unsaid = [case.id for case in written_cases() if case not in CASES]
    assert len(unsaid) <= len(CASES) // 50, unsaid


def test_any_two_choices_meet_in_all_their_values() -> None:
    for one, other in combinations(DIMENSIONS, 2):
        met = {(getattr(form, one), getattr(form, other)) for form in _FORMS}
        assert len(met) == len(DIMENSIONS[one]) * len(DIMENSIONS[other]), (one, other)


def test_every_form_is_used_and_every_choice_takes_effect_again_and_again() -> None:
    used = Counter[Any]()
    numbers = set()
    for case in CASES:
        for form, written in _written(case.id):
            used += written.used
            numbers.add(form.number)
    assert numbers == {form.number for form in _FORMS}
    rare = {str(value): used[value] for kind in DIMENSIONS.values() for value in kind if used[value] < LEAST_USES}
    assert rare == {}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_form_does_not_change_the_result(case: WrittenCase, services: Services) -> None:
    built = build_case(case)
    expected = json.loads(json.dumps(said(expected_of(built, _TABLES, vocabulary()))))
    for form, written in _written(case.id):
        content = post(services, written, is_lenient=bool(built.refused))
        services.ran.append(f"{case.id} {form.number}")
        assert said(content) == expected, form.text
        assert {issue["text"] for issue in content["issues"] if issue["severity"] == "warning"} == built.warnings, form.text
        _check_outcomes(case, content, written)
        _check_account(written, content, services, form)


@pytest.mark.parametrize("case", [case for case in CASES if build_case(case).refused], ids=lambda case: case.id)
def test_strict_handling_refuses_a_wrong_value_in_every_form(case: WrittenCase, services: Services) -> None:
    for form, written in _written(case.id):
        answer = _scene(services, written).post(f"/assessments?store=false{written.query}", written.body)
        assert answer.status_code == 422, form.text
        texts = [issue["details"]["text"] for issue in answer.get_json()["issue"]]
        assert {text.partition(":")[0] for text in texts} == build_case(case).refused, form.text


def post(services: Services, written: Written, *, is_lenient: bool) -> Json:
    """Return the Assessment JSON of a report."""
    handling = {"Prefer": "handling=lenient"} if is_lenient else {}
    answer = _scene(services, written).post(f"/assessments?store=false{written.query}", written.body, **handling)
    assert answer.status_code == 200, answer.text
    content: Json = answer.get_json()
    return content


def _scene(services: Services, written: Written) -> Scene:
    """Return the service that may read all of its codes: the one with the default mapping wherever possible."""
    return services.licensed if needs_licence(written.body) else services.open


def _check_outcomes(case: WrittenCase, content: Json, written: Written) -> None:
    """Hold the outcomes against what the case expects."""
    lesion = first_lesion(content, written.first)
    told = [*(lesion["outcomes"] if lesion else []), *content["patient_outcomes"]]
    outcomes = {each["instrument"]: outcome_of(each) for each in told}
    for instrument, wanted in case.expected.items():
        outcome = outcomes[instrument]
        if FROM_OTHER_REPORT not in {*wanted.get("flags", ()), *wanted.get("flags_exactly", ())}:
            # where a fact of the patient stands is a matter of form
            outcome = replace(outcome, flags=tuple(flag for flag in outcome.flags if flag != FROM_OTHER_REPORT))
        check(outcome, wanted, {verdict: asked for (key, verdict), asked in _QUESTIONS.items() if key == instrument})


def _check_account(written: Written, content: Json, services: Services, form: Form) -> None:
    """Hold the codings that the report states against those that were used and those that are listed."""
    [(reading, translation)] = services.seen
    resource = json.loads(written.body)
    codings = tuple(stated(resource))
    found = account(codings, reading, translation, content["unmapped"])
    assert found.lost == (), form.text
    assert len(found.used) + len(found.unmapped) == len(codings)
    for row in content["unmapped"]:
        assert row["reason"] in REASONS
        assert at(resource, row["path"]) is not None, row
