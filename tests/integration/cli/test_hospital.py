"""`hospital list` and `hospital check`: what they print, with which exit code, and never a secret."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.__main__ import main
from tests.running import write_hospital
from tests.stand_in_ehr import Fault, StandInEhr

TOKEN, SECRET = "t0ken-of-the-ehr", "s3cret-of-the-webhook"


@pytest.fixture(autouse=True)
def hospitals(environment: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the empty folder of hospitals, with two secrets in the environment."""
    assert environment is None
    monkeypatch.setenv("SLS_DATABASE_URL", f"sqlite:///{tmp_path}/never-made/service.db")
    monkeypatch.setenv("NORTH_TOKEN", TOKEN)
    monkeypatch.setenv("NORTH_SECRET", SECRET)
    return tmp_path / "hospitals"


@pytest.fixture
def ehr() -> Iterator[StandInEhr]:
    with StandInEhr() as running:
        yield running


def register(folder: Path, slug: str, content: str) -> None:
    (folder / slug).mkdir()
    (folder / slug / "hospital.toml").write_text(content, encoding="utf-8")


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[str]]:
    code = main(["hospital", *words])
    printed = capsys.readouterr()
    assert TOKEN not in printed.out + printed.err
    assert SECRET not in printed.out + printed.err
    return code, printed.out.splitlines()


def test_every_hospital_is_listed_with_its_ehr_its_policy_and_whether_its_secrets_are_set(
    hospitals: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ehr = '[ehr]\nbase = "https://ehr.example/fhir"\nbearer_env = "NORTH_TOKEN"\n'
    register(hospitals, "north", f'name = "North"\n{ehr}[webhook]\nsecret_env = "NORTH_SECRET"\n')
    write_hospital(hospitals, "west", ehr_base=None)
    code, lines = run(capsys, "list")
    assert code == 0
    assert [line.split("\t") for line in lines] == [
        ["local", "Local", "no EHR", "write-back none", "webhook secret none", "EHR token none"],
        ["north", "North", "https://ehr.example/fhir", "write-back riskassessment", "webhook secret set", "EHR token set"],
        ["west", "west", "no EHR", "write-back none", "webhook secret none", "EHR token none"],
    ]


def test_a_registration_that_cannot_be_used_is_listed_with_the_way_to_mend_it(
    hospitals: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    register(hospitals, "north", '[webhook]\nsecret_env = "UNSET"\n')
    write_hospital(hospitals, "west", ehr_base=None)
    code, lines = run(capsys, "list")
    assert code == 2
    assert "north\tcannot be used: north/hospital.toml: webhook.secret_env names UNSET, which is not set. Export it" in lines[1]
    assert lines[2].startswith("west\t")


def test_an_ehr_with_everything_is_0(hospitals: Path, ehr: StandInEhr, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    write_hospital(hospitals, "north", ehr_base=ehr.base)
    code, lines = run(capsys, "check", "north")
    assert (code, lines[0], lines[-1]) == (0, f"north (north): {ehr.base}", "everything needed is there")
    assert "  ok     FHIR version 4.0.1 (Stand-in EHR)" in lines
    assert "  ok     first write: PUT to an id of ours (updateCreate)" in lines
    assert not (tmp_path / "never-made").exists(), "no database is needed"


def test_an_ehr_that_lacks_something_needed_is_1_and_names_it(
    hospitals: Path, ehr: StandInEhr, capsys: pytest.CaptureFixture[str]
) -> None:
    ehr.switches.unknown_types = frozenset({"RiskAssessment"})
    write_hospital(hospitals, "north", ehr_base=ehr.base)
    code, lines = run(capsys, "check", "north")
    assert (code, lines[-1]) == (1, "1 of what is needed is lacking")
    [lacks] = [line for line in lines if line.startswith("  lacks")]
    assert lacks.startswith("  lacks  first write: this EHR takes no RiskAssessment")
    assert lacks.endswith("Have it allowed, or set write_back.policy to none.")


def test_the_token_is_sent_and_not_printed(hospitals: Path, ehr: StandInEhr, capsys: pytest.CaptureFixture[str]) -> None:
    ehr.switches.bearer = TOKEN
    register(hospitals, "north", f'[ehr]\nbase = "{ehr.base}"\nbearer_env = "NORTH_TOKEN"\n')
    assert run(capsys, "check", "north")[0] == 0
    assert {each.headers.get("authorization") for each in ehr.requests} == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize("fault", [Fault(status=200, body=b"<html>Quimby</html>"), Fault(lost=True), Fault(status=503), None])
def test_an_ehr_that_cannot_be_reached_or_answers_rubbish_is_2_and_says_why(
    hospitals: Path, ehr: StandInEhr, capsys: pytest.CaptureFixture[str], fault: Fault | None
) -> None:
    write_hospital(hospitals, "north", ehr_base=ehr.base)
    if fault is None:
        ehr.stop()
    else:
        ehr.strike(fault)
    code, lines = run(capsys, "check", "north")
    assert (code, len(lines)) == (2, 2)
    assert lines[1].startswith("  The EHR ")
    assert "Quimby" not in lines[1]


def test_a_hospital_without_an_ehr_needs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "check", "local") == (
        0,
        ["local: registered without an EHR; results are only read from us, so nothing is needed."],
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["check"], "say which hospital"),
        (["check", "nobody"], "No hospital is registered as nobody. Registered are: local, south."),
        (["check", "south"], "south/hospital.toml: unknown nmae"),
    ],
)
def test_a_check_of_nobody_or_of_a_broken_registration_is_2_and_one_sentence(
    hospitals: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    register(hospitals, "south", 'nmae = "South"\n')
    assert main(["hospital", *words]) == 2
    assert said in capsys.readouterr().err
