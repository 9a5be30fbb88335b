"""From the loaded mapping tables to what a hospital's codes mean and which codes may answer it."""

from service.assessment.catalogue import titles
from service.mapping.mapfile import Mappings
from service.model.assessment import Versions
from service.model.coded import Coding
from service.parts import Language
from service.resources.emission import Emission
from service.resources.identity import OUTCOME_SYSTEM


def language_of(mappings: Mappings, versions: Versions) -> Language:
    """Join the mapping tables of a hospital with the versions in force."""
    return Language(mappings=mappings, emission=emission_of(mappings), versions=versions)


def emission_of(mappings: Mappings) -> Emission:
    """Return what may be emitted: the codes of outcomes.csv and of places, as far as the loaded licences allow."""
    outcomes = {(each.instrument, each.outcome): each for each in mappings.outcomes}
    return Emission(
        outcome_codings={
            key: tuple(Coding(*coding) for coding in each.codings if coding[0] != OUTCOME_SYSTEM) for key, each in outcomes.items()
        },
        outcome_displays={key: each.display for key, each in outcomes.items()},
        questions={key: each.question for key, each in outcomes.items() if each.question},
        kinds={key: each.kind for key, each in outcomes.items()},
        site_codings=mappings.site_codings,
        words=mappings.words,
        titles=titles(),
    )
