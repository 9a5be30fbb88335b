"""A stand-in for a hospital's EHR: a FHIR R4 server on loopback, in memory, that can also behave as badly as real ones do.

    with StandInEhr() as ehr:
        ehr.put({"resourceType": "Patient", "id": "9"})
        requests.get(f"{ehr.base}/Patient/9")

`python -m tests.stand_in_ehr --port 8090` runs it as a process of its own.
"""

from tests.stand_in_ehr.ehr import StandInEhr
from tests.stand_in_ehr.switches import Fault, Switches

__all__ = ["Fault", "StandInEhr", "Switches"]
