"""One service process for the tests that only ask it things; tests that kill or reconfigure a service start their own."""

from collections.abc import Iterator

import pytest

from tests.running import RunningService, write_hospital

SECRET = "s3cret-of-north"


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """Return a running service with hospital `north` (secret, no EHR) beside the built-in `local`."""
    folder = tmp_path_factory.mktemp("service")
    running = RunningService(folder, environment={"NORTH_SECRET": SECRET})
    write_hospital(running.hospitals, "north", ehr_base=None, secret_env="NORTH_SECRET")
    with running:
        yield running
