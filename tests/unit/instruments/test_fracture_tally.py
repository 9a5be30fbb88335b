"""The word for a tally against the rule written here by hand, in all combinations that eleven concepts allow."""

from itertools import product

from service.instruments.fracture_cause.reading import NOTHING, Standing
from service.instruments.fracture_cause.tally import Count, Tally, tally

METASTATIC = Standing(side="metastatic")
RELIABLE = Standing(side="metastatic", reliable=True)
OSTEOPOROTIC = Standing(side="osteoporotic")
NO_NECROSIS = Standing(absence="metastatic")
INTACT_PEDICLES = Standing(absence="osteoporotic")
CLASH = Standing(clash=True)


def word(metastatic: int, osteoporotic: int, *, absences: tuple[int, int], reliable: bool) -> str:
    """The rule, sentence by sentence."""
    positive = metastatic + osteoporotic
    if positive < 2 and not reliable:
        return "indeterminate"
    if positive >= 2:
        metastatic, osteoporotic = metastatic + absences[0], osteoporotic + absences[1]
    if metastatic and not osteoporotic:
        return "favours-metastatic"
    if osteoporotic and not metastatic:
        return "indeterminate" if reliable else "favours-osteoporotic"
    if (reliable and metastatic and metastatic >= osteoporotic) or metastatic - osteoporotic >= 2:
        return "favours-metastatic"
    if osteoporotic - metastatic >= 2 and not reliable:
        return "favours-osteoporotic"
    return "indeterminate"


def of(*standings: Standing) -> Tally:
    return tally(tuple(frozenset({each}) for each in standings), ())


def test_every_tally_of_eleven_concepts_has_the_word_of_the_rule() -> None:
    for metastatic, osteoporotic in product(range(12), repeat=2):
        for absent, intact, reliable in product((0, 1), (0, 1), (False, True)):
            if metastatic + osteoporotic + absent + intact <= 11:
                count = Count(metastatic, osteoporotic, absent, intact, reliable)
                assert count.verdict == word(metastatic, osteoporotic, absences=(absent, intact), reliable=reliable), count


def test_a_reliable_sign_is_never_outvoted() -> None:
    for metastatic, osteoporotic, absence in product(range(12), range(12), (0, 1)):
        assert Count(metastatic, osteoporotic, 0, absence, reliable=True).verdict != "favours-osteoporotic"


def test_the_counts_are_those_of_both_sides_and_a_clash_is_of_neither() -> None:
    found = of(METASTATIC, METASTATIC, OSTEOPOROTIC, CLASH, NOTHING)
    assert (found.metastatic, found.osteoporotic) == (2, 1)
    assert found.flags == {"mixed-signs", "concept-conflict"}


def test_absences_count_beside_two_concepts_and_not_beside_one() -> None:
    beside_one, beside_two = of(METASTATIC, NO_NECROSIS), of(METASTATIC, METASTATIC, NO_NECROSIS)
    assert (beside_one.metastatic, beside_one.counts_absences, beside_one.has_too_few) == (1, False, True)
    assert (beside_two.metastatic, beside_two.counts_absences, beside_two.has_too_few) == (3, True, False)
    assert of(OSTEOPOROTIC, OSTEOPOROTIC, INTACT_PEDICLES).osteoporotic == 3


def test_a_reliable_sign_alone_is_enough() -> None:
    found = of(RELIABLE)
    assert found.verdicts == ("favours-metastatic",)
    assert found.flags == {"reliable-sign"}
    assert not found.has_too_few


def test_an_open_concept_gives_the_words_of_every_reading_and_counts_surely_for_no_side() -> None:
    found = tally((frozenset({METASTATIC, OSTEOPOROTIC}), frozenset({OSTEOPOROTIC})), ())
    assert found.verdicts == ("favours-osteoporotic", "indeterminate")
    assert (found.metastatic, found.osteoporotic) == (0, 1)
    assert found.flags == frozenset()


def test_an_open_reliable_sign_is_not_flagged_as_one() -> None:
    found = tally((frozenset({RELIABLE, NOTHING}),), ())
    assert found.verdicts == ("favours-metastatic", "indeterminate")
    assert found.flags == frozenset()
    assert found.has_too_few


def test_what_is_open_can_change_the_word_exactly_when_some_completion_does() -> None:
    both = frozenset({METASTATIC, OSTEOPOROTIC})
    necrosis = frozenset({OSTEOPOROTIC, NO_NECROSIS})
    tissue = frozenset({RELIABLE, METASTATIC, OSTEOPOROTIC})
    pedicles = frozenset({RELIABLE, METASTATIC, INTACT_PEDICLES})
    gaps = ((both,), (necrosis,), (tissue,), (pedicles,), (both, necrosis), (both, both, pedicles), (both, tissue, necrosis))
    stated = product((NOTHING, METASTATIC, OSTEOPOROTIC), (NOTHING, METASTATIC, OSTEOPOROTIC, RELIABLE), _necrosis(), _pedicles())
    for settled, brings in product(stated, gaps):
        if (NO_NECROSIS in settled and necrosis in brings) or (INTACT_PEDICLES in settled and pedicles in brings):
            continue
        found = tally(tuple(frozenset({each}) for each in settled), brings)
        words = {of(*settled, *chosen).verdicts for chosen in product(*((*each, NOTHING) for each in brings))}
        assert found.can_change is (len(words) > 1), (settled, brings)


def _necrosis() -> tuple[Standing, ...]:
    """What the only concept may come to whose absence is metastatic."""
    return (NOTHING, OSTEOPOROTIC, NO_NECROSIS)


def _pedicles() -> tuple[Standing, ...]:
    """What the only concept may come to whose absence is osteoporotic."""
    return (NOTHING, METASTATIC, RELIABLE, INTACT_PEDICLES)
