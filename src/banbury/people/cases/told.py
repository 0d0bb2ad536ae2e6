"""What people choose to tell of themselves, stored apart: for fairness, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.errors import Erased, InputError
from banbury.people.cases.sealed import opened, sealed
from banbury.store import House

GROUPS: Mapping[str, tuple[str, Sequence[str]]] = {
    "gender": ("Gender", ("woman", "man", "another")),
    "age": ("Age", ("under 30", "30 to 49", "50 or more")),
    "language": ("English is", ("my first language", "a later language")),
    "disability": ("A disability or long illness", ("yes", "no")),
    "writing": ("How I write", ("by keyboard", "by dictation", "with an input method")),
}
"""The questions: what they are called, and what can be answered."""
WRITING = "writing"
"""Decides with whom somebody's typing is compared; it is no group of the fairness report."""


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What somebody told; "" where they did not.

    Attributes:
        gender: see `GROUPS`, as all.
        age: likewise.
        language: likewise.
        disability: likewise.
        writing: likewise.
    """

    gender: str = ""
    age: str = ""
    language: str = ""
    disability: str = ""
    writing: str = ""


class Tellings:
    """What the people of a house told, each sealed under their own key."""

    def __init__(self, house: House) -> None:
        self._house = house

    def put(self, account: str, told: Told) -> None:
        """Keep what somebody tells, in place of what they told before; nothing removes it.

        Raises:
            InputError: an answer is none of those that there are.
        """
        for name, said in msgspec.structs.asdict(told).items():
            if said and said not in GROUPS[name][1]:
                raise InputError(
                    f"{said[:60]!r} is no answer about {name}", do=f"one of {list(GROUPS[name][1])}"
                )
        gone = sa.text("DELETE FROM told_group WHERE account = CAST(:a AS uuid)")
        if told == Told():
            self._house.run(lambda c: c.execute(gone, {"a": account}))
            return
        body = sealed(self._house, account, "told", msgspec.json.encode(told))
        query = sa.text(
            "INSERT INTO told_group (account, body, changed_ns) VALUES (CAST(:a AS uuid), :body, "
            ":now) ON CONFLICT (account) DO UPDATE SET body = excluded.body, "
            "changed_ns = excluded.changed_ns"
        )
        given = {"a": account, "body": body, "now": clock.wall_ns()}
        self._house.run(lambda c: c.execute(query, given))

    def get(self, account: str) -> Told:
        """Return what somebody told."""
        query = sa.text("SELECT body FROM told_group WHERE account = CAST(:a AS uuid)")
        body = self._house.run(lambda c: c.execute(query, {"a": account}).scalar_one_or_none())
        return Told() if body is None else self._opened(account, body)

    def all(self) -> dict[str, Told]:
        """Return what everybody told, by account; who was erased is not there."""
        query = sa.text("SELECT account, body FROM told_group")
        found = {}
        for row in self._house.run(lambda c: c.execute(query).all()):
            try:
                found[str(row.account)] = self._opened(str(row.account), row.body)
            except Erased:
                continue
        return found

    def _opened(self, account: str, body: bytes) -> Told:
        return msgspec.json.decode(opened(self._house, account, "told", body), type=Told)
