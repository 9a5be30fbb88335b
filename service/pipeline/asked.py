"""What a direct post asks for: address and body together, and what of it will not be done."""

from decimal import Decimal
from typing import TypeVar

import orjson

from service.errors import InvalidInputError
from service.model.asked import Asked
from service.model.coded import Issue, Severity
from service.model.hospital import Hospital, WriteBack
from service.resources import canonical

_Value = TypeVar("_Value", bool, Decimal)


def join(address: Asked, body: Asked) -> Asked:
    """Return what address and body ask for together.

    Raises:
        InvalidInputError: they ask for different things.
    """
    return Asked(
        prior=_same("prior", address.prior, body.prior),
        store=_same("store", address.store, body.store),
        write_back=_same("writeBack", address.write_back, body.write_back),
    )


def _same(name: str, in_address: _Value | None, in_body: _Value | None) -> _Value | None:
    if in_address is not None and in_body is not None and in_address != in_body:
        raise InvalidInputError(
            f"The parameter {name} differs between address and body; send it once.",
            path=f"Parameters.parameter.where(name='{name}').value",
        )
    return in_body if in_address is None else in_address


def remarks(hospital: Hospital, asked: Asked) -> tuple[Issue, ...]:
    """Say why nothing will be delivered although the caller asked for it; empty = it will, or nobody asked."""
    why = _undelivered(hospital, asked) if asked.write_back else None
    if why is None:
        return ()
    return (Issue(severity=Severity.WARNING, code="business-rule", text=f"writeBack was asked for, but {why}."),)


def _undelivered(hospital: Hospital, asked: Asked) -> str | None:
    if asked.store is False:
        return "a dry run delivers nothing"
    if hospital.ehr_base is None:
        return "this hospital has no EHR, so nothing is delivered"
    if hospital.write_back is not WriteBack.RISK_ASSESSMENT:
        return "the write-back policy of this hospital is none, so nothing is delivered"
    return None


def issues_in(content: bytes) -> tuple[Issue, ...]:
    """Return the issues of an Assessment JSON."""
    return tuple(Issue(**{**each, "severity": Severity(each["severity"])}) for each in orjson.loads(content)["issues"])


def with_issues(content: bytes, said: tuple[Issue, ...]) -> bytes:
    """Return an Assessment JSON that says more."""
    whole = orjson.loads(content)
    whole["issues"] += [{"severity": each.severity.value, "code": each.code, "text": each.text, "path": each.path} for each in said]
    return canonical.canonical(whole)
