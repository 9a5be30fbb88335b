"""`assess FILE`: one Bundle from a file, the Assessment JSON on standard output; nothing is stored."""

import argparse
import sys
import tempfile
from pathlib import Path

import orjson

from service import settings
from service.app import build_parts
from service.errors import SettingsError
from service.hospitals import LOCAL_HOSPITAL
from service.model.caller import Caller
from service.pipeline.direct import DirectRequest, assess


def add(parser: argparse.ArgumentParser) -> None:
    """Register the words of `assess`."""
    parser.add_argument("file", type=Path, help="FHIR JSON: a Bundle with a DiagnosticReport, Parameters, or a report")
    parser.add_argument("--lenient", action="store_true", help="leave invalid entries out and list them")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Assess the file as a dry run.

    Raises:
        SettingsError: the file cannot be read.
    """
    try:
        body = arguments.file.read_bytes()
    except OSError as error:
        raise SettingsError(f"assess: the file cannot be read ({type(error).__name__}).") from None
    with tempfile.TemporaryDirectory() as folder:
        unused = f"sqlite:///{folder}/unused.db"
        parts = build_parts(settings.load().model_copy(update={"database_url": unused}))
    done = assess(
        parts,
        DirectRequest(
            hospital=parts.hospital(LOCAL_HOSPITAL),
            body=body,
            strict=not arguments.lenient,
            store=False,
            write_back=False,
            prior=None,
            caller=Caller(name="command-line", address=None, request_id="command-line"),
        ),
    )
    sys.stdout.write(orjson.dumps(orjson.loads(done.content), option=orjson.OPT_INDENT_2).decode() + "\n")
    return 0
