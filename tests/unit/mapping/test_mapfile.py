import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from service.errors import BrokenReleaseError
from service.mapping import codes
from service.mapping.check import check, shadowed
from service.mapping.mapfile import Mappings, load, load_snapshot
from service.mapping.translate import translate
from service.model.coded import Coding
from service.model.dossier import Interest
from service.model.finding import Kind, Scope
from tests.unit.mapping.items import CORD_COMPRESSION, MAPPINGS, coded, item, local, mappings, reading

HEADER = "system,code,display,role,finding,value,polarity,match,licence,emit,source_table"
WHY = "system,code,role,finding,value,match,condition,why,source_table"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the shipped tables to spoil."""
    return Path(shutil.copytree(MAPPINGS, tmp_path / "mappings"))


def append(directory: Path, table: str, *lines: str) -> int:
    """Append lines to a table and return the number of the first of them."""
    file = directory / "base" / f"{table}.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(text + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return text.count("\n") + 1


def hospital(directory: Path, *lines: str, why: tuple[str, ...] = ()) -> Path:
    folder = directory / "hospitals" / "example"
    folder.mkdir(parents=True)
    (folder / "codings.csv").write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
    if why:
        (folder / "conditional.csv").write_text("\n".join((WHY, *why)) + "\n", encoding="utf-8")
    return folder


def means(loaded: Mappings, *code: Coding, answer: Coding | None = None) -> list[tuple[str, str | None]]:
    stated = item(*code, value=None if answer is None else coded(answer))
    return [(each.finding, each.value) for each in translate(reading(stated), loaded).findings]


def test_a_definition_is_read_with_kind_scope_range_and_denial() -> None:
    vocabulary = mappings().vocabulary
    collapse = vocabulary["vertebral-collapse"]
    assert (collapse.kind, collapse.scope, collapse.values[0]) == (Kind.ENUM, Scope.LEVEL, "over-50")
    assert collapse.absent_means == "no collapse, share of the body involved not stated (0 or 1 point)"
    assert vocabulary["spinal-pain"].absent_means == "painless lesion (same as none)"
    percent = vocabulary["vertebral-collapse-percent"]
    assert (percent.unit, percent.low, percent.high, percent.instruments) == ("%", Decimal(0), Decimal(100), ("sins",))
    loss = vocabulary["opposed-phase-loss-percent"]
    assert (loss.low, loss.high) == (None, Decimal(100))
    assert vocabulary["vertebral-level"].multi_valued
    assert not vocabulary["bone-lesion"].multi_valued
    assert vocabulary["cord-compression"].absent_means is None


def test_the_affiliate_rows_are_off_unless_switched_on() -> None:
    vertebra = (codes.SNOMED, "23215003")
    assert vertebra not in mappings().lookup.concepts
    assert vertebra in mappings(affiliate=True).lookup.concepts
    site = ("vertebral-level", "T12")
    assert [each.code for each in mappings().site_codings[site]] == ["RID29209"]
    assert [each.code for each in mappings(affiliate=True).site_codings[site]] == ["23215003", "RID29209"]


def test_outcomes_carry_only_codes_that_may_be_emitted() -> None:
    def emitted(loaded: Mappings) -> dict[tuple[str, str], list[str]]:
        return {(each.instrument, each.outcome): [code for _, code, _ in each.codings] for each in loaded.outcomes}

    metastatic = ("fracture-cause", "favours-metastatic")
    assert emitted(mappings())[metastatic] == ["fracture-cause-favours-metastatic"]
    assert emitted(mappings(affiliate=True))[metastatic] == ["fracture-cause-favours-metastatic", "866087009"]
    assert emitted(mappings())["escc", "grade-2"] == ["escc-grade-2", "OIFMA_CDE_001998.4", "71286001", "RID28797"]
    (open_code,) = [each for each in mappings().outcomes if (each.instrument, each.outcome) == ("sins", "category-open")]
    assert (open_code.open, open_code.question, open_code.kind) == (True, "sins", "open")


def test_the_record_is_worth_asking_for_pain_and_what_is_known_of_the_patient() -> None:
    interest = mappings().interest
    for known in ("http://snomed.info/sct|48926009", f"{codes.LOCAL}|spinal-pain", f"{codes.LOCAL}|neurological-deficit"):
        assert known in interest.codes
    for of_an_image in ("bone-lesion", "cord-compression", "age-at-lesion"):
        assert f"{codes.LOCAL}|{of_an_image}" not in interest.codes
    assert list(interest.codes) == sorted(interest.codes)
    assert (interest.conditions, interest.procedures, interest.reports) == (True, True, True)


def test_nothing_is_worth_asking_where_no_table_could_use_it(copied: Path) -> None:
    file = copied / "base" / "codings.csv"
    head, *rows = file.read_text(encoding="utf-8").splitlines()
    sites = [row for row in rows if ",site," in row and ",exact," in row]
    file.write_text("\n".join((head, *sites)) + "\n", encoding="utf-8")
    (copied / "base" / "conditional.csv").write_text(f"{WHY}\n", encoding="utf-8")
    assert load(copied, snomed_affiliate=False).interest == Interest()


def test_words_and_codes_of_ours_are_there_for_rendering() -> None:
    assert mappings().words["over-50"] == "over 50"
    assert [each.system for each in mappings().finding_codings["bone-lesion", "lytic"]][:1] == [codes.LOCAL]
    assert mappings().finding_codings["bone-lesion", ""][0] == Coding(codes.LOCAL, "bone-lesion", "bone lesion")


def test_the_version_does_not_depend_on_the_order_of_codings(copied: Path) -> None:
    file = copied / "base" / "codings.csv"
    head, *rows = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join((head, *reversed(rows))) + "\n", encoding="utf-8")
    again = load(copied, snomed_affiliate=False)
    assert again.version == mappings().version
    assert again.lookup == mappings().lookup


def test_the_version_depends_on_the_order_of_values_and_on_every_cell(copied: Path) -> None:
    findings = copied / "base" / "findings.csv"
    rows = findings.read_text(encoding="utf-8").splitlines()
    rows[2], rows[3] = rows[3], rows[2]
    findings.write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert load(copied, snomed_affiliate=False).version != mappings().version
    assert mappings(affiliate=True).version != mappings().version


def test_a_snapshot_reads_back_as_the_same_tables() -> None:
    again = load_snapshot(mappings().snapshot)
    assert again.version == mappings().version
    assert again.snapshot == mappings().snapshot
    assert again.lookup == mappings().lookup
    assert again.outcomes == mappings().outcomes
    assert list(again.vocabulary.items()) == list(mappings().vocabulary.items())


def test_a_hospital_adds_its_own_codes(copied: Path) -> None:
    folder = hospital(
        copied,
        "http://hospital.example/codes,RMK,Rückenmarkskompression,assertion,cord-compression,present,present,exact,hospital,no,own",
        "http://hospital.example/codes,LYT,lytisch,answer,bone-lesion,lytic,,close,hospital,no,own",
    )
    loaded = load(copied, snomed_affiliate=False, hospital=folder)
    ours = Coding("http://hospital.example/codes", "RMK")
    assert means(loaded, ours) == [("cord-compression", "present")]
    assert means(loaded, local("bone-lesion"), answer=Coding("http://hospital.example/codes", "LYT")) == [("bone-lesion", "lytic")]
    assert means(loaded, CORD_COMPRESSION) == [("cord-compression", "present")]
    assert means(mappings(), ours) == []
    assert loaded.version != mappings().version
    unknown = translate(reading(item(Coding("http://hospital.example/codes", "??"))), loaded).unmapped
    assert [each.reason for each in unknown] == ["unknown-code"]


def test_a_hospital_row_takes_the_place_of_the_base_row(copied: Path) -> None:
    folder = hospital(
        copied,
        "http://radlex.org,RID28506,collapse,assertion,vertebral-collapse,some,present,broader,hospital,no,own",
        why=("http://radlex.org,RID28506,assertion,vertebral-collapse,some,broader,none,used for vertebrae only here,own",),
    )
    collapse = Coding(codes.RADLEX, "RID28506")
    assert means(mappings(), collapse) == []
    assert means(load(copied, snomed_affiliate=False, hospital=folder), collapse) == [("vertebral-collapse", "some")]
    assert check(copied, snomed_affiliate=False, hospital=folder) == ()
    (row,) = shadowed(copied, folder, snomed_affiliate=False)
    assert row.startswith("base/codings.csv:")
    assert row.endswith("RID28506 as assertion is overridden by example/codings.csv:2.")


@pytest.mark.parametrize("affiliate", [False, True])
def test_the_shipped_tables_have_no_problem(affiliate: bool) -> None:
    assert check(MAPPINGS, snomed_affiliate=affiliate) == ()


@pytest.mark.parametrize(
    ("table", "line", "says"),
    [
        ("codings", "LOCAL,x,x,answer,no-such-finding,present,,exact,open,no,t", "there is no finding no-such-finding"),
        ("codings", "LOCAL,x,x,answer,bone-lesion,spongy,,exact,open,no,t", "bone-lesion has no value spongy"),
        ("codings", "LOCAL,x,x,assertion,bone-lesion,,present,exact,open,no,t", "assertion needs a value"),
        ("codings", "http://snomed.info/sct,71268001,x,assertion,bone-lesion,lytic,,exact,open,no,t", "wrong check digit"),
        ("codings", "http://loinc.org,24980-4,x,modality,modality,mri,,exact,open,no,t", "wrong check digit"),
        ("codings", "LOCAL,x,x,guess,bone-lesion,lytic,,exact,open,no,t", "guess is no role"),
        ("codings", "LOCAL,x,x,answer,bone-lesion,lytic,,nearly,open,no,t", "nearly is no match"),
        ("codings", "LOCAL,x,x,answer,bone-lesion,lytic,maybe,exact,open,no,t", "maybe is no polarity"),
        ("codings", "LOCAL,x,x,answer,bone-lesion,lytic,,exact,secret,no,t", "secret is no licence"),
        ("codings", "LOCAL,x,x,answer,bone-lesion,lytic,,exact,open,,t", "an empty cell is no emit"),
        ("codings", "LOCAL,,x,answer,bone-lesion,lytic,,exact,open,no,t", "system or code is missing"),
        ("codings", "LOCAL,x,x,presence,bone-lesion,,present,exact,open,no,t", "a presence word has a polarity and no finding"),
        (
            "codings",
            "LOCAL,lytic,lytic,answer,bone-lesion,mixed,,exact,open,no,t",
            "has two meanings for bone-lesion: the other is at base/codings.csv:",
        ),
        ("codings", "LOCAL,lytic,lytic,answer,bone-lesion,lytic,,exact,open,no,t", "the same row stands at base/codings.csv:"),
        ("codings", "LOCAL,x,x,answer,bone-lesion,lytic,,close,open,no,t", "close needs its reason in conditional.csv"),
        ("codings", "http://radlex.org,RPID1,x,modality,modality,mri,,exact,open,yes,t", "RPID1 must not be emitted"),
        ("codings", "LOCAL,x,x,answer,bone-lesion,lytic,,exact,open,yes,t", "a second code to emit for bone-lesion lytic"),
        ("conditional", "LOCAL,nothing,answer,bone-lesion,lytic,close,none,why,t", "has no coding with this role"),
        ("conditional", "LOCAL,lytic,answer,bone-lesion,lytic,exact,needs-luck,why,t", "needs-luck is no condition"),
        ("conditional", "LOCAL,lytic,answer,bone-lesion,lytic,exact,needs-bone-lesion,why,t", "stands beside sites only"),
        ("excluded", "LOCAL,lytic,lytic,bone-lesion,lytic,exact,excluded,why,t", "excluded and mapped to the same meaning"),
        ("excluded", "LOCAL,x,x,bone-lesion,spongy,exact,excluded,why,t", "there is no bone-lesion spongy"),
        ("excluded", "LOCAL,x,x,,,exact,perhaps,why,t", "a row needs a kind and a reason"),
        ("findings", "new-finding,boolean,lesion,,,,A new one,t,sins", "must have the values present and absent"),
        ("findings", "new-finding,quantity,lesion,,,0..1,A new one,t,sins", "needs a unit if and only if it is a number"),
        ("findings", "new-finding,quantity,lesion,,furlong,0..1,A new one,t,sins", "nothing can be converted to the unit furlong"),
        ("findings", "new-finding,quantity,lesion,,cm,few..many,A new one,t,sins", "the range is not `low..high`"),
        ("findings", "new-finding,riddle,lesion,,,,A new one,t,sins", "'riddle' is not a valid Kind"),
        ("findings", "bone-lesion,enum,lesion,,,,Again,t,sins", "bone-lesion is defined twice"),
        ("findings", "bone-lesion,enum,lesion,lytic,,,again,t,sins", "bone-lesion=lytic stands before its finding or twice"),
        ("findings", "new-finding,enum,lesion,first,,,before,t,sins", "stands before its finding or twice"),
        ("outcomes", "sins,stable,sins,Stable,verdict,again,LOCAL,t", "sins-stable stands twice"),
        ("outcomes", "sins,new,,New,verdict,no question,LOCAL,t", "a verdict or open code answers a question"),
        ("outcomes", "sins,new,sins,New,verdict,m,http://snomed.info/sct|71268001|x,t", "is not `system|code|display`"),
        ("codings", "LOCAL,x", "2 cells instead of 11"),
    ],
)
def test_a_wrong_row_is_named_by_file_and_row(copied: Path, table: str, line: str, says: str) -> None:
    number = append(copied, table, line)
    (problem,) = (problem for problem in check(copied, snomed_affiliate=False) if says in problem)
    assert problem.startswith(f"base/{table}.csv:{number}: ")
    with pytest.raises(BrokenReleaseError) as broken:
        load(copied, snomed_affiliate=False)
    assert problem in {fault.text for fault in broken.value.faults}


def test_a_least_specific_value_must_exist(copied: Path) -> None:
    findings = copied / "base" / "findings.csv"
    text = findings.read_text(encoding="utf-8").replace(
        "cord-oedema,enum,level,extent-not-stated", "cord-oedema,enum,level,some-extent"
    )
    findings.write_text(text, encoding="utf-8")
    assert any("lacks its least specific value extent-not-stated" in problem for problem in check(copied, snomed_affiliate=False))


@pytest.mark.parametrize("spoil", ["missing", "columns", "latin-1", "empty"])
def test_a_file_that_is_no_table_is_refused(copied: Path, spoil: str) -> None:
    file = copied / "base" / "excluded.csv"
    if spoil == "missing":
        file.unlink()
    else:
        file.write_bytes({"columns": b"a,b\n", "latin-1": b"\xfc\n", "empty": b""}[spoil])
    (problem,) = check(copied, snomed_affiliate=False)
    assert problem.startswith("base/excluded.csv")
