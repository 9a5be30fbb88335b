from decimal import Decimal

import pytest

from service.errors import InvalidJsonError, TooLargeError
from service.intake.entry import Entry
from service.intake.opened import Opened, open_dossier
from service.intake.parse import Limits
from service.model.dossier import Document
from tests.builders import (
    BASE,
    BUNDLE_TYPES,
    Json,
    body,
    bundle,
    dossier,
    entry,
    observation,
    parameters,
    patient,
    posted,
    read_document,
    report,
    spine_report,
)

URN = "urn:uuid:0b5d0a5e-0000-4000-8000-000000000001"


def _open(*documents: Json | bytes | Document, **fields: object) -> Opened:
    return open_dossier(dossier(*documents, **fields), Limits())


def _one(opened: Opened, kind: str) -> Entry:
    return next(each for each in opened.entries if each.kind == kind)


def _bundle(*entries: Json, kind: str = "collection") -> Json:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


@pytest.mark.parametrize("kind", BUNDLE_TYPES)
def test_a_bundle_of_any_type_is_opened(kind: str) -> None:
    opened = _open(spine_report(kind=kind))
    assert opened.faults == []
    assert [each.kind for each in opened.entries] == ["Patient", "DiagnosticReport", "Observation"]


def test_bundles_inside_bundles_and_parameters_are_opened_with_their_paths() -> None:
    inner = bundle(report(), kind="searchset")
    opened = _open(parameters(_bundle({"resource": inner}), prior=Decimal("0.30")))
    assert [each.path for each in opened.entries] == ["Parameters.parameter[0].resource.entry[0].resource.entry[0].resource"]
    assert opened.asked.prior == opened.prior == Decimal("0.30")


def test_a_single_resource_has_the_path_of_its_type() -> None:
    assert [each.path for each in _open(report()).entries] == ["DiagnosticReport"]


@pytest.mark.parametrize(
    ("posted_json", "path"),
    [
        ({"resourceType": "Foo"}, "Resource.resourceType"),
        ({"resourceType": ["Bundle"]}, "Resource.resourceType"),
        ({"id": "x"}, "Resource.resourceType"),
        ({"resourceType": "Bundle"}, "Bundle.type"),
        ({"resourceType": "Bundle", "type": "bag"}, "Bundle.type"),
        (_bundle({"resource": {"resourceType": "Foo"}}), "Bundle.entry[0].resource.resourceType"),
        (_bundle({"resource": {"id": "x"}}), "Bundle.entry[0].resource.resourceType"),
        (_bundle({"resource": "x"}), "Bundle.entry[0].resource"),
        (_bundle({"resource": report(), "fullUrl": 7}), "Bundle.entry[0].fullUrl"),
        (_bundle({"resource": report(), "fullUrl": f"urn:oid:{'1' * 500}"}), "Bundle.entry[0].fullUrl"),
        (_bundle({"fullUrl": f"{BASE}/Observation/1"}), "Bundle.entry[0].resource"),
        (_bundle({"request": {"method": "DELETE"}}), "Bundle.entry[0].request.url"),
        (_bundle({"request": {"method": "MOVE"}}), "Bundle.entry[0].request.method"),
        (_bundle({"request": "DELETE"}), "Bundle.entry[0].request"),
        (_bundle({"request": {"method": "DELETE", "url": "the last one"}}), "Bundle.entry[0].request.url"),
        ({"resourceType": "Bundle", "type": "collection", "entry": {}}, "Bundle.entry"),
        ({"resourceType": "Bundle", "type": "collection", "entry": ["x"]}, "Bundle.entry[0]"),
    ],
)
def test_what_is_wrong_with_the_wrapping_is_a_fault(posted_json: Json, path: str) -> None:
    assert [fault.path for fault in _open(posted_json).faults] == [path]


def test_types_that_are_not_read_are_not_validated() -> None:
    opened = _open(_bundle({"resource": {"resourceType": "Practitioner", "name": 7}}, {"resource": report()}))
    assert [each.kind for each in opened.entries] == ["DiagnosticReport"]
    assert opened.faults == []


def test_deletions_are_noted_and_requests_without_resource_are_nothing() -> None:
    deletion = {"request": {"method": "DELETE", "url": f"{BASE}/DiagnosticReport/r1"}}
    named = {"fullUrl": f"{BASE}/Observation/1", "request": {"method": "PUT", "url": "Observation/1"}}
    opened = _open(_bundle(deletion, named, {"response": {"status": "204"}}, kind="history"))
    assert (opened.entries, opened.deleted, opened.faults) == ((), ["DiagnosticReport/r1"], [])


def test_too_many_entries_are_too_large_also_over_several_bundles() -> None:
    two = bundle(observation(), observation(id="o2"))
    nested = _bundle({"resource": two}, {"resource": two})
    with pytest.raises(TooLargeError):
        open_dossier(dossier(nested), Limits(max_entries=5))
    assert open_dossier(dossier(nested), Limits(max_entries=6)).entries


def test_an_unreadable_trigger_is_an_error_and_an_unreadable_answer_a_fault() -> None:
    with pytest.raises(InvalidJsonError):
        _open(b"<html>")
    opened = _open(report(), read_document("Observation/o1", b"<html>"), read_document("Patient?x", b"<html>"))
    assert len(opened.faults) == len(opened.searched_faults) == 1


def test_answers_of_failure_are_kept_and_not_parsed() -> None:
    opened = _open(report(), read_document("Observation/o1", b"<html>", status=404))
    assert opened.answers == {"Observation/o1": 404}
    assert opened.faults == []


def test_later_documents_extend_the_dossier_and_the_index() -> None:
    opened = _open(report(), ehr_base=BASE)
    source = opened.entries[0]
    assert opened.resolve("Observation/o1", source) is None
    opened.add((read_document("Observation/o1", observation()),))
    found = opened.resolve("Observation/o1", source)
    assert found is not None
    assert (found.path, found.document) == ("Observation.where(id='o1')", 1)
    assert len(opened.dossier.documents) == 2


@pytest.mark.parametrize(
    "reference", ["Observation/o1", "Observation/o1/_history/4", f"{BASE}/Observation/o1", f"{BASE}/Observation/o1/_history/1"]
)
def test_references_resolve_relative_versioned_and_absolute(reference: str) -> None:
    for base in (None, BASE):
        opened = _open(bundle(report(), observation()), ehr_base=base)
        assert opened.resolve(reference, _one(opened, "DiagnosticReport")) is _one(opened, "Observation")


def test_an_entry_known_by_urn_is_found_by_urn_and_by_its_id() -> None:
    opened = _open(_bundle({"resource": report()}, {"resource": observation(), "fullUrl": URN}))
    source = _one(opened, "DiagnosticReport")
    assert opened.resolve(URN, source) is opened.resolve("Observation/o1", source) is _one(opened, "Observation")


def test_an_entry_without_id_is_called_by_its_full_url_else_by_its_place() -> None:
    opened = _open(_bundle({"resource": observation(id=None), "fullUrl": URN}, {"resource": observation(id=None)}))
    first, second = opened.entries
    assert (first.reference, first.has_address) == (URN, True)
    assert (second.reference, second.has_address) == ("Bundle.entry[1].resource", False)


def test_a_reference_by_identifier_finds_the_one_resource_that_bears_it() -> None:
    named = observation(identifier=[{"value": "7"}, {"system": "urn:o", "value": "7"}])
    other = observation(id="other", identifier=[{"system": "urn:p", "value": "7"}])
    opened = _open(bundle(report(), named, other, patient(identifier=[{"system": "urn:o", "value": "7"}]), kind="transaction"))
    found = opened.resolve("Observation?identifier=urn:o|7", _one(opened, "DiagnosticReport"))
    assert found is not None
    assert found.reference == "Observation/o1"
    assert opened.resolve("Observation?identifier=urn:o|8", found) is None


def test_an_identifier_that_several_resources_bear_finds_none() -> None:
    twins = [observation(id=name, identifier=[{"system": "urn:o", "value": "7"}]) for name in ("a", "b")]
    opened = _open(bundle(report(), *twins, observation(id="broken", identifier="7")))
    assert opened.resolve("Observation?identifier=urn:o|7", _one(opened, "DiagnosticReport")) is None


def test_a_relative_reference_does_not_reach_another_server() -> None:
    elsewhere = "https://other.example/fhir"
    opened = _open(
        _bundle(entry(report()), entry(observation(), fullUrl=f"{elsewhere}/Observation/o1"), entry(observation(id="o2")))
    )
    source = _one(opened, "DiagnosticReport")
    assert opened.resolve("Observation/o1", source) is None
    assert opened.resolve("Observation/o2", source) is not None
    assert opened.resolve(f"{elsewhere}/Observation/o1", source) is not None


def test_contained_resources_are_found_from_their_container_and_from_each_other() -> None:
    opened = _open(report(observation(), observation(id="o2"), contained=True))
    container, first, second = opened.entries
    assert first.reference == "DiagnosticReport/r1#o1"
    assert opened.resolve("#o2", first) is opened.resolve("#o2", container) is second
    assert opened.resolve("#", first) is container
    assert opened.resolve("#o3", first) is None
    assert first.version == "1"


def test_two_resources_with_one_id_and_different_urls_stay_two() -> None:
    other = URN.replace("01", "02")
    opened = _open(_bundle({"resource": observation(id="1"), "fullUrl": URN}, {"resource": observation(id="1"), "fullUrl": other}))
    assert [each.reference for each in opened.entries] == ["Observation/1", other]


def _versions(*versions: tuple[str | None, str | None]) -> list[Json]:
    metas = [
        {name: text for name, text in (("versionId", version), ("lastUpdated", updated)) if text} for version, updated in versions
    ]
    return [entry(observation(meta=meta or None, status=status)) for meta, status in zip(metas, ("final", "amended"), strict=True)]


@pytest.mark.parametrize(
    ("versions", "standing"),
    [
        ((("2", None), ("10", None)), "amended"),
        ((("10", None), ("2", None)), "final"),
        ((("a", "2026-01-02"), ("b", "2026-01-01")), "final"),
        ((("a", "2026-01-01"), ("b", "2026-01-02")), "amended"),
        ((("a", None), ("b", None)), "final"),
    ],
)
def test_the_newer_version_stands_and_the_older_is_kept_aside(
    versions: tuple[tuple[str | None, str | None], ...], standing: str
) -> None:
    opened = _open(_bundle(*_versions(*versions), kind="history"))
    assert [each.node["status"] for each in opened.entries] == [standing]
    assert len(opened.superseded) == 1
    assert opened.faults == []


def test_one_version_with_two_contents_is_a_fault() -> None:
    opened = _open(_bundle(*_versions(("1", None), ("1", None))))
    assert [(fault.code, fault.path) for fault in opened.faults] == [("duplicate", "Bundle.entry[1].resource")]
    assert [each.node["status"] for each in opened.entries] == ["final"]


def test_the_same_resource_twice_is_one() -> None:
    opened = _open(bundle(observation(), observation()), read_document("Observation/o1", observation()), ehr_base=BASE)
    assert len(opened.entries) == 1
    assert (opened.faults, opened.superseded) == ([], [])


def test_what_is_read_later_stands_when_neither_says_when() -> None:
    opened = _open(observation(), read_document("Observation/o1", observation(status="amended")), ehr_base=BASE)
    assert [each.node["status"] for each in opened.entries] == ["amended"]
    assert {each.node["status"] for each in opened.versions_of("Observation/o1")} == {"final", "amended"}


def test_what_the_ehr_returns_is_the_ehrs_under_whatever_name_it_knows_itself() -> None:
    answer = _bundle(entry(observation(), fullUrl="http://internal:8080/Observation/o1"), kind="searchset")
    opened = _open(report(), read_document("Observation?patient=p1", answer), ehr_base=BASE)
    found = opened.resolve("Observation/o1", opened.entries[0])
    assert found is not None
    assert found.is_searched
    assert found.base is None


def test_each_resource_is_validated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = _open(bundle(report(), observation()))
    source = _one(opened, "Observation")
    assert opened.faults_of(source) == ()
    monkeypatch.setattr("service.intake.opened.check", None)
    assert opened.is_sound(source)


def test_security_labels_of_bundles_are_kept_where_they_have_the_form() -> None:
    opened = _open({**_bundle(), "meta": {"security": [{"code": "R"}, "x"]}}, {**_bundle(), "meta": "x"})
    assert opened.labels == [{"code": "R"}]


def test_bytes_of_a_document_may_have_a_byte_order_mark() -> None:
    assert _open(posted(b"\xef\xbb\xbf" + body(report()))).entries
