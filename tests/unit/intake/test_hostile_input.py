"""Whatever is sent, the answer is a reading or a ServiceError: never another exception, never a value in a message."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.errors import ServiceError
from service.intake.check import check
from service.intake.missing import missing
from service.intake.models import Models
from service.intake.opened import open_dossier
from service.intake.parse import Limits
from service.intake.read import read
from service.intake.trigger import look
from service.model.dossier import Interest
from tests.builders import (
    ANSWERS,
    BASE,
    DCM,
    FORMS,
    Form,
    Json,
    body,
    body_structure,
    bundle,
    coding,
    component,
    concept,
    condition,
    dossier,
    imaging_study,
    observation,
    parameters,
    procedure,
    quantity,
    question,
    read_document,
    reference,
    report,
    spine_report,
)

SECRET = "Ada-Lovelace-1815"


def _rich(form: Form) -> Json:
    """Return a Bundle that has every element that is read."""
    structure, study = body_structure(identifier=[{"system": "urn:l", "value": "7"}]), imaging_study()
    tracked = observation(
        question("alignment"),
        id="tracked",
        focus=[reference(structure)],
        method=concept(coding("CT")),
        performer=[{"reference": "Practitioner/1"}],
        interpretation=[concept(coding("POS"))],
        identifier=[{"system": "urn:l", "value": "8", "type": concept(coding("x"))}],
        component=[
            component(concept(coding("112039", system=DCM)), "L1"),
            component(question("a"), quantity(50, comparator=">")),
            component(question("b"), {"low": quantity(1), "high": quantity(2)}),
            component(question("c"), {"numerator": quantity(1), "denominator": {"value": 1}}),
            component(question("d"), dataAbsentReason=concept(coding("unknown"))),
            {"code": question("e"), "valuePeriod": {"start": "2026-01-01"}},
        ],
    )
    made = spine_report(
        form, {"T12": ANSWERS}, tracked, structure, study, condition(), procedure(), imagingStudy=[reference(study)]
    )
    made["entry"].append(
        {"resource": report(tracked, id="other", effectiveDateTime="2026-01-05"), "fullUrl": f"{BASE}/DiagnosticReport/other"}
    )
    return made


def _places(node: Any, trail: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:  # noqa: ANN401 - any JSON
    steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, each in steps:
        yield (*trail, step)
        yield from _places(each, (*trail, step))


RICH = {form: _rich(form) for form in FORMS}
PLACES = {form: list(_places(RICH[form])) for form in FORMS}
WRONG: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        1.5,
        "",
        " ",
        SECRET,
        f"#{SECRET}",
        f"Observation/{SECRET}",
        "Observation/tracked",
        "urn:uuid:1",
        "2026-02-30",
        [],
        {},
        [[]],
        [None],
    ]
) | st.builds(
    lambda name: {"resourceType": name, "reference": name, "coding": name, "extension": name},
    st.sampled_from(["Patient", SECRET, 7, []]),
)


def _spoil(form: Form, spoils: list[tuple[int, Any]]) -> Json:
    """Put wrong values into a copy; places that an earlier one took away stay away."""
    spoiled = copy.deepcopy(RICH[form])
    for number, value in spoils:
        place = PLACES[form][number % len(PLACES[form])]
        node: Any = spoiled
        try:
            for step in place[:-1]:
                node = node[step]
            node[place[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue
    return spoiled


def _answer(posted_json: Json, *, strict: bool, base: str | None) -> str:
    """Run everything that touches the input and return all that is said about it."""
    search = read_document("Observation?patient=p1", posted_json)
    said: list[object] = []
    for documents in ((posted_json,), (report(), search), (parameters(posted_json),)):
        try:
            look(body(posted_json), Limits())
            opened = open_dossier(dossier(*documents, strict=strict, ehr_base=base), Limits())
            missing(opened, Interest(codes=("urn:x|1",), conditions=True, procedures=True, reports=True))
            said.append(read(opened).issues)
        except ServiceError as error:
            said.append((error.text, error.faults))
    return repr(said)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    form=st.sampled_from(FORMS),
    spoils=st.lists(st.tuples(st.integers(0, 100_000), WRONG), min_size=1, max_size=4),
    strict=st.booleans(),
    base=st.sampled_from([None, BASE]),
)
def test_no_spoiled_bundle_raises_anything_else_or_is_repeated(
    form: Form, spoils: list[tuple[int, Any]], strict: bool, base: str | None
) -> None:
    said = _answer(_spoil(form, spoils), strict=strict, base=base)
    assert SECRET not in said


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(form=st.sampled_from(FORMS), spoils=st.lists(st.tuples(st.integers(0, 100_000), WRONG), max_size=4))
def test_the_verdict_on_a_resource_among_others_is_the_one_it_has_alone(form: Form, spoils: list[tuple[int, Any]]) -> None:
    try:
        opened = open_dossier(dossier(_spoil(form, spoils)), Limits())
    except ServiceError:
        return
    assert [opened.faults_of(each) for each in opened.entries] == [check(each, Models()) for each in opened.entries]


def test_every_single_place_may_be_of_a_wrong_type() -> None:
    wrong: tuple[Any, ...] = (SECRET, 7, None, [], {"id": [SECRET]})
    for number in range(len(PLACES["hasMember"])):
        said = _answer(_spoil("hasMember", [(number, wrong[number % len(wrong)])]), strict=number % 2 == 0, base=BASE)
        assert SECRET not in said


def test_the_unspoiled_bundle_is_read_without_a_word() -> None:
    for form in FORMS:
        opened = open_dossier(dossier(RICH[form]), Limits())
        assert [issue.text for issue in read(opened).issues] == [
            "The input holds several reports: the latest is assessed, the others are context."
        ]


def test_a_bundle_of_a_thousand_equal_members_is_read() -> None:
    members = [observation(id=f"m{number}") for number in range(1000)]
    chain = [observation(id=f"c{number}", hasMember=[{"reference": f"Observation/c{number + 1}"}]) for number in range(1000)]
    opened = open_dossier(
        dossier(bundle(report(*members, result=[reference(each) for each in (*members, chain[0])]), *members, *chain)), Limits()
    )
    assert len(read(opened).items) == 2001
