"""Who may: one rule stands beside every route, one hook applies it before anything else happens."""

import hmac
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final, TypeVar, assert_never

from flask import Flask, current_app, g, request

from service.errors import BadRequestError, BrokenReleaseError, DeniedError, ForbiddenError, NotFoundError, UnauthenticatedError
from service.model.caller import Caller
from service.model.hospital import Hospital
from service.model.permission import Permission
from service.parts import Parts
from service.pipeline.admit import ANONYMOUS, admit, permit
from service.pipeline.deny import deny
from service.web.request import caller, parts, request_id

CREATE_ASSESSMENT: Final = Permission(resource="RiskAssessment", interaction="c")
READ_ASSESSMENT: Final = Permission(resource="RiskAssessment", interaction="r")
UPDATE_ASSESSMENT: Final = Permission(resource="RiskAssessment", interaction="u")
READ_TASK: Final = Permission(resource="Task", interaction="r")

_LOOPBACK: Final = ("127.", "::1")
_RULES: Final = "access_rules"
_MARK: Final = "access_rule"
_NOT_PLAIN: Final = re.compile(r"[^\x21-\x7e]")
_LONGEST_ENTITY: Final = 200


class Door(StrEnum):
    """How a route is entered without an access token."""

    OPEN = "open"
    WEBHOOK_SECRET = "webhook secret of the hospital"  # noqa: S105 - the name of a rule


Rule = Door | Permission
View = TypeVar("View", bound=Callable[..., object])


def admits(rule: Rule) -> Callable[[View], View]:
    """Say who may use a route; stands below the route's own decorator."""

    def mark(view: View) -> View:
        setattr(view, _MARK, rule)
        return view

    return mark


def register(app: Flask) -> None:
    """Guard every route of the application; called after all of them are there.

    Raises:
        BrokenReleaseError: a route has no rule.
    """
    app.extensions[_RULES] = rules_of(app)
    app.before_request(_enter)


def rules_of(app: Flask) -> Mapping[str, Rule]:
    """Return the rule of every endpoint.

    Raises:
        BrokenReleaseError: a route has no rule.
    """
    rules = {endpoint: getattr(view, _MARK, None) for endpoint, view in app.view_functions.items()}
    if without := sorted(endpoint for endpoint, rule in rules.items() if rule is None):
        raise BrokenReleaseError(f"No access rule: {', '.join(without)}.")
    return {endpoint: rule for endpoint, rule in rules.items() if rule is not None}


def _enter() -> None:
    g.caller = _named("unauthenticated")
    if request.endpoint is None:
        return  # there is nothing under this address, or not by this method: routing answers
    rule: Rule = current_app.extensions[_RULES][request.endpoint]
    match rule:
        case Door.OPEN:
            g.caller = _named(ANONYMOUS)
        case Door.WEBHOOK_SECRET:
            g.caller = _named(_webhook_sender(parts(), str((request.view_args or {})["slug"])).slug)
        case Permission():
            g.caller = admit(
                parts(), request.headers.get("Authorization"), address=request.remote_addr, request_id=g.caller.request_id
            )
            permit(g.caller, rule)
        case _:
            assert_never(rule)


def _named(name: str) -> Caller:
    return Caller(name=name, address=request.remote_addr, request_id=request_id())


def record_denial(error: DeniedError) -> None:
    """Audit the refusal of the current request.

    Raises:
        StorageDownError: it could not be recorded, so nothing is served.
    """
    slug = (request.view_args or {}).get("slug")
    deny(
        parts(),
        caller(),
        error,
        reads=request.method in {"GET", "HEAD"},
        entity=_NOT_PLAIN.sub("?", request.path.removeprefix("/fhir").lstrip("/"))[:_LONGEST_ENTITY],
        hospital=slug if slug in parts().hospitals else None,
    )


def _webhook_sender(parts: Parts, slug: str) -> Hospital:
    """Return the hospital whose secret, and whose certificate where one is registered, the request carries.

    The secret stands in `Authorization: Bearer ..` (Subscription.channel.header); the certificate in a header of the proxy in
    front, which has verified it. Both are compared in constant time. A hospital with neither is open in development only: to
    loopback, and while authentication is off.

    Raises:
        NotFoundError: no such hospital.
        UnauthenticatedError: the secret or the certificate is missing or wrong.
    """
    hospital = parts.hospital(slug)
    if hospital.webhook_secret is None and hospital.webhook_certificate is None:
        if parts.tokens is not None or not (request.remote_addr or "").startswith(_LOOPBACK):
            raise UnauthenticatedError(
                "This hospital has no webhook secret; without one webhooks are for development on loopback.", reason="no-secret"
            )
        return hospital
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if hospital.webhook_secret is not None and (scheme.lower() != "bearer" or not _is(token.strip(), hospital.webhook_secret)):
        raise UnauthenticatedError("The webhook secret is missing or wrong.", reason="secret")
    named = request.headers.get(parts.settings.client_certificate_header or "", "")
    if hospital.webhook_certificate is not None and not _is(named, hospital.webhook_certificate):
        raise UnauthenticatedError("The client certificate is missing or another one.", reason="certificate")
    return hospital


def _is(sent: str, expected: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(sent.encode(), expected.encode())


def direct_hospital(parts: Parts, caller: Caller) -> Hospital:
    """Return the hospital on whose behalf a direct request acts.

    A client acts for the hospital of its registration; one with several names it (`?hospital=`). Where authentication is off
    anybody names any, else it is `local`.

    Raises:
        BadRequestError: the client has several hospitals and names none.
        ForbiddenError: the client is not registered for that hospital; the same whether or not there is one.
        NotFoundError: authentication is off and there is no such hospital.
    """
    asked = request.args.get("hospital")
    if caller.hospitals is None:
        try:
            return parts.hospital(asked or "local")
        except NotFoundError:
            raise NotFoundError("The parameter hospital names nobody that is registered.") from None
    if asked is None and len(caller.hospitals) > 1:
        raise BadRequestError("This client acts for several hospitals: name one of them with the parameter hospital.")
    slug = asked if asked is not None else next(iter(caller.hospitals))
    if not caller.sees(slug):
        raise ForbiddenError("This client is not registered for that hospital.", reason="hospital", token_id=caller.token_id)
    return parts.hospital(slug)
