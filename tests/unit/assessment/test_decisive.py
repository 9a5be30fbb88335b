"""Minimal sufficient sets against a search that tries every answer."""

from collections.abc import Mapping
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from service.assessment.decisive import decisive

SINS = {
    "vertebral-level": (0, 1, 2, 3),
    "spinal-pain": (0, 1, 3),
    "bone-lesion": (0, 1, 2),
    "alignment": (0, 2, 4),
    "vertebral-collapse": (0, 1, 2, 3),
    "posterolateral-involvement": (0, 1, 3),
}


def category(total: int) -> str:
    return "stable" if total < 7 else "potentially-unstable" if total < 13 else "unstable"


def by_trying(components: Mapping[str, tuple[int, ...]]) -> tuple[tuple[str, ...], ...]:
    names = [name for name, answers in components.items() if len(answers) > 1]
    settled = sum(answers[0] for answers in components.values() if len(answers) == 1)
    assignments = [dict(zip(names, each, strict=True)) for each in product(*(components[name] for name in names))]
    if len({category(settled + sum(each.values())) for each in assignments}) == 1:
        return ()
    found: list[tuple[str, ...]] = []
    for size in range(1, len(names) + 1):
        for chosen in combinations(names, size):
            left: dict[tuple[int, ...], set[str]] = {}
            for each in assignments:
                left.setdefault(tuple(each[name] for name in chosen), set()).add(category(settled + sum(each.values())))
            if all(len(categories) == 1 for categories in left.values()) and not any(set(one) <= set(chosen) for one in found):
                found.append(chosen)
    return tuple(found)


def test_the_worked_example_of_the_rules() -> None:
    components = {
        **dict.fromkeys(SINS, (0,)),
        "vertebral-level": (8,),
        "spinal-pain": (0, 1, 3),
        "posterolateral-involvement": (0, 1, 3),
    }
    assert decisive(components, category) == (("spinal-pain", "posterolateral-involvement"),)


def test_nothing_known_needs_everything() -> None:
    assert decisive(SINS, category) == (tuple(SINS),)


def test_a_settled_category_needs_nothing() -> None:
    assert decisive({"alignment": (13,), "spinal-pain": (0, 1, 3)}, category) == ()
    assert decisive({}, category) == ()


def test_what_cannot_change_the_category_is_not_asked() -> None:
    assert decisive({"even": (0, 2), "odd": (0, 1), "four": (0, 4)}, lambda total: "odd" if total % 2 else "even") == (("odd",),)


def test_several_minimal_sets_are_all_listed() -> None:
    named = {0: "neither", 14: "both"}
    assert decisive({"first": (0, 7), "second": (0, 7)}, named.get) == (("first",), ("second",))


def test_a_total_that_no_patient_has_settles_nothing_and_hinders_nothing() -> None:
    named = {0: "low", 1: "low", 3: "high"}
    assert decisive({"abutment": (0, 1), "compression": (0, 2)}, named.get) == (("compression",),)


POINTS = st.lists(st.integers(0, 5), min_size=1, max_size=4, unique=True).map(lambda points: tuple(sorted(points)))


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(tuple(SINS)), POINTS, min_size=1, max_size=5))
def test_the_search_finds_what_trying_every_answer_finds(components: dict[str, tuple[int, ...]]) -> None:
    assert decisive(components, category) == by_trying(components)
