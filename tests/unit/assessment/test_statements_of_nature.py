"""Sayings about what a lesion may be: "favours" and "not excluded", never a diagnosis, never comfort from silence."""

from dataclasses import replace
from importlib import import_module

import pytest

from service.assessment.assess import assess
from service.assessment.statements import say
from service.assessment.statements.say import SAYERS
from service.assessment.statements.saying import Sayer, Tier
from service.evidence.load import load
from service.model.assessment import Statement
from service.model.case import Case
from service.model.lesion import Known, Lesion
from tests.unit.instruments.known import at, by_finding, case_of, denied, disputed, exactly, stated, yes

TABLES = load()
SHAH = "(Shah 2011, Section 3.2)."
NATURE = ("mimics", "intramedullary", "treatment-response", "leptomeningeal", "cord-astrocytoma")


def statements(case: Case) -> tuple[Statement, ...]:
    return say(case, assess(case, TABLES))


def whole(*knowns: Known, **others: object) -> Case:
    """The case of the patient, as the stage sees it: no lesion is under study yet."""
    return replace(case_of(*knowns, site=at("T7"), **others), focus=None)  # type: ignore[arg-type]  # keywords of case_of


def said(instrument: str, *knowns: Known, **others: object) -> str:
    case = whole(*knowns, tumour=False, **others)
    return next((each.text for each in statements(case) if each.instrument == instrument), "")


HAEMANGIOMA = (stated("t1-signal", "hyper"), yes("coarse-trabeculae"))
COLLECTION = yes("epidural-collection")


@pytest.mark.parametrize(
    ("knowns", "text"),
    [
        (HAEMANGIOMA, f"T7: imaging favours haemangioma, metastasis not excluded {SHAH}"),
        ((yes("halo-sign"),), "T7: imaging favours metastasis, no rule of a mimic is fulfilled (Shah 2011, Section 2.8)."),
        (
            (disputed("t1-signal", "hyper", "iso"), yes("coarse-trabeculae")),
            (
                "T7: imaging may favour haemangioma, by some of the statements, metastasis not excluded; conflicting statements, "
                f"all kept {SHAH}"
            ),
        ),
        (
            (*HAEMANGIOMA, yes("ivory-vertebra")),
            (
                "T7: imaging favours haemangioma and ivory vertebra (metastasis, Paget disease or lymphoma, undecidable on X-ray), "
                f"several rules are fulfilled, metastasis not excluded {SHAH}"
            ),
        ),
        (
            (stated("t1-signal", "iso"), stated("lesion-margin", "well-defined")),
            (
                "T7: no leading candidate among the mimics; supporting only: haemangioma (lesion margin well defined); possible "
                f"atypical haemangioma, not bright on T1; CT would show trabeculae {SHAH}"
            ),
        ),
        (
            (stated("reported-diagnosis", "enostosis"),),
            (
                "T7: no leading candidate among the mimics; supporting only: enostosis (named in the report) (Montoya-Bordón 2023, "
                "Computed tomography (reference 11))."
            ),
        ),
        (
            (yes("halo-sign"), yes("bulls-eye-sign")),
            (
                "T7: halo and bull's-eye sign contradict each other: neither counts; supporting only: normal haematopoietic marrow "
                "(bull's-eye sign); metastasis (halo sign) (Shah 2011, Section 2.8)."
            ),
        ),
        ((denied("coarse-trabeculae"),), f"T7: no leading candidate among the mimics {SHAH}"),
    ],
)
def test_what_the_signs_favour_is_said_with_its_place(knowns: tuple[Known, ...], text: str) -> None:
    assert said("mimics", *knowns) == text


@pytest.mark.parametrize(
    ("knowns", "words"),
    [
        ((COLLECTION,), "time-critical: an epidural collection is stated, bleeding or infection not excluded"),
        ((yes("endplate-erosion"), yes("intradiscal-fluid")), "time-critical: infection or bleeding not excluded"),
        (
            (denied("epidural-collection"), yes("endplate-erosion"), yes("intradiscal-fluid")),
            "time-critical: infection or bleeding not excluded",
        ),
        ((stated("reported-diagnosis", "epidural-abscess"),), "time-critical: infection or bleeding not excluded"),
        ((COLLECTION, stated("collection-enhancement", "focal")), "focal enhancement: possible active extravasation"),
        ((yes("crosses-disc"),), "it crosses the disc, which speaks against metastasis"),
    ],
)
def test_what_cannot_wait_is_said(knowns: tuple[Known, ...], words: str) -> None:
    assert words in said("mimics", *knowns)


def test_two_forms_of_infection_that_readers_disagree_on_are_alternatives() -> None:
    both = disputed("collection-enhancement", "peripheral-necrotic-core", "diffuse")
    assert "imaging favours epidural abscess or epidural phlegmon, the statements disagree" in said("mimics", COLLECTION, both)


LESION, ENHANCES = yes("intramedullary-lesion"), yes("enhancement")


@pytest.mark.parametrize(
    ("knowns", "words"),
    [
        ((LESION, ENHANCES, yes("known-malignancy")), "T7: lesion within the cord: favours metastasis, others not excluded"),
        ((LESION, ENHANCES), "T7: lesion within the cord: differential only, no label; missing known malignancy, bone metastases"),
        (
            (LESION, disputed("enhancement", "present", "absent"), yes("known-malignancy")),
            "lesion within the cord: may favour metastasis, by some of the statements",
        ),
        (
            (yes("surface-flow-voids"), stated("cord-oedema", "extensive")),
            "T7: cord, no lesion within it is stated: favours spinal arteriovenous malformation, others not excluded",
        ),
        ((LESION, exactly("lesion-diameter", 2)), "its size excludes nothing"),
        ((LESION, stated("t1-signal", "hyper")), "bright on T1: melanoma"),
        ((denied("intramedullary-lesion"),), "T7: no lesion within the cord, by what is stated"),
    ],
)
def test_a_lesion_within_the_cord_is_said_with_its_context(knowns: tuple[Known, ...], words: str) -> None:
    assert words in said("intramedullary", *knowns)


TREATED = stated("lesion-treatment", "radiotherapy")


@pytest.mark.parametrize(
    ("knowns", "words"),
    [
        ((TREATED, stated("sclerosis-change", "progressive")), "T7: favours response to treatment; MRI over-calls after treatment"),
        (
            (TREATED, stated("sclerosis-change", "sclerotic-rim"), yes("other-response-signs")),
            "T7: favours osteoblastic flare, healing and not progression",
        ),
        (
            (TREATED, stated("sclerosis-change", "sclerotic-rim")),
            "undecidable by what is stated; missing diffusion change, other response signs; new sclerosis, a flare is not",
        ),
        ((TREATED,), "T7: response to treatment open; missing sclerosis change, diffusion change"),
        ((yes("persistent-low-t1"),), "persistent low T1 signal: active tumour or fibrosis"),
        ((denied("lesion-treatment"), stated("sclerosis-change", "fading")), "treatment response not applicable"),
    ],
)
def test_the_response_to_treatment_is_said(knowns: tuple[Known, ...], words: str) -> None:
    assert words in said("treatment-response", *knowns)


FREE = denied("epidural-involvement")
ENHANCEMENT = stated("leptomeningeal-enhancement", "sheet-like")


def test_a_suspicion_names_its_signs_and_what_is_recommended() -> None:
    text = said("leptomeningeal", FREE, study=[ENHANCEMENT], patient=[stated("clinical-suspicion", "leptomeningeal-disease")])
    assert text.startswith(
        "Patient: leptomeningeal disease suspected: leptomeningeal enhancement (sheet like), clinical suspicion; "
        "MRI of brain and spine with gadolinium recommended; CSF cytology once imaging has excluded obstruction"
    )
    assert "no puncture" not in text


def test_an_mri_that_is_impossible_is_said_beside_its_recommendation() -> None:
    impossible = said("leptomeningeal", FREE, study=[ENHANCEMENT], patient=[yes("mri-contraindicated")])
    assert "MRI is stated to be impossible" in impossible
    assert "impossible" not in said("leptomeningeal", FREE, study=[ENHANCEMENT])
    assert "impossible" not in said("leptomeningeal", patient=[exactly("negative-lumbar-punctures", 3), yes("mri-contraindicated")])


def test_a_withheld_puncture_is_said() -> None:
    text = said("leptomeningeal", yes("cord-compression"), study=[ENHANCEMENT])
    assert "no puncture of the CSF while a block is not excluded" in text
    assert "cytology" not in text


def test_a_disputed_sign_is_a_suspicion_by_some() -> None:
    assert "suspected by some statements" in said(
        "leptomeningeal", FREE, study=[disputed("subarachnoid-nodules", "present", "absent")]
    )


def test_a_negative_test_excludes_nothing() -> None:
    text = said("leptomeningeal", FREE, study=[denied("csf-enhancement"), denied("contrast-given")])
    assert "leptomeningeal disease not excluded; looked for without result, which excludes nothing: CSF enhancement" in text
    assert "enhancement not assessable without contrast" in text


ASTROCYTOMA = stated("cord-astrocytoma-grade", "high")


@pytest.mark.parametrize(
    ("grade", "bone", "words"),
    [
        ("high", yes("bone-abnormality"), "look closely for bone metastases; MRI of the spine is most sensitive"),
        (
            "grade-not-stated",
            yes("bone-abnormality"),
            "whether to look for bone metastases is open; missing cord astrocytoma grade",
        ),
        ("low", yes("bone-abnormality"), "outside the published rule, bone metastasis not excluded"),
    ],
)
def test_the_bones_of_a_patient_with_a_cord_astrocytoma(grade: str, bone: Known, words: str) -> None:
    assert words in said("cord-astrocytoma", study=[bone], patient=[stated("cord-astrocytoma-grade", grade)])


def test_no_astrocytoma_is_said_last_of_all() -> None:
    case = whole(stated("bone-lesion", "lytic"), patient=[denied("cord-astrocytoma-grade")])
    assert statements(case)[-1].text.startswith("Patient: no astrocytoma of the cord, by what is stated")


def test_who_has_none_of_it_hears_nothing_of_it() -> None:
    case = whole(stated("bone-lesion", "lytic"), yes("bone-abnormality"), patient=[yes("known-malignancy")])
    assert {each.instrument for each in statements(case)}.isdisjoint(NATURE)


def test_an_instrument_that_has_no_word_for_an_outcome_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    quiet = Sayer(words=lambda _, __: ("", ""), order=SAYERS["mimics"].order)
    monkeypatch.setattr(import_module("service.assessment.statements.say"), "SAYERS", {**SAYERS, "mimics": quiet})
    assert "mimics" not in {each.instrument for each in statements(whole(*HAEMANGIOMA))}


# Order.


def tier(instrument: str, *knowns: Known, **others: object) -> Tier:
    case = whole(*knowns, **others)
    assessed = assess(case, TABLES)
    outcome = next(
        each
        for each in (*assessed.lesion_outcomes["lesion-1"], *assessed.patient_outcomes)
        if each.instrument == instrument and each.reasons
    )
    return SAYERS[instrument].order(outcome)[0]


@pytest.mark.parametrize(
    ("instrument", "knowns", "wanted"),
    [
        ("mimics", (COLLECTION,), Tier.TIME_CRITICAL),
        ("mimics", (yes("endplate-erosion"), yes("intradiscal-fluid")), Tier.TIME_CRITICAL),
        ("mimics", HAEMANGIOMA, Tier.NATURE),
        ("mimics", (yes("halo-sign"),), Tier.NATURE),
        ("mimics", (stated("t1-signal", "hypo"),), Tier.REST),
        ("intramedullary", (LESION,), Tier.NATURE),
        ("intramedullary", (denied("intramedullary-lesion"),), Tier.NOT_APPLICABLE),
        ("treatment-response", (TREATED,), Tier.REST),
        ("treatment-response", (denied("lesion-treatment"), yes("persistent-low-t1")), Tier.NOT_APPLICABLE),
    ],
)
def test_each_saying_has_its_place(instrument: str, knowns: tuple[Known, ...], wanted: Tier) -> None:
    assert tier(instrument, *knowns) is wanted


@pytest.mark.parametrize(
    ("instrument", "study", "patient", "wanted"),
    [
        ("leptomeningeal", (ENHANCEMENT,), (), Tier.NATURE),
        ("leptomeningeal", (yes("thickened-nerve-roots"),), (yes("cauda-equina-syndrome"),), Tier.TIME_CRITICAL),
        ("leptomeningeal", (denied("csf-enhancement"),), (yes("cauda-equina-syndrome"),), Tier.REST),
        ("cord-astrocytoma", (yes("bone-abnormality"),), (ASTROCYTOMA,), Tier.NATURE),
        ("cord-astrocytoma", (denied("bone-abnormality"),), (ASTROCYTOMA,), Tier.REST),
        ("cord-astrocytoma", (), (denied("cord-astrocytoma-grade"),), Tier.NOT_APPLICABLE),
    ],
)
def test_each_saying_of_the_patient_has_its_place(
    instrument: str, study: tuple[Known, ...], patient: tuple[Known, ...], wanted: Tier
) -> None:
    assert tier(instrument, study=study, patient=patient) is wanted


def test_a_collection_comes_before_an_unstable_spine_and_a_cauda_equina_syndrome_after_the_cord() -> None:
    unstable = [
        stated("bone-lesion", "lytic"),
        stated("alignment", "subluxation-translation"),
        stated("vertebral-collapse", "over-50"),
    ]
    compressed = Lesion(id="lesion-2", site=at("T9"), findings=by_finding([yes("cord-compression"), yes("csf-visible")]))
    case = whole(
        *unstable,
        COLLECTION,
        others=(compressed,),
        study=[yes("thickened-nerve-roots")],
        patient=[yes("cauda-equina-syndrome")],
    )
    ours = {*NATURE, "sins", "escc"}
    first = [(each.instrument, each.lesion, each.urgent) for each in statements(case) if each.instrument in ours][:4]
    assert first == [
        ("escc", "lesion-2", True),
        ("mimics", "lesion-1", True),
        ("leptomeningeal", None, False),
        ("sins", "lesion-1", False),
    ]
