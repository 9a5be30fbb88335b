"""Composition root: settings to parts, parts to Flask application or worker; the only place that builds anything."""

import gc
import threading
import uuid
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from flask import Blueprint, Flask

from service import __version__
from service.assessment.catalogue import RULESET_VERSION, versions
from service.clients import load_clients
from service.ehr.auth import Authorization, authorization_of
from service.ehr.client import EhrClient
from service.ehr.conformance import Conformance, read_conformance
from service.ehr.jwks import fetch_jwks
from service.evidence.load import load as load_evidence
from service.hospitals import load_hospitals
from service.intake.parse import Limits
from service.logs import configure
from service.mapping.mapfile import load as load_mappings
from service.mapping.table import has_tables
from service.model.assessment import Versions
from service.model.client import Issuer, Jwks
from service.model.hospital import Hospital, HospitalSlug
from service.parts import Language, Parts
from service.pipeline.language import language_of
from service.settings import Settings, mappings_dir
from service.storage.database import Database
from service.tokens.denials import Denials
from service.tokens.keys import Keys, read_file, refuse_useless_file
from service.tokens.verify import Tokens
from service.web import access, assessments, errors, fhir_api, guard, health, metrics, negotiation, webhooks, well_known
from service.worker import Crew


def build_parts(settings: Settings) -> Parts:
    """Build everything that a step needs; anything missing or wrong refuses to start.

    Raises:
        SettingsError: a setting, hospital.toml or the registry of callers is wrong.
        BrokenReleaseError: shipped data contradicts itself.
        StorageDownError: the database cannot be reached.
    """
    configure(settings.log_level)
    hospitals = load_hospitals(settings)
    tokens = _tokens(settings, hospitals)
    database = Database.connect(settings.database_url)
    logins = _Logins()
    return Parts(
        settings=settings,
        hospitals=hospitals,
        languages=_languages(settings, hospitals),
        tables=load_evidence(),
        database=database,
        limits=Limits(max_bytes=settings.max_body_bytes, max_depth=settings.max_depth, max_entries=settings.max_entries),
        ehr=_ClientOfThread(logins),
        conformance=_Conformances(logins),
        tokens=tokens,
        denials=Denials(),
        clock=lambda: datetime.now(UTC),
        new_id=lambda: str(uuid.uuid4()),
    )


def create_app(parts: Parts) -> Flask:
    """Build the Flask application around the parts."""
    return _app(parts, assessments.blueprint, fhir_api.blueprint, webhooks.blueprint, well_known.blueprint, *_OPERATIONS)


def create_operations_app(parts: Parts) -> Flask:
    """Build the application of a process that works and answers nobody: health and metrics alone."""
    return _app(parts, *_OPERATIONS)


_OPERATIONS: Final = (health.blueprint, metrics.blueprint)


def _app(parts: Parts, *blueprints: Blueprint) -> Flask:
    app = Flask("service", static_folder=None)
    app.url_map.merge_slashes = False  # an address with a slash too many is another address, not a redirect
    app.config["MAX_CONTENT_LENGTH"] = parts.settings.max_body_bytes
    app.extensions["parts"] = parts
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    errors.register(app)
    access.register(app)
    guard.register(app)
    negotiation.register(app)
    return app


def start_workers(parts: Parts, count: int) -> Crew:
    """Start worker threads in this process; each finishes its work in hand when stopped."""
    return Crew(parts, count)


def set_aside() -> None:
    """Take everything that was built out of the garbage collector's rounds; called once, when a process is ready to work.

    Tables, classes and statements live as long as the process: looking through them again and again finds nothing, and holds up
    whatever request is being answered.
    """
    gc.collect()
    gc.freeze()


def _languages(settings: Settings, hospitals: Mapping[HospitalSlug, Hospital]) -> dict[HospitalSlug, Language]:
    """Load the mapping tables once, and once more for each hospital that has differences."""
    base = mappings_dir(settings)
    folder = settings.hospitals_dir or base / "hospitals"
    plain = _language(base, settings, None)
    return {slug: _language(base, settings, folder / slug) if has_tables(folder / slug) else plain for slug in hospitals}


def _language(base: Path, settings: Settings, hospital: Path | None) -> Language:
    mappings = load_mappings(base, snomed_affiliate=settings.snomed_affiliate, hospital=hospital)
    in_force = Versions(service=__version__, ruleset=RULESET_VERSION, mappings=mappings.version, instruments=versions())
    return language_of(mappings, in_force)


def _tokens(settings: Settings, hospitals: Collection[HospitalSlug]) -> Tokens | None:
    clients = load_clients(settings, hospitals)
    if clients is None:
        return None
    return Tokens(clients, {iss: Keys(_reader(issuer)) for iss, issuer in clients.issuers.items()})


def _reader(issuer: Issuer) -> Callable[[], Jwks]:
    """Say how an issuer's keys are read; a file must be good from the start, an address may answer later."""
    if issuer.jwks_file is not None:
        refuse_useless_file(issuer.jwks_file)
        return partial(read_file, issuer.jwks_file)
    return partial(fetch_jwks, issuer.jwks_uri or "", ca_bundle=issuer.ca_bundle)


def open_ehr(hospital: Hospital) -> EhrClient:
    """Return a client of a hospital's EHR for who needs nothing else of the service; nothing is asked yet.

    Raises:
        SettingsError: the hospital has no EHR.
    """
    return EhrClient(hospital)


class _Logins:
    """Hands every client of an EHR the same login, so that a process holds one token for each."""

    def __init__(self) -> None:
        self._known: dict[str, Authorization] = {}
        self._lock = threading.Lock()

    def __call__(self, hospital: Hospital) -> Authorization:
        with self._lock:
            return self._known.setdefault(hospital.slug, authorization_of(hospital))


class _ClientOfThread:
    """Hands each thread its own client of each EHR, so that connections are reused and never shared."""

    def __init__(self, logins: _Logins) -> None:
        self._local = threading.local()
        self._logins = logins

    def __call__(self, hospital: Hospital) -> EhrClient:
        clients: dict[str, EhrClient] = self._local.__dict__.setdefault("clients", {})
        if hospital.slug not in clients:
            clients[hospital.slug] = EhrClient(hospital, authorization=self._logins(hospital))
        return clients[hospital.slug]


class _Conformances:
    """Remembers what each EHR can do after the first successful look."""

    def __init__(self, logins: _Logins) -> None:
        self._known: dict[str, Conformance] = {}
        self._logins = logins

    def __call__(self, hospital: Hospital) -> Conformance:
        if hospital.slug not in self._known:
            with EhrClient(hospital, authorization=self._logins(hospital)) as client:
                self._known[hospital.slug] = read_conformance(client)
        return self._known[hospital.slug]
