"""Caller: who asks, as every handler sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

Role = Literal["owner", "researcher", "reviewer", "expert"]
"""What a person is in one lab."""

Via = Literal["", "session", "token"]


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks; `NOBODY` if nobody is signed in.

    Attributes:
        account: the account's id, "" if nobody is signed in.
        name: as the person writes it.
        email: the address of the account.
        operator: may make labs on this machine.
        roles: the role in each lab of which the account is a member; a token that is bound to
            one lab shows that lab only.
        pseudonyms: what the person is called in each of these labs.
        scopes: what a token may do (see `permissions.covers`); None for a session.
        via: how the caller was recognized.
        session: hash of the session or token, in hex; what a log-out ends.
    """

    account: str = ""
    name: str = ""
    email: str = ""
    operator: bool = False
    roles: Mapping[str, Role] = {}
    pseudonyms: Mapping[str, str] = {}
    scopes: frozenset[str] | None = None
    via: Via = ""
    session: str = ""

    @property
    def signed_in(self) -> bool:
        """Say whether this is somebody."""
        return bool(self.account)


NOBODY = Caller()
