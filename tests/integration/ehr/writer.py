"""One report's deliveries to the stand-in EHR, in each of the modes that an EHR may promise."""

from typing import Any

import pytest

from service.ehr.client import EhrClient
from service.ehr.conformance import read_conformance
from service.ehr.deliver import Delivered, Method, deliver
from tests.stand_in_ehr import StandInEhr

SYSTEM = "https://hospital.example/identifier/assessment"
SERIES = "0b5f9d0e-5f7a-5c52-9a44-5d1f3c1f6a10"
Resource = dict[str, Any]

MODES: dict[str, dict[str, bool]] = {
    Method.UPDATE_CREATE: {},
    Method.CONDITIONAL_UPDATE: {"update_create": False},
    Method.CONDITIONAL_CREATE: {"update_create": False, "conditional_update": False},
    Method.SEARCH_CREATE: {"update_create": False, "conditional_update": False, "conditional_create": False},
}
BY_SEARCH = [mode for mode in MODES if mode != Method.UPDATE_CREATE]
every_mode = pytest.mark.parametrize("mode", list(MODES))


def risk(note: str = "first", **elements: object) -> Resource:
    return {
        "resourceType": "RiskAssessment",
        "identifier": [{"system": SYSTEM, "value": SERIES}],
        "status": "final",
        "subject": {"reference": "Patient/9"},
        "note": [{"text": note}],
        **elements,
    }


OURS = ("first", "second", "third")


def is_ours(held: Resource) -> bool:
    """Tell whether a resource is as we wrote it once: nobody else writes these notes."""
    return held.get("note", [{}])[0].get("text") in OURS


class Writer:
    """One report's deliveries: what was confirmed is known the next time."""

    def __init__(self, ehr: StandInEhr, client: EhrClient, mode: str) -> None:
        for name, value in MODES[mode].items():
            setattr(ehr.switches, name, value)
        self.ehr, self.client = ehr, client
        self.promise = read_conformance(client).of("RiskAssessment")
        self.ours = is_ours
        self.known: tuple[str, str | None] | None = None
        ehr.forget_requests()

    def deliver(self, resource: Resource) -> Delivered:
        done = deliver(
            self.client,
            self.promise,
            series=SERIES,
            identifier_system=SYSTEM,
            resource=resource,
            known=self.known,
            ours=self.ours,
        )
        self.known = (done.ehr_id, done.ehr_version)
        return done

    def held(self) -> Resource:
        """Return the one RiskAssessment of the EHR."""
        [found] = self.ehr.all("RiskAssessment")
        return found

    def writes(self) -> list[tuple[str, str]]:
        return [each for each in self.ehr.asked() if each[0] != "GET"]

    def change_by_somebody_else(self) -> None:
        """A clinician adds a note in the EHR."""
        self.ehr.put({**self.held(), "note": [{"text": "seen by the tumour board"}]})
