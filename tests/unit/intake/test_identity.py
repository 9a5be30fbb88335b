import pytest

from service.intake.opened import open_dossier
from service.intake.parse import Limits
from service.intake.read import read
from service.model.coded import CodedItem, Reading
from tests.builders import (
    DCM,
    RADLEX,
    Json,
    body_structure,
    bundle,
    coding,
    component,
    concept,
    dossier,
    imaging_study,
    observation,
    question,
    reference,
    report,
)


def _read(*resources: Json, **fields: object) -> Reading:
    return read(open_dossier(dossier(bundle(*resources), **fields), Limits()))


def _items(*observations: Json, others: tuple[Json, ...] = (), identifier: list[Json] | None = None) -> dict[str, CodedItem]:
    made = report(*observations, identifier=identifier)
    reading = _read(made, *observations, *others)
    return {
        item.source.path.replace("Bundle.entry", ""): item
        for item in reading.items
        if item.source.reference != "DiagnosticReport/r1"
    }


def tracking(value: object = "L1", code: str = "112039", system: str = DCM) -> Json:
    return component(concept(coding(code, system=system)), value)


def test_a_focus_on_a_body_structure_names_the_lesion_and_its_site() -> None:
    structure = body_structure(locationQualifier=[concept(coding("7771000", "Left"))])
    item = _items(observation(focus=[reference(structure)]), others=(structure,))["[1].resource"]
    assert item.identities == ("structure:https://ehr.example/fhir/BodyStructure/b1",)
    assert [each.code for each in item.sites] == ["RID29209", "7771000"]
    assert item.own_site


def test_the_identifier_of_a_body_structure_is_stronger_than_its_address() -> None:
    structure = body_structure(identifier=[{"system": "urn:lesions", "value": "7"}])
    assert (
        _items(observation(focus=[reference(structure)]), others=(structure,))["[1].resource"].identities[0]
        == "structure:urn:lesions|7"
    )
    logical = observation(focus=[{"identifier": {"system": "urn:lesions", "value": "7"}, "type": "BodyStructure"}])
    assert _items(logical)["[1].resource"].identities == ("structure:urn:lesions|7",)


def test_a_body_structure_that_is_not_here_still_names_the_lesion() -> None:
    said = observation(focus=[{"reference": "BodyStructure/b9/_history/2"}])
    reading = _read(report(said), said)
    assert reading.items[-1].identities == ("structure:BodyStructure/b9",)
    assert [(issue.severity.value, issue.path) for issue in reading.issues] == [
        ("information", "Bundle.entry[1].resource.focus[0]")
    ]
    inside = observation(focus=[{"reference": "#gone"}])
    assert _items(inside)["[1].resource"].identities == ("structure:Observation/o1#gone",)


@pytest.mark.parametrize(
    "url",
    [
        "http://hl7.org/fhir/StructureDefinition/bodySite",
        "http://hl7.org/fhir/StructureDefinition/observation-bodyStructure",
        "https://www.medizininformatik-initiative.de/fhir/ext/modul-bildgebung/StructureDefinition/bodyStructure",
    ],
)
def test_an_extension_on_the_observation_or_its_body_site_does_the_same(url: str) -> None:
    structure = body_structure("T11")
    extension = {"url": url, "valueReference": reference(structure)}
    on_site = {**concept(coding("RID29209", system=RADLEX)), "extension": [extension]}
    expected = ("structure:https://ehr.example/fhir/BodyStructure/b1",)
    assert _items(observation(extension=[extension]), others=(structure,))["[1].resource"].identities == expected
    item = _items(observation(bodySite=on_site), others=(structure,))["[1].resource"]
    assert item.identities == expected
    assert [each.code for each in item.sites] == ["RID29209", "RID29208"]


def test_other_extensions_and_other_foci_name_nothing() -> None:
    said = observation(
        extension=[
            {"url": "http://x/other", "valueReference": {"reference": "BodyStructure/b1"}},
            {"url": "http://x/bodySite", "valueCode": "x"},
        ],
        focus=[{"reference": "Device/1"}, {"reference": "Observation/o1"}],
    )
    assert _items(said)["[1].resource"].identities == ()


def test_a_broken_or_foreign_body_structure_names_nothing() -> None:
    for structure in (body_structure(colour="red"), body_structure(patient={"reference": "Patient/p2"})):
        said = observation(focus=[reference(structure)])
        reading = _read(report(said), said, structure, strict=False)
        assert (reading.items[-1].identities, reading.items[-1].sites) == ((), ())


@pytest.mark.parametrize(
    ("value", "identity"),
    [
        ("L1", "tracking:L1"),
        (concept(text="L1"), "tracking:L1"),
        (concept(coding("L1", system="urn:x")), "tracking:L1"),
        ("urn:oid:1.2.3", "tracking:1.2.3"),
        (concept({"display": "L1"}), None),
        (True, None),
    ],
)
def test_a_tracking_identifier_names_the_lesion_and_is_no_statement(value: object, identity: str | None) -> None:
    items = _items(observation(question("alignment"), component=[tracking(value), component()]))
    assert list(items) == ["[1].resource", "[1].resource.component[1]"]
    assert {item.identities for item in items.values()} == {(identity,) if identity else ()}
    assert items["[1].resource"].members == 1


def test_the_unique_identifier_is_stronger() -> None:
    item = _items(observation(component=[tracking("L1"), tracking("1.2.3", "112040")]))["[1].resource"]
    assert item.identities == ("tracking:1.2.3", "tracking:L1")


def test_only_dicom_codes_are_tracking_identifiers() -> None:
    items = _items(observation(component=[tracking(system="http://snomed.info/sct")]))
    assert len(items) == 2
    assert items["[1].resource"].identities == ()


def test_a_tracking_identifier_may_be_a_member_of_its_group() -> None:
    named = observation(concept(coding("112039", system="DCM")), "L1", id="named")
    said = observation(id="said")
    group = observation(question("alignment"), id="group", hasMember=[reference(named), reference(said)])
    items = _items(group, named, said)
    assert list(items) == ["[1].resource", "[3].resource"]
    assert {item.identities for item in items.values()} == {("tracking:L1",)}
    assert items["[1].resource"].members == 1


def _pair(**elements: object) -> tuple[Json, Json]:
    return observation(**elements), observation(id="o2", **elements)  # type: ignore[arg-type]


def test_an_identifier_that_observations_share_names_their_lesion() -> None:
    items = _items(*_pair(identifier=[{"system": "urn:lesions", "value": "7"}, {"use": "usual"}]))
    assert {item.identities for item in items.values()} == {("identifier:urn:lesions|7",)}
    alone = _items(observation(identifier=[{"system": "urn:lesions", "value": "7"}]))
    assert alone["[1].resource"].identities == ()


def test_an_order_or_accession_number_names_no_lesion() -> None:
    number = {"system": "urn:acc", "value": "7"}
    typed = {**number, "type": concept(coding("ACSN", system="http://terminology.hl7.org/CodeSystem/v2-0203"))}
    assert _items(*_pair(identifier=[typed]))["[1].resource"].identities == ()
    assert _items(*_pair(identifier=[number]), identifier=[number])["[1].resource"].identities == ()
    study = imaging_study(identifier=[number])
    assert _items(*_pair(identifier=[number]), others=(study,))["[1].resource"].identities == ()


def test_members_inherit_identities_and_their_own_come_first() -> None:
    number = {"system": "urn:lesions", "value": "7"}
    plain = observation(id="plain")
    numbered = observation(id="numbered", identifier=[number])
    other = observation(id="other", identifier=[number])
    tracked = observation(id="tracked", component=[tracking("L2")])
    members = (plain, numbered, tracked)
    group = observation(
        question("alignment"), id="group", component=[tracking("L1")], hasMember=[reference(each) for each in members]
    )
    items = _items(group, *members, other)
    assert items["[2].resource"].identities == ("tracking:L1",)
    assert items["[3].resource"].identities == ("tracking:L1", "identifier:urn:lesions|7")
    assert items["[4].resource"].identities == ("tracking:L2",)


def test_a_contained_body_structure_is_found() -> None:
    said = {**observation(focus=[{"reference": "#b1"}]), "contained": [body_structure()]}
    item = _items(said)["[1].resource"]
    assert item.identities == ("structure:https://ehr.example/fhir/Observation/o1#b1",)
    assert [each.code for each in item.sites] == ["RID29209"]
