"""SMART v2 scopes become permissions; nothing is granted by a scope that is not understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.model.caller import Caller
from service.model.permission import Permission, grants, parse_scope, within

READ = Permission(resource="RiskAssessment", interaction="r")
PERMISSIONS = st.builds(Permission, resource=st.sampled_from(["RiskAssessment", "Task", "*"]), interaction=st.sampled_from("cruds"))
SETS = st.frozensets(PERMISSIONS)


@pytest.mark.parametrize(
    ("scope", "letters"),
    [("system/RiskAssessment.r", "r"), ("system/RiskAssessment.rs", "rs"), ("system/RiskAssessment.cruds", "cruds")],
)
def test_every_letter_of_a_scope_is_one_permission(scope: str, letters: str) -> None:
    assert parse_scope(scope) == {Permission(resource="RiskAssessment", interaction=letter) for letter in letters}


@pytest.mark.parametrize(
    "scope",
    [
        "",
        "openid",
        "system/RiskAssessment",
        "system/RiskAssessment.",
        "system/RiskAssessment.sr",
        "system/RiskAssessment.rr",
        "system/RiskAssessment.rx",
        "system/RiskAssessment.read",
        "system/RiskAssessment.*",
        "system/riskAssessment.r",
        "system/.r",
        "system/**.r",
        "user/RiskAssessment.r",
        "patient/*.rs",
        "system/RiskAssessment.rs?status=final",
        "system/RiskAssessment.r\n",
        " system/RiskAssessment.r",
        "SYSTEM/RiskAssessment.r",
    ],
)
def test_a_scope_of_another_kind_grants_nothing(scope: str) -> None:
    assert parse_scope(scope) == frozenset()


def test_a_permission_is_written_as_the_scope_that_grants_it() -> None:
    assert parse_scope(str(READ)) == {READ}


def test_every_type_includes_each_type_but_no_other_interaction() -> None:
    assert grants(parse_scope("system/*.rs"), READ)
    assert not grants(parse_scope("system/*.cuds"), READ)
    assert not grants(parse_scope("system/Task.r"), READ)


@given(granted=SETS, ceiling=SETS, needed=PERMISSIONS)
def test_what_is_within_a_ceiling_is_what_both_grant(
    granted: frozenset[Permission], ceiling: frozenset[Permission], needed: Permission
) -> None:
    assert grants(within(granted, ceiling), needed) == (grants(granted, needed) and grants(ceiling, needed))


def test_a_caller_sees_its_hospitals_and_may_what_its_token_grants() -> None:
    caller = Caller(
        name="engine", address=None, request_id="1", hospitals=frozenset({"north"}), permissions=parse_scope("system/*.r")
    )
    assert (caller.sees("north"), caller.sees("south"), caller.sees("")) == (True, False, False)
    assert (caller.may(READ), caller.may(Permission(resource="RiskAssessment", interaction="c"))) == (True, False)


def test_without_authentication_a_caller_sees_and_may_everything() -> None:
    caller = Caller(name="anonymous", address="127.0.0.1", request_id="1")
    assert caller.sees("north")
    assert caller.may(READ)


def test_a_caller_with_no_hospital_and_no_permission_is_not_one_with_all() -> None:
    caller = Caller(name="engine", address=None, request_id="1", hospitals=frozenset(), permissions=frozenset())
    assert not caller.sees("north")
    assert not caller.may(READ)
