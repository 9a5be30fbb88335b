"""What must hold for every file of the repository: it speaks of the project alone, stays small, and says what it is."""

import ast
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LONGEST_MODULE_LINES = 320

# Every pattern breaks its own word with a character class, so that this file does not match itself.
MACHINE_PATHS = re.compile(r"/wo[r]k/(?:main|shared)|/tm[p]/(?:w|pk|bash_jobs)\b|/hom[e]/\w+/|/roo[t]/|/opt/whee[l]s|C:\\User[s]")
REGISTRIES = re.compile(
    r"pyp[i]\.org|pythonhoste[d]\.org|registry\.npmj[s]\.org|proxy\.golan[g]\.org|(?:^|\s)--(?:extra-)?inde[x]-url\b|(?:^|\s)--fin[d]-links\b"
)
HOW_IT_WAS_MADE = re.compile(
    r"\bassistan[t]s?\b|languag[e] model|\bLL[M]s?\b|\bclaud[e]\b|anthropi[c]|open\s?a[i]\b|copilo[t]\b|chatgp[t]|\bgemin[i]\b"
    r"|co-authore[d]-by",
    re.IGNORECASE,
)
OPEN_END = re.compile(r"\b(?:TOD[O]|FIXM[E]|XX[X])\b")
DEPENDENCY_LINE = re.compile(r'^\s*"(?P<requirement>[^"]+)",?\s*(?P<reason>#\s*\S.*)?$')


def _ignored_names() -> tuple[str, ...]:
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    return (".git", *(line.strip().strip("/") for line in lines if line.strip() and not line.startswith("#")))


@cache
def _files() -> tuple[Path, ...]:
    """Return every file that a commit would hold; walked, so that it works without git and before the first commit."""
    ignored = _ignored_names()

    def kept(name: str) -> bool:
        return not any(fnmatch(name, pattern) for pattern in ignored)

    found: list[Path] = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if kept(name))
        found += [Path(folder, name) for name in sorted(names) if kept(name)]
    return tuple(found)


@cache
def _texts() -> Mapping[str, str]:
    """Return the text of every file by its path below the root; files that are not UTF-8 are left out."""
    texts: dict[str, str] = {}
    for file in _files():
        try:
            texts[file.relative_to(ROOT).as_posix()] = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return texts


def _modules(*folders: str) -> Iterator[tuple[str, str]]:
    return ((path, text) for path, text in _texts().items() if path.endswith(".py") and path.split("/")[0] in folders)


def _matches(pattern: re.Pattern[str], texts: Mapping[str, str]) -> list[str]:
    return [
        f"{path}:{number}: {found.group().strip()}"
        for path, text in texts.items()
        for number, line in enumerate(text.splitlines(), start=1)
        if (found := pattern.search(line))
    ]


def _dependencies() -> list[Requirement]:
    project = tomllib.loads(_texts()["pyproject.toml"])["project"]
    return [Requirement(line) for line in project["dependencies"]]


def _dev_dependencies() -> list[Requirement]:
    project = tomllib.loads(_texts()["pyproject.toml"])["project"]
    return [Requirement(line) for line in project["optional-dependencies"]["dev"]]


def _pins(lock: str) -> dict[str, str]:
    pins = (line.split(" ")[0].split("==") for line in _texts()[lock].splitlines() if re.match(r"[a-z0-9].*==", line))
    return {canonicalize_name(name): version for name, version in pins}


def test_the_walk_finds_the_repository() -> None:
    assert {"pyproject.toml", "service/__init__.py", "tests/repo/test_repository.py", ".gitignore"} <= set(_texts())
    assert not [path for path in _texts() if path.startswith((".git/", ".venv/", "data/"))]


@pytest.mark.parametrize(
    "sentence",
    [
        "see " + "/work" + "/main for it",
        "kept in " + "/root" + "/x",
        "from https://" + "pypi" + ".org/simple",
        "--index" + "-url https://example.org",
        "written by an " + "assist" + "ant",
        "a large language" + " model",
    ],
)
def test_each_kind_of_forbidden_word_would_be_found(sentence: str) -> None:
    assert any(pattern.search(sentence) for pattern in (MACHINE_PATHS, REGISTRIES, HOW_IT_WAS_MADE))


def test_no_file_names_a_path_of_some_machine() -> None:
    assert _matches(MACHINE_PATHS, _texts()) == []


def test_no_file_names_a_package_registry() -> None:
    assert _matches(REGISTRIES, _texts()) == []


def test_the_repository_speaks_of_the_project_alone() -> None:
    assert _matches(HOW_IT_WAS_MADE, _texts()) == []


def test_the_service_holds_no_open_ends() -> None:
    assert _matches(OPEN_END, dict(_modules("service"))) == []


def test_no_module_is_longer_than_its_limit() -> None:
    lines = {path: len(text.splitlines()) for path, text in _modules("service", "tests", "benchmarks")}
    assert {path: count for path, count in lines.items() if count > LONGEST_MODULE_LINES} == {}


def test_every_module_of_the_service_says_what_it_is() -> None:
    assert [path for path, text in _modules("service") if not ast.get_docstring(ast.parse(text))] == []


def test_every_dependency_has_its_reason_beside_it() -> None:
    wanted = {str(requirement) for requirement in (*_dependencies(), *_dev_dependencies())}
    lines = [found for line in _texts()["pyproject.toml"].splitlines() if (found := DEPENDENCY_LINE.match(line))]
    reasons = {
        str(Requirement(line["requirement"])): line["reason"] for line in lines if _is_requirement(line["requirement"], wanted)
    }
    assert reasons.keys() == wanted
    assert [name for name, reason in reasons.items() if reason is None] == []


def _is_requirement(text: str, wanted: set[str]) -> bool:
    try:
        return str(Requirement(text)) in wanted
    except ValueError:
        return False


def test_the_lock_pins_everything_that_runs() -> None:
    pins = _pins("requirements.lock")
    stale = [str(need) for need in _dependencies() if not need.specifier.contains(pins.get(canonicalize_name(need.name), "0"))]
    assert stale == []


def test_the_development_lock_pins_the_same_versions_and_the_checks() -> None:
    pins, running = _pins("requirements-dev.lock"), _pins("requirements.lock")
    assert running.items() <= pins.items()
    stale = [str(need) for need in _dev_dependencies() if not need.specifier.contains(pins.get(canonicalize_name(need.name), "0"))]
    assert stale == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_pin_of_a_lock_has_hashes(lock: str) -> None:
    lines = _texts()[lock].splitlines()
    bare = [line for line, after in zip(lines, [*lines[1:], ""], strict=True) if "==" in line and "--hash=sha256:" not in after]
    assert bare == []
