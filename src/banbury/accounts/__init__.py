"""Who may come in and what they may do: accounts, members, invitations, sessions, tokens."""

from banbury.accounts.accounts import Accounts
from banbury.accounts.caller import NOBODY, Caller, Role
from banbury.accounts.permissions import TABLE, May, Thing, Verb, allowed, ask, may

__all__ = [
    "Accounts",
    "Caller",
    "May",
    "NOBODY",
    "Role",
    "TABLE",
    "Thing",
    "Verb",
    "allowed",
    "ask",
    "may",
]
