"""The SINS table written by hand, and short ways to score a lesion."""

from service.evidence.load import load
from service.instruments.sins import SINS
from service.model.lesion import Known, Site
from service.model.outcome import Outcome
from tests.unit.instruments.known import at, case_of, stated

TABLES = load()

BANDS = {
    3: "C0 C1 C2 C7 T1 T2 T11 T12 L1 L5 S1",
    2: "C3 C4 C5 C6 L2 L3 L4",
    1: "T3 T4 T5 T6 T7 T8 T9 T10",
    0: "S2 S3 S4 S5",
}
LEVELS = {level: points for points, levels in BANDS.items() for level in levels.split()}
POINTS = {
    "sins-location": {"junctional": 3, "mobile": 2, "semi-rigid": 1, "rigid": 0},
    "spinal-pain": {"mechanical": 3, "occasional-non-mechanical": 1, "none": 0},
    "bone-lesion": {"lytic": 2, "mixed": 1, "blastic": 0},
    "alignment": {"subluxation-translation": 4, "de-novo-deformity": 2, "normal": 0},
    "vertebral-collapse": {"over-50": 3, "under-50": 2, "no-collapse-over-50-involved": 1, "none": 0},
    "posterolateral-involvement": {"bilateral": 3, "unilateral": 1, "none": 0},
}
MISSING_ORDER = (
    "vertebral-level",
    "spinal-pain",
    "bone-lesion",
    "alignment",
    "posterolateral-involvement",
    "vertebral-collapse",
)
REST = {
    "spinal-pain": "none",
    "bone-lesion": "blastic",
    "alignment": "normal",
    "vertebral-collapse": "none",
    "posterolateral-involvement": "none",
}


def category(total: int) -> str:
    return "stable" if total < 7 else "potentially-unstable" if total < 13 else "unstable"


def assess(*knowns: Known, site: Site | None = None, **others: object) -> Outcome:
    return SINS.assess(case_of(*knowns, site=site, **others), TABLES)  # type: ignore[arg-type]  # keywords of case_of


def totals(*knowns: Known, site: Site | None = None, **others: object) -> tuple[int, ...]:
    outcome = assess(*knowns, site=site, **others)
    assert outcome.score is not None
    return outcome.score.attainable


def painless_blastic(*but: Known) -> tuple[Known, ...]:
    """Everything stated as 0 points, but for what is given; with S3 as level the totals are those of what is given."""
    named = {known.finding for known in but}
    return (*but, *(stated(finding, value) for finding, value in REST.items() if finding not in named))


def points_of(*knowns: Known, finding: str) -> tuple[int, ...]:
    """Totals at S3 (0 points) where the component of the finding rests on what is given alone."""
    rest = (stated(other, value) for other, value in REST.items() if other != finding)
    return totals(*knowns, *rest, site=at("S3"))
