"""`jobs list|show|replay|discard`: dead letters and what waits, without a word of patient data."""

import argparse
import sys

from service import settings
from service.app import build_parts
from service.errors import NotFoundError
from service.model.caller import Caller
from service.pipeline import operate
from service.storage.jobs import Job
from service.storage.terms import JobId, JobState

_OPERATOR = Caller(name="operator", address=None, request_id="command-line")


def add(parser: argparse.ArgumentParser) -> None:
    """Register the words of `jobs`."""
    parser.add_argument("action", choices=("list", "show", "replay", "discard"))
    parser.add_argument("number", nargs="?", type=int, help="number of the job (show, replay, discard)")
    parser.add_argument("--dead", action="store_true", help="list dead letters instead of open jobs")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked; replay and discard are audited.

    Raises:
        NotFoundError: no job is named where one is needed, or there is none under its number.
    """
    parts = build_parts(settings.load())
    if arguments.action == "list":
        for job in operate.list_jobs(parts, JobState.DEAD if arguments.dead else JobState.OPEN):
            sys.stdout.write(_line(job))
        return 0
    if arguments.number is None:
        raise NotFoundError(f"jobs {arguments.action}: say which job, by its number.")
    number = JobId(arguments.number)
    if arguments.action == "show":
        sys.stdout.write(_line(operate.show_job(parts, number)))
    elif arguments.action == "replay":
        operate.replay_job(parts, number, _OPERATOR)
    else:
        operate.discard_job(parts, number, _OPERATOR)
    return 0


def _line(job: Job) -> str:
    stream = job.key.split("|")[0]
    return f"{job.id}\t{job.state}\t{job.kind}\t{stream}\tattempts {job.attempts}\t{job.last_error or '-'}\n"
