"""One audit fact of failed proofs of identity for each source address and minute."""

from datetime import UTC, datetime, timedelta

from service.tokens import denials
from service.tokens.denials import Denials

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_an_address_is_recorded_once_a_minute() -> None:
    known = Denials()
    assert not known.is_recorded("10.0.0.1", NOON)
    known.record("10.0.0.1", NOON)
    assert known.is_recorded("10.0.0.1", NOON + timedelta(seconds=59))
    assert not known.is_recorded("10.0.0.2", NOON)
    assert not known.is_recorded(None, NOON)
    assert not known.is_recorded("10.0.0.1", NOON + timedelta(seconds=60))


def test_an_address_whose_fact_could_not_be_stored_is_tried_again() -> None:
    known = Denials()
    assert not known.is_recorded("10.0.0.1", NOON)
    assert not known.is_recorded("10.0.0.1", NOON)


def test_a_flood_of_addresses_is_remembered_up_to_a_limit() -> None:
    known = Denials()
    for number in range(denials._MOST_SOURCES):
        known.record(str(number), NOON)
    assert known.is_recorded("one more", NOON)
    assert not known.is_recorded("one more", NOON + timedelta(minutes=1))
