"""Deliveries: the newest assessment goes to the EHR, older ones are superseded."""

from service.storage.database import Database
from service.storage.deliveries import EhrResource
from service.storage.terms import AssessmentId, DeliveryState, SeriesId
from service.storage.unit_of_work import UnitOfWork
from tests.integration.storage.rows import HOSPITAL, SERIES, add_assessment


def _plan(unit: UnitOfWork, *versions: int, series: SeriesId = SERIES) -> list[AssessmentId]:
    numbers = [add_assessment(unit, version, series=series).id for version in versions]
    for number in numbers:
        unit.deliveries.plan(number, series, HOSPITAL)
    return numbers


def _states(unit: UnitOfWork, numbers: list[AssessmentId]) -> list[DeliveryState | None]:
    return [found.state if (found := unit.deliveries.get(number)) else None for number in numbers]


def test_a_planned_delivery_is_pending_and_planning_it_again_changes_nothing(database: Database) -> None:
    with database.write() as unit:
        (number,) = _plan(unit, 1)
        unit.deliveries.mark(number, DeliveryState.DELIVERED, http_status=200)
        unit.deliveries.plan(number, SERIES, HOSPITAL)
        found = unit.deliveries.get(number)
    assert found is not None
    assert (found.assessment_id, found.series, found.hospital) == (number, SERIES, HOSPITAL)
    assert (found.state, found.http_status) == (DeliveryState.DELIVERED, 200)


def test_a_mark_keeps_the_whole_answer(database: Database) -> None:
    with database.write() as unit:
        (number,) = _plan(unit, 1)
        assert _states(unit, [number]) == [DeliveryState.PENDING]
        unit.deliveries.mark(
            number,
            DeliveryState.DELIVERED,
            ehr_reference="RiskAssessment/5",
            ehr_version="2",
            method="PUT",
            http_status=201,
            sent=b"sent",
            answer=b"answer",
        )
    with database.read() as unit:
        found = unit.deliveries.get(number)
    assert found is not None
    assert found.state is DeliveryState.DELIVERED
    assert (found.ehr_reference, found.ehr_version, found.method, found.http_status) == ("RiskAssessment/5", "2", "PUT", 201)
    assert (found.sent, found.answer) == (b"sent", b"answer")


def test_the_current_delivery_is_that_of_the_newest_version(database: Database) -> None:
    with database.write() as unit:
        assert unit.deliveries.current(SERIES) is None
        _, newest = _plan(unit, 1, 2)
        _plan(unit, 1, series=SeriesId("other"))
        add_assessment(unit, 3)  # not planned
        current = unit.deliveries.current(SERIES)
    assert current is not None
    assert current.assessment_id == newest


def test_superseding_marks_older_open_and_dead_deliveries_of_the_series_only(database: Database) -> None:
    with database.write() as unit:
        numbers = _plan(unit, 1, 2, 3, 4, 5)
        others = _plan(unit, 1, series=SeriesId("other"))
        unit.deliveries.mark(numbers[0], DeliveryState.DELIVERED)
        unit.deliveries.mark(numbers[1], DeliveryState.DEAD)
        unit.deliveries.supersede_older(SERIES, numbers[3])
        states = _states(unit, [*numbers, *others])
    assert states == ["delivered", "superseded", "superseded", "pending", "pending", "pending"]


def test_nothing_is_known_of_a_delivery_that_was_not_planned(database: Database) -> None:
    with database.read() as unit:
        assert unit.deliveries.get(AssessmentId("nowhere")) is None
        assert unit.deliveries.ehr_resource(SERIES) is None


def test_the_resource_in_the_ehr_is_remembered_as_it_was_last_seen(database: Database) -> None:
    with database.write() as unit:
        unit.deliveries.remember(SERIES, "5", None)
        unit.deliveries.remember(SeriesId("other"), "6", "1")
        unit.deliveries.remember(SERIES, "5", "2")
    with database.read() as unit:
        assert unit.deliveries.ehr_resource(SERIES) == EhrResource(series=SERIES, ehr_id="5", ehr_version="2")
