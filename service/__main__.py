"""Command line (interfaces section 13): parse the words, run one command, answer with an exit code."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Final

from service import __version__
from service.cli import assess, database, evidence, hospital, instruments, jobs, mappings, serve
from service.errors import ServiceError, StorageDownError

_MEND_DATABASE: Final = (
    "SLS_DATABASE_URL says which database this is: see that it runs, and that host, port, name, user and password are right "
    "(SQLite: that the folder can be written to and the disk has space)."
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; a failure with a meaning is one sentence on standard error and exit code 2."""
    arguments = _parser().parse_args(argv)
    try:
        code = int(arguments.run(arguments))
        sys.stdout.flush()
    except BrokenPipeError:  # who read the output has seen enough (`| head`)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the interpreter writes what is left at its end
        return 1
    except StorageDownError as error:
        sys.stderr.write(f"spinal-lesion-service: {error.faults[0].text}\n{_MEND_DATABASE}\n")
        return 2
    except ServiceError as error:
        for fault in error.faults:
            where = f" ({fault.path})" if fault.path else ""
            sys.stderr.write(f"spinal-lesion-service: {fault.text}{where}\n")
        return 2
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="spinal-lesion-service", description="Published assessments of spinal lesions from coded FHIR findings."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve.add_serve(commands.add_parser("serve", help="answer HTTP"))
    serve.add_work(commands.add_parser("work", help="work through jobs without answering HTTP"))
    assess.add(commands.add_parser("assess", help="assess one file, storing nothing"))
    mappings.add(commands.add_parser("mappings", help="prove the mapping tables"))
    instruments.add(commands.add_parser("instruments", help="print what is implemented"))
    evidence.add(commands.add_parser("evidence", help="print the published tables as transcribed"))
    hospital.add(commands.add_parser("hospital", help="list the registered hospitals; check what an EHR offers"))
    jobs.add(commands.add_parser("jobs", help="look at jobs; replay or discard dead letters"))
    database.add(commands.add_parser("db", help="migrate or check the database"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
