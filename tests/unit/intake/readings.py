"""Reading dossiers in tests of intake."""

import pytest

from service.errors import InvalidInputError
from service.intake.opened import open_dossier
from service.intake.parse import Limits
from service.intake.read import read
from service.model.coded import CodedItem, ItemKind, Reading
from service.model.dossier import Document
from tests.builders import Json, dossier

URN = "urn:uuid:0b5d0a5e-0000-4000-8000-00000000000"


def read_all(*documents: Json | bytes | Document, **fields: object) -> Reading:
    return read(open_dossier(dossier(*documents, **fields), Limits()))


def refused(*documents: Json | bytes | Document, **fields: object) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as caught:
        read_all(*documents, **fields)
    return caught.value


def findings(reading: Reading) -> list[CodedItem]:
    return [item for item in reading.items if item.kind in {ItemKind.OBSERVATION, ItemKind.COMPONENT}]


def item_of(reading: Reading, source: str) -> CodedItem:
    return next(item for item in reading.items if item.source.reference == source)


def texts(reading: Reading) -> str:
    return " ".join(issue.text for issue in reading.issues)
