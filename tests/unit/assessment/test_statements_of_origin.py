"""What is said of the ranking of primaries: support and not probability, what limits it, and its place."""

from service.assessment.assess import assess
from service.assessment.statements import origin, say
from service.assessment.statements.saying import Tier
from service.evidence.load import load
from service.model.case import Case
from service.model.lesion import Known, Lesion, Site
from service.model.outcome import Applicability, Outcome, Share
from tests.unit.instruments.known import by_finding, disputed, stated, yes

TABLES = load()
SOURCE = "(An 2013, Table 1)."
PATIENT = (yes("spinal-metastasis"), stated("primary-cancer", "unknown"))
HCC = (
    stated("epicentre", "posterior-elements"),
    stated("lesion-extent", "extraosseous"),
    stated("enhancement-pattern", "worms-in-a-bag"),
)
SMALL = "30 patients only; prostate, thyroid, kidney and other primaries are absent from the data"


def text(*knowns: Known, patient: tuple[Known, ...] = PATIENT) -> str:
    lesion = Lesion(id="lesion-1", site=Site(), findings=by_finding(knowns))
    case = Case(lesions=(lesion,), study={}, patient=by_finding(patient))
    return next((each.text for each in say(case, assess(case, TABLES)) if each.instrument == "origin"), "")


def test_a_favourite_is_said_with_its_support_and_what_is_missing() -> None:
    assert text(*HCC) == (
        "Patient: Origin, HCC favoured among five primaries: relative support HCC 0.95, colorectal 0.025, lung 0.0097; missing "
        "lesion margin, T1 signal against muscle, T2 signal against muscle, bone lesion; "
        f"{SMALL}; worms-in-a-bag enhancement was seen with HCC only {SOURCE}"
    )


def test_no_favourite_is_said_as_such_with_what_limits_it() -> None:
    found = text(stated("bone-lesion", "blastic"))
    assert "Origin, no clear favourite among five primaries: relative support stomach" in found
    assert "a primary outside the five is plausible; the literature's primaries for this density stand in the caveats" in found
    assert "not robust" in text(stated("t1-vs-muscle", "iso"))


def test_open_verdicts_are_alternatives() -> None:
    assert "Origin, stomach favoured or no clear favourite among five primaries" in text(
        stated("t1-vs-muscle", "iso"), disputed("enhancement-pattern", "heterogeneous", "rim")
    )


def test_a_disputed_primary_may_mean_that_nothing_is_to_be_ranked() -> None:
    patient = (yes("spinal-metastasis"), disputed("primary-cancer", "lung", denied=("lung",)))
    assert "Origin, HCC favoured or not to be ranked among five primaries" in text(*HCC, patient=patient)


def test_a_primary_that_nobody_calls_unknown_is_said() -> None:
    assert "nobody states that the primary is unknown" in text(*HCC, patient=PATIENT[:1])


def test_a_known_primary_is_named_and_nothing_ranked() -> None:
    patient = (yes("spinal-metastasis"), stated("primary-cancer", "lung", "unknown"))
    assert text(*HCC, patient=patient) == f"Patient: Origin not ranked: the primary is known (lung) {SOURCE}"


def test_without_an_accepted_metastasis_nothing_is_said() -> None:
    assert text(*HCC, patient=()) == ""


def outcome(*verdicts: str, ranked: bool = True) -> Outcome:
    ranking = (Share(outcome="lung", share=1.0),) if ranked else None
    return Outcome(instrument="origin", version="1", applicability=Applicability.APPLICABLE, verdicts=verdicts, ranking=ranking)


def test_a_favourite_is_read_before_none_and_a_known_primary_last() -> None:
    favourite, none = origin.SAYER.order(outcome("favoured-lung")), origin.SAYER.order(outcome("no-clear-favourite"))
    assert favourite[0] is none[0] is Tier.REST
    assert favourite < none < origin.SAYER.order(outcome("not-modelled", ranked=False))
