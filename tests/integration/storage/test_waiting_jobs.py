"""When a job is due: the debounce of a burst, the backoff after a failure."""

from service.storage.database import Database
from service.storage.terms import JobState
from tests.integration.storage.rows import claim, enqueue, ids, let_pass, names, nothing_is_due


class TestDebounce:
    def test_a_delayed_job_is_not_due_before_its_delay(self, database: Database) -> None:
        with database.write() as unit:
            enqueue(unit.jobs, "s", "a", delay_seconds=50)
        let_pass(database, 40)
        assert nothing_is_due(database)
        let_pass(database, 11)
        assert names(claim(database)) == ["a"]

    def test_a_burst_becomes_one_claim_after_it_falls_silent(self, database: Database) -> None:
        for number in range(5):
            with database.write() as unit:
                enqueue(unit.jobs, "s", f"n{number}", delay_seconds=50, max_wait_seconds=600)
            let_pass(database, 40)
            assert nothing_is_due(database)
        let_pass(database, 11)
        assert names(claim(database)) == [f"n{number}" for number in range(5)]

    def test_a_burst_without_end_is_cut_at_the_longest_wait(self, database: Database) -> None:
        for number in range(4):
            with database.write() as unit:
                enqueue(unit.jobs, "s", f"n{number}", delay_seconds=50, max_wait_seconds=120)
            assert nothing_is_due(database)
            let_pass(database, 35)
        assert len(claim(database).jobs) == 4  # 140 s after the first, and 35 s after the last

    def test_a_job_without_longest_wait_is_not_pushed_beyond_its_own_delay(self, database: Database) -> None:
        with database.write() as unit:
            enqueue(unit.jobs, "s", "now")
            enqueue(unit.jobs, "s", "later", delay_seconds=1000, max_wait_seconds=10000)
        assert names(claim(database)) == ["now", "later"]

    def test_an_urgent_job_takes_the_waiting_ones_along(self, database: Database) -> None:
        with database.write() as unit:
            enqueue(unit.jobs, "s", "later", delay_seconds=1000, max_wait_seconds=10000)
            enqueue(unit.jobs, "s", "now")
        assert names(claim(database)) == ["later", "now"]

    def test_the_longest_wait_bounds_the_first_delay_too(self, database: Database) -> None:
        with database.write() as unit:
            enqueue(unit.jobs, "s", "a", delay_seconds=1000, max_wait_seconds=30)
        let_pass(database, 31)
        assert names(claim(database)) == ["a"]

    def test_a_burst_during_a_lease_waits_for_its_own_delay_afterwards(self, database: Database) -> None:
        with database.write() as unit:
            enqueue(unit.jobs, "s", "before")
        taken = claim(database)
        with database.write() as unit:
            enqueue(unit.jobs, "s", "a", delay_seconds=50, max_wait_seconds=80)
        let_pass(database, 40)
        with database.write() as unit:
            enqueue(unit.jobs, "s", "b", delay_seconds=50, max_wait_seconds=80)
            unit.jobs.complete(taken, ids(taken))
        let_pass(database, 30)
        assert nothing_is_due(database)
        let_pass(database, 11)
        assert names(claim(database)) == ["a", "b"]


class TestRetry:
    def test_a_failed_job_comes_back_after_its_backoff_with_its_error_and_count(self, database: Database) -> None:
        with database.write() as unit:
            enqueue(unit.jobs, "s", "a")
        taken = claim(database)
        with database.write() as unit:
            unit.jobs.retry(taken, taken.jobs[0].id, 100, "EHR answered 503")
        let_pass(database, 90)
        assert nothing_is_due(database)
        let_pass(database, 11)
        job = claim(database).jobs[0]
        assert (job.attempts, job.last_error, job.state) == (1, "EHR answered 503", JobState.OPEN)

    def test_a_backoff_keeps_the_order_whatever_arrives_behind_it(self, database: Database) -> None:
        with database.write() as unit:
            enqueue(unit.jobs, "s", "a")
        taken = claim(database)
        with database.write() as unit:
            enqueue(unit.jobs, "s", "b")
            unit.jobs.retry(taken, taken.jobs[0].id, 100, "down")
            enqueue(unit.jobs, "s", "c", delay_seconds=1000, max_wait_seconds=10000)
            enqueue(unit.jobs, "s", "d")
        assert nothing_is_due(database)
        let_pass(database, 101)
        assert names(claim(database)) == ["a", "b", "c", "d"]

    def test_a_stream_in_a_backoff_does_not_hold_up_another(self, database: Database) -> None:
        with database.write() as unit:
            enqueue(unit.jobs, "s1", "a")
        taken = claim(database)
        with database.write() as unit:
            unit.jobs.retry(taken, taken.jobs[0].id, 100, "down")
            enqueue(unit.jobs, "s2", "b")
        assert names(claim(database)) == ["b"]

    def test_jobs_behind_one_in_a_backoff_are_not_handed_out_with_those_before_it(self, database: Database) -> None:
        with database.write() as unit:
            for name in "abc":
                enqueue(unit.jobs, "s", name)
        taken = claim(database)
        with database.write() as unit:
            unit.jobs.retry(taken, taken.jobs[1].id, 100, "down")
        assert names(claim(database)) == ["a"]

    def test_one_run_may_complete_one_job_retry_one_and_bury_one(self, database: Database) -> None:
        with database.write() as unit:
            for name in "abc":
                enqueue(unit.jobs, "s", name)
        taken = claim(database)
        first, second, third = ids(taken)
        with database.write() as unit:
            unit.jobs.complete(taken, [first])
            unit.jobs.retry(taken, second, 100, "down")
            unit.jobs.bury(taken, [third], "refused")
        assert nothing_is_due(database)
        let_pass(database, 101)
        assert names(claim(database)) == ["b"]
