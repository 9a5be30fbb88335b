"""The CapabilityStatement: what the switches say."""

from typing import Any

from tests.stand_in_ehr.search import PARAMETERS, known_parameters
from tests.stand_in_ehr.switches import Switches

_INTERACTIONS = ("read", "vread", "update", "delete", "history-instance", "create", "search-type")
_TOKEN = {"identifier", "code", "category", "status", "method", "clinical-status", "verification-status", "location"}
_TOKEN |= {"gender", "type", "_id"}


def capability_statement(base: str, switches: Switches) -> dict[str, Any]:
    """Describe the server."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2024-01-01",
        "kind": "instance",
        "software": {"name": "Stand-in EHR"},
        "implementation": {"description": "Stand-in EHR on loopback, in memory", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "resource": [_resource(kind, switches) for kind in PARAMETERS if kind not in switches.unknown_types],
                "interaction": [{"code": "transaction"}, {"code": "batch"}],
            }
        ],
    }


def _resource(kind: str, switches: Switches) -> dict[str, Any]:
    interactions = [code for code in _INTERACTIONS if switches.versioned or code not in {"vread", "history-instance"}]
    is_aware = switches.versioned and switches.if_match != "ignored"
    return {
        "type": kind,
        "interaction": [{"code": code} for code in interactions],
        "versioning": "versioned-update" if is_aware else "versioned" if switches.versioned else "no-version",
        "readHistory": switches.versioned,
        "updateCreate": switches.update_create,
        "conditionalCreate": switches.conditional_create,
        "conditionalRead": "full-support",
        "conditionalUpdate": switches.conditional_update,
        "conditionalDelete": "not-supported",
        "searchParam": [{"name": name, "type": _type(name)} for name in known_parameters(kind, switches.unsearchable)],
    }


def _type(parameter: str) -> str:
    if parameter in _TOKEN:
        return "token"
    is_date = parameter in {"_lastUpdated", "issued", "started", "recorded", "birthdate"} or parameter.endswith("date")
    return "date" if is_date else "reference"
