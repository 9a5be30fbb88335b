"""The tables that an assessment was made with are found again, whatever is in force now."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from service.errors import BrokenReleaseError
from service.mapping.mapfile import load
from service.model.hospital import HospitalSlug
from service.parts import Parts
from service.pipeline.language import language_of, language_under
from service.storage.tables import release
from service.storage.terms import ReleaseId
from tests.integration.scene import NORTH, REPORT, Scene

MAPPINGS = Path(__file__).resolve().parents[3] / "mappings"


def with_other_tables(parts: Parts) -> Parts:
    """Return the same service after its tables have changed: the licensed rows are switched on."""
    mappings = load(MAPPINGS, snomed_affiliate=True)
    versions = replace(parts.languages[HospitalSlug(NORTH)].versions, mappings=mappings.version)
    return replace(parts, languages=dict.fromkeys(parts.languages, language_of(mappings, versions)))


def test_every_start_stores_its_tables_and_every_assessment_names_them(either: Scene) -> None:
    answer = either.post(f"/assessments?hospital={NORTH}", either.ehr.get(REPORT))
    made_with = answer.get_json()["versions"]["mappings"]
    with either.parts.database.read() as uow:
        stored = uow.releases.get(ReleaseId(made_with))
    assert stored is not None
    assert stored.content == either.parts.languages[HospitalSlug(NORTH)].mappings.snapshot


def test_the_stored_tables_are_equal_to_those_that_were_loaded(either: Scene) -> None:
    before = either.parts.languages[HospitalSlug(NORTH)]
    now = with_other_tables(either.parts)
    found = language_under(now, before.versions.mappings)
    assert found is not None
    assert found.mappings == before.mappings
    assert found.versions == before.versions
    assert found.emission.site_codings == before.emission.site_codings


def test_tables_in_force_are_not_loaded_again(scene: Scene) -> None:
    in_force = scene.parts.languages[HospitalSlug(NORTH)]
    assert language_under(scene.parts, in_force.versions.mappings) is in_force


def test_tables_that_were_never_stored_here_are_said_to_be_missing(scene: Scene) -> None:
    assert language_under(scene.parts, "0" * 64) is None


def test_tables_that_were_altered_in_the_database_are_refused(scene: Scene) -> None:
    in_force = scene.parts.languages[HospitalSlug(NORTH)]
    altered = in_force.mappings.snapshot.replace(b"Spinal cord compression", b"Spinal cord compressing")
    with scene.parts.database._transaction() as connection:
        connection.execute(update(release).values(content=altered))
    with pytest.raises(BrokenReleaseError, match="altered"):
        language_under(with_other_tables(scene.parts), in_force.versions.mappings)
