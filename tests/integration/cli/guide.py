"""The mapping guide as it is executed: its files, its commands and what it prints."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[3]
PAGE: Final = ROOT / "docs" / "mapping-guide.md"
_FILE: Final = re.compile(r"^`([\w./-]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CONSOLE: Final = re.compile(r"^```console\n\$ spinal-lesion-service (.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SUMMARY: Final = re.compile(r": \d+ findings, .*$")
"""Counts and version of the tables: they change with every table."""


def files() -> dict[str, str]:
    """Return name and content of every file of the page."""
    return dict(_FILE.findall(PAGE.read_text(encoding="utf-8")))


def commands() -> Iterator[tuple[list[str], list[str]]]:
    """Yield the words of every command and the lines that it prints."""
    for words, printed in _CONSOLE.findall(PAGE.read_text(encoding="utf-8")):
        yield words.split(), printed.splitlines()


def without_numbers(printed: str) -> list[str]:
    """Return what a command printed as the page shows it."""
    return [_SUMMARY.sub(": ..", line) for line in printed.splitlines()]
