"""The loaded mapping tables: read, checked, and turned into look-up tables once at start."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from service.errors import BrokenReleaseError, Fault
from service.mapping import codes
from service.mapping.build import build
from service.mapping.check import problems
from service.mapping.concept import Role
from service.mapping.lookup import Lookup
from service.mapping.outcomes import OutcomeDef, finding_codings, local_words, read_outcomes, site_codings
from service.mapping.table import Release, arranged, read, restore, snapshot
from service.mapping.vocabulary import read_vocabulary
from service.model.coded import Coding
from service.model.dossier import Interest
from service.model.finding import Scope, Vocabulary

CLINICAL_FINDINGS: Final = frozenset({"spinal-pain", "biopsy-result"})
"""Findings of a lesion that clinical Observations state; pain never stands in a radiology report."""

_OF_PATIENT_RESOURCE: Final = frozenset({"age-at-lesion", "sex"})
"""Findings that come from Patient itself (D90, D91)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mappings:
    """Everything that one hospital's codes mean and may be answered with.

    Attributes:
        vocabulary: every finding by key, in the order of the table.
        outcomes: every verdict, flag and recommendation.
        lookup: concepts by code.
        interest: what of a patient's record is worth asking the EHR for.
        site_codings: external codes of a place, by (finding, value).
        finding_codings: codes of a finding's value or, with an empty value, of its question.
        words: display of every code of our finding system.
        version: SHA-256 of the snapshot.
        snapshot: canonical JSON of all rows; stored as the release that replay reads back.
    """

    vocabulary: Vocabulary
    outcomes: tuple[OutcomeDef, ...]
    lookup: Lookup
    interest: Interest
    site_codings: Mapping[tuple[str, str], tuple[Coding, ...]]
    finding_codings: Mapping[tuple[str, str], tuple[Coding, ...]]
    words: Mapping[str, str]
    version: str
    snapshot: bytes


def load(directory: Path, *, snomed_affiliate: bool, hospital: Path | None = None) -> Mappings:
    """Load the mapping tables.

    Args:
        directory: holds `base/` and `snomed-affiliate/`.
        snomed_affiliate: True = the rows that need a SNOMED CT licence too.
        hospital: folder with the `codings.csv` of one hospital; None = no differences.

    Raises:
        BrokenReleaseError: the tables contradict themselves; `faults` name every file and row.
    """
    return _mappings(read(directory, snomed_affiliate=snomed_affiliate, hospital=hospital))


def load_snapshot(content: bytes) -> Mappings:
    """Load the tables of a stored release, as they were when an assessment was made.

    Raises:
        BrokenReleaseError: the stored rows contradict themselves.
    """
    return _mappings(restore(content))


def _mappings(release: Release) -> Mappings:
    if found := problems(release):
        raise BrokenReleaseError(found[0], faults=tuple(Fault(text=text) for text in found))
    release = arranged(release)
    content = snapshot(release)
    loaded = frozenset((row["system"], row["code"]) for row in release.codings)
    vocabulary = read_vocabulary(release.findings)
    return Mappings(
        vocabulary=vocabulary,
        outcomes=read_outcomes(release.outcomes, loaded),
        lookup=build(release),
        interest=_interest(release, vocabulary),
        site_codings=site_codings(release.codings),
        finding_codings=finding_codings(release.codings),
        words=local_words(release.codings),
        version=hashlib.sha256(content).hexdigest(),
        snapshot=content,
    )


def _interest(release: Release, vocabulary: Vocabulary) -> Interest:
    """Return what other records of a patient can say in these tables: what is known of a patient, pain above all.

    Codes stand under every name that the hospital has for their system: a server compares names letter by letter.
    """
    roles = {row["role"] for row in release.codings}
    of_patient = {key for key, definition in vocabulary.items() if definition.scope is Scope.PATIENT} - _OF_PATIENT_RESOURCE
    asked = {Role.QUESTION, Role.ASSERTION}
    rows = [row for row in release.codings if row["finding"] in of_patient | CLINICAL_FINDINGS and row["role"] in asked]
    named = {(row["system"], row["code"]) for row in rows}
    others = {
        (row["system"], code) for row in release.systems for system, code in named if codes.normalise(row["canonical"]) == system
    }
    return Interest(
        codes=tuple(sorted(f"{system}|{code}" for system, code in named | others)),
        conditions=not roles.isdisjoint({Role.ASSERTION, Role.PRIMARY, Role.HISTORY}),
        procedures=Role.HISTORY in roles,
        reports=not roles.isdisjoint(asked),
    )
