"""Words that all sayings share: names of findings, what is missing, what would settle it, what must be noted."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from service.model.outcome import Outcome

_WORDS: Final[Mapping[str, str]] = {
    "cord-abutment": "spinal cord abutment",
    "cord-compression": "spinal cord compression",
    "csf-visible": "CSF around the spinal cord",
    "t1-signal": "T1 signal",
    "t1-vs-muscle": "T1 signal against muscle",
    "t1-vs-disc": "T1 signal against disc",
    "t1-hypointensity-pattern": "pattern of low T1 signal",
    "t1-fat-sat-signal": "fat-suppressed T1 signal",
    "t2-star-signal": "T2* signal",
    "diffuse-t2-hyperintensity": "diffuse high T2 signal",
    "fdg-uptake": "FDG uptake",
    "mri-contraindicated": "MRI contraindicated",
    "axial-t2-at-worst-level": "axial T2 at the worst level",
    "t2-signal": "T2 signal",
    "t2-vs-muscle": "T2 signal against muscle",
    "stir-signal": "STIR signal",
    "attenuation-mean": "mean attenuation",
    "attenuation-max": "maximum attenuation",
    "parallels-endplate": "course along the endplates",
    "disc-height-loss": "loss of disc height",
    "disc-t2-dark": "disc dark on T2",
    "collection-multisegmental": "collection over several segments",
    "collection-ct-hyperdense": "collection dense on CT",
    "bulls-eye-sign": "bull's-eye sign",
    "csf-enhancement": "CSF enhancement",
    "persistent-low-t1": "persistent low T1 signal",
}
"""Findings whose key does not read as words."""

PARTLY_ELSEWHERE: Final = "partly from other reports"

_NOTES: Final[Mapping[str, str]] = {
    "conflicting-input": "conflicting statements, all kept",
    "uncertain-input": "uncertain statements count as not assessed",
    "invalid-input": "a refused value counts as not assessed",
    "from-other-report": PARTLY_ELSEWHERE,
    "preliminary-input": "partly from preliminary observations",
}
"""What flags of every instrument say in a sentence."""


def words(code: str) -> str:
    """Write a code as words."""
    return _WORDS.get(code, code.replace("-", " "))


def missing(outcome: Outcome, name: Callable[[str], str] = words) -> str:
    """Name what is not assessed; empty = nothing."""
    return f"missing {', '.join(name(finding) for finding in outcome.missing)}" if outcome.missing else ""


def settling(outcome: Outcome, what: str, name: Callable[[str], str] = words) -> str:
    """Name the smallest sets that would settle it; empty = none is needed or none would."""
    if not outcome.decisive:
        return ""
    if len(outcome.decisive) == 1 and set(outcome.decisive[0]) == set(outcome.missing):
        return f"knowing {_all_of(len(outcome.missing))} would settle the {what}"
    smallest = [chosen for chosen in outcome.decisive if len(chosen) == len(outcome.decisive[0])]
    ways = (joined((name(finding) for finding in chosen), "and") for chosen in smallest)
    return f"knowing {', or '.join(ways)} would settle the {what}"


def _all_of(count: int) -> str:
    """Name all of so many things."""
    return {1: "it", 2: "both"}.get(count, f"all {count}")


def notes(outcome: Outcome, own: Mapping[str, str]) -> Iterable[str]:
    """Say recommendations and flags.

    Args:
        outcome: whose codes are said.
        own: the instrument's own codes in words; the codes of every instrument follow them.
    """
    raised = {*outcome.recommendations, *outcome.flags}
    return (note for code, note in {**own, **_NOTES}.items() if code in raised)


def figure(number: float) -> str:
    """Write a ratio or a share with two significant digits: `0.24`, `3.9`, `86`, `3000`."""
    return f"{float(f'{number:.2g}'):g}"


def either(names: Iterable[str]) -> str:
    """Join alternatives: `a, b or c`."""
    return joined(names, "or")


def joined(names: Iterable[str], last: str) -> str:
    """Join words by commas, the last two by a word."""
    *before, end = names
    return f"{', '.join(before)} {last} {end}" if before else end
