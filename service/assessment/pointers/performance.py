"""What single examinations find and miss, said beside the examination that is pointed to or was done.

Source: evidence table shah-modality; clinical rules 6. Context only: no figure changes what is pointed to.
"""

from collections.abc import Collection, Iterator
from typing import Final

from service.evidence.tables import Row, Tables, whole

TABLE: Final = "shah-modality"
_METASTASIS: Final = "osseous metastasis"
_MRI: Final = frozenset({"mri", "urgent-whole-spine-mri"})
_PET: Final = frozenset({"fdg-pet", "fdg-pet-ct"})


def figures(tables: Tables, wanted: Collection[str], done: Collection[str]) -> Iterator[str]:
    """Yield the sentences that concern these examinations.

    Args:
        tables: evidence.
        wanted: recommendations of next imaging.
        done: values of `modality`: what the findings were seen on.
    """
    table = tables[TABLE]
    paper = table.citation.paper
    if not _MRI.isdisjoint(wanted) or "ct" in wanted:
        mri, ct = table.row("mri", _METASTASIS), table.row("ct", _METASTASIS)
        yield f"Metastases of bone: MRI {_performance(mri)}; CT {_performance(ct)} ({paper}, {mri['section']})."
    if "ct" in wanted:
        earlier = table.row("ct", "osseous metastasis against X-ray")
        yield f"CT may show a metastasis up to {whole(earlier, 'months')} months before an X-ray ({paper}, {earlier['section']})."
    if "bone-scan" in done:
        scan = table.row("bone-scan", "multiple myeloma")
        yield f"A bone scan misses up to {whole(scan, 'missed_percent')} % of myelomas ({paper}, {scan['section']})."
    if not _PET.isdisjoint(done):
        alone, joined = (table.row(name, "spinal metastasis") for name in ("fdg-pet", "fdg-pet-ct"))
        found = f"FDG-PET {whole(alone, 'sensitivity_percent')} %, with CT {whole(joined, 'sensitivity_percent')} %"
        yield f"Sensitivity for spinal metastasis: {found} ({paper}, {alone['section']})."


def _performance(row: Row) -> str:
    """Write the three figures of an examination."""
    return ", ".join(f"{name} {row[f'{name}_percent']} %" for name in ("sensitivity", "specificity", "accuracy"))
