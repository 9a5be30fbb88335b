"""What the tests of pointers share: a whole case, and the sentence that an instrument or pointer says of it."""

from service.assessment.assess import assess
from service.assessment.statements import say
from service.evidence.load import load
from service.model.case import Case
from service.model.lesion import Known, Lesion
from tests.unit.instruments.known import at, case_of, denied, stated

TABLES = load()
LOW_AND_STABLE = (
    stated("bone-lesion", "blastic"),
    stated("alignment", "normal"),
    stated("vertebral-collapse", "none"),
    stated("posterolateral-involvement", "none"),
    stated("spinal-pain", "none"),
    denied("epidural-involvement"),
)


def whole(*knowns: Known, patient: tuple[Known, ...] = (), tumour: bool = True, others: tuple[Lesion, ...] = ()) -> Case:
    case = case_of(*knowns, site=at("T7"), patient=patient, tumour=tumour, others=others)
    return Case(lesions=case.lesions, study=case.study, patient=case.patient)


def sentence(case: Case, instrument: str) -> str | None:
    said = say(case, assess(case, TABLES))
    return next((each.text for each in said if each.instrument == instrument), None)
