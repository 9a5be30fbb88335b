"""One case for each derivation id, and what contradicts it."""

import csv
import importlib
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from service.findings.derive.rule import Rule
from service.findings.derive.table import BEFORE_MERGING, NOTHING_FOLLOWS, OTHER_STAGES, RULES
from service.model.case import Case
from service.model.coded import Interval
from service.model.finding import Finding
from service.model.lesion import Known
from tests.unit.findings.statements import REPORT_AT, built, component, member, place, reading, said, word

_TABLE: Final = Path(__file__).parents[3] / "mappings" / "base" / "derivations.csv"
_OVER: Final = Interval(low=Decimal(50), high=None, low_open=True)
_UNDER: Final = Interval(low=None, high=Decimal(20), high_open=True)
_AT_LEAST: Final = Interval(low=Decimal(50), high=Decimal(100))
_FRACTURE_CODE: Final = "http://snomed.info/sct|274146004"
_G: Final = "Observation/g"
_Told = tuple[Finding, ...]
_BEFORE: Final = REPORT_AT.replace(year=2025)


def _at(finding: str, told: object = "present", **more: object) -> Finding:
    """Return a statement of the lesion at T7."""
    return said(finding, told, "T7", **more)  # type: ignore[arg-type]


def _part(finding: str, told: str, *parts: str, sides: tuple[str, ...] = ()) -> Finding:
    """Return a statement said of parts of T7."""
    return said(finding, told, place("T7", parts=parts, sides=sides))


def _sided(finding: str, told: str, *sides: str, level: str = "T7") -> Finding:
    return said(finding, told, place(level, sides=sides))


def _known(case: Case, finding: str) -> Known | None:
    """Return what is known of the lesion at T7, else of study and patient."""
    at_t7 = [lesion for lesion in case.lesions if "T7" in lesion.site.levels]
    seen = case.at(at_t7[0]).known(finding) if at_t7 else case.known(finding)
    return seen if seen.sources or seen.values or seen.interval or finding in {*case.study, *case.patient} else None


_CASES: Final[tuple[tuple[str, _Told, dict[str, object]], ...]] = (
    ("D05", (_at("vertebral-collapse-percent", 60),), {"vertebral-collapse": "over-50"}),
    ("D05", (_at("vertebral-collapse-percent", 30),), {"vertebral-collapse": "under-50"}),
    ("D05", (_at("vertebral-collapse-percent", 50),), {"vertebral-collapse": "some"}),
    ("D05", (_at("vertebral-collapse-percent", _OVER),), {"vertebral-collapse": "over-50"}),
    ("D05", (_at("vertebral-collapse-percent", _AT_LEAST),), {"vertebral-collapse": "some"}),
    ("D05", (_at("vertebral-collapse-percent", _UNDER),), {"vertebral-collapse": None}),
    ("D05", (_at("vertebral-collapse-percent", 60), _at("vertebral-collapse", "some")), {"vertebral-collapse": "over-50"}),
    (
        "D05",
        (_at("vertebral-collapse-percent", 60), _at("vertebral-collapse", "under-50")),
        {"vertebral-collapse": {"over-50", "under-50"}},
    ),
    ("D05", (_at("vertebral-collapse-percent", 30), _at("vertebral-collapse-percent", 40)), {"vertebral-collapse": "under-50"}),
    ("D06", (_at("vertebral-collapse-percent", 0),), {"vertebral-collapse": "absent"}),
    (
        "D06",
        (_at("vertebral-collapse-percent", 0), _at("body-involvement-percent", 60)),
        {"vertebral-collapse": "no-collapse-over-50-involved"},
    ),
    ("D06", (_at("vertebral-collapse-percent", 0), _at("body-involvement-percent", 50)), {"vertebral-collapse": "none"}),
    (
        "D07",
        (_at("vertebral-collapse", "absent"), _at("body-involvement-percent", 60)),
        {"vertebral-collapse": "no-collapse-over-50-involved"},
    ),
    ("D07", (_at("vertebral-collapse", "absent"), _at("body-involvement-percent", 20)), {"vertebral-collapse": "none"}),
    ("D07", (_at("vertebral-collapse", "absent"), _at("body-involvement-percent", _AT_LEAST)), {"vertebral-collapse": "absent"}),
    ("D07", (_at("vertebral-collapse", "absent"),), {"vertebral-collapse": "absent"}),
    ("D08", (_part("pathologic-fracture", "present", "vertebral-body"),), {"vertebral-collapse": "some"}),
    ("D08", (_part("pathologic-fracture", "present", "pedicle"),), {"vertebral-collapse": None}),
    ("D08", (_at("pathologic-fracture"),), {"vertebral-collapse": None}),
    (
        "D08",
        (_part("pathologic-fracture", "present", "vertebral-body"), _at("vertebral-collapse", "none")),
        {"vertebral-collapse": "none"},
    ),
    (
        "D08",
        (_part("pathologic-fracture", "present", "vertebral-body"), _at("vertebral-collapse-percent", _UNDER)),
        {"vertebral-collapse": None},
    ),
    ("D09", (_at("vertebral-fracture", "compression"),), {"vertebral-collapse": "some"}),
    ("D09", (_at("vertebral-fracture", "compression"), _at("vertebral-collapse", "absent")), {"vertebral-collapse": "absent"}),
    ("D10", (_at("pathologic-fracture"),), {"vertebral-fracture": "unspecified"}),
    ("D10", (_at("pathologic-fracture"), _at("vertebral-fracture", "compression")), {"vertebral-fracture": "compression"}),
    (
        "D11",
        (_at("pathologic-fracture", code=_FRACTURE_CODE), _at("reported-diagnosis", "osteoporotic-fracture")),
        {"pathologic-fracture": {"present", "absent"}, "vertebral-fracture": "unspecified"},
    ),
    ("D11", (_at("pathologic-fracture"), _at("reported-diagnosis", "osteoporotic-fracture")), {"pathologic-fracture": "present"}),
    ("D12", (_at("vertebral-fracture", "absent"),), {"pathologic-fracture": "absent"}),
    (
        "D12",
        (_at("vertebral-fracture", "absent"), _at("pathologic-fracture")),
        {"pathologic-fracture": {"present", "absent"}, "vertebral-fracture": {"unspecified", "absent"}},
    ),
    ("D14", (_at("bone-lesion", "lytic"), _at("spinal-pain", "mechanical")), {"axial-pain": "present"}),
    ("D14", (_at("bone-lesion", "lytic"), _at("spinal-pain", "none")), {"axial-pain": None}),
    (
        "D14",
        (_at("bone-lesion", "lytic"), _at("spinal-pain", "mechanical"), said("axial-pain", "absent")),
        {"axial-pain": {"present", "absent"}},
    ),
    ("D16", (_at("bone-lesion", "lytic"), _at("spinal-pain", "absent")), {"spinal-pain": "none"}),
    ("D17", (_at("pedicle-destruction", "unilateral"),), {"posterolateral-involvement": "at-least-unilateral"}),
    ("D17", (_at("pedicle-destruction", "side-not-stated"),), {"posterolateral-involvement": "at-least-unilateral"}),
    (
        "D17",
        (_at("pedicle-destruction", "unilateral"), _at("posterolateral-involvement", "bilateral")),
        {"posterolateral-involvement": "bilateral"},
    ),
    (
        "D17",
        (_at("pedicle-destruction", "unilateral"), _at("posterolateral-involvement", "none")),
        {"posterolateral-involvement": {"at-least-unilateral", "none"}},
    ),
    ("D18", (_at("pedicle-destruction", "bilateral"),), {"posterolateral-involvement": "bilateral"}),
    (
        "D19",
        (_sided("pedicle-destruction", "side-not-stated", "left"), _sided("pedicle-destruction", "side-not-stated", "right")),
        {"pedicle-destruction": "bilateral", "posterolateral-involvement": "bilateral"},
    ),
    ("D19", (_sided("pedicle-destruction", "side-not-stated", "left"),), {"pedicle-destruction": "unilateral"}),
    ("D20", (_part("bone-lesion", "lytic", "pedicle", sides=("left",)),), {"posterolateral-involvement": "at-least-unilateral"}),
    ("D20", (_part("bone-lesion", "lytic", "facet-joint", sides=("bilateral",)),), {"posterolateral-involvement": "bilateral"}),
    (
        "D20",
        (
            _part("lesion-morphology", "mass", "pedicle", sides=("left",)),
            _part("bone-lesion", "lytic", "pedicle", sides=("right",)),
        ),
        {"posterolateral-involvement": "bilateral"},
    ),
    ("D20", (_part("lesion-morphology", "oedema", "pedicle"),), {"posterolateral-involvement": None}),
    (
        "D21",
        (_part("bone-lesion", "lytic", "lamina"),),
        {"posterior-element-involvement": "present", "posterolateral-involvement": None},
    ),
    ("D22", (_at("pedicle-destruction", "side-not-stated"),), {"posterior-element-involvement": "present"}),
    ("D23", (_at("posterolateral-involvement", "bilateral"),), {"posterior-element-involvement": "present"}),
    (
        "D24",
        (_at("posterior-element-involvement", "absent"),),
        {"posterolateral-involvement": "none", "pedicle-destruction": "absent"},
    ),
    ("D25", (_at("posterolateral-involvement", "absent"),), {"posterolateral-involvement": "none"}),
    (
        "D27",
        (component(_G, 0, "spinal-deformity", "present", place("T7")), component(_G, 1, "change-from-prior", "new", place("T7"))),
        {"alignment": "de-novo-deformity", "change-from-prior": None},
    ),
    ("D27", (_at("spinal-deformity"),), {"alignment": None}),
    ("D28", (_at("epidural-soft-tissue"),), {"epidural-involvement": "present"}),
    ("D29", (_at("epidural-involvement", "absent"),), {"epidural-soft-tissue": "absent"}),
    (
        "D29",
        (_at("epidural-involvement", "absent"), _at("epidural-soft-tissue")),
        {"epidural-soft-tissue": {"present", "absent"}, "epidural-involvement": {"present", "absent"}, "cord-compression": None},
    ),
    ("D30", (_at("epidural-soft-tissue"),), {"lesion-extent": "extraosseous"}),
    ("D31", (_at("paraspinal-soft-tissue"),), {"lesion-extent": "extraosseous"}),
    (
        "D31",
        (_at("paraspinal-soft-tissue"), _at("lesion-extent", "intraosseous")),
        {"lesion-extent": {"intraosseous", "extraosseous"}},
    ),
    (
        "D32",
        (_at("cord-compression"),),
        {"cord-abutment": "present", "thecal-sac-deformation": "present", "epidural-involvement": "present"},
    ),
    (
        "D32",
        (_at("thecal-sac-deformation", "absent"),),
        {"cord-abutment": "absent", "cord-compression": "absent", "epidural-involvement": None},
    ),
    (
        "D32",
        (_at("cord-abutment"), _at("thecal-sac-deformation", "absent")),
        {"thecal-sac-deformation": "absent", "cord-compression": None, "epidural-involvement": "present"},
    ),
    (
        "D33",
        (_at("escc-grade", "1b"),),
        {
            "epidural-involvement": "present",
            "thecal-sac-deformation": "present",
            "cord-abutment": "absent",
            "cord-compression": "absent",
            "csf-visible": None,
        },
    ),
    ("D33", (_at("escc-grade", "3"),), {"cord-compression": "present", "csf-visible": "absent"}),
    ("D33", (_at("escc-grade", "0"),), {"epidural-involvement": "absent", "epidural-soft-tissue": "absent"}),
    ("D33", (_at("escc-grade", "0"), _at("epidural-soft-tissue")), {"epidural-involvement": "present", "cord-compression": None}),
    ("D33", (_at("escc-grade", "2"), _at("escc-grade", "3")), {"cord-compression": "present", "csf-visible": None}),
    ("D33", (_at("escc-grade", "3"), _at("cord-abutment", "absent")), {"cord-compression": "absent", "csf-visible": None}),
    (
        "D34",
        (component(_G, 0, "t1-signal", "iso", place("T7")), component(_G, 1, "signal-reference", "muscle", place("T7"))),
        {"t1-vs-muscle": "iso", "t1-vs-disc": None},
    ),
    ("D34", (_at("t1-signal", "iso"),), {"t1-vs-muscle": None}),
    ("D35", (_at("t1-signal", "hyper"), _at("signal-reference", "disc")), {"t1-vs-disc": "hyper", "t1-vs-muscle": None}),
    ("D36", (_at("t2-signal", "hyper"), _at("signal-reference", "muscle")), {"t2-vs-muscle": "hyper"}),
    ("D37", (_at("t1-vs-muscle", "hypo"),), {"t1-signal": "hypo"}),
    ("D37", (_at("t1-vs-muscle", "hyper"),), {"t1-signal": None}),
    ("D37", (_at("t1-vs-muscle", "hypo"), _at("t1-signal", "iso")), {"t1-signal": "iso"}),
    ("D39", (_at("in-phase-signal", 1000), _at("opposed-phase-signal", 800)), {"opposed-phase-loss-percent": Decimal(20)}),
    (
        "D39",
        (_at("in-phase-signal", 1000, study="a"), _at("opposed-phase-signal", 800, study="b")),
        {"opposed-phase-loss-percent": None},
    ),
    ("D39", (_at("in-phase-signal", 0), _at("opposed-phase-signal", 800)), {"opposed-phase-loss-percent": "?"}),
    (
        "D39",
        (_at("in-phase-signal", _OVER), _at("opposed-phase-signal", 40)),
        {"opposed-phase-loss-percent": (Decimal(20), None), "opposed-phase-appearance": "signal-drop"},
    ),
    (
        "D39",
        (_at("in-phase-signal", 50), _at("opposed-phase-signal", _OVER)),
        {"opposed-phase-loss-percent": (None, Decimal(0)), "opposed-phase-appearance": "no-signal-drop"},
    ),
    ("D40", (_at("opposed-phase-loss-percent", 19),), {"opposed-phase-appearance": "no-signal-drop"}),
    ("D40", (_at("opposed-phase-loss-percent", 21),), {"opposed-phase-appearance": "signal-drop"}),
    ("D40", (_at("opposed-phase-loss-percent", 20),), {"opposed-phase-appearance": None}),
    ("D41", (_at("enhancement", "absent"),), {"enhancement-pattern": "none", "target-enhancement": "absent"}),
    ("D42", (_at("enhancement", "absent"), said("contrast-given", "absent")), {"enhancement": "?", "enhancement-pattern": None}),
    ("D42", (_at("enhancement-pattern", "none"), said("contrast-given", "absent")), {"enhancement-pattern": "?"}),
    ("D42", (_at("enhancement", "absent", study="a"), said("contrast-given", "absent", study="b")), {"enhancement": "absent"}),
    ("D43", (_at("enhancement-pattern", "rim"),), {"enhancement": "present"}),
    ("D43", (_at("enhancement-pattern", "none"),), {"enhancement": None}),
    ("D44", (_at("enhancement-pattern", "absent"),), {"enhancement-pattern": "none"}),
    ("D45", (_at("enhancement-pattern", "target"),), {"target-enhancement": "present"}),
    ("D46", (_at("enhancement-pattern", "homogeneous"),), {"target-enhancement": "absent"}),
    ("D46", (_at("enhancement-pattern", "heterogeneous"),), {"target-enhancement": None}),
    (
        "D47",
        (_at("epidural-collection"), _part("enhancement-pattern", "rim", "epidural-space")),
        {"collection-enhancement": "peripheral", "enhancement-pattern": None, "enhancement": None},
    ),
    ("D48", (_at("target-enhancement"),), {"enhancement": "present"}),
    ("D52", (_at("bone-lesion", "lytic"), _at("bone-lesion", "blastic")), {"bone-lesion": "mixed"}),
    ("D53", (_at("change-from-prior", "new"),), {"lesion-at-baseline": None}),
    ("D54", (said("primary-cancer", "medulloblastoma"),), {"malignant-primary-brain-tumour": "present"}),
    ("D54", (said("primary-cancer", "germ-cell-tumour"),), {"malignant-primary-brain-tumour": None}),
    ("D55", (said("primary-cancer", "cord-astrocytoma"),), {"cord-astrocytoma-grade": "grade-not-stated"}),
    (
        "D55",
        (said("primary-cancer", "cord-astrocytoma"), said("cord-astrocytoma-grade", "high")),
        {"cord-astrocytoma-grade": "high"},
    ),
    ("D57", (said("primary-cancer", "unknown"),), {"known-malignancy": "present"}),
    ("D58", (said("spinal-metastasis"),), {"bone-metastases": "present", "known-malignancy": "present"}),
    ("D58", (said("spinal-metastasis", "absent"),), {"bone-metastases": None}),
    ("D59", (said("bone-metastases"), said("known-malignancy", "absent")), {"known-malignancy": {"present", "absent"}}),
    ("D60", (_at("bone-lesion", "lytic"), said("chemotherapy")), {"lesion-treatment": "systemic-therapy"}),
    (
        "D60",
        (_at("bone-lesion", "lytic"), said("chemotherapy", context=True, at=_BEFORE)),
        {"lesion-treatment": "systemic-therapy"},
    ),
    ("D60", (_at("bone-lesion", "lytic"), said("chemotherapy", context=True)), {"lesion-treatment": None}),
    ("D60", (_at("lesion-treatment", "absent"), said("chemotherapy")), {"lesion-treatment": "absent"}),
    ("D60", (_at("lesion-treatment", "ablation"), said("chemotherapy")), {"lesion-treatment": ("systemic-therapy", "ablation")}),
    ("D61", (_at("bone-lesion", "lytic"), said("spinal-irradiation", "whole-spine")), {"lesion-treatment": "radiotherapy"}),
    ("D61", (_at("bone-lesion", "lytic"), said("spinal-irradiation", "partial", "T7")), {"lesion-treatment": "radiotherapy"}),
    (
        "D61",
        (_at("bone-lesion", "lytic"), said("spinal-irradiation", "partial", place(regions=["thoracic"]))),
        {"lesion-treatment": "radiotherapy"},
    ),
    ("D61", (_at("bone-lesion", "lytic"), said("spinal-irradiation", "partial", "L3")), {"lesion-treatment": None}),
    ("D61", (_at("bone-lesion", "lytic"), said("spinal-irradiation", "absent")), {"lesion-treatment": None}),
    ("D63", (_part("lesion-morphology", "mass", "epidural-space"),), {"epidural-soft-tissue": "present"}),
    (
        "D63",
        (member(_G, "lesion-morphology", "mass", place("T7")), member(_G, "lesion-site", "epidural-space", place("T7"))),
        {"epidural-soft-tissue": "present", "epidural-involvement": "present"},
    ),
    (
        "D63",
        (
            member(_G, "lesion-morphology", "mass", place("T7")),
            member(_G, "lesion-morphology", "oedema", place("T7")),
            member(_G, "lesion-site", "epidural-space", place("T7")),
        ),
        {"epidural-soft-tissue": None},
    ),
    ("D64", (_part("lesion-morphology", "mass", "paraspinal-tissue"),), {"paraspinal-soft-tissue": "present"}),
    ("D65", (_part("lesion-morphology", "mass", "cauda-equina"),), {"subarachnoid-nodules": "present"}),
    (
        "D66",
        (_part("lesion-morphology", "metastasis", "spinal-cord"),),
        {"intramedullary-lesion": "present", "spinal-metastasis": None},
    ),
    ("D67", (_part("lesion-morphology", "oedema", "spinal-cord"),), {"cord-oedema": "extent-not-stated"}),
    ("D67", (_part("lesion-morphology", "oedema", "bone-marrow"),), {"cord-oedema": None}),
    ("D68", (_part("lesion-morphology", "haematoma", "paraspinal-tissue"),), {"paravertebral-haematoma": "present"}),
    (
        "D69",
        (_part("lesion-morphology", "haematoma", "epidural-space"),),
        {"epidural-collection": "present", "reported-diagnosis": "epidural-haematoma"},
    ),
    (
        "D70",
        (_part("lesion-morphology", "abscess", "epidural-space"),),
        {"epidural-collection": "present", "reported-diagnosis": "epidural-abscess", "clinical-suspicion": "infection"},
    ),
    ("D71", (_at("lesion-morphology", "infarction"),), {"reported-diagnosis": "osteonecrosis"}),
    ("D71", (_part("lesion-morphology", "infarction", "spinal-cord"),), {"reported-diagnosis": None}),
    ("D72", (_at("lesion-morphology", "fracture"),), {"vertebral-fracture": "unspecified"}),
    ("D72", (_part("lesion-morphology", "fracture", "spinous-process"),), {"vertebral-fracture": None}),
    (
        "D73",
        (_part("lesion-morphology", "compression", "spinal-cord"),),
        {"cord-compression": "present", "cord-abutment": "present"},
    ),
    ("D73", (_at("lesion-morphology", "compression"),), {"cord-compression": None}),
    ("D74", (_at("lesion-morphology", "metastasis"),), {"spinal-metastasis": "present", "known-malignancy": "present"}),
    ("D74", (said("lesion-morphology", "metastasis", place(regions=["spine"])),), {"spinal-metastasis": "present"}),
    ("D74", (said("lesion-morphology", "metastasis", place(parts=["pedicle"])),), {"spinal-metastasis": "present"}),
    ("D74", (said("lesion-morphology", "metastasis", place(parts=["skull"])),), {"spinal-metastasis": None}),
    ("D75", (said("lesion-morphology", "metastasis", place(parts=["leptomeninges"])),), {"leptomeningeal-seeding": "present"}),
    ("D80", (_at("reported-diagnosis", "discitis-osteomyelitis"),), {"clinical-suspicion": "infection"}),
    (
        "D80",
        (_at("reported-diagnosis", "epidural-abscess"), said("clinical-suspicion", "tumour")),
        {"clinical-suspicion": ("tumour", "infection")},
    ),
    ("D81", (said("known-malignancy"), said("neurological-deficit", "present"), said("axial-pain")), {"clinical-suspicion": None}),
    (
        "D82",
        (said("cauda-equina-syndrome"), said("neurological-deficit", "present")),
        {"neurological-deficit": "severe-or-progressive"},
    ),
    ("D83", (_at("bone-lesion", "lytic"),), {"bone-abnormality": "present"}),
    ("D83", (_at("vertebral-fracture", "absent"), _at("bone-scan-uptake", "absent")), {"bone-abnormality": None}),
    (
        "D84",
        (_at("vertebral-fracture", "compression"), said("reported-diagnosis", "osteoporotic-fracture", "L1")),
        {"compression-fractures-elsewhere": "present"},
    ),
    ("D84", (_at("reported-diagnosis", "osteoporotic-fracture"),), {"compression-fractures-elsewhere": None}),
    ("D85", (_at("vertebral-fracture", "compression"), said("bone-lesion", "lytic", "L1")), {"other-focal-lesions": "present"}),
    (
        "D85",
        (_at("vertebral-fracture", "compression"), said("spinal-metastasis", "present", "L1")),
        {"other-focal-lesions": "present"},
    ),
    ("D85", (_at("vertebral-fracture", "compression"), said("spinal-metastasis", "present", "T7")), {"other-focal-lesions": None}),
    (
        "D85",
        (_at("bone-lesion", "lytic", study="a"), said("bone-lesion", "lytic", "L1", study="b")),
        {"other-focal-lesions": None},
    ),
    (
        "D85",
        (_at("bone-lesion", "lytic"), said("bone-lesion", "lytic", "L1"), said("other-focal-lesions", "absent")),
        {"other-focal-lesions": {"present", "absent"}},
    ),
    ("D87", (_at("intravertebral-vacuum", "absent"), _at("fluid-sign", "absent")), {"intravertebral-osteonecrosis": "absent"}),
    (
        "D87",
        (_at("intravertebral-vacuum", "absent", modality=["mri"]), _at("fluid-sign", "absent")),
        {"intravertebral-osteonecrosis": None},
    ),
    ("D87", (_at("fluid-sign", "absent"),), {"intravertebral-osteonecrosis": None}),
    ("D88", (_at("cortex-destroyed-percent", 75),), {"cortical-destruction": "present"}),
    ("D88", (_at("cortex-destroyed-percent", 0),), {"cortical-destruction": "absent"}),
    ("D88", (_at("cortex-destroyed-percent", _UNDER),), {"cortical-destruction": None}),
    ("D88", (_at("cortex-destroyed-percent", "?"),), {"cortical-destruction": None}),
    ("D89", (said("bone-scan-foci", "?"),), {"modality": None}),
    ("D89", (said("bone-scan-foci", 1),), {"modality": "bone-scan"}),
    ("D93", (_at("vertebral-collapse", "some"), _at("vertebral-collapse", "under-50")), {"vertebral-collapse": "under-50"}),
    ("D94", (_at("vertebral-collapse", "not some"),), {"vertebral-collapse": "absent"}),
    ("D96", (_at("alignment", "normal"), _at("alignment", "de-novo-deformity")), {"alignment": {"normal", "de-novo-deformity"}}),
    ("D13", (_at("bone-lesion", "lytic"), said("movement-related-pain"), said("axial-pain")), {"spinal-pain": "mechanical"}),
)


@pytest.mark.parametrize(("told", "follows"), [case[1:] for case in _CASES], ids=[case[0] for case in _CASES])
def test_what_follows(told: _Told, follows: dict[str, object]) -> None:
    case = built(*told).case
    assert {finding: word(_known(case, finding)) for finding in follows} == follows


def test_every_derivation_has_its_place_and_a_case() -> None:
    with _TABLE.open(encoding="utf-8", newline="") as file:
        published = [row["id"] for row in csv.DictReader(file)]
    placed = [*(rule.id for rule in RULES), *BEFORE_MERGING, *OTHER_STAGES, *NOTHING_FOLLOWS]
    assert sorted(placed) == sorted(published)
    here = {*(rule.id for rule in RULES), *BEFORE_MERGING, *NOTHING_FOLLOWS} - {"D90", "D91"}
    assert here == {rule for rule, _, _ in _CASES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_function_of_a_rule_bears_its_id(rule: Rule) -> None:
    assert rule.derive.__qualname__.startswith(f"{rule.id.lower()}_")


@pytest.mark.parametrize(("rule", "where"), BEFORE_MERGING.items())
def test_the_other_functions_are_where_the_table_says(rule: str, where: str) -> None:
    module, _, name = where.rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))
    assert name.startswith(f"{rule.lower()}_")


def test_a_derived_finding_names_its_rule_and_the_statements_behind_it() -> None:
    stated = _at("pedicle-destruction", "bilateral")
    known = built(stated).case.lesions[0].findings["posterolateral-involvement"]
    assert (known.derived_by, known.sources) == ("D18", (stated,))
    chained = built(stated).case.lesions[0].findings["posterior-element-involvement"]
    assert chained.sources == (stated,)


def test_a_stated_value_is_not_replaced_by_a_derived_one() -> None:
    stated = _at("posterolateral-involvement", "bilateral")
    known = built(stated, _at("pedicle-destruction", "unilateral")).case.lesions[0].findings["posterolateral-involvement"]
    assert (known.derived_by, known.sources) == (None, (stated,))


def test_a_more_specific_derived_value_keeps_the_stated_ones_source() -> None:
    general, percent = _at("vertebral-collapse", "some"), _at("vertebral-collapse-percent", 60)
    known = built(general, percent).case.lesions[0].findings["vertebral-collapse"]
    assert (known.value, known.derived_by, known.sources) == ("over-50", "D05", (general, percent))


def test_half_the_height_is_flagged_also_when_some_collapse_is_stated() -> None:
    for told in ((), (_at("vertebral-collapse", "some"),)):
        known = built(_at("vertebral-collapse-percent", 50), *told).case.lesions[0].findings["vertebral-collapse"]
        assert (known.value, known.flags) == ("some", ("collapse-exactly-50",))


def test_what_follows_of_disagreement_says_that_its_input_is_disputed() -> None:
    known = built(_at("vertebral-collapse-percent", 30), _at("vertebral-collapse-percent", 40)).case.lesions[0].findings
    assert known["vertebral-collapse"].flags == ("conflicting-input",)


def test_what_follows_from_other_reports_alone_says_so() -> None:
    found = built(_at("bone-lesion", "lytic"), _at("pedicle-destruction", "bilateral", context=True)).case.lesions[0].findings
    assert found["posterolateral-involvement"].flags == ("from-other-report",)


def test_a_derived_value_answers_an_uncertain_statement_and_keeps_its_flag() -> None:
    found = built(_at("cord-compression"), _at("cord-abutment", "?")).case.lesions[0].findings["cord-abutment"]
    assert word(found) == "present"
    assert found.flags == ("uncertain-input",)


def test_a_value_that_was_denied_singly_and_follows_is_a_conflict() -> None:
    found = built(_at("vertebral-collapse", "not over-50"), _at("vertebral-collapse-percent", 60)).case.lesions[0]
    assert "over-50" in found.findings["vertebral-collapse"].values
    assert "conflicting-input" in found.findings["vertebral-collapse"].flags


def test_nothing_rests_on_a_statement_that_was_contradicted() -> None:
    told = (_at("posterior-element-involvement", "absent"), _at("pedicle-destruction", "unilateral"))
    found = built(*told).case.lesions[0].findings
    assert word(found["posterior-element-involvement"]) == {"present", "absent"}
    assert word(found["pedicle-destruction"]) == {"unilateral", "absent"}
    assert "posterolateral-involvement" not in found


def test_tumour_in_a_pedicle_contradicts_free_posterior_elements() -> None:
    found = built(_part("bone-lesion", "lytic", "pedicle"), _at("posterior-element-involvement", "absent")).case.lesions[0].findings
    assert word(found["posterior-element-involvement"]) == {"present", "absent"}
    assert word(found["posterolateral-involvement"]) == "at-least-unilateral"


def test_two_derived_values_that_contradict_each_other_are_a_conflict() -> None:
    told = (_part("lesion-morphology", "mass", "epidural-space"), _at("escc-grade", "0"))
    assert word(built(*told).case.lesions[0].findings["epidural-involvement"]) == {"present", "absent"}


def test_conflicting_words_and_numbers_all_stay() -> None:
    told = (_at("vertebral-collapse", "some"), _at("vertebral-collapse", "none"), _at("vertebral-collapse-percent", 60))
    assert word(built(*told).case.lesions[0].findings["vertebral-collapse"]) == {"over-50", "none"}


def test_an_in_phase_signal_of_zero_is_refused() -> None:
    found = built(_at("in-phase-signal", 0), _at("opposed-phase-signal", 10)).case
    assert found.invalid == {("lesion-1", "opposed-phase-loss-percent")}
    stated = built(_at("in-phase-signal", 0), _at("opposed-phase-signal", 10), _at("opposed-phase-loss-percent", 30)).case
    assert stated.invalid == frozenset()


@pytest.mark.parametrize(
    ("birth_date", "effective", "age"),
    [
        ("1960-02-03", "2026-01-10T10:00:00+01:00", Decimal(65)),
        ("1960-01-10", "2026-01-10", Decimal(66)),
        ("1960-01", "2026-01-10", (Decimal(65), Decimal(66))),
        ("1960", "2026-01-10", (Decimal(65), Decimal(66))),
        ("1960", "2026", (Decimal(65), Decimal(66))),
        ("1960-12", "2026-12", (Decimal(65), Decimal(66))),
        ("2026-01-10", "2026-01-10", Decimal(0)),
        ("1960-02-03", None, Decimal(65)),
        (None, "2026-01-10", None),
        ("2027-01-01", "2026-01-10", None),
        ("1800-01-01", "2026-01-10", None),
        ("about 1960", "2026-01-10", None),
        ("1960-13-45", "2026-01-10", None),
    ],
)
def test_d90_age_in_completed_years(birth_date: str | None, effective: str | None, age: object) -> None:
    patient = built(of=reading(birth_date=birth_date, effective=effective)).case.patient
    assert word(patient.get("age-at-lesion")) == age


def test_d90_no_age_without_a_report_date_and_a_stated_age_stands() -> None:
    assert "age-at-lesion" not in built(of=reading(birth_date="1960-02-03", effective=None, at=None)).case.patient
    stated = built(said("age-at-lesion", 11), of=reading(birth_date="1960-02-03")).case.patient["age-at-lesion"]
    assert (word(stated), stated.derived_by) == (Decimal(11), None)


@pytest.mark.parametrize(
    ("gender", "sex"), [("female", "female"), ("male", "male"), ("other", None), ("unknown", None), (None, None)]
)
def test_d91_sex_is_the_administrative_one(gender: str | None, sex: str | None) -> None:
    known = built(of=reading(gender=gender)).case.patient.get("sex")
    assert word(known) == sex
    assert known is None or known.derived_by == "D91"
