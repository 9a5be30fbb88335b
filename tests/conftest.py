"""Every reply that any test is given is held against openapi.yaml."""

from collections.abc import Iterator

import pytest

from tests.contract import replies


@pytest.fixture(scope="session", autouse=True)
def every_reply_is_as_described() -> Iterator[None]:
    """Hold replies while tests run."""
    with replies.held():
        yield
