"""Who calls: a bearer token becomes a Caller, who may do what the token grants and sees the hospitals of the registration."""

from service.errors import ForbiddenError
from service.model.caller import Caller
from service.model.permission import Permission
from service.parts import Parts
from service.tokens.verify import Refusal, refuse

ANONYMOUS = "anonymous"


def admit(parts: Parts, authorization: str | None, *, address: str | None, request_id: str) -> Caller:
    """Return the caller.

    Args:
        parts: the registry of callers and the clock.
        authorization: the Authorization header; None = none was sent.
        address: where the request comes from.
        request_id: id of the request.

    Returns:
        Somebody who may do everything where authentication is off.

    Raises:
        UnauthenticatedError: no token, or anything is wrong with it.
        IssuerUnavailableError: its issuer's keys cannot be read now.
    """
    if parts.tokens is None:
        return Caller(name=ANONYMOUS, address=address, request_id=request_id)
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        refuse(Refusal.MISSING)
    verified = parts.tokens.verify(token.strip(), parts.clock())
    return Caller(
        name=verified.client.id,
        address=address,
        request_id=request_id,
        hospitals=frozenset(verified.client.hospitals),
        permissions=verified.permissions,
        token_id=verified.token_id,
    )


def permit(caller: Caller, needed: Permission) -> None:
    """Let a caller do what its token grants.

    Raises:
        ForbiddenError: the token, or the registration, does not grant it.
    """
    if not caller.may(needed):
        raise ForbiddenError(
            f"This needs the scope {needed}, in the token and in the client's registration.",
            reason="scope",
            token_id=caller.token_id,
        )
