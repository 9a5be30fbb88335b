"""How an EHR is told who we are."""

from service.ehr.auth import StaticBearer, authorization_of
from service.model.hospital import Hospital, HospitalSlug


def test_a_configured_token_is_sent_as_bearer_and_cannot_be_renewed() -> None:
    authorization = authorization_of(Hospital(slug=HospitalSlug("north"), name="North", ehr_bearer="t0ken"))
    assert authorization.header() == "Bearer t0ken"
    assert authorization.renew() is False


def test_without_a_token_no_header_is_sent() -> None:
    assert authorization_of(Hospital(slug=HospitalSlug("north"), name="North")).header() is None


def test_the_token_does_not_show_when_printed() -> None:
    assert "t0ken" not in repr(StaticBearer("t0ken"))
