"""Who may: webhook secrets per hospital, and the door of the API."""

import hmac

from flask import request

from service.errors import NotFoundError, UnauthenticatedError
from service.model.hospital import Hospital
from service.parts import Parts

_LOOPBACK = ("127.", "::1")


def webhook_sender(parts: Parts, slug: str) -> Hospital:
    """Return the hospital whose secret the request carries.

    The secret stands in `Authorization: Bearer ..` (Subscription.channel.header) and is compared in constant time. A hospital
    without a secret is open to loopback only.

    Raises:
        NotFoundError: no such hospital.
        UnauthenticatedError: the secret is missing or wrong.
    """
    hospital = parts.hospital(slug)
    if hospital.webhook_secret is None:
        if not (request.remote_addr or "").startswith(_LOOPBACK):
            raise UnauthenticatedError("This hospital has no webhook secret; it is open on loopback only.")
        return hospital
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    expected = hospital.webhook_secret.encode()
    if scheme.lower() != "bearer" or not hmac.compare_digest(token.strip().encode(), expected):
        raise UnauthenticatedError("The webhook secret is missing or wrong.")
    return hospital


def direct_hospital(parts: Parts) -> Hospital:
    """Return the hospital on whose behalf a direct request acts: `?hospital=`, else `local`.

    Raises:
        NotFoundError: no such hospital.
    """
    slug = request.args.get("hospital", "local")
    try:
        return parts.hospital(slug)
    except NotFoundError:
        raise NotFoundError("The parameter hospital names nobody that is registered.") from None
