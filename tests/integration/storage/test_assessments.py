"""Assessments: immutable versions, each superseding the one before; and the bytes and releases they rest on."""

import threading
from dataclasses import fields, replace

import pytest
from sqlalchemy import select

from service.errors import ConflictError
from service.model.hospital import HospitalSlug
from service.storage.assessments import AssessmentRow
from service.storage.database import Database
from service.storage.tables import assessment_outcome, assessment_read, dossier
from service.storage.terms import AssessmentId, DossierId, ReleaseId, SeriesId
from tests.integration.storage.rows import HOSPITAL, SERIES, add_assessment


def test_a_stored_assessment_is_what_was_given_and_has_no_feed_position_yet(database: Database) -> None:
    with database.write() as unit:
        given = add_assessment(unit)
    with database.read() as unit:
        stored = unit.assessments.get(given.id)
    assert stored is not None
    names = [field.name for field in fields(AssessmentRow)]
    assert [getattr(stored, name) for name in names] == [getattr(given, name) for name in names]
    assert stored.feed_position is None


def test_outcomes_and_resources_read_are_rows_in_their_order(database: Database) -> None:
    with database.write() as unit:
        given = add_assessment(unit)
    with database._transaction() as connection:
        outcomes = connection.execute(select(assessment_outcome).order_by(assessment_outcome.c.place)).all()
        read = connection.execute(select(assessment_read).order_by(assessment_read.c.place)).all()
    assert [(row.lesion, row.instrument, row.outcome) for row in outcomes] == list(given.outcomes)
    assert [(row.reference, row.version) for row in read] == list(given.read)
    assert {row.assessment_id for row in (*outcomes, *read)} == {given.id}


def test_an_assessment_without_outcomes_and_reads_can_be_stored(database: Database) -> None:
    with database.write() as unit:
        first = add_assessment(unit)
        withdrawn = replace(first, id=AssessmentId("withdrawn"), version=2, supersedes=first.id, outcomes=(), read=())
        unit.assessments.add(replace(withdrawn, report_said_at=None))
        latest = unit.assessments.latest(SERIES)
    assert latest is not None
    assert (latest.id, latest.report_said_at) == (withdrawn.id, None)


def test_versions_are_found_by_number_newest_and_history(database: Database) -> None:
    with database.write() as unit:
        one, two, three = (add_assessment(unit, version) for version in (1, 2, 3))
        add_assessment(unit, series=SeriesId("other"))
    with database.read() as unit:
        history = unit.assessments.history(SERIES)
        latest = unit.assessments.latest(SERIES)
        second = unit.assessments.version(SERIES, 2)
        assert unit.assessments.version(SERIES, 4) is None
        assert unit.assessments.latest(SeriesId("nowhere")) is None
        assert unit.assessments.get(AssessmentId("nowhere")) is None
    assert [row.id for row in history] == [three.id, two.id, one.id]
    assert latest == history[0]
    assert second == history[1]


def test_the_successor_is_computed_from_what_supersedes(database: Database) -> None:
    with database.write() as unit:
        one, two = add_assessment(unit, 1), add_assessment(unit, 2)
        assert unit.assessments.successor(one.id) == two.id
        assert unit.assessments.successor(two.id) is None


def test_a_version_number_is_given_once(database: Database) -> None:
    with database.write() as unit:
        one = add_assessment(unit)
    with pytest.raises(ConflictError, match="series"), database.write() as unit:
        unit.assessments.add(replace(one, id=AssessmentId("again")))


def test_a_version_has_one_successor(database: Database) -> None:
    with database.write() as unit:
        add_assessment(unit, 1)
        two = add_assessment(unit, 2)
    with pytest.raises(ConflictError, match="supersedes"), database.write() as unit:
        unit.assessments.add(replace(two, id=AssessmentId("fork"), version=3))


def test_an_assessment_needs_its_dossier(database: Database) -> None:
    with database.write() as unit:
        one = add_assessment(unit)
    with pytest.raises(ConflictError), database.write() as unit:
        unit.assessments.add(replace(one, id=AssessmentId("2"), version=2, dossier_id=DossierId("nowhere")))


def test_the_newest_version_with_the_same_input_is_found(database: Database) -> None:
    with database.write() as unit:
        add_assessment(unit, 1)
        two = add_assessment(unit, 2)
        again = replace(two, id=AssessmentId("again"), version=3, supersedes=two.id)
        unit.assessments.add(again)
        found = unit.assessments.find(SERIES, "input-2")
        assert unit.assessments.find(SERIES, "input-9") is None
        assert unit.assessments.find(SeriesId("other"), "input-2") is None
    assert found is not None
    assert found.id == again.id


def test_of_a_patient_the_newest_version_of_every_report_is_returned(database: Database) -> None:
    a, b, c = SeriesId("a"), SeriesId("b"), SeriesId("c")
    with database.write() as unit:
        for version in (1, 2):
            add_assessment(unit, version, series=a)
        add_assessment(unit, series=b)
        add_assessment(unit, series=c, subject="Patient/10")
        found = unit.assessments.of_subject(HOSPITAL, "Patient/9")
        elsewhere = unit.assessments.of_subject(HospitalSlug("elsewhere"), "Patient/9")
    assert [row.id for row in found] == ["a/2", "b/1"]
    assert elsewhere == ()


def test_a_report_whose_patient_was_corrected_belongs_to_the_new_one_alone(database: Database) -> None:
    with database.write() as unit:
        add_assessment(unit, 1, subject="Patient/9")
        add_assessment(unit, 2, subject="Patient/10")
        assert unit.assessments.of_subject(HOSPITAL, "Patient/9") == ()
        assert [row.version for row in unit.assessments.of_subject(HOSPITAL, "Patient/10")] == [2]


def test_two_writers_of_one_series_wait_for_each_other(database: Database) -> None:
    with database.write() as unit:
        add_assessment(unit, 1)
    both = threading.Barrier(2)
    failures: list[Exception] = []

    def supersede() -> None:
        both.wait()
        try:
            with database.write() as unit:
                unit.assessments.lock(SERIES)
                latest = unit.assessments.latest(SERIES)
                assert latest is not None
                add_assessment(unit, latest.version + 1)
        except Exception as failure:  # noqa: BLE001 (a thread's failure is the test's)
            failures.append(failure)

    threads = [threading.Thread(target=supersede) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with database.read() as unit:
        assert [row.version for row in unit.assessments.history(SERIES)] == [3, 2, 1]


def test_a_dossier_is_kept_once_and_comes_back_byte_for_byte(database: Database) -> None:
    content = bytes(range(256)) * 200
    with database.write() as unit:
        unit.dossiers.add(DossierId("d"), content)
        unit.dossiers.add(DossierId("d"), content)
    with database.read() as unit:
        assert unit.dossiers.get(DossierId("d")) == content
        assert unit.dossiers.get(DossierId("nowhere")) is None


def test_a_dossier_removed_by_retention_gives_nothing(database: Database) -> None:
    with database.write() as unit:
        unit.dossiers.add(DossierId("d"), b"content")
    with database._transaction() as connection:
        connection.exec_driver_sql("UPDATE dossier SET content = '', purged_at = '2026-01-31T12:00:00.000000Z'")
    with database.read() as unit:
        assert unit.dossiers.get(DossierId("d")) is None
    with database._transaction() as connection:
        assert connection.execute(select(dossier.c.purged_at)).scalar_one() is not None


def test_a_release_is_kept_once_and_comes_back(database: Database) -> None:
    with database.write() as unit:
        for _ in range(2):
            unit.releases.add(ReleaseId("r"), "mappings", b"tables")
    with database.read() as unit:
        release = unit.releases.get(ReleaseId("r"))
        assert unit.releases.get(ReleaseId("nowhere")) is None
    assert release is not None
    assert (release.id, release.kind, release.content) == ("r", "mappings", b"tables")
