"""What else stands in a report and must change nothing."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from service.model.finding import Scope, Vocabulary
from tests.builders import LOCAL, LOINC, Json, body, coding, concept, observation
from tests.forms import codes
from tests.forms.codes import ours
from tests.forms.content import LesionContent
from tests.forms.features import Noise
from tests.forms.shapes import Placed
from tests.forms.spelling import Speller

_ABSENT: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_OF_A_LESION: Final = frozenset({Scope.LESION, Scope.LEVEL})


def silent_questions(lesion: LesionContent, speller: Speller, vocabulary: Vocabulary) -> list[Json]:
    """Return questions that nobody answered, with the reason in each of its forms; none unless the form asks for them."""
    if speller.form.noise is not Noise.SILENT:
        return []
    speller.used[Noise.SILENT] += 1
    said = {each.finding for each in lesion.statements}
    asked = [each.key for each in vocabulary.values() if each.scope in _OF_A_LESION and "sins" in each.instruments]
    unsaid = [key for key in asked if key not in said]
    reason = speller.choose(codes.reasons())
    extension = {"url": _ABSENT, "valueCode": "unknown"}
    return [
        {"code": _question(unsaid, speller), "dataAbsentReason": concept(coding(reason.code, system=reason.system))},
        {"code": _question(unsaid, speller), "_valueString": {"extension": [extension]}},
    ]


def _question(keys: Sequence[str], speller: Speller) -> Json:
    return speller.concept(ours(keys[speller.turn(len(keys))]))


def add_noise(placed: Placed, speller: Speller) -> None:
    """Add an Observation of no importance, or give every Observation another final status."""
    match noise := speller.form.noise:
        case Noise.OTHER_ORGAN:
            lung = concept(speller.stranger())
            placed.tops.append(observation(lung, value=True, id="noise", bodySite=concept(speller.stranger())))
        case Noise.NARRATIVE:
            narrative = concept(coding("59776-5", system=LOINC))
            placed.tops.append(observation(narrative, "Lytic lesion of T7 with collapse.", id="noise"))
        case Noise.WITHDRAWN:
            wrong, value = (concept(coding(code, system=LOCAL)) for code in ("alignment", "subluxation-translation"))
            placed.tops.append(observation(wrong, value, id="noise", status="entered-in-error"))
        case Noise.AMENDED:
            for number, each in enumerate((*placed.tops, *placed.below)):
                each["status"] = ("amended", "corrected")[number % 2]
        case Noise.SILENT | Noise.OLDER_VERSION | Noise.TWICE:
            return
        case Noise.NONE:
            pass
    speller.used[noise] += 1


def repeated(entries: list[Json], speller: Speller) -> list[Json]:
    """Return what a Bundle holds of an Observation beside its newest version: an older one, or the same again."""
    noise = speller.form.noise
    newest = next((each for each in entries if each["resourceType"] == "Observation"), None)
    if noise not in {Noise.OLDER_VERSION, Noise.TWICE} or newest is None:
        return []
    speller.used[noise] += 1
    newest["meta"] = {"versionId": "2"}
    again: Json = json.loads(body(newest), parse_float=Decimal)
    if noise is Noise.TWICE:
        return [again]
    return [{**again, "meta": {"versionId": "1"}, "bodySite": concept(coding("L5", system=LOCAL))}]
