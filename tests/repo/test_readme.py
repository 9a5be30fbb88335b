"""README says what is so: the settings table is the one of the code, the two commands exist, the curl example's file exists."""

import re
from pathlib import Path

from service import settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def settings_table() -> str:
    """Return the table as README must print it."""
    rows = [f"| `{name}` | {f'`{default}`' if default else ''} | {meaning} |" for name, default, meaning in settings.rows()]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])


def test_the_settings_table_is_the_one_of_the_code() -> None:
    printed = README.partition("<!-- settings -->")[2].partition("<!-- /settings -->")[0].strip()
    assert printed == settings_table()


def test_every_make_target_that_readme_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"`?make ([a-z]+)", README))
    assert {"demo", "test"} <= named <= targets


def test_every_file_that_readme_names_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README) + re.findall(r"@(\S+\.json)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
