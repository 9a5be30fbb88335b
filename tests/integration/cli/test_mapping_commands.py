"""`mappings coverage`, `mappings try` and `mappings check` as whoever keeps a hospital's tables uses them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from service.__main__ import main
from tests.builders import (
    body,
    bundle,
    coding,
    component,
    concept,
    lesion,
    observation,
    patient,
    quantity,
    question,
    report,
    spine_report,
)

Json = dict[str, Any]
OWN = "http://riverside.example/codes"
HEADER = "system,code,display,role,finding,value,polarity,match,licence,emit,source_table"


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SLS_DATABASE_URL", f"sqlite:///{tmp_path}/never.db")
    monkeypatch.setenv("SLS_HOSPITALS_DIR", str(tmp_path / "hospitals"))
    (tmp_path / "hospitals").mkdir()
    yield
    assert not (tmp_path / "never.db").exists()
    structlog.reset_defaults()


def riverside(tmp_path: Path, *rows: str) -> None:
    folder = tmp_path / "hospitals" / "riverside"
    folder.mkdir(exist_ok=True)
    (folder / "hospital.toml").write_text('name = "Riverside"\n', encoding="utf-8")
    (folder / "codings.csv").write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")


def foreign(code: str, name: str, display: str | None = None, **elements: object) -> Json:
    return observation(concept(coding(code, display, system=OWN)), id=name, **elements)


def save(folder: Path, name: str, *contents: Json) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_bytes(b"\n".join(body(each) for each in contents) + b"\n")
    return file


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def cells(line: str) -> list[str]:
    return [each.strip() for each in line.split("  ") if each.strip()]


# coverage


def test_a_folder_of_reports_is_counted_and_its_gaps_stand_by_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "reports"
    rare, often = foreign("RMK", "o2", "Rückenmarkskompression"), [foreign("SP-17", f"p{n}", "Spine protocol") for n in range(2)]
    said = (observation(), rare, *often)
    save(folder, "one.json", bundle(patient(), report(*said), *said))
    save(folder, "two.json", report(often[0], contained=True))
    assert main(["mappings", "coverage", str(folder)]) == 0
    first, _, head, *rows = lines(capsys)
    assert first == "2 report(s), 7 coded statement(s), 3 used (43 %)"
    assert cells(head) == ["count", "reason", "system", "code", "display", "why", "example"]
    assert [cells(row)[:5] for row in rows] == [
        ["3", "unknown-system", OWN, "SP-17", "Spine protocol"],
        ["1", "unknown-system", OWN, "RMK", "Rückenmarkskompression"],
    ]
    assert rows[0].endswith(f"{folder}/one.json Bundle.entry[4].resource")


def test_an_export_is_joined_line_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "export"
    group, *members = lesion("hasMember")
    unlisted = observation(question("alignment"), concept(coding("nonsense", system=OWN)), id="alone")
    save(folder, "Patient.ndjson", patient())
    save(folder, "DiagnosticReport.ndjson", report(group, *members))
    save(folder, "Observation.ndjson", group, *members, unlisted)
    assert main(["mappings", "coverage", str(folder)]) == 0
    first, _, _, *rows = lines(capsys)
    assert first.startswith("2 report(s), ")
    assert [cells(row)[1:4] for row in rows] == [
        ["excluded", "https://radelement.org", "RDES21"],
        ["unknown-answer", OWN, "nonsense"],
    ]
    assert "Observation.ndjson:6 " in rows[1]


def test_an_export_of_bundles_is_read_bundle_by_bundle(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = save(tmp_path, "bundles.jsonl", spine_report(), spine_report("flat"))
    assert main(["mappings", "coverage", str(file)]) == 0
    assert lines(capsys)[0].startswith("2 report(s), ")


def test_members_that_go_in_circles_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = observation(id="one", hasMember=[{"reference": "Observation/two"}])
    two = observation(id="two", hasMember=[{"reference": "Observation/one"}, {"reference": "Observation/none"}])
    file = save(tmp_path, "circle.ndjson", report(one, subject={"display": "x"}), one, two)
    assert main(["mappings", "coverage", str(file)]) == 0
    assert lines(capsys)[0].startswith("1 report(s), ")


def test_nothing_of_the_patient_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    named = patient(name=[{"family": "Sorgenfrei"}])
    secret = foreign("RMK", "o1", valueString="Frau Sorgenfrei, 17.03.1961", note=[{"text": "lives in Ulm"}])
    in_words = observation(concept(text="Kyphosis of Frau Sorgenfrei"), id="o2")
    save(tmp_path, "one.json", bundle(named, report(secret, in_words), secret, in_words))
    assert main(["mappings", "coverage", str(tmp_path / "one.json")]) == 0
    printed = capsys.readouterr().out
    assert "RMK" in printed
    assert not any(word in printed for word in ("Sorgenfrei", "1961", "Ulm"))


def test_a_file_that_is_no_fhir_is_named_and_the_others_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "mixed"
    save(folder, "good.json", spine_report())
    (folder / "bad.json").write_text("not JSON", encoding="utf-8")
    (folder / "bad.ndjson").write_text('{"resourceType": "Patient", "id": "p1"}\n\n[]\n', encoding="utf-8")
    (folder / "ignored.txt").write_text("not looked at", encoding="utf-8")
    assert main(["mappings", "coverage", str(folder)]) == 1
    first, *rest = lines(capsys)
    assert first.startswith("1 report(s), ")
    assert sorted(each.partition(": ")[2].partition(":")[0] for each in rest if each.startswith("not read")) == [
        f"{folder}/bad.json",
        f"{folder}/bad.ndjson",
    ]
    assert main(["mappings", "coverage", str(folder / "nothing.json")]) == 2


def test_the_tables_of_a_hospital_close_its_gaps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    riverside(tmp_path, f"{OWN},RMK,Rückenmarkskompression,assertion,cord-compression,present,present,exact,hospital,no,own")
    said = foreign("RMK", "o1")
    file = save(tmp_path, "one.json", bundle(patient(), report(said), said))
    assert main(["mappings", "coverage", "--hospital", "riverside", str(file)]) == 0
    assert lines(capsys) == ["1 report(s), 2 coded statement(s), 2 used (100 %)"]
    assert main(["mappings", "coverage", "--hospital", "nowhere", str(file)]) == 2


def test_nothing_at_all_is_said_plainly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert main(["mappings", "coverage", str(tmp_path / "empty")]) == 0
    assert lines(capsys) == ["0 report(s), 0 coded statement(s), 0 used (none)"]


# try


def test_a_report_is_shown_from_code_to_instrument(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    percent = component(question("vertebral-collapse-percent"), quantity(60))
    said = [
        *lesion("component", "T12", {"bone-lesion": "lytic"}, component=[component(), percent]),
        observation(
            concept(coding("71286001", "Spinal cord compression")),
            value=False,
            id="o2",
            bodySite=concept(coding("RID29209", system="http://radlex.org")),
        ),
        foreign("SP-17", "o3", "Spine protocol"),
        observation(question("neurological-deficit"), concept(coding("373068000")), id="o4"),
    ]
    file = save(tmp_path, "one.json", bundle(patient(), report(*said), *said))
    assert main(["mappings", "try", str(file)]) == 0
    printed = lines(capsys)
    assert printed[0] == "lesion-1: T12"
    table = [tuple(cells(line)) for line in printed]
    assert ("path", "code", "finding = value", "of", "read by") in table
    readers = {row[:4]: set(row[4].split()) for row in table if len(row) == len(table[2])}
    entry = "Bundle.entry[2].resource"
    assert readers[f"{entry}.component[0]", "RadElement RDE153", "bone-lesion = lytic", "lesion-1"] >= {"sins", "escc"}
    percent_row = (f"{entry}.component[1]", "LOCAL vertebral-collapse-percent", "vertebral-collapse-percent = 60 %", "lesion-1")
    assert "sins" in readers[percent_row]
    assert "escc" in readers["Bundle.entry[3].resource", "SNOMED CT 71286001", "cord-compression = absent", "lesion-1"]
    assert "sins" in readers["D05", "(follows)", "vertebral-collapse = over-50", "lesion-1"]
    assert any(row[2:4] == ("neurological-deficit = not assessed", "patient") for row in table)
    assert ("not used: path", "code", "display", "reason", "why") in table
    assert ("Bundle.entry[4].resource", f"{OWN}|SP-17", "Spine protocol", "unknown-system", "-") in table


def test_a_report_without_anything_of_the_spine_has_no_lesion(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = save(tmp_path, "one.json", report(code=concept(text="Chest"), subject={"display": "x"}))
    assert main(["mappings", "try", str(file)]) == 0
    assert [cells(line) for line in lines(capsys)] == [[], ["path", "code", "finding = value", "of", "read by"]]


def test_a_withdrawn_report_or_a_broken_file_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = save(tmp_path, "gone.json", bundle(report(observation(), status="entered-in-error"), observation()))
    assert main(["mappings", "try", str(gone)]) == 0
    assert [cells(line) for line in lines(capsys)] == [[], ["path", "code", "finding = value", "of", "read by"]]
    assert main(["mappings", "try", str(save(tmp_path, "none.json", patient()))]) == 2
    assert "no DiagnosticReport" in capsys.readouterr().err


def test_what_must_be_known_beside_the_table_is_a_note(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = save(tmp_path, "one.json", bundle(report(observation(), subject=None), observation()))
    assert main(["mappings", "try", str(file)]) == 0
    assert any(line.startswith("note: The report names no subject") for line in lines(capsys))


# check


def test_check_names_every_kind_of_problem_by_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    riverside(
        tmp_path,
        f"{OWN},A,x,assertion,no-such-finding,present,present,exact,hospital,no,own",
        f"{OWN},B,x,answer,bone-lesion,spongy,,exact,hospital,no,own",
        f"{OWN},C,x,assertion,cord-compression,present,present,exact,hospital,no,own",
        f"{OWN},C,x,assertion,cord-compression,absent,absent,exact,hospital,no,own",
        "http://snomed.info/sct,71286002,x,assertion,cord-compression,present,present,exact,hospital,no,own",
        "http://loinc.org,24980-4,x,modality,modality,mri,,exact,hospital,no,own",
    )
    assert main(["mappings", "check", "riverside"]) == 1
    assert lines(capsys) == [
        "riverside/codings.csv:6: 71286002 has a wrong check digit.",
        "riverside/codings.csv:7: 24980-4 has a wrong check digit.",
        "riverside/codings.csv:2: there is no finding no-such-finding.",
        "riverside/codings.csv:3: bone-lesion has no value spongy.",
        "riverside/codings.csv:5: C as assertion has two meanings for cord-compression: the other is at riverside/codings.csv:4.",
    ]


def test_check_points_out_tables_that_no_hospital_is_registered_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    riverside(tmp_path)
    (tmp_path / "hospitals" / "riverside" / "hospital.toml").unlink()
    assert main(["mappings", "check", "riverside"]) == 0
    assert lines(capsys)[0] == "note: riverside: there is no hospital.toml, so no report is read with these tables."
    (tmp_path / "hospitals" / "riverside").rename(tmp_path / "hospitals" / "local")
    assert main(["mappings", "check"]) == 0
    assert not any(line.startswith("note") for line in lines(capsys))


def test_check_points_out_what_is_overridden_and_what_is_loaded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    riverside(tmp_path, "http://snomed.info/sct,71286001,x,assertion,cord-compression,present,present,exact,hospital,no,own")
    assert main(["mappings", "check", "riverside"]) == 0
    note, opened, licensed = lines(capsys)
    assert note.startswith("note: base/codings.csv:")
    assert note.endswith("71286001 as assertion is overridden by riverside/codings.csv:2.")
    assert opened.startswith("riverside, open rows only: 151 findings")
    assert licensed.startswith("riverside, with licensed rows: 151 findings")
