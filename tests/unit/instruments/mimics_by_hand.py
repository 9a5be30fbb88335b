"""The rules of the mimics written by hand as plain conditions, and every way to read statements that disagree."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Final

from service.evidence.load import load
from service.instruments.mimics import MIMICS
from service.model.lesion import Known
from service.model.outcome import Outcome
from tests.unit.instruments.known import answered, at, case_of, disputed, stated

TABLES: Final = load()

Answers = Mapping[str, str | None]
"""One answer to each finding; None = not stated."""

ORDER: Final = (
    "haemangioma",
    "discogenic-endplate-change",
    "schmorl-node",
    "discitis-osteomyelitis",
    "epidural-haematoma",
    "epidural-abscess",
    "epidural-phlegmon",
    "enostosis",
    "normal-haematopoietic-marrow",
    "osteonecrosis",
    "osteoblastic-flare",
    "metastasis",
    "ivory-vertebra-differential",
    "no-leading-candidate",
)

SIGNALS: Final = ("hyper", "iso", "hypo")
YES_NO: Final = ("present", "absent")
VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "t1-signal": SIGNALS,
    "t2-signal": SIGNALS,
    "stir-signal": SIGNALS,
    "t1-vs-muscle": SIGNALS,
    "lesion-margin": ("well-defined", "ill-defined"),
    "collection-enhancement": ("peripheral", "peripheral-necrotic-core", "diffuse", "focal", "none"),
    "enhancement-pattern": ("rim", "patchy", "homogeneous"),
    "sclerosis-change": ("sclerotic-rim", "progressive", "fading"),
    "bone-lesion": ("lytic", "mixed", "blastic"),
    "collection-position": ("dorsal", "ventral"),
    **dict.fromkeys(
        (
            "coarse-trabeculae",
            "cortical-destruction",
            "epidural-soft-tissue",
            "paraspinal-soft-tissue",
            "parallels-endplate",
            "disc-height-loss",
            "disc-t2-dark",
            "intravertebral-disc-herniation",
            "endplate-erosion",
            "intradiscal-fluid",
            "crosses-disc",
            "epidural-collection",
            "collection-multisegmental",
            "collection-ct-hyperdense",
            "halo-sign",
            "bulls-eye-sign",
            "double-line-sign",
            "expansile",
            "new-sclerotic-lesions",
            "other-response-signs",
            "ivory-vertebra",
        ),
        YES_NO,
    ),
}


def fulfilled(said: Answers) -> Iterator[str]:
    """Yield the candidates whose rule is fulfilled when every finding has one answer."""
    rules = {**bone(said), **disc(said), **canal(said), **treated(said)}
    return (candidate for candidate, holds in rules.items() if holds)


def has(said: Answers, finding: str, *values: str) -> bool:
    return said.get(finding) in (values or ("present",))


def bone(said: Answers) -> Mapping[str, bool]:
    soft = any(has(said, each) for each in ("cortical-destruction", "epidural-soft-tissue", "paraspinal-soft-tissue"))
    outline = has(said, "lesion-margin", "well-defined") or has(said, "coarse-trabeculae")
    free = all(has(said, each, "absent") for each in ("epidural-soft-tissue", "paraspinal-soft-tissue", "expansile"))
    return {
        "haemangioma": has(said, "t1-signal", "hyper") and outline and not soft,
        "normal-haematopoietic-marrow": has(said, "bulls-eye-sign") and not has(said, "halo-sign"),
        "osteonecrosis": has(said, "double-line-sign") and has(said, "enhancement-pattern", "rim") and free,
        "ivory-vertebra-differential": has(said, "ivory-vertebra"),
    }


def disc(said: Answers) -> Mapping[str, bool]:
    bright = has(said, "t2-signal", "hyper") or has(said, "stir-signal", "hyper")
    dark = has(said, "t2-signal", "hypo") or has(said, "stir-signal", "hypo")
    oedema = has(said, "t1-signal", "hypo") and bright and not dark
    bright_disc = has(said, "disc-t2-dark", "absent") or has(said, "intradiscal-fluid")
    degenerate = has(said, "disc-height-loss") and not bright_disc
    return {
        "discogenic-endplate-change": oedema and has(said, "parallels-endplate") and degenerate,
        "schmorl-node": oedema and has(said, "intravertebral-disc-herniation"),
        "discitis-osteomyelitis": has(said, "endplate-erosion") and has(said, "intradiscal-fluid"),
    }


def canal(said: Answers) -> Mapping[str, bool]:
    described = (
        said.get("collection-position") is not None
        or has(said, "collection-multisegmental")
        or has(said, "collection-ct-hyperdense")
        or has(said, "collection-enhancement", "peripheral", "peripheral-necrotic-core", "diffuse", "focal")
    )
    collection = has(said, "epidural-collection") or (described and said.get("epidural-collection") is None)
    blood = has(said, "collection-multisegmental") or has(said, "collection-ct-hyperdense")
    return {
        "epidural-haematoma": collection and blood,
        "epidural-abscess": collection and has(said, "collection-enhancement", "peripheral-necrotic-core"),
        "epidural-phlegmon": collection and has(said, "collection-enhancement", "diffuse"),
    }


def treated(said: Answers) -> Mapping[str, bool]:
    new = has(said, "new-sclerotic-lesions") and not has(said, "bone-lesion", "lytic")
    flares = has(said, "sclerosis-change", "sclerotic-rim") or new
    return {"osteoblastic-flare": flares and has(said, "other-response-signs")}


def verdicts(said: Answers) -> set[str]:
    """Return the verdicts when every finding has one answer."""
    found = set(fulfilled(said))
    halo = said.get("halo-sign") == "present" and said.get("bulls-eye-sign") != "present"
    return found or {"metastasis" if halo else "no-leading-candidate"}


def over_all_readings(said: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the verdicts of every way to choose one of the answers that each finding was given."""
    found: set[str] = set()
    for chosen in product(*said.values()):
        found |= verdicts(dict(zip(said, chosen, strict=True)))
    return [verdict for verdict in ORDER if verdict in found]


def known_of(finding: str, answers: tuple[str, ...]) -> Known:
    """Return what is known of a finding that was given these answers."""
    if len(answers) > 1:
        return disputed(finding, *sorted(answers))
    return answered(finding, present=answers[0] == "present") if VALUES[finding] == YES_NO else stated(finding, answers[0])


def assess(*knowns: Known, **others: object) -> Outcome:
    return MIMICS.assess(case_of(*knowns, site=at("T7"), **others), TABLES)  # type: ignore[arg-type]  # keywords of case_of


def reading(said: Mapping[str, tuple[str, ...]]) -> Outcome:
    return assess(*(known_of(finding, answers) for finding, answers in said.items()))
