"""The tables of one hospital: its code systems, its codes, what it overrides and what it silences."""

from pathlib import Path

import pytest

from service.mapping import codes
from service.mapping.check import check, shadowed
from service.mapping.mapfile import Mappings, load, load_snapshot
from service.mapping.table import COLUMNS, has_tables
from service.mapping.translate import translate
from service.model.coded import CodedItem, Coding
from service.model.finding import State
from tests.unit.mapping.items import CORD_COMPRESSION, MAPPINGS, T12, coded, item, local, mappings, reading

OID = "urn:oid:1.2.276.0.76.3.1.999.5.1"
OWN = "http://riverside.example/codes"
RMK = Coding(OWN, "RMK", "Rückenmarkskompression")
COMPRESSION = f"{OWN},RMK,Rückenmarkskompression,assertion,cord-compression,present,present,exact,hospital,no,own"


def write(folder: Path, **tables: tuple[str, ...]) -> Path:
    """Write the tables of a hospital; each line is a row."""
    hospital = folder / "riverside"
    hospital.mkdir(exist_ok=True)
    for name, lines in tables.items():
        (hospital / f"{name}.csv").write_text("\n".join((",".join(COLUMNS[name]), *lines)) + "\n", encoding="utf-8")
    return hospital


def loaded(hospital: Path) -> Mappings:
    return load(MAPPINGS, snomed_affiliate=False, hospital=hospital)


def said(tables: Mappings, *items: CodedItem) -> list[tuple[str, State, str | None]]:
    return [(each.finding, each.state, each.value) for each in translate(reading(*items), tables).findings]


def reasons(tables: Mappings, *items: CodedItem) -> list[tuple[str, str | None]]:
    return [(each.reason, each.why) for each in translate(reading(*items), tables).unmapped]


# code systems


@pytest.mark.parametrize("sent", [OID, f"{OID}/", f"{OID}|2026-03"])
def test_another_name_of_a_code_system_is_read_as_that_system(tmp_path: Path, sent: str) -> None:
    tables = loaded(write(tmp_path, systems=(f"{OID},http://snomed.info/sct,as the RIS names SNOMED CT",)))
    compression = Coding(sent, CORD_COMPRESSION.code)
    assert said(tables, item(compression)) == [("cord-compression", State.PRESENT, "present")]
    assert said(tables, item(local("cord-compression"), value=coded(Coding(sent, "2667000")))) == [
        ("cord-compression", State.ABSENT, None)
    ]
    [unmapped] = translate(reading(item(compression)), mappings()).unmapped
    assert (unmapped.reason, unmapped.system) == ("unknown-system", sent)


def test_sites_and_interpretations_are_read_by_it_too(tmp_path: Path) -> None:
    rows = (
        f"{OID},http://radlex.org,RadLex of the RIS",
        "http://riverside.example/flags,http://hl7.org/fhir/v3/ObservationInterpretation,",
    )
    tables = loaded(write(tmp_path, systems=rows))
    negative = Coding("http://riverside.example/flags", "NEG")
    stated = item(CORD_COMPRESSION, sites=(Coding(OID, T12.code),), interpretation=(negative,))
    [finding] = translate(reading(stated), tables).findings
    assert (finding.state, finding.place.levels) == (State.ABSENT, ("T12",))


def test_a_code_system_of_its_own_is_known_though_not_all_of_its_codes(tmp_path: Path) -> None:
    tables = loaded(write(tmp_path, systems=(f"{OWN},,our RIS catalogue",)))
    assert reasons(tables, item(Coding(OWN, "SP-17"))) == [("unknown-code", None)]
    assert reasons(mappings(), item(Coding(OWN, "SP-17"))) == [("unknown-system", None)]


def test_the_hospitals_rows_may_use_its_own_name_of_a_system(tmp_path: Path) -> None:
    rows = (f"{OID},http://snomed.info/sct,", f"urn:oid:1.2.3,{OWN},")
    row = f"{OID},71286001,Spinal cord compression,assertion,cord-compression,present,present,exact,hospital,no,own"
    hospital = write(tmp_path, systems=rows, codings=(row, COMPRESSION))
    assert check(MAPPINGS, snomed_affiliate=False, hospital=hospital) == ()
    tables = loaded(hospital)
    assert said(tables, item(CORD_COMPRESSION)) == said(tables, item(Coding("urn:oid:1.2.3", "RMK"))) != []


def test_the_record_is_asked_under_the_hospitals_name_too(tmp_path: Path) -> None:
    interest = loaded(write(tmp_path, systems=(f"{OID},http://snomed.info/sct,",))).interest
    assert {f"{OID}|161891005", "http://snomed.info/sct|161891005"} <= set(interest.codes)


# codes


def test_its_codes_are_read_beside_those_of_the_base(tmp_path: Path) -> None:
    tables = loaded(write(tmp_path, codings=("# what our RIS calls it", COMPRESSION, "")))
    assert said(tables, item(RMK)) == said(tables, item(CORD_COMPRESSION)) == [("cord-compression", State.PRESENT, "present")]
    assert said(mappings(), item(RMK)) == []


def test_what_it_excludes_is_read_no_more_and_listed_with_its_reason(tmp_path: Path) -> None:
    silenced = (
        "http://snomed.info/sct,71286001,Spinal cord compression,cord-compression,present,exact,excluded,our RIS means the root,own"
    )
    barred = "http://radlex.org,RID28797,x,escc-grade,2,exact,value-barred,not a grade here,own"
    hospital = write(tmp_path, excluded=(silenced, barred))
    assert check(MAPPINGS, snomed_affiliate=False, hospital=hospital) == ()
    assert reasons(loaded(hospital), item(CORD_COMPRESSION)) == [("excluded", "our RIS means the root")]
    notes = shadowed(MAPPINGS, hospital, snomed_affiliate=False)
    assert [each for each in notes if "71286001 as assertion is overridden by riverside/excluded.csv:2." in each]


def test_reading_what_the_base_excludes_is_pointed_out(tmp_path: Path) -> None:
    row = "http://snomed.info/sct,708690003,DXA of spine,modality,modality,x-ray,,exact,hospital,no,own"
    hospital = write(tmp_path, codings=(row,))
    assert check(MAPPINGS, snomed_affiliate=False, hospital=hospital) == ()
    [note] = shadowed(MAPPINGS, hospital, snomed_affiliate=False)
    assert note.startswith("base/excluded.csv:")
    assert note.endswith("708690003 is not read in general (no rule uses it); riverside/codings.csv:2 reads it.")


def test_what_the_base_bars_for_one_meaning_stays_barred(tmp_path: Path) -> None:
    row = "http://snomed.info/sct,279040009,Mechanical low back pain,assertion,spinal-pain,mechanical,present,exact,hospital,no,own"
    [problem] = check(MAPPINGS, snomed_affiliate=False, hospital=write(tmp_path, codings=(row,)))
    assert problem.startswith(
        "riverside/codings.csv:2: 279040009 is excluded and mapped to the same meaning: see base/excluded.csv:"
    )


@pytest.mark.parametrize(
    ("table", "lines", "says"),
    [
        ("systems", (f"{OID},http://nowhere.example,",), "systems.csv:2: http://nowhere.example is no code system"),
        ("systems", (f"{OID},http://loinc.org,", f"{OID}/,http://snomed.info/sct,"), "systems.csv:3: "),
        ("systems", ("http://loinc.org,http://snomed.info/sct,",), "http://loinc.org is a name of http://loinc.org"),
        ("systems", (",http://snomed.info/sct,",), "systems.csv:2: the system is missing"),
        ("systems", ("a,b",), "systems.csv:2: 2 cells instead of 3"),
        ("codings", ("LOCAL,cord-compression,x,question,cord-abutment,,,exact,hospital,no,own",), "is a code of ours"),
        (
            "codings",
            (COMPRESSION.replace("cord-compression", "cord-pression"),),
            "codings.csv:2: there is no finding cord-pression",
        ),
        (
            "codings",
            (COMPRESSION, COMPRESSION.replace("present,present", "absent,absent")),
            "the other is at riverside/codings.csv:2",
        ),
        (
            "codings",
            ("# remark", f"{OWN},P,,presence,,,absent,exact,hospital,no,x", f"{OWN},P,,presence,,,present,exact,hospital,no,x"),
            "for present or absent",
        ),
        (
            "codings",
            ("http://snomed.info/sct,71286002,x,assertion,cord-compression,present,present,exact,hospital,no,own",),
            "wrong check digit",
        ),
    ],
)
def test_a_wrong_row_of_a_hospital_is_named_by_file_and_line(tmp_path: Path, table: str, lines: tuple[str, ...], says: str) -> None:
    found = check(MAPPINGS, snomed_affiliate=False, hospital=write(tmp_path, **{table: lines}))
    assert len(found) == 1
    assert says in found[0]
    assert found[0].startswith(f"riverside/{table}.csv:{1 + len(lines)}: ")


def test_the_line_of_a_row_is_its_line_in_the_file(tmp_path: Path) -> None:
    row = f'"{OWN}",A,"over\ntwo lines",assertion,nothing,present,present,exact,hospital,no,own'
    text = f"# one\n{','.join(COLUMNS['codings'])}\n# two\n\n{row}\n"
    (tmp_path / "riverside").mkdir()
    (tmp_path / "riverside" / "codings.csv").write_text(text, encoding="utf-8")
    [problem] = check(MAPPINGS, snomed_affiliate=False, hospital=tmp_path / "riverside")
    assert problem == "riverside/codings.csv:6: there is no finding nothing."


def test_any_one_table_is_enough(tmp_path: Path) -> None:
    assert not has_tables(write(tmp_path))
    assert has_tables(write(tmp_path, systems=()))
    assert loaded(tmp_path / "riverside").version == mappings().version


def test_the_version_holds_the_hospitals_systems_and_a_snapshot_brings_them_back(tmp_path: Path) -> None:
    tables = loaded(write(tmp_path, systems=(f"{OID},http://snomed.info/sct,", f"{OWN},,"), codings=(COMPRESSION,)))
    again = load_snapshot(tables.snapshot)
    assert (again, again.version) == (tables, tables.version)
    assert tables.version != mappings().version
    assert again.lookup.canonical(OID) == codes.SNOMED
