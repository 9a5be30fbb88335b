"""What happens once when a process starts: the schema is brought up to date, the tables in force are stored for replay."""

from service.parts import Parts
from service.storage.terms import ReleaseId


def prepare(parts: Parts) -> None:
    """Migrate the database and store the snapshot of every mapping table in force; safe beside running processes.

    Raises:
        StorageDownError: the database cannot be used.
        SettingsError: the database belongs to a newer release.
    """
    parts.database.upgrade()
    with parts.database.write() as uow:
        for language in parts.languages.values():
            uow.releases.add(ReleaseId(language.versions.mappings), "mappings", language.mappings.snapshot)
