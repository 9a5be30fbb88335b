"""What all instruments read in the same way: the gate of neoplastic disease, flags of inputs, values of reasons."""

from dataclasses import replace

import pytest

from service.instrument import input_flags, is_stated, mentioned, neoplasm_gate, says_something, sources_of, text_of
from service.model.case import Case
from service.model.coded import Interval
from service.model.finding import State
from service.model.lesion import Known
from service.model.outcome import Applicability
from tests.unit.instruments.known import case_of, denied, disputed, exactly, measured, stated, unknown, yes

BENIGN = (
    "haemangioma",
    "discogenic-endplate-change",
    "discitis-osteomyelitis",
    "epidural-haematoma",
    "epidural-abscess",
    "enostosis",
    "osteonecrosis",
    "paget-disease",
    "osteoporotic-fracture",
    "demyelination",
)


def gate(*knowns: Known) -> tuple[Applicability, set[str]]:
    found = neoplasm_gate(case_of(*knowns, tumour=False))
    return found.applicability, set(found.flags)


OPENERS = [
    (yes("spinal-metastasis"),),
    (stated("biopsy-result", "malignant"),),
    (stated("reported-diagnosis", "lymphoma"),),
    (stated("reported-diagnosis", "metastatic-fracture"),),
    (yes("known-malignancy"), stated("bone-lesion", "lytic")),
]


@pytest.mark.parametrize("knowns", OPENERS, ids=[" + ".join(known.finding for known in knowns) for knowns in OPENERS])
def test_a_stated_neoplasm_opens_the_instruments(knowns: tuple[Known, ...]) -> None:
    assert gate(*knowns) == (Applicability.APPLICABLE, set())


def test_nothing_stated_is_unknown_and_never_not_applicable() -> None:
    assert gate() == (Applicability.UNKNOWN, {"neoplasm-not-stated"})


def test_a_known_malignancy_alone_is_not_a_lesion_of_this_spine() -> None:
    assert gate(yes("known-malignancy"))[0] is Applicability.UNKNOWN


def test_a_bone_lesion_alone_is_not_a_neoplasm() -> None:
    assert gate(stated("bone-lesion", "lytic"))[0] is Applicability.UNKNOWN


@pytest.mark.parametrize("diagnosis", BENIGN)
def test_a_benign_diagnosis_without_malignancy_closes_them(diagnosis: str) -> None:
    assert gate(stated("reported-diagnosis", diagnosis)) == (Applicability.NOT_APPLICABLE, {"benign-diagnosis"})


def test_a_benign_diagnosis_in_a_patient_with_cancer_is_unknown() -> None:
    knowns = (stated("reported-diagnosis", "haemangioma"), yes("known-malignancy"))
    assert gate(*knowns) == (Applicability.UNKNOWN, {"neoplasm-not-stated"})


def test_a_benign_diagnosis_beside_a_malignant_one_is_applicable_and_disputed() -> None:
    both = stated("reported-diagnosis", "osteoporotic-fracture", "metastatic-fracture")
    assert gate(both) == (Applicability.APPLICABLE, {"conflicting-input"})


@pytest.mark.parametrize("denial", [denied("spinal-metastasis"), stated("biopsy-result", "no-malignancy")])
def test_a_bone_lesion_whose_tumour_is_denied_does_not_open_them(denial: Known) -> None:
    assert gate(yes("known-malignancy"), stated("bone-lesion", "blastic"), denial)[0] is Applicability.UNKNOWN


def test_a_disputed_metastasis_opens_them_and_is_said() -> None:
    assert gate(disputed("spinal-metastasis", "present", "absent")) == (Applicability.APPLICABLE, {"conflicting-input"})


def test_an_uncertain_metastasis_opens_nothing_and_is_said() -> None:
    assert gate(unknown("spinal-metastasis", "uncertain-input")) == (
        Applicability.UNKNOWN,
        {"uncertain-input", "neoplasm-not-stated"},
    )


def test_a_history_from_another_report_is_no_remark_on_this_result() -> None:
    assert gate(stated("spinal-metastasis", "present", flags=("from-other-report",))) == (Applicability.APPLICABLE, set())


def test_flags_are_those_of_the_inputs_read_and_no_others() -> None:
    case = case_of(
        disputed("alignment", "normal", "de-novo-deformity"),
        stated("spinal-pain", "mechanical", flags=("from-other-report",)),
        unknown("bone-lesion", "uncertain-input"),
        invalid=[("lesion-1", "vertebral-collapse")],
    )
    assert input_flags(case, ("alignment", "spinal-pain")) == {"conflicting-input", "from-other-report"}
    assert input_flags(case, ("bone-lesion", "vertebral-collapse")) == {"uncertain-input", "invalid-input"}
    assert input_flags(case, ("posterolateral-involvement",)) == frozenset()


def test_a_refused_value_of_the_patient_is_said_without_a_lesion_under_study() -> None:
    case = Case(lesions=(), study={}, patient={}, invalid=frozenset({(None, "axial-pain")}))
    assert input_flags(case, ("axial-pain",)) == {"invalid-input"}


def test_stated_means_present_by_somebody() -> None:
    assert is_stated(yes("axial-pain"))
    assert is_stated(disputed("axial-pain", "present", "absent"))
    assert not is_stated(denied("axial-pain"))
    assert not is_stated(unknown("axial-pain"))


@pytest.mark.parametrize(
    ("known", "text"),
    [
        (stated("bone-lesion", "lytic"), "lytic"),
        (disputed("bone-lesion", "lytic", "blastic"), "lytic | blastic"),
        (denied("spinal-pain"), "absent"),
        (denied("bone-lesion", "lytic"), "not lytic"),
        (unknown("bone-lesion"), "not-assessed"),
        (exactly("vertebral-collapse-percent", 50), "50"),
        (measured("vertebral-collapse-percent", 50, None, low_open=True), ">50"),
        (Known(finding="vertebral-collapse-percent", state=State.PRESENT, interval=Interval(low=None, high=None)), "present"),
    ],
)
def test_the_value_of_a_reason_is_what_was_read(known: Known, text: str) -> None:
    assert text_of(known) == text


def test_a_single_denial_says_something_and_silence_does_not() -> None:
    assert says_something(denied("bone-lesion", "lytic"))
    assert not says_something(unknown("bone-lesion", "uncertain-input"))


def test_a_source_is_named_once() -> None:
    known = yes("axial-pain")
    assert len(sources_of((known, known))) == 1


def test_a_question_without_answer_is_not_heard_and_a_doubtful_or_refused_one_is() -> None:
    asked = frozenset({"jigsaw-sign", "fluid-sign", "fracture-line", "vertebral-fracture", "diffusion"})
    doubtful, excluded = unknown("fluid-sign", "uncertain-input"), denied("vertebral-fracture", "compression")
    case = case_of(unknown("jigsaw-sign"), doubtful, excluded, denied("fracture-line"))
    heard = mentioned(case.at(case.lesions[0]), asked)
    assert heard == {"fluid-sign", "vertebral-fracture", "fracture-line"}
    refused = replace(case, invalid=frozenset({(case.lesions[0].id, "diffusion")}))
    assert mentioned(refused.at(refused.lesions[0]), asked) == heard | {"diffusion"}
