"""One table of a TOML file that somebody wrote by hand: its values are read by kind, and refused with their key and the remedy."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from service.errors import SettingsError

_PLAIN_ADDRESS: Final = re.compile(r"https?://[^\s/@?#\\]+(/[^\s?#\\]*)?")


@dataclass(frozen=True, slots=True)
class TomlTable:
    """A table and where it stands.

    Attributes:
        where: the file, as people know it (`north/hospital.toml`).
        name: of the table (`ehr`); empty = the file itself.
        content: what was parsed.
    """

    where: str
    name: str
    content: Mapping[str, object]

    def refused(self, key: str, text: str) -> SettingsError:
        """Return the error that says what is wrong with a key."""
        return SettingsError(f"{self.where}: {f'{self.name}.' if self.name else ''}{key} {text}")

    def refuse_unknown(self, known: frozenset[str]) -> None:
        """Refuse keys that nobody reads: a slip of the pen would go unnoticed otherwise.

        Raises:
            SettingsError: there is one.
        """
        if unknown := sorted(set(self.content) - known):
            subject = f"[{self.name}] has no key {', '.join(unknown)}" if self.name else f"unknown {', '.join(unknown)}"
            raise SettingsError(f"{self.where}: {subject}; known are {', '.join(sorted(known))}. Rename it or leave it out.")

    def table(self, key: str) -> "TomlTable":
        """Return a table within; an empty one where it is left out.

        Raises:
            SettingsError: it is something else.
        """
        name = f"{self.name}.{key}" if self.name else key
        content = self.content.get(key, {})
        if not isinstance(content, dict):
            raise SettingsError(f"{self.where}: [{name}] must be a table. Compare with the template.")
        return TomlTable(self.where, name, content)

    def text(self, key: str) -> str | None:
        """Return a text; None = left out.

        Raises:
            SettingsError: it is no text, or empty.
        """
        value = self.content.get(key)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            raise self.refused(key, "must be a text in quotes. Write one or leave it out.")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; () = left out.

        Raises:
            SettingsError: it is no list of texts.
        """
        value = self.content.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) and each.strip() for each in value):
            raise self.refused(key, 'must be a list of texts: ["..", ".."].')
        return tuple(value)

    def flag(self, key: str) -> bool:
        """Return true or false; false = left out.

        Raises:
            SettingsError: it is neither true nor false.
        """
        value = self.content.get(key, False)
        if not isinstance(value, bool):
            raise self.refused(key, "must be true or false, without quotes.")
        return value

    def number(self, key: str, usual: float, *, most: float, least: float = 0) -> float:
        """Return a number; the usual one = left out.

        Raises:
            SettingsError: it is no number, or outside its bounds.
        """
        value = self.content.get(key, usual)
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise self.refused(key, f"must be a number from {least} to {most}, without quotes.")
        return value

    def address(self, key: str) -> str | None:
        """Return a plain http(s) address without trailing slash; None = left out.

        Raises:
            SettingsError: it is no plain address.
        """
        value = self.text(key)
        if value is None:
            return None
        plain = value.rstrip("/")
        if _PLAIN_ADDRESS.fullmatch(plain) is None:
            raise self.refused(key, "must be http(s)://host[:port][/path] without user, query or fragment.")
        return plain

    def file(self, key: str) -> str | None:
        """Return the path of a file that is there; None = left out.

        Raises:
            SettingsError: there is no such file.
        """
        value = self.text(key)
        if value is not None and not Path(value).is_file():
            raise self.refused(key, "names no file. Mount it there, or leave it out.")
        return value

    def secret(self, key: str, environment: Mapping[str, str]) -> str | None:
        """Return a secret from the variable `<key>_env` or the file `<key>_file`; None = neither is named.

        Raises:
            SettingsError: both are named, or what is named is not set, cannot be read or is empty.
        """
        variable, file = self.text(f"{key}_env"), self.text(f"{key}_file")
        if variable is not None and file is not None:
            raise self.refused(f"{key}_env", f"and {key}_file are both there. Keep one of them.")
        if variable is not None:
            if not (value := environment.get(variable, "").strip()):
                raise self.refused(f"{key}_env", f"names {variable}, which is not set. Export it before starting.")
            return value
        return None if file is None else self._secret_in(f"{key}_file", Path(file))

    def _secret_in(self, key: str, file: Path) -> str:
        try:
            value = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            text = f"cannot be read ({type(error).__name__}). Mount the secret there as UTF-8 text."
            raise self.refused(key, text) from None
        if not value:
            raise self.refused(key, "is empty. Write the secret into it.")
        return value
