"""Where a lesion is, as findings of the lesion: what its sites say nobody needs to ask.

Source: terminology/vocabulary, findings `vertebral-level`, `disc-level`, `spinal-region`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from service.findings.anatomy import disc_order, in_order
from service.findings.conflicts import FROM_OTHER_REPORT
from service.findings.draft import Draft
from service.findings.groups import discs_of_statement, levels_of_statement, regions_of_statement
from service.model.finding import Finding, State
from service.model.lesion import Known


def _discs_in_order(discs: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(discs, key=disc_order))


def _regions_in_order(regions: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(regions))


_READINGS: Final[tuple[tuple[str, Callable[[Finding], frozenset[str]], Callable[[Iterable[str]], tuple[str, ...]]], ...]] = (
    ("vertebral-level", levels_of_statement, in_order),
    ("disc-level", discs_of_statement, _discs_in_order),
    ("spinal-region", regions_of_statement, _regions_in_order),
)


def placed(draft: Draft, own: Mapping[str, Known]) -> Mapping[str, Known]:
    """Return level, disc and region of a lesion, each with the statements that name it best; other reports move no lesion.

    Args:
        draft: the lesion.
        own: what its level answers say; a contradiction among them stands.
    """
    mine = [said for said in draft.statements if not said.source.from_other_report]
    found: dict[str, Known] = {}
    for finding, read, arrange in _READINGS:
        best = _best(mine, finding, read)
        before = own.get(finding)
        if best and (before is None or before.state is not State.CONFLICT):
            values = arrange(best)
            found[finding] = Known(
                finding=finding,
                state=State.PRESENT,
                values=values,
                denied=before.denied if before else (),
                sources=tuple(dict.fromkeys(best[value] for value in values)),
                flags=tuple(flag for flag in before.flags if flag != FROM_OTHER_REPORT) if before else (),
            )
    return found


def _best(mine: Iterable[Finding], finding: str, read: Callable[[Finding], frozenset[str]]) -> dict[str, Finding]:
    """Return for each place the first statement that answers it, else that has it as its own site, else that inherits it."""
    best: dict[str, tuple[int, Finding]] = {}
    for said in mine:
        for value in read(said):
            worth = 0 if said.finding == finding else 1 if said.place.own else 2
            if value not in best or worth < best[value][0]:
                best[value] = (worth, said)
    return {value: said for value, (_, said) in best.items()}
