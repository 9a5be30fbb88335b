"""What operators watch: counters move with the work, and no label can hold an address or a word of the input."""

from pathlib import Path

import pytest

from service.app import build_parts, create_app
from service.metrics import method_label, status_label, system_label
from service.pipeline.start import prepare
from service.settings import Settings
from tests import builders


def test_an_assessment_is_counted_with_its_verdicts_and_what_was_not_understood(tmp_path: Path) -> None:
    parts = build_parts(Settings(database_url=f"sqlite:///{tmp_path}/service.db"))
    prepare(parts)
    client = create_app(parts).test_client()
    unknown = builders.observation(builders.concept(builders.coding("SP-17", system="https://hospital.example/codes")), id="o2")
    own = builders.observation(id="o1")
    posted = builders.bundle(builders.patient(), own, unknown, builders.report(own, unknown))
    assert client.post("/assessments", data=builders.body(posted), content_type="application/fhir+json").status_code == 201
    text = client.get("/metrics").get_data(as_text=True)
    assert 'sls_outcomes_total{instrument="sins",outcome="potentially-unstable"}' in text
    assert 'instrument="mimics"' not in text, "an outcome that rests on no statement is not counted"
    assert 'sls_unmapped_total{reason="unknown-system",system="other"}' in text
    assert "sls_jobs_open 0.0" in text
    assert 'route="/assessments"' in text
    assert "hospital.example" not in text
    parts.database.close()


@pytest.mark.parametrize(
    ("made", "word"),
    [(method_label("PUT"), "PUT"), (method_label("QUIMBY"), "other"), (status_label(503), "503"), (status_label(999), "other")],
)
def test_what_others_choose_freely_becomes_a_closed_word(made: str, word: str) -> None:
    assert made == word


def test_a_system_label_is_a_closed_word() -> None:
    assert system_label("http://snomed.info/sct/900000000000207008") == "snomed"
    assert system_label("https://hospital.example/Patient/1") == "other"
    assert system_label(None) == "none"
