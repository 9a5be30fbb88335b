"""Log events: one JSON line each on standard error, at or above the level, and a place without data."""

import json
from collections.abc import Iterator

import pytest
import structlog

from service.logs import configure, place_of
from service.toml_table import TomlTable


@pytest.fixture(autouse=True)
def reset() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_an_event_is_one_json_line_with_level_and_time(capsys: pytest.CaptureFixture[str]) -> None:
    configure("INFO")
    structlog.get_logger("service.test").info("job_failed", job=7)
    written = json.loads(capsys.readouterr().err)
    assert written.pop("timestamp").endswith("Z")
    assert written == {"event": "job_failed", "job": 7, "level": "info"}


def test_what_is_below_the_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure("ERROR")
    structlog.get_logger("service.test").warning("quiet")
    assert capsys.readouterr().err == ""


def test_the_place_is_the_innermost_line_and_names_no_value() -> None:
    with pytest.raises(Exception, match="must be true or false") as raised:
        TomlTable("somewhere", "", {"flag": "Mrs Example"}).flag("flag")
    place, _, line = place_of(raised.value).partition(":")
    assert place == "toml_table.py"
    assert line.isdecimal()


def test_a_failure_that_was_never_raised_has_no_place() -> None:
    assert place_of(ValueError("Mrs Example")) == "unknown"
