"""Which missing findings would settle a verdict: minimal sufficient sets over components with finitely many answers."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from itertools import combinations


def decisive(components: Mapping[str, tuple[int, ...]], category: Callable[[int], str | None]) -> tuple[tuple[str, ...], ...]:
    """Return all minimal sets of findings whose answers leave one category, whatever the other open ones are.

    Args:
        components: what each finding may still add to the total; one number = settled.
        category: verdict of a total; None = no patient can have that total.

    Returns:
        The sets by size, then in the order of `components`; empty when the category is settled already.

    Source: clinical rules 2, "Decisive".
    """
    totals = _sums(components.values())
    categories: dict[str, int] = {}
    for total in range(totals.bit_length()):
        if totals >> total & 1 and (verdict := category(total)) is not None:
            categories[verdict] = categories.get(verdict, 0) | 1 << total
    return _minimal(tuple(components.items()), tuple(categories.values()))


@lru_cache(maxsize=4096)
def _minimal(components: tuple[tuple[str, tuple[int, ...]], ...], categories: tuple[int, ...]) -> tuple[tuple[str, ...], ...]:
    """Search the sets by size; what holds a sufficient set is not minimal. Remembered: reports repeat the same gaps.

    Args:
        components: as above.
        categories: totals of each category as bit sets (bit n = total n).
    """
    if len(categories) < 2:  # noqa: PLR2004 - one category is a settled verdict
        return ()
    answers = dict(components)
    unsettled = [finding for finding, points in components if len(points) > 1]
    found: list[tuple[str, ...]] = []
    for size in range(1, len(unsettled) + 1):
        for chosen in combinations(unsettled, size):
            if any(set(smaller) <= set(chosen) for smaller in found):
                continue
            asked = _sums(answers[finding] for finding in chosen)
            rest = _sums(points for finding, points in components if finding not in chosen)
            if all(_is_settled(rest << partial, categories) for partial in range(asked.bit_length()) if asked >> partial & 1):
                found.append(chosen)
    return tuple(found)


def _sums(components: Iterable[tuple[int, ...]]) -> int:
    """Return every total that some choice of answers reaches, as a bit set."""
    totals = 1
    for answers in components:
        shifted = 0
        for points in answers:
            shifted |= totals << points
        totals = shifted
    return totals


def _is_settled(totals: int, categories: tuple[int, ...]) -> bool:
    """Tell whether no two categories hold one of the totals."""
    return sum(1 for category in categories if totals & category) <= 1
