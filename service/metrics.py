"""What operators watch: counters and histograms without a word of patient data; names and labels are closed vocabularies.

Under gunicorn every process counts for itself and prometheus-client joins the counts (PROMETHEUS_MULTIPROC_DIR, set by
`serve --workers N`); what stands in the database is asked of the database when somebody scrapes.
"""

import os
import shutil
import tempfile
from http import HTTPStatus
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess

RECEIPTS: Final = Counter("sls_receipts", "Triggers accepted, and whether they were new", ("kind", "type", "new"))
OUTCOMES: Final = Counter("sls_outcomes", "Verdicts of stored assessments", ("instrument", "outcome"))
UNMAPPED: Final = Counter("sls_unmapped", "Coded items of stored assessments that were not used", ("system", "reason"))
ASSESSMENTS: Final = Counter("sls_assessments", "Assessments by what became of them", ("result",))
EHR_SECONDS: Final = Histogram("sls_ehr_seconds", "Time of one exchange with an EHR", ("hospital", "method"))
EHR_ERRORS: Final = Counter("sls_ehr_errors", "Exchanges with an EHR that failed", ("hospital", "kind"))
REQUESTS: Final = Histogram("sls_http_seconds", "Time of one answered request", ("route", "method", "status"))

SHARED_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Variable that names the folder in which several processes count together; prometheus-client reads it when it is imported."""

_OWN: Final = "sls-metrics-"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_KNOWN_SYSTEMS: Final = {
    "http://snomed.info/sct": "snomed",
    "http://radlex.org": "radlex",
    "http://loinc.org": "loinc",
    "https://radelement.org": "radelement",
}


def system_label(system: str | None) -> str:
    """Return a short name for a code system, `none` for None.

    Anything else is `other`: no address of a hospital becomes a label.
    """
    if system is None:
        return "none"
    return next((name for address, name in _KNOWN_SYSTEMS.items() if system.startswith(address)), "other")


def method_label(method: str) -> str:
    """Return an HTTP method as a label; callers may send any word, and one that is none is `other`."""
    return method if method in _METHODS else "other"


def status_label(status: int) -> str:
    """Return an HTTP status as a label; whatever is none is `other`."""
    return str(status) if status in set(HTTPStatus) else "other"


def make_shared_folder() -> None:
    """Name a new folder for several processes to count in."""
    os.environ[SHARED_FOLDER] = tempfile.mkdtemp(prefix=_OWN)


def forget_shared_folder() -> None:
    """Remove the folder where it is one of ours; one that somebody named is theirs."""
    folder = Path(os.environ.get(SHARED_FOLDER, ""))
    if folder.parent == Path(tempfile.gettempdir()) and folder.name.startswith(_OWN):
        shutil.rmtree(folder, ignore_errors=True)


def counted() -> bytes:
    """Return what this process counted, or all processes of one `serve` where they share a folder."""
    if SHARED_FOLDER not in os.environ:
        return generate_latest()
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # prometheus-client types it only in part
    return generate_latest(registry)
