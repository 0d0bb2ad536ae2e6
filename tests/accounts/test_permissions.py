"""The table of permissions, and the one way to ask it."""

import itertools

import pytest

from banbury.accounts import NOBODY, TABLE, Caller, allowed, ask, may
from banbury.accounts.permissions import ROLES, checked, covers
from banbury.errors import InputError


def caller(role=None, scopes=None, operator=False):
    roles = {"mine": role} if role else {}
    return Caller(account="a", roles=roles, scopes=scopes, operator=operator)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: ":".join(row))
def test_nobody_passes_only_what_is_open(row):
    open_ = TABLE[row].membership == "open"
    assert ask(NOBODY, *row, "mine") == ("all" if open_ else "sign in")


@pytest.mark.parametrize("row", TABLE, ids=lambda row: ":".join(row))
def test_a_lab_without_membership_is_absent_to_every_role_elsewhere(row):
    for role, operator in itertools.product((None, *ROLES), (False, True)):
        if TABLE[row].membership == "lab":
            assert ask(caller(role, operator=operator), *row, "other") == "absent"


@pytest.mark.parametrize("row", TABLE, ids=lambda row: ":".join(row))
def test_no_token_reaches_further_than_its_account(row):
    scopes = ["*:*", ":".join(row), "see:*", *(f"role:{r}" for r in ROLES)]
    rank = {"no": 0, "absent": 0, "own": 1, "all": 2}
    for role, scope in itertools.product((None, *ROLES), scopes):
        full = ask(caller(role), *row, "mine")
        less = ask(caller(role, frozenset([scope])), *row, "mine")
        assert rank[less] <= rank[full]
        if scope == "*:*" and TABLE[row].membership != "session":
            assert less == full


@pytest.mark.parametrize("role", ROLES)
def test_a_token_of_a_role_does_what_that_role_does_and_no_more(role):
    for row, rule in TABLE.items():
        if rule.membership == "lab":
            token = caller("owner", frozenset([f"role:{role}"]))
            assert (ask(token, *row, "mine") == "no") == (ask(caller(role), *row, "mine") == "no")


def test_no_token_makes_tokens_or_ends_sessions():
    token = caller("owner", frozenset(["*:*"]))
    session_only = [row for row, rule in TABLE.items() if rule.membership == "session"]
    assert ("make", "tokens") in session_only
    assert not any(allowed(token, *row) for row in session_only)


def test_an_expert_sees_own_episodes_only():
    expert = caller("expert")
    assert allowed(expert, "see", "episodes", "mine", own=True)
    assert not allowed(expert, "see", "episodes", "mine")


def test_a_route_cannot_declare_what_is_not_in_the_table():
    assert str(may("see", "episodes")["may"]) == "see:episodes"
    with pytest.raises(InputError, match="no row"):
        may("start", "health")


@pytest.mark.parametrize("scope", ["", "see", "see:", ":tasks", "role:king", "see:moon", "role:*"])
def test_a_scope_that_means_nothing_is_refused(scope):
    with pytest.raises(InputError):
        checked(frozenset([scope]))
    assert not covers(frozenset([scope]), "see", "tasks")


def test_a_token_without_scopes_is_refused_and_does_nothing():
    with pytest.raises(InputError, match="at least one"):
        checked(frozenset())
    assert not covers(frozenset(), "see", "inbox")
