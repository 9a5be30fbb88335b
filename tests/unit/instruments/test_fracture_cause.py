"""Fracture cause: what each statement is a sign of, and how statements of one concept are read together."""

import pytest

from service.evidence.load import load
from service.instruments.fracture_cause import FRACTURE_CAUSE
from service.instruments.fracture_cause.scale import scale_of
from service.model.case import Case
from service.model.lesion import Known
from service.model.outcome import Applicability, Outcome
from tests.unit.instruments.known import case_of, denied, disputed, seen, stated, unknown, yes

TABLES = load()
FRACTURE = stated("vertebral-fracture", "unspecified")
CT, MRI = "ct", "mri"


def assess(*knowns: Known, study: tuple[Known, ...] = (), fracture: Known | None = FRACTURE) -> Outcome:
    about = (fracture, *knowns) if fracture is not None else knowns
    return FRACTURE_CAUSE.assess(case_of(*about, study=study), TABLES)


def tally(outcome: Outcome) -> tuple[float, float]:
    assert outcome.measure is not None
    return outcome.measure["metastatic"], outcome.measure["osteoporotic"]


def direction(outcome: Outcome, finding: str) -> str | None:
    return next(reason.direction for reason in outcome.reasons if reason.finding == finding)


def test_the_tables_print_eleven_concepts_and_every_sign_is_read() -> None:
    concepts = scale_of(TABLES).concepts
    assert len(concepts) == 11
    read = {finding for concept in concepts for finding in concept.evidence}
    assert read | {"opposed-phase-loss-percent"} == set(FRACTURE_CAUSE.reads) - {"vertebral-fracture", "reported-diagnosis"}


@pytest.mark.parametrize("name", [concept.name for concept in scale_of(TABLES).concepts])
def test_every_sign_alone_is_one_concept_of_its_side(name: str) -> None:
    (concept,) = [each for each in scale_of(TABLES).concepts if each.name == name]
    for (finding, answer), sign in concept.signs.items():
        known = denied(finding) if answer == "absent" else stated(finding, answer)
        counts = 0 if sign.absence else 1
        wanted = (counts, 0) if sign.side == "metastatic" else (0, counts)
        outcome = assess(known)
        assert tally(outcome) == wanted, finding
        assert outcome.verdicts == (("favours-metastatic",) if sign.reliable else ("indeterminate",))


def test_the_reliable_signs_are_the_mass_beside_the_spine_and_tumour_in_the_posterior_elements() -> None:
    reliable = {finding for concept in scale_of(TABLES).concepts for (finding, _), sign in concept.signs.items() if sign.reliable}
    assert reliable == {"paraspinal-soft-tissue", "pedicle-destruction", "posterior-element-involvement"}


def test_the_absences_are_no_osteonecrosis_and_intact_pedicles() -> None:
    absences = {key for concept in scale_of(TABLES).concepts for key, sign in concept.signs.items() if sign.absence}
    assert absences == {("intravertebral-osteonecrosis", "absent"), ("pedicle-destruction", "absent")}


# Applicability.


@pytest.mark.parametrize(
    ("knowns", "applicability"),
    [
        ((FRACTURE,), Applicability.APPLICABLE),
        ((stated("vertebral-fracture", "compression"),), Applicability.APPLICABLE),
        ((stated("reported-diagnosis", "osteoporotic-fracture"),), Applicability.APPLICABLE),
        ((stated("reported-diagnosis", "metastatic-fracture"),), Applicability.APPLICABLE),
        ((stated("reported-diagnosis", "haemangioma"),), Applicability.UNKNOWN),
        ((disputed("reported-diagnosis", "osteoporotic-fracture", "absent"),), Applicability.UNKNOWN),
        ((), Applicability.UNKNOWN),
        ((unknown("vertebral-fracture", "uncertain-input"),), Applicability.UNKNOWN),
        ((denied("vertebral-fracture", "compression"),), Applicability.UNKNOWN),
        ((disputed("vertebral-fracture", "compression", "absent"),), Applicability.UNKNOWN),
        ((denied("vertebral-fracture"), stated("reported-diagnosis", "osteoporotic-fracture")), Applicability.UNKNOWN),
        ((denied("vertebral-fracture"),), Applicability.NOT_APPLICABLE),
    ],
)
def test_a_fracture_must_be_stated(knowns: tuple[Known, ...], applicability: Applicability) -> None:
    outcome = assess(*knowns, fracture=None)
    assert outcome.applicability is applicability
    assert (outcome.measure is None) is (applicability is Applicability.NOT_APPLICABLE)


def test_a_denied_fracture_beside_a_named_one_is_a_conflict() -> None:
    outcome = assess(denied("vertebral-fracture"), stated("reported-diagnosis", "osteoporotic-fracture"), fracture=None)
    assert "conflicting-input" in outcome.flags
    assert [reason.value for reason in outcome.reasons] == ["absent", "osteoporotic-fracture"]


def test_a_denied_fracture_gives_no_verdict_no_tally_and_asks_for_nothing() -> None:
    outcome = assess(yes("paraspinal-soft-tissue"), fracture=denied("vertebral-fracture"))
    assert (outcome.verdicts, outcome.measure, outcome.missing, outcome.requests) == ((), None, (), ())
    assert [reason.finding for reason in outcome.reasons] == ["vertebral-fracture"]
    assert any("denied" in caveat for caveat in outcome.caveats)


def test_without_a_stated_fracture_the_tally_stands_and_the_fracture_is_missing() -> None:
    outcome = assess(yes("cortical-destruction"), stated("diffusion", "restricted"), fracture=None)
    assert outcome.verdicts == ("favours-metastatic",)
    assert outcome.missing[0] == "vertebral-fracture"
    assert any("No fracture" in caveat for caveat in outcome.caveats)


def test_nothing_stated_is_indeterminate_and_silent() -> None:
    outcome = FRACTURE_CAUSE.assess(case_of(), TABLES)
    assert (outcome.verdicts, tally(outcome), outcome.requests) == (("indeterminate",), (0, 0), ("too-few-concepts",))
    assert outcome.is_silent
    assert outcome.missing[0] == "vertebral-fracture"
    assert len(outcome.missing) == len(FRACTURE_CAUSE.reads) - 2


def test_without_a_lesion_only_study_and_patient_are_read() -> None:
    assert FRACTURE_CAUSE.assess(Case(lesions=(), study={}, patient={}), TABLES).is_silent


def test_too_few_signs_are_nothing_to_speak_of_without_a_fracture() -> None:
    elsewhere = (yes("other-focal-lesions"),)
    silent = assess(study=elsewhere, fracture=None)
    assert silent.is_silent
    assert tally(silent) == (1, 0)
    assert not assess(study=elsewhere).is_silent
    assert not assess(stated("diffusion", "restricted"), study=elsewhere, fracture=None).is_silent
    assert not assess(yes("paraspinal-soft-tissue"), fracture=None).is_silent


def test_a_refused_sign_is_said_though_nothing_else_is() -> None:
    outcome = FRACTURE_CAUSE.assess(case_of(invalid=[("lesion-1", "posterior-wall")]), TABLES)
    assert "invalid-input" in outcome.flags
    assert outcome.is_silent


# Reasons, missing, caveats.


def test_reasons_name_the_side_only_where_the_concept_counts_for_it() -> None:
    outcome = assess(
        seen("jigsaw-sign", ("present", CT)),
        seen("cortical-destruction", ("present", MRI)),
        stated("diffusion", "restricted"),
        yes("fluid-sign"),
        denied("intravertebral-vacuum"),
        denied("pedicle-destruction"),
    )
    found = {reason.finding: reason.direction for reason in outcome.reasons}
    assert found == {
        "vertebral-fracture": None,
        "jigsaw-sign": None,
        "cortical-destruction": None,
        "intravertebral-vacuum": None,
        "fluid-sign": "osteoporotic",
        "pedicle-destruction": "osteoporotic",
        "diffusion": "metastatic",
    }


def test_an_absence_that_does_not_count_has_no_direction() -> None:
    assert direction(assess(denied("pedicle-destruction")), "pedicle-destruction") is None


def test_a_destroyed_pedicle_is_listed_once() -> None:
    involved = seen("posterior-element-involvement", ("present", CT), derived_by="D22")
    outcome = assess(stated("pedicle-destruction", "unilateral"), involved)
    assert [reason.finding for reason in outcome.reasons] == ["vertebral-fracture", "pedicle-destruction"]


def test_every_reason_names_table_and_cell_and_its_sources() -> None:
    outcome = assess(stated("posterior-wall", "bulging"), yes("spared-marrow"), yes("posterior-element-involvement"))
    assert [reason.evidence for reason in outcome.reasons[1:]] == [
        "montoya-table-1: posterior-wall",
        "shah-fracture: posterior-elements",
        "shah-fracture: spared-marrow",
    ]
    assert all(reason.sources for reason in outcome.reasons)


def test_findings_of_concepts_with_a_sign_are_not_missing_and_denied_ones_neither() -> None:
    missing = assess(yes("jigsaw-sign"), denied("fluid-sign")).missing
    assert not {"vertebral-fracture", "jigsaw-sign", "cortical-destruction", "fluid-sign"} & set(missing)
    assert {"intravertebral-vacuum", "posterior-wall", "diffusion"} <= set(missing)


def test_nothing_is_missing_when_no_completion_brings_another_word() -> None:
    signs = [yes(finding) for finding in ("cortical-destruction", "cancellous-destruction", "paraspinal-soft-tissue")]
    signs += [stated("posterior-wall", "bulging"), stated("pedicle-destruction", "bilateral"), stated("diffusion", "restricted")]
    assert assess(*signs).missing == ()
    assert assess(*signs[:-1]).missing != ()


def test_every_tally_says_that_it_is_not_validated() -> None:
    for outcome in (assess(), assess(fracture=denied("vertebral-fracture")), assess(fracture=None)):
        assert "unweighted-tally" in outcome.flags
        assert any("not validated" in caveat for caveat in outcome.caveats)
        assert [citation.locator for citation in outcome.citations] == ["Table 1", "Section 3.1"]
