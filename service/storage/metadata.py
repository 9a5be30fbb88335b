"""What every table has in common: the names of its constraints, and the types of its columns."""

from enum import StrEnum
from typing import Final

from sqlalchemy import BigInteger, Enum, Integer, MetaData

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

COUNTED: Final = BigInteger().with_variant(Integer, "sqlite")
"""A number that the database counts: SQLite does so only in a column of exactly this type."""


def words(vocabulary: type[StrEnum]) -> Enum:
    """Return a text column type of a closed vocabulary; Python checks the words, so that a new one needs no migration."""
    return Enum(vocabulary, native_enum=False, length=16, values_callable=lambda words: [word.value for word in words])
