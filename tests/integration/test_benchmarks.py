"""Every row of the benchmarks can be measured, and what the service is measured against does the same work."""

import re
from pathlib import Path

import orjson
import pytest
from fhir.resources.R4B.bundle import Bundle

from benchmarks import __main__ as benchmarks
from benchmarks.ground import CALLER, HOSPITAL, QUICK, Ground, NotToBeHadError, opened_parts
from benchmarks.instruments import reading_of
from benchmarks.plain import reading as plain_reading
from benchmarks.plain.path import assess_plainly
from benchmarks.report import SPINE, bundle
from benchmarks.whole_path import request
from service.model.hospital import HospitalSlug
from service.pipeline.direct import assess
from tests import postgres

OF_ONE_RUN = {"id", "assessed_at"}


def test_every_row_is_measured_and_its_ratio_is_a_positive_number(capsys: pytest.CaptureFixture[str]) -> None:
    assert benchmarks.main(["--quick"]) == 0
    printed = re.findall(r"^([a-z0-9-]+) +([0-9.]+|-) .*?(not measured: .+)?$", capsys.readouterr().out, re.MULTILINE)
    assert [name for name, *_ in printed] == [row.name for row in benchmarks.ROWS]
    unmeasured = [name for name, ratio, _ in printed if ratio == "-"]
    assert unmeasured == ([] if postgres.find_binaries() else [name for name, *_ in printed if "postgresql" in name])
    assert all(float(ratio) > 0 for name, ratio, _ in printed if name not in unmeasured)


def test_a_row_can_be_asked_for_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert benchmarks.main(["--quick", "--only", "instruments"]) == 0
    assert re.findall(r"^([a-z0-9-]+) +[0-9.]+ ", capsys.readouterr().out, re.MULTILINE) == ["instruments"]


@pytest.mark.parametrize("words", [["--only", "nothing"], ["--rounds", "0"]])
def test_a_row_that_is_not_there_and_no_rounds_are_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit):
        benchmarks.main(words)


def test_a_machine_without_postgresql_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "find_binaries", lambda: None)
    with Ground(QUICK) as ground, pytest.raises(NotToBeHadError, match="not installed"):
        ground.postgresql()


def test_a_server_that_does_not_start_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(postgres, "find_binaries", lambda: tmp_path)
    with Ground(QUICK) as ground, pytest.raises(NotToBeHadError, match="does not start"):
        ground.postgresql()


def test_the_plain_way_reads_the_same_and_writes_the_same() -> None:
    body = bundle(1, 50, SPINE)
    with Ground(QUICK) as ground, opened_parts(ground.sqlite()) as parts, opened_parts(ground.sqlite()) as plain:
        assert plain_reading.read(Bundle.model_validate_json(body)) == reading_of(parts, body)
        ours = assess(parts, request(parts, body))
        theirs = assess_plainly(plain, HospitalSlug(HOSPITAL), body, CALLER)
    assert _timeless(theirs.content) == _timeless(ours.content)
    assert _timeless(theirs.resource) == _timeless(ours.resource)


def _timeless(content: bytes) -> dict[str, object]:
    return {name: value for name, value in orjson.loads(content).items() if name not in OF_ONE_RUN}
