"""`instruments list|explain <key>|document`: what is implemented, printed from the data that runs."""

import argparse
import sys

from service import settings
from service.cli import explained
from service.errors import NotFoundError
from service.evidence.load import load as load_evidence
from service.mapping.mapfile import Mappings
from service.mapping.mapfile import load as load_mappings


def add(parser: argparse.ArgumentParser) -> None:
    """Register the words of `instruments`."""
    parser.add_argument("action", choices=("list", "explain", "document"))
    parser.add_argument("key", nargs="?", help="key of the instrument (explain)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what was asked for as Markdown.

    Raises:
        NotFoundError: there is no such instrument or pointer.
    """
    if arguments.action == "list":
        sys.stdout.write(explained.listing())
    elif arguments.action == "document":
        sys.stdout.write(explained.document(_base_tables(), load_evidence()))
    else:
        shown = next((each for each in explained.EVERY if each.key == arguments.key), None)
        if shown is None:
            raise NotFoundError(f"instruments explain: name one of {', '.join(each.key for each in explained.EVERY)}.")
        sys.stdout.write(explained.instrument(shown, _base_tables(), load_evidence()))
    return 0


def _base_tables() -> Mappings:
    """Load the tables that need no licence: the vocabulary is the same with all of them."""
    return load_mappings(settings.mappings_dir(settings.load()), snomed_affiliate=False)
