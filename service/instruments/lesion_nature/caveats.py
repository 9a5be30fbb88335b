"""Sentences that must stand with an answer about a lesion, made of the figures that the evidence tables print."""

from collections.abc import Iterator
from decimal import Decimal

from service.evidence.tables import Row, Table, whole, word


def of_pattern(lytic: Table, blastic: Table) -> Iterator[str]:
    """Yield what limits a density told from MR signal."""
    yield (
        f"A density told from MR signal alone rests on patterns printed in words ({_cited(lytic)}; {_cited(blastic)}); "
        "which signals it needs is this service's rule. CT always wins."
    )


def of_t2(table: Table) -> Iterator[str]:
    """Yield what the T2 hint is worth, with the ratios of its counts."""
    blastic, lytic = table.row("blastic"), table.row("lytic")
    bright, dark = _ratio(lytic, blastic, "t2_high"), _ratio(blastic, lytic, "t2_low")
    lesions = whole(blastic, "total") + whole(lytic, "total")
    yield (
        "T2 signal against muscle only hints at the density, and only where CT is missing: it fills neither the density nor SINS. "
        "A blastic lesion can be bright on T2."
    )
    yield f"LR bright to lytic {bright:.1f}, not bright to blastic {dark:.1f}; {lesions} lesions of one hospital ({_cited(table)})."
    yield from _printed_and_used(table)


def of_attenuation(table: Table, cut_offs: Table, others: Table) -> Iterator[str]:
    """Yield for which lesions the thresholds hold, and where they come from."""
    mean, maximum, study = (cut_offs.row(name) for name in ("mean", "maximum", "study"))
    yield "The thresholds hold for untreated sclerotic lesions only."
    yield from _printed_and_used(table)
    yield (
        f"ext: cut-off of the mean {mean['hounsfield']} HU, of the maximum {maximum['hounsfield']} HU, each sensitivity "
        f"{mean['sensitivity_percent']} % and specificity {mean['specificity_percent']} %, {study['lesions']} lesions of "
        f"{study['patients']} patients ({cut_offs.citation.paper})."
    )
    yield f"ext: {word(others.row('other-benign-sclerosis'), 'label')} ({others.citation.paper})."


def of_opposed_phase(table: Table) -> Iterator[str]:
    """Yield how the printed threshold is read."""
    yield from _printed_and_used(table)
    yield f"No number of patients is printed with the threshold ({_cited(table)})."
    yield "The look on opposed phase and the loss in per cent are one piece of evidence."
    yield "A low fat fraction is printed without a number."


def of_t1(table: Table) -> Iterator[str]:
    """Yield the accuracy of each reference tissue, and which one decides."""
    printed = ", ".join(f"{row['reference']} {row['accuracy_percent']} % at {row['field_tesla']} T" for row in table.rows)
    yield f"Accuracy of marrow darker than its reference tissue: {printed} ({_cited(table)}); the sign is nonspecific."
    yield f"No number of patients is printed with these accuracies ({_cited(table)})."
    yield from _printed_and_used(table)


def of_signs(table: Table, study: Table) -> Iterator[str]:
    """Yield the figures of the signs as what they are: context from the pelvis."""
    figures = "; ".join(
        f"{word(row, 'sign')}: sensitivity {row['sensitivity_percent']} %, specificity {row['specificity_percent']} %"
        for row in table.rows
    )
    patients = sum(whole(row, "patients") for row in study.rows)
    yield f"Context only, never a likelihood ratio of the spine: {figures} ({_cited(table)})."
    yield f"ext: those figures were measured in the pelvis, against normal marrow, in {patients} patients ({study.citation.paper})."
    yield "Diffuse T2 hyperintensity alone gives no label: oedema, discogenic change and haemangioma look so too."
    yield "The bull's-eye sign is not target enhancement."


def of_fat_suppression(table: Table) -> Iterator[str]:
    """Yield that there is no figure."""
    yield f"Fat-suppressed T1 signal is printed in words, without a number ({_cited(table)})."


def _ratio(row: Row, other: Row, column: str) -> Decimal:
    """Return how much more frequent a signal is in one density than in the other."""
    share, other_share = (Decimal(whole(each, column)) / whole(each, "total") for each in (row, other))
    return share / other_share


def _cited(table: Table) -> str:
    return f"{table.citation.paper}, {table.citation.locator}"


def _printed_and_used(table: Table) -> Iterator[str]:
    return (row.sentence for row in table.errata)
