"""Streams and jobs: order, coalescing, retries and dead letters."""

import pytest

from service.errors import ConflictError, LostLeaseError, NotFoundError
from service.storage.database import Database
from service.storage.terms import JobId, JobState, StreamKey
from tests.integration.storage.rows import claim, enqueue, ids, let_pass, names, nothing_is_due


def test_a_job_comes_back_with_what_it_was_given(database: Database) -> None:
    with database.write() as unit:
        number = unit.jobs.enqueue(StreamKey("s"), "deliver", {"assessment": "a-1", "why": "naïve"}, "d-1")
    job = claim(database).jobs[0]
    assert (job.id, job.key, job.kind, job.attempts, job.state, job.last_error) == (number, "s", "deliver", 0, "open", None)
    assert job.payload == {"assessment": "a-1", "why": "naïve"}
    assert job.state is JobState.OPEN


def test_an_empty_database_has_nothing_to_claim(database: Database) -> None:
    assert nothing_is_due(database)


def test_a_claim_holds_every_due_job_of_its_stream_in_order_and_no_other(database: Database) -> None:
    with database.write() as unit:
        for key, name in (("s1", "a"), ("s2", "b"), ("s1", "c"), ("s1", "d"), ("s2", "e")):
            enqueue(unit.jobs, key, name)
    assert names(claim(database)) == ["a", "c", "d"]
    assert names(claim(database)) == ["b", "e"]
    assert nothing_is_due(database)


def test_the_stream_that_has_waited_longest_comes_first(database: Database) -> None:
    with database.write() as unit:
        enqueue(unit.jobs, "s-z", "first")
    let_pass(database, 5)
    with database.write() as unit:
        enqueue(unit.jobs, "s-a", "second")
    assert [claim(database).key, claim(database).key] == ["s-z", "s-a"]


def test_a_claimed_stream_is_not_handed_out_even_when_more_work_arrives(database: Database) -> None:
    with database.write() as unit:
        enqueue(unit.jobs, "s", "a")
    taken = claim(database)
    with database.write() as unit:
        enqueue(unit.jobs, "s", "b")
    assert nothing_is_due(database)
    with database.write() as unit:
        unit.jobs.complete(taken, ids(taken))
    assert names(claim(database)) == ["b"]


def test_completed_jobs_are_never_handed_out_again(database: Database) -> None:
    with database.write() as unit:
        enqueue(unit.jobs, "s", "a")
    taken = claim(database)
    with database.write() as unit:
        unit.jobs.complete(taken, ids(taken))
    let_pass(database, 1_000_000)
    assert nothing_is_due(database)
    with database.read() as unit:
        job = unit.jobs.show(taken.jobs[0].id)
        assert job is not None
        assert (job.state, job.last_error) == (JobState.DONE, None)


def test_a_job_left_over_by_a_completion_is_due_at_once(database: Database) -> None:
    with database.write() as unit:
        enqueue(unit.jobs, "s", "a")
        enqueue(unit.jobs, "s", "b")
    taken = claim(database)
    with database.write() as unit:
        unit.jobs.complete(taken, [taken.jobs[0].id])
    assert names(claim(database)) == ["b"]


def test_a_dedupe_key_names_one_piece_of_work_for_ever(database: Database) -> None:
    def again(name: str) -> JobId | None:
        with database.write() as unit:
            return unit.jobs.enqueue(StreamKey("s"), "assess", {}, name)

    assert again("same") is not None
    assert again("same") is None
    taken = claim(database)
    assert again("same") is None
    with database.write() as unit:
        unit.jobs.complete(taken, ids(taken))
    assert again("same") is None
    assert nothing_is_due(database)
    assert again("other") is not None
    assert len(claim(database).jobs) == 1


def test_released_jobs_are_due_at_once_without_an_attempt(database: Database) -> None:
    with database.write() as unit:
        enqueue(unit.jobs, "s", "a")
    taken = claim(database)
    with database.write() as unit:
        unit.jobs.release(taken)
    again = claim(database)
    assert names(again) == ["a"]
    assert again.jobs[0].attempts == 0
    assert again.fence == taken.fence + 1


class TestDeadLetters:
    def _bury(self, database: Database, name: str = "a") -> JobId:
        with database.write() as unit:
            enqueue(unit.jobs, "s", name)
        taken = claim(database)
        with database.write() as unit:
            unit.jobs.retry(taken, taken.jobs[0].id, 0, "once")
        taken = claim(database)
        with database.write() as unit:
            unit.jobs.bury(taken, [taken.jobs[0].id], "EHR answered 422")
        return taken.jobs[0].id

    def test_a_buried_job_is_listed_with_its_attempts_and_error_and_never_claimed(self, database: Database) -> None:
        number = self._bury(database)
        let_pass(database, 1_000_000)
        assert nothing_is_due(database)
        with database.read() as unit:
            (dead,) = unit.jobs.listing(JobState.DEAD)
        assert (dead.id, dead.attempts, dead.last_error) == (number, 1, "EHR answered 422")

    def test_several_jobs_are_buried_together(self, database: Database) -> None:
        with database.write() as unit:
            for name in "abc":
                enqueue(unit.jobs, "s", name)
        taken = claim(database)
        with database.write() as unit:
            unit.jobs.bury(taken, ids(taken)[:2], "refused")
            assert [dead.id for dead in unit.jobs.listing(JobState.DEAD)] == ids(taken)[:2]
        assert names(claim(database)) == ["c"]

    def test_jobs_behind_a_buried_one_go_on(self, database: Database) -> None:
        with database.write() as unit:
            enqueue(unit.jobs, "s", "a")
            enqueue(unit.jobs, "s", "b")
        taken = claim(database)
        with database.write() as unit:
            unit.jobs.bury(taken, [taken.jobs[0].id], "refused")
        assert names(claim(database)) == ["b"]

    def test_a_replayed_job_is_due_with_no_attempt_counted(self, database: Database) -> None:
        number = self._bury(database)
        with database.write() as unit:
            unit.jobs.replay(number)
        job = claim(database).jobs[0]
        assert (job.id, job.attempts) == (number, 0)

    def test_a_replayed_job_takes_its_old_place_in_the_stream(self, database: Database) -> None:
        number = self._bury(database, "old")
        with database.write() as unit:
            enqueue(unit.jobs, "s", "new")
            unit.jobs.replay(number)
        assert names(claim(database)) == ["old", "new"]

    def test_a_job_replayed_while_its_stream_is_leased_follows_the_lease(self, database: Database) -> None:
        number = self._bury(database, "old")
        with database.write() as unit:
            enqueue(unit.jobs, "s", "new")
        taken = claim(database)
        with database.write() as unit:
            unit.jobs.replay(number)
        assert nothing_is_due(database)
        with database.write() as unit:
            unit.jobs.complete(taken, ids(taken))
        assert names(claim(database)) == ["old"]

    def test_a_discarded_job_is_done_and_keeps_its_error(self, database: Database) -> None:
        number = self._bury(database)
        with database.write() as unit:
            unit.jobs.discard(number)
        with database.read() as unit:
            assert unit.jobs.listing(JobState.DEAD) == ()
            (done,) = unit.jobs.listing(JobState.DONE)
        assert (done.id, done.last_error) == (number, "EHR answered 422")
        assert nothing_is_due(database)

    def test_only_a_dead_job_can_be_replayed_or_discarded(self, database: Database) -> None:
        with database.write() as unit:
            number = enqueue(unit.jobs)
        for act in ("replay", "discard"):
            with pytest.raises(ConflictError), database.write() as unit:
                getattr(unit.jobs, act)(number)
            with pytest.raises(NotFoundError), database.write() as unit:
                getattr(unit.jobs, act)(number + 1)

    def test_a_job_that_was_claimed_and_is_not_open_any_more_cannot_be_completed(self, database: Database) -> None:
        number = self._bury(database)
        with database.write() as unit:
            enqueue(unit.jobs, "s", "b")
        taken = claim(database)
        with pytest.raises(LostLeaseError), database.write() as unit:
            unit.jobs.complete(taken, [*ids(taken), number])
        with database.read() as unit:
            assert len(unit.jobs.listing(JobState.OPEN)) == 1


def test_listings_are_paged_by_number(database: Database) -> None:
    with database.write() as unit:
        numbers = [enqueue(unit.jobs, "s", str(number)) for number in range(5)]
    with database.read() as unit:
        first = unit.jobs.listing(JobState.OPEN, limit=2)
        rest = unit.jobs.listing(JobState.OPEN, after=first[-1].id)
    assert [job.id for job in (*first, *rest)] == numbers


def test_an_unknown_number_shows_nothing(database: Database) -> None:
    with database.read() as unit:
        assert unit.jobs.show(JobId(4711)) is None


def test_the_depth_counts_open_and_dead_jobs_and_the_age_of_the_oldest(database: Database) -> None:
    with database.read() as unit:
        empty = unit.jobs.depth()
    assert (empty.open, empty.dead, empty.oldest_seconds) == (0, 0, None)
    with database.write() as unit:
        enqueue(unit.jobs, "s1", "a")
    let_pass(database, 100)
    with database.write() as unit:
        for key, name in (("s1", "b"), ("s2", "c")):
            enqueue(unit.jobs, key, name)
    taken = claim(database)
    with database.write() as unit:
        unit.jobs.bury(taken, [taken.jobs[1].id], "refused")
    with database.read() as unit:
        depth = unit.jobs.depth()
    assert (depth.open, depth.dead) == (2, 1)
    assert depth.oldest_seconds is not None
    assert 100 <= depth.oldest_seconds < 110
