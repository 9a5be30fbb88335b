"""Where an EHR issues tokens: an authorisation server on loopback that checks assertions as SMART Backend Services asks."""

import json
import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs

import jwt

from tests.stand_in_ehr.message import Request
from tests.stand_in_ehr.server import Server, Wire

LONGEST_SECONDS = 300
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class TokenServer:
    """Issues `token-1`, `token-2`, .. to who proves to be the registered client.

    Attributes:
        client_id, keys: the registered client and its public keys as JWKs.
        expires_in: life of a token in seconds; None = it is not said.
        granted: scope that is granted; None = what was asked for, which is not said.
        wire: answered instead of a token; None = a token.
        claims: of every assertion that was accepted.
        forms: of every request.
    """

    def __init__(self, client_id: str, keys: list[Mapping[str, str]]) -> None:
        """Bind to a free port."""
        self.client_id, self.keys = client_id, keys
        self.expires_in: object = 300
        self.granted: str | None = None
        self.wire: Wire | None = None
        self.claims: list[dict[str, Any]] = []
        self.forms: list[dict[str, str]] = []
        self._server = Server("127.0.0.1", 0, "", self._serve)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """Where tokens are issued."""
        return f"http://127.0.0.1:{self._server.server_port}/token"

    @property
    def issued(self) -> int:
        """How many tokens were issued."""
        return len(self.claims)

    def _serve(self, request: Request) -> Wire:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        self.forms.append(form)
        if self.wire is not None:
            return self.wire
        try:
            self._check(request, form)
        except (AssertionError, KeyError, StopIteration, jwt.PyJWTError) as error:
            return _answer(400, {"error": "invalid_client", "error_description": f"{type(error).__name__}: {error}"})
        token: dict[str, object] = {"access_token": f"token-{self.issued}", "token_type": "bearer"}
        token |= {} if self.expires_in is None else {"expires_in": self.expires_in}
        return _answer(200, token | ({} if self.granted is None else {"scope": self.granted}))

    def _check(self, request: Request, form: Mapping[str, str]) -> None:
        """Refuse what the specification refuses."""
        assert request.method == "POST"
        assert request.headers["content-type"] == "application/x-www-form-urlencoded"
        assert form["grant_type"] == "client_credentials"
        assert form["client_assertion_type"] == ASSERTION_TYPE
        assertion = form["client_assertion"]
        header = jwt.get_unverified_header(assertion)
        assert header["typ"] == "JWT"
        key = next(each for each in self.keys if each["kid"] == header["kid"])
        assert header["alg"] == key["alg"]
        claims = jwt.decode(assertion, jwt.PyJWK(dict(key)), [key["alg"]], audience=self.url, leeway=5)
        assert claims["iss"] == claims["sub"] == self.client_id
        assert claims["exp"] - time.time() <= LONGEST_SECONDS
        assert claims["jti"] not in {each["jti"] for each in self.claims}
        self.claims.append(claims)

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop."""
        self._server.close(is_serving=True)
        self._thread.join(10)


def _answer(status: int, content: object) -> Wire:
    return Wire(status=status, headers={"Content-Type": "application/json"}, body=json.dumps(content).encode())
