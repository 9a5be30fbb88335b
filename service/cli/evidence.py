"""`evidence list|show <table>`: the published tables as transcribed, with what is used instead of a misprint."""

import argparse
import sys

from service.cli import explained
from service.errors import NotFoundError
from service.evidence.load import load


def add(parser: argparse.ArgumentParser) -> None:
    """Register the words of `evidence`."""
    parser.add_argument("action", choices=("list", "show"))
    parser.add_argument("table", nargs="?", help="name of the table (show)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what was asked for as Markdown.

    Raises:
        NotFoundError: there is no such table.
    """
    tables = load()
    if arguments.action == "list":
        sys.stdout.write(explained.evidence_listing(tables))
        return 0
    if arguments.table not in tables:
        raise NotFoundError(f"evidence show: name one of {', '.join(sorted(tables))}.")
    sys.stdout.write(explained.table(tables[arguments.table]))
    return 0
