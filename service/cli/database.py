"""`db upgrade` migrates, `db check` tells where the schema stands."""

import argparse
import sys

from service import settings
from service.storage.database import Database


def add(parser: argparse.ArgumentParser) -> None:
    """Register the words of `db`."""
    parser.add_argument("action", choices=("upgrade", "check"))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Migrate where asked; 0 only when the schema is the one of this release."""
    database = Database.connect(settings.load().database_url)
    if arguments.action == "upgrade":
        database.upgrade()
    state = database.check()
    database.close()
    sys.stdout.write(f"schema {state.current or 'none'}, this release needs {state.head}\n")
    return 0 if state.at_head else 1
