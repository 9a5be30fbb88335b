"""A stand-in EHR on loopback and a client registered with it."""

from collections.abc import Iterator

import pytest

from service.ehr.client import EhrClient
from service.model.hospital import Hospital, HospitalSlug
from tests.stand_in_ehr import StandInEhr


@pytest.fixture
def ehr() -> Iterator[StandInEhr]:
    """Return a running stand-in."""
    with StandInEhr() as running:
        yield running


@pytest.fixture
def hospital(ehr: StandInEhr) -> Hospital:
    """Return the hospital whose EHR the stand-in is."""
    return Hospital(slug=HospitalSlug("north"), name="North", ehr_base=ehr.base, ehr_bearer="t0ken", timeout_seconds=5.0)


@pytest.fixture
def client(hospital: Hospital) -> Iterator[EhrClient]:
    """Return a client of that EHR."""
    with EhrClient(hospital) as opened:
        yield opened
