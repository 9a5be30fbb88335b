"""Well-known addresses (RFC 8615): the public keys with which we log in at EHRs."""

from typing import Final

from flask import Blueprint, Response

from service import query
from service.web import guard
from service.web.request import parts

KEPT_SECONDS: Final = 3600
"""How long an EHR may keep our keys; a new key is announced at least so long before it signs."""

blueprint = Blueprint("well_known", __name__, url_prefix="/.well-known")


@blueprint.get("/jwks.json")
@guard.admits(guard.Door.OPEN)
def keys() -> Response:
    """Return the public halves of every key with which we log in somewhere; EHRs need no token to read them."""
    answer = Response(query.public_keys(parts()), mimetype="application/json")
    answer.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    return answer
