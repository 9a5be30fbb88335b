"""From mapping tables, loaded or stored, to what a hospital's codes mean and which codes may answer it."""

from dataclasses import replace

from service.assessment.catalogue import titles
from service.errors import BrokenReleaseError
from service.mapping.mapfile import Mappings, load_snapshot
from service.model.assessment import Versions
from service.model.coded import Coding
from service.parts import Language, Parts
from service.resources.emission import Emission
from service.resources.identity import OUTCOME_SYSTEM
from service.storage.terms import ReleaseId


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


def language_under(parts: Parts, release_id: str) -> Language | None:
    """Return the language of the mapping tables that an assessment was made with, for its replay.

    Args:
        parts: the languages in force, and the database that every start stores its tables in.
        release_id: `versions.mappings` of the assessment.

    Returns:
        The tables in force where they are the same, else the stored ones, under the ruleset and service that run now; None = these
        tables were never stored here.

    Raises:
        BrokenReleaseError: what is stored is not what its id says, or contradicts itself.
    """
    in_force = tuple(parts.languages.values())
    if (same := next((each for each in in_force if each.versions.mappings == release_id), None)) is not None:
        return same
    with parts.database.read() as uow:
        release = uow.releases.get(ReleaseId(release_id))
    if release is None:
        return None
    mappings = load_snapshot(release.content)
    if mappings.version != release_id:
        raise BrokenReleaseError("A stored release of the mapping tables is not what its id says: the database was altered.")
    return language_of(mappings, replace(in_force[0].versions, mappings=release_id))
