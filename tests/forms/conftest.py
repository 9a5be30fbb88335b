"""Two services in this process: with the codes that need a SNOMED CT licence, and without them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from service.mapping.mapfile import Mappings
from service.mapping.translate import translate
from service.model.coded import Reading
from service.model.finding import Translation
from tests.integration.scene import Scene
from tests.stand_in_ehr import StandInEhr

_RAN = pytest.StashKey[list[str]]()


@dataclass(kw_only=True)
class Services:
    """The services that reports are posted to.

    Attributes:
        open, licensed: without and with the affiliate rows.
        seen: what the last post was read and translated as.
        ran: a line for every (case, form) that was posted.
    """

    open: Scene
    licensed: Scene
    seen: list[tuple[Reading, Translation]] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Services]:
    """Return both services; what they translate is kept for the test to look at."""
    folder = tmp_path_factory.mktemp("forms")
    with StandInEhr() as ehr, pytest.MonkeyPatch.context() as patched:
        scenes = [
            Scene.open(folder, f"sqlite:///{folder}/{name}.db", ehr, snomed_affiliate=name == "licensed")
            for name in ("open", "licensed")
        ]
        found = Services(open=scenes[0], licensed=scenes[1])

        def watched(reading: Reading, mappings: Mappings) -> Translation:
            found.seen[:] = [(reading, translate(reading, mappings))]
            return found.seen[0][1]

        patched.setattr("service.pipeline.compute.translate", watched)
        yield found
        for scene in scenes:
            scene.parts.database.close()
        request.config.stash.setdefault(_RAN, []).extend(found.ran)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print how many pairs of case and form were posted."""
    if ran := config.stash.get(_RAN, []):
        terminalreporter.write_line(f"forms: {len(ran)} pairs of case and form, {len(set(ran))} different ones")
