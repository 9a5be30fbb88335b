"""Fracture cause: what each statement is a sign of, and how statements of one concept are read together."""

from dataclasses import replace
from decimal import Decimal

import pytest

from service.evidence.load import load
from service.instruments.fracture_cause import FRACTURE_CAUSE
from service.instruments.fracture_cause.scale import scale_of
from service.model.case import Case
from service.model.coded import Interval
from service.model.finding import State
from service.model.lesion import Known
from service.model.outcome import Applicability, Outcome
from tests.unit.instruments.known import case_of, denied, disputed, exactly, measured, seen, stated, unknown, yes

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


@pytest.mark.parametrize("concept", scale_of(TABLES).concepts, ids=lambda concept: concept.name)
def test_every_sign_alone_is_one_concept_of_its_side(concept: object) -> None:
    found = next(each for each in scale_of(TABLES).concepts if each is concept)
    for (finding, answer), sign in found.signs.items():
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


# Signs of one concept together.


@pytest.mark.parametrize(
    ("knowns", "counts", "flags"),
    [
        ((seen("posterior-wall", ("bulging", CT), ("bulging", MRI)),), (1, 0), set()),
        ((seen("posterior-wall", ("bulging", CT), ("retropulsion", MRI)),), (0, 0), {"concept-conflict"}),
        ((seen("posterior-wall", ("normal", CT), ("bulging", MRI)),), (0, 0), {"concept-conflict"}),
        ((seen("posterior-wall", ("bulging", CT), ("retropulsion", CT)),), (0, 0), set()),
        ((seen("posterior-wall", ("bulging", "dual-energy-ct"), ("retropulsion", "pet-mri")),), (0, 0), {"concept-conflict"}),
        ((seen("posterior-wall", ("bulging", "x-ray"), ("retropulsion", MRI)),), (0, 0), set()),
        ((seen("jigsaw-sign", ("present", CT)), seen("cortical-destruction", ("present", MRI))), (0, 0), {"concept-conflict"}),
        ((seen("jigsaw-sign", ("present", CT)), seen("cortical-destruction", ("present", CT))), (0, 0), {"concept-conflict"}),
        ((seen("jigsaw-sign", ("present", CT)), seen("cortical-destruction", (None, MRI))), (0, 1), set()),
        ((seen("fluid-sign", ("present", MRI)), seen("intravertebral-osteonecrosis", (None, MRI))), (0, 0), {"concept-conflict"}),
        (
            (seen("pedicle-destruction", (None, CT)), seen("posterior-element-signal", ("present", MRI))),
            (0, 0),
            {"concept-conflict"},
        ),
        ((seen("pedicle-destruction", (None, MRI)), seen("posterior-element-signal", ("present", MRI))), (1, 0), set()),
        ((seen("pedicle-destruction", (None, "")), seen("posterior-element-signal", ("present", ""))), (1, 0), set()),
        ((seen("pedicle-destruction", ("unilateral", CT), ("bilateral", MRI)),), (1, 0), {"reliable-sign"}),
        ((seen("paraspinal-soft-tissue", ("present", CT), (None, MRI)), yes("epidural-soft-tissue")), (1, 0), set()),
        ((seen("paravertebral-haematoma", ("present", MRI)), yes("epidural-soft-tissue")), (0, 0), {"concept-conflict"}),
    ],
)
def test_a_concept_counts_once_and_for_neither_side_where_its_signs_disagree(
    knowns: tuple[Known, ...], counts: tuple[int, int], flags: set[str]
) -> None:
    outcome = assess(*knowns)
    assert tally(outcome) == counts
    assert set(outcome.flags) - {"unweighted-tally", "conflicting-input"} == flags


def test_a_statement_of_two_kinds_of_examination_is_of_neither() -> None:
    wall = seen("posterior-wall", ("bulging", CT), ("retropulsion", MRI))
    bulging, retropulsion = wall.sources
    known = replace(wall, sources=(bulging, replace(retropulsion, modality=(CT, MRI))))
    outcome = assess(known, stated("diffusion", "restricted"))
    assert outcome.verdicts == ("favours-metastatic", "indeterminate")


def test_two_readers_of_one_examination_leave_both_readings() -> None:
    outcome = assess(seen("posterior-wall", ("bulging", MRI), ("retropulsion", MRI)), stated("diffusion", "restricted"))
    assert outcome.verdicts == ("favours-metastatic", "indeterminate")
    assert tally(outcome) == (1, 0)
    assert direction(outcome, "posterior-wall") is None


def test_two_readers_of_one_ct_beside_an_mri_are_ct_against_mri_in_one_reading_only() -> None:
    wall = seen("posterior-wall", ("bulging", CT), ("retropulsion", CT), ("bulging", MRI))
    outcome = assess(wall, stated("diffusion", "restricted"), stated("enhancement-degree", "intense"), yes("fluid-sign"))
    assert outcome.verdicts == ("favours-metastatic", "indeterminate")
    assert "concept-conflict" in outcome.flags


def test_a_disputed_reliable_sign_leaves_open_whether_it_outvotes() -> None:
    mass = seen("paraspinal-soft-tissue", ("present", CT), (None, MRI))
    outcome = assess(mass, yes("jigsaw-sign"), yes("fluid-sign"))
    assert outcome.verdicts == ("favours-osteoporotic", "indeterminate")
    assert "reliable-sign" not in outcome.flags
    assert "concept-conflict" in outcome.flags


def test_a_mass_on_ct_where_mri_sees_a_haematoma_is_disputed_too() -> None:
    knowns = (seen("paraspinal-soft-tissue", ("present", CT)), seen("paravertebral-haematoma", ("present", MRI)))
    outcome = assess(*knowns, yes("jigsaw-sign"), yes("fluid-sign"))
    assert outcome.verdicts == ("favours-osteoporotic", "indeterminate")


def test_a_mass_and_a_haematoma_of_one_examination_leave_the_mass_standing() -> None:
    knowns = (seen("paraspinal-soft-tissue", ("present", MRI)), seen("paravertebral-haematoma", ("present", MRI)))
    outcome = assess(*knowns, yes("jigsaw-sign"), yes("fluid-sign"))
    assert outcome.verdicts == ("indeterminate",)
    assert "reliable-sign" in outcome.flags


def test_a_value_denied_by_one_examination_and_stated_by_the_other_is_a_conflict_of_the_two() -> None:
    every = ("bulging", "retropulsion", "normal")
    wall = seen("posterior-wall", ("bulging", CT))
    (no_bulging,) = seen("posterior-wall", (None, MRI)).sources
    known = Known(
        finding="posterior-wall",
        state=State.CONFLICT,
        values=every,
        denied=("bulging",),
        sources=(*wall.sources, replace(no_bulging, value="bulging")),
    )
    outcome = assess(known, stated("diffusion", "restricted"))
    assert tally(outcome) == (1, 0)
    assert outcome.verdicts == ("indeterminate",)
    assert "concept-conflict" in outcome.flags


def test_a_less_specific_word_beside_a_specific_one_is_no_answer_of_its_own() -> None:
    pedicle = seen("pedicle-destruction", ("side-not-stated", MRI), ("unilateral", CT))
    known = Known(finding="pedicle-destruction", state=State.CONFLICT, values=("unilateral", "absent"), sources=pedicle.sources)
    assert assess(known).verdicts == ("favours-metastatic", "indeterminate")


def test_a_denied_value_leaves_the_concept_open_and_counts_nowhere() -> None:
    outcome = assess(denied("posterior-wall", "bulging"))
    assert tally(outcome) == (0, 0)
    assert [reason.value for reason in outcome.reasons] == ["unspecified", "not bulging"]


# Opposed phase.


@pytest.mark.parametrize(
    ("loss", "verdicts"),
    [
        (exactly("opposed-phase-loss-percent", 20), ("indeterminate",)),
        (measured("opposed-phase-loss-percent", 20, None), ("favours-osteoporotic", "indeterminate")),
        (measured("opposed-phase-loss-percent", None, 30), ("favours-osteoporotic", "indeterminate")),
        (measured("opposed-phase-loss-percent", None, 20), ("indeterminate",)),
    ],
)
def test_a_loss_that_decides_on_no_look_leaves_the_looks_it_meets(loss: Known, verdicts: tuple[str, ...]) -> None:
    outcome = assess(loss, yes("fluid-sign"))
    assert outcome.verdicts == verdicts
    assert outcome.citations[-1].locator.startswith("Magnetic resonance")


def test_a_look_that_follows_from_the_loss_is_listed_as_the_loss() -> None:
    look = seen("opposed-phase-appearance", ("no-signal-drop", MRI), derived_by="D40")
    outcome = assess(look, exactly("opposed-phase-loss-percent", 8), stated("diffusion", "restricted"))
    assert tally(outcome) == (2, 0)
    assert [(reason.finding, reason.direction) for reason in outcome.reasons[1:]] == [
        ("opposed-phase-loss-percent", "metastatic"),
        ("diffusion", "metastatic"),
    ]


def test_a_loss_without_a_number_is_no_look() -> None:
    loss = Known(finding="opposed-phase-loss-percent", state=State.NOT_ASSESSED, flags=("invalid-input",))
    outcome = assess(loss)
    assert tally(outcome) == (0, 0)
    assert "invalid-input" in outcome.flags


def test_the_look_of_two_readers_is_open() -> None:
    hull = Known(
        finding="opposed-phase-loss-percent",
        state=State.CONFLICT,
        interval=Interval(low=Decimal(10), high=Decimal(40)),
    )
    assert assess(hull, yes("fluid-sign")).verdicts == ("favours-osteoporotic", "indeterminate")


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
