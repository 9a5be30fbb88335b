"""The sentences that stand with every result of the comparison: who was studied, and what is ours.

Source: evidence tables wu-table-2, wu-table-1, wu-cohort; clinical rules 1, "Caveats to print with the result".
"""

from collections.abc import Iterator
from typing import Final

from service.evidence.tables import Row, Table, Tables, whole

_OURS: Final = (
    "Ours, not the paper's: the ratios made of its counts (Jeffreys), their average over four blocks, the rule that names a "
    "pattern, and the criteria of applicability. The reference test is biopsy."
)


def caveats_of(tables: Tables, *, extremes: tuple[float, float]) -> tuple[str, ...]:
    """Return the sentences in the order in which they are printed.

    Args:
        tables: evidence.
        extremes: smallest and largest likelihood ratio that the findings together can give.
    """
    findings, patients, cohort = tables["wu-table-2"], tables["wu-table-1"], tables["wu-cohort"]
    return (
        *_who(cohort, extremes),
        *_what_was_compared(findings, patients, cohort),
        *_exceptions(findings, patients, cohort),
        "Signals are those against paraspinal muscle; density is that of CT.",
        _OURS,
    )


def _who(cohort: Table, extremes: tuple[float, float]) -> Iterator[str]:
    studied, hospitals = cohort.row("patients"), whole(cohort.row("hospitals"), "total")
    iesl, metastasis, total = (whole(studied, column) for column in ("iesl", "sm", "total"))
    yield (
        f"n = {total}: {iesl} patients with an indolent enhancing spinal lesion, {metastasis} with spinal metastasis; "
        f"retrospective, {hospitals} hospital."
    )
    yield (
        f"{iesl} patients carry one side, so the scale is lopsided: everything for an indolent lesion gives a ratio of "
        f"{extremes[1]:.0f}, everything for metastasis {extremes[0]:.2f}."
    )


def _what_was_compared(findings: Table, patients: Table, cohort: Table) -> Iterator[str]:
    irradiated, survived = patients.row("whole-spine-irradiation", "yes"), patients.row("survival", "yes")
    both = whole(cohort.row("metastasis-of-brain-tumour"), "total")
    yield (
        f"{both} patients had a brain tumour with spinal metastasis: lesions after a treated brain tumour are compared with "
        f"metastases of other tumours, and the treatment differs (whole spine irradiated in {_part(irradiated, 'iesl')} and "
        f"{_part(irradiated, 'sm')})."
    )
    fractured, expansile = (_part(findings.row(sign, "present"), "sm") for sign in ("pathologic-fracture", "expansile"))
    yield (
        f"The metastases were advanced ({fractured} fractured, {expansile} expansile): small metastases were not studied. "
        f"{_part(survived, 'iesl')} patients with an indolent lesion survived: indolent describes the lesion, not the patient."
    )


def _exceptions(findings: Table, patients: Table, cohort: Table) -> Iterator[str]:
    asked = (
        ("a fracture", findings.row("pathologic-fracture", "present")),
        ("an ill-defined margin", findings.row("lesion-margin", "ill-defined")),
        ("involved posterior elements", findings.row("posterior-element-involvement", "present")),
        ("uptake on the bone scan", findings.row("bone-scan-uptake", "present")),
        ("ring enhancement and a double line on T2 beside them", cohort.row("osteonecrosis-signs")),
    )
    counted = ", ".join(f"{_part(row, 'iesl')} had {words}" for words, row in asked)
    yield f"Of the indolent lesions, {counted}."
    grown = patients.row("lesion-progression", "yes")
    yield (
        f"Growth does not argue for metastasis here ({_part(grown, 'iesl')} indolent lesions grew, {_part(grown, 'sm')} "
        "metastases); a bone scan without uptake never excludes metastasis."
    )


def _part(row: Row, group: str) -> str:
    """Write a count with its base: `1 of 3`."""
    return f"{whole(row, group)} of {whole(row, f'{group}_of')}"
