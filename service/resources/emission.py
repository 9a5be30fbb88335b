"""Which codes and words may leave the service; filled by pipeline from the loaded mapping tables.

Only codes that the vocabulary verified stand here, and of those only what the operator's licences allow.
Source: terminology/vocabulary, outcomes.csv and codings.csv (rows with emit = yes).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.model.coded import Coding
from service.resources.identity import FINDING_SYSTEM, OUTCOME_SYSTEM

ANY_INSTRUMENT = "any"
"""The instrument under which outcomes.csv lists codes that every instrument may give."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Emission:
    """What may be said about outcomes, sites and findings. Keys of outcomes are (instrument, outcome).

    Compared by identity, so that what is said in its words can be remembered with it.

    Attributes:
        outcome_codings: external codes of a verdict that may be emitted; ours is added by itself.
        outcome_displays: words of every verdict, flag, recommendation and request.
        questions: question that a verdict or open code answers; outcomes without one are left out.
        kinds: column `kind` of outcomes.csv.
        site_codings: external codes of a site by (finding, value): vertebral-level, disc-level, spinal-region; ours is added.
        words: display of every code of our finding system, keys and values alike.
        titles: what people call an instrument, by key; its key where none is given.
        open_outcomes: (instrument, question) to the code that says "not settled"; made from `kinds` and `questions`.
    """

    outcome_codings: Mapping[tuple[str, str], tuple[Coding, ...]]
    outcome_displays: Mapping[tuple[str, str], str]
    questions: Mapping[tuple[str, str], str]
    kinds: Mapping[tuple[str, str], str]
    site_codings: Mapping[tuple[str, str], tuple[Coding, ...]]
    words: Mapping[str, str]
    titles: Mapping[str, str] = field(default_factory=dict)
    open_outcomes: Mapping[tuple[str, str], str] = field(init=False)

    def __post_init__(self) -> None:
        """Find the open code of each question once."""
        found = {(key[0], self.questions[key]): key[1] for key, kind in self.kinds.items() if kind == "open"}
        object.__setattr__(self, "open_outcomes", found)

    def display(self, instrument: str, outcome: str) -> str:
        """Return the words for an outcome, flag, recommendation or request; the code itself where none are known."""
        found = self.outcome_displays.get((instrument, outcome)) or self.outcome_displays.get((ANY_INSTRUMENT, outcome))
        return found or outcome

    def codings(self, instrument: str, outcome: str) -> tuple[Coding, ...]:
        """Return our code of a verdict, then the external ones."""
        ours = Coding(OUTCOME_SYSTEM, f"{instrument}-{outcome}", self.display(instrument, outcome))
        external = self.outcome_codings.get((instrument, outcome), ())
        return (ours, *(each for each in external if each.system != OUTCOME_SYSTEM))

    def site(self, finding: str, value: str) -> tuple[Coding, ...]:
        """Return the codes of a place: external ones, then ours."""
        external = self.site_codings.get((finding, value), ())
        return (*(each for each in external if each.system != FINDING_SYSTEM), Coding(FINDING_SYSTEM, value, self.word(value)))

    def word(self, code: str) -> str:
        """Return the words for a finding or a value; the code itself where none are known."""
        return self.words.get(code, code)

    def title(self, instrument: str) -> str:
        """Return what people call an instrument."""
        return self.titles.get(instrument, instrument)
