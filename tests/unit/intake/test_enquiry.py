"""What is asked of a patient's record, when, and how often."""

import pytest

from service.intake.enquiry import CODES_PER_SEARCH, IDS_PER_SEARCH
from service.intake.missing import missing
from service.intake.opened import Opened, open_dossier
from service.intake.others import REPORTS_READ
from service.intake.parse import Limits
from service.model.dossier import Document, Interest, Wanted
from tests.builders import BASE, Json, bundle, coding, concept, dossier, lesion, observation, patient, read_document, report

PAIN = Interest(codes=("http://snomed.info/sct|161891005", "LOCAL|spinal-pain"))
EVERYTHING = Interest(codes=("LOCAL|spinal-pain",), conditions=True, procedures=True, reports=True)
DATES = "date=ge2025-12-11&date=le2026-02-09"
LINK = "Patient?link=Patient/p1&_count=10"
SEARCH = f"Observation?patient=p1&code=http%3A%2F%2Fsnomed.info%2Fsct%7C161891005,LOCAL%7Cspinal-pain&{DATES}&_count=100"
REPORTS = f"DiagnosticReport?patient=p1&{DATES}&_count=50"
URN = "urn:uuid:0b5d0a5e-0000-4000-8000-000000000001"
NOBODY = bundle(kind="searchset")


def _open(*documents: Json | bytes | Document, **fields: object) -> Opened:
    return open_dossier(dossier(*documents, **{"ehr_base": BASE, "context_days": 30, **fields}), Limits())


def _asked(opened: Opened, interest: Interest = EVERYTHING) -> list[str]:
    return [each.request for each in missing(opened, interest)]


def _answer(opened: Opened, request: str, *resources: Json) -> None:
    opened.add((read_document(request, bundle(*resources, kind="searchset")),))


def _answer_all(opened: Opened, interest: Interest = EVERYTHING) -> None:
    """Let every search of the first round bring nothing."""
    for request in _asked(opened, interest):
        _answer(opened, request)


def test_the_record_is_asked_once_for_everything_that_the_tables_can_use() -> None:
    opened = _open(bundle(report(), patient()))
    assert missing(opened, EVERYTHING) == (
        Wanted(request=LINK, needed=False, pages=1),
        Wanted(request=f"Observation?patient=p1&code=LOCAL%7Cspinal-pain&{DATES}&_count=100", needed=False),
        Wanted(request=REPORTS, needed=False),
        Wanted(request="Condition?patient=p1&_count=100", needed=False),
        Wanted(request="Procedure?patient=p1&_count=100", needed=False),
    )
    _answer_all(opened)
    assert _asked(opened) == []


@pytest.mark.parametrize(
    ("interest", "kinds"),
    [
        (Interest(), []),
        (PAIN, ["Observation"]),
        (Interest(conditions=True), ["Condition"]),
        (Interest(procedures=True), ["Procedure"]),
        (Interest(reports=True), ["DiagnosticReport"]),
    ],
)
def test_only_what_the_tables_can_use_is_asked(interest: Interest, kinds: list[str]) -> None:
    assert [each.partition("?")[0] for each in _asked(_open(bundle(report(), patient())), interest)] == ["Patient", *kinds]


@pytest.mark.parametrize("interest", [None, EVERYTHING])
def test_nothing_is_asked_where_context_is_off_or_not_wanted_yet(interest: Interest | None) -> None:
    opened = _open(bundle(report(), patient()), context_days=0 if interest else 30)
    assert missing(opened, interest) == ()


def test_the_window_of_a_partial_date_reaches_from_its_first_to_its_last_day() -> None:
    opened = _open(bundle(report(effectiveDateTime="2026-01"), patient()), context_days=1)
    assert "date=ge2025-12-31&date=le2026-02-01" in _asked(opened, PAIN)[1]
    edge = _open(bundle(report(effectiveDateTime="0001-01-01"), patient()))
    assert "date=ge0001-01-01&date=le0001-01-31" in _asked(edge, PAIN)[1]


def test_many_codes_are_searched_in_parts() -> None:
    interest = Interest(codes=tuple(f"urn:x|{number}" for number in range(CODES_PER_SEARCH + 1)))
    _, first, second = _asked(_open(bundle(report(), patient())), interest)
    assert first.count(",") == CODES_PER_SEARCH - 1
    assert "code=urn%3Ax%7C50&" in second


@pytest.mark.parametrize(
    "elements",
    [
        {"subject": None},
        {"subject": {"display": "somebody"}},
        {"subject": {"reference": "https://other.example/Patient/1"}},
        {"subject": {"reference": "Group/1"}},
    ],
)
def test_without_a_patient_nothing_is_searched(elements: Json) -> None:
    assert not any("?" in request for request in _asked(_open(report(**elements))))


@pytest.mark.parametrize("dates", [{}, {"effectivePeriod": {"end": "2026"}}])
def test_without_a_date_only_history_is_searched_which_has_no_window(dates: Json) -> None:
    undated = {**report(effectiveDateTime=None, issued=None), **dates}
    assert _asked(_open(bundle(undated, patient()))) == [
        LINK,
        "Condition?patient=p1&_count=100",
        "Procedure?patient=p1&_count=100",
    ]


def test_a_patient_known_by_urn_is_searched_by_id_only_where_the_ehr_may_know_it() -> None:
    posted_json = bundle(report(subject={"reference": URN}))
    posted_json["entry"].append({"resource": patient(), "fullUrl": URN})
    assert _asked(_open(posted_json), PAIN) == [LINK, SEARCH]
    contained = {**report(subject={"reference": "#p1"}), "contained": [patient()]}
    assert _asked(_open(contained)) == []


# other reports


def _other(*observations: Json, **elements: object) -> Json:
    usual: Json = {"id": "r2", "effectiveDateTime": "2026-01-02", **elements}
    return report(*observations, **usual)


def _with_others(*others: Json) -> Opened:
    """Return a dossier whose search for reports brought some, and everything else nothing."""
    opened = _open(bundle(report(), patient()))
    for request in _asked(opened):
        _answer(opened, request, *(others if request == REPORTS else ()))
    return opened


def test_the_results_of_another_report_are_searched_many_at_once() -> None:
    results = [observation(id=f"o{number}") for number in range(IDS_PER_SEARCH + 1)]
    opened = _with_others(_other(*results), report())
    first, second = _asked(opened)
    assert first.startswith("Observation?_id=o0,o1,")
    assert first.endswith(f"&_count={IDS_PER_SEARCH}")
    assert second == "Observation?_id=o50&_count=1"


def test_members_follow_and_what_did_not_come_is_not_asked_again() -> None:
    group, *members = lesion("hasMember", answers={"bone-lesion": "lytic"})
    gone = observation(id="gone")
    opened = _with_others(_other(group, gone))
    [first] = _asked(opened)
    assert first == "Observation?_id=lesion,gone&_count=2"
    _answer(opened, first, group)
    [second] = _asked(opened)
    assert second == "Observation?_id=lesion-bone-lesion&_count=1"
    _answer(opened, second, *members)
    assert _asked(opened) == []


@pytest.mark.parametrize(
    "elements",
    [
        {"status": "entered-in-error"},
        {"effectiveDateTime": "2020"},
        {"effectiveDateTime": None, "issued": None},
        {"subject": {"reference": "Patient/p2"}},
        {"category": [concept(coding("LAB", system="http://terminology.hl7.org/CodeSystem/v2-0074"))]},
    ],
)
def test_the_results_of_a_report_that_does_not_count_are_not_asked_for(elements: Json) -> None:
    assert _asked(_with_others(_other(observation(id="o9"), **elements))) == []


@pytest.mark.parametrize(
    "category",
    [
        [],
        [concept(text="Radiology")],
        [concept(coding("17", system="http://hospital.example/sections"))],
        [concept(coding("NMR", system="http://terminology.hl7.org/CodeSystem/v2-0074"))],
        [concept(coding("LP29684-5", system="http://loinc.org"))],
    ],
)
def test_a_report_that_may_be_one_of_imaging_is_read(category: list[Json]) -> None:
    assert len(_asked(_with_others(_other(observation(id="o9"), category=category or None)))) == 1


def test_a_laboratory_section_with_images_is_read() -> None:
    laboratory = [concept(coding("LAB", system="http://terminology.hl7.org/CodeSystem/v2-0074"))]
    images = [{"reference": "ImagingStudy/i9"}]
    assert len(_asked(_with_others(_other(observation(id="o9"), category=laboratory, imagingStudy=images)))) == 1


def test_of_many_reports_the_nearest_in_time_are_read() -> None:
    others = [
        _other(observation(id=f"o{day}"), id=f"r{day}", effectiveDateTime=f"2026-01-{day:02}T09:00:00Z")
        for day in range(11, 11 + REPORTS_READ + 1)
    ]
    [request] = _asked(_with_others(*others))
    assert request.count(",") == REPORTS_READ - 1
    assert f"o{11 + REPORTS_READ}" not in request


# merged patients


def test_a_patient_who_was_replaced_is_followed_to_the_other_one() -> None:
    old = patient(link=[{"other": {"reference": "Patient/p2"}, "type": "replaced-by"}])
    opened = _open(bundle(report(), old))
    assert "Patient/p2" in _asked(opened, PAIN)
    opened.add((read_document("Patient/p2", patient(id="p2")),))
    asked = _asked(opened, PAIN)
    assert [each for each in asked if each.startswith("Observation")] == [SEARCH.replace("p1", "p2"), SEARCH]
    assert [each for each in asked if each.startswith("Patient?")] == [LINK.replace("p1", "p2"), LINK]


def test_a_patient_who_replaced_this_one_is_found_by_the_link_of_the_other() -> None:
    opened = _open(bundle(report(), patient()))
    _answer_all(opened, PAIN)
    opened.add((read_document(f"{LINK}&page=2", NOBODY),))
    assert _asked(opened, PAIN) == []
    found = _open(bundle(report(), patient()))
    _answer(found, LINK, patient(id="p2", link=[{"other": {"reference": "Patient/p1"}, "type": "replaces"}]))
    assert SEARCH.replace("p1", "p2") in _asked(found, PAIN)


def test_a_patient_who_is_only_mentioned_is_not_followed() -> None:
    opened = _open(bundle(report(), patient(link=[{"other": {"reference": "Patient/p2"}, "type": "seealso"}])))
    assert _asked(opened, PAIN) == [LINK, SEARCH]
