"""Members: which account is what in which lab, under which pseudonym."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.accounts import fields
from banbury.accounts.caller import Caller, Role
from banbury.accounts.codes import new_pseudonym
from banbury.accounts.permissions import reaches
from banbury.accounts.remembered import changed
from banbury.accounts.sessions import Sessions
from banbury.errors import Forbidden, InputError, UnknownName
from banbury.store import House

PAGE = 50
MANY = 1001
"""Where counting ends, so that it costs the same in a lab of any size."""


class Member(msgspec.Struct, frozen=True):
    """An account in one lab.

    Attributes:
        account: its id.
        name: as the person writes it.
        email: in lower case.
        role: in this lab.
        pseudonym: what the person is called in the lab's episodes.
        joined_ns: since when.
    """

    account: str
    name: str
    email: str
    role: Role
    pseudonym: str
    joined_ns: int


class Members(msgspec.Struct, frozen=True):
    """A page of members; `after` asks for the next page, "" at the end."""

    people: list[Member]
    after: str = ""


def operates(house: House, lab: str, pseudonym: str) -> bool:
    """Say whether who is called so in a lab is an operator of this machine, and may come in."""
    query = sa.text(
        "SELECT a.operator AND NOT a.closed FROM pseudonym p JOIN account a "
        "ON a.id = p.account WHERE p.lab = :lab AND p.name = :name"
    )
    return bool(house.run(lambda c: c.execute(query, {"lab": lab, "name": pseudonym}).scalar()))


class Membership:
    """Who is a member of the labs of a house."""

    def __init__(self, house: House, sessions: Sessions) -> None:
        self._house = house
        self._sessions = sessions

    def page(
        self,
        lab: str,
        search: str = "",
        role: Role | None = None,
        after: str = "",
        limit: int = PAGE,
    ) -> Members:
        """Return a page of a lab's members, by name, or those with a word that begins so.

        Args:
            lab: the lab's name.
            search: the beginning of a word of the name, of the name or of the e-mail.
            role: only these.
            after: `Members.after` of the page before.
            limit: people on a page.
        """
        place, account = _place(after)
        given = {
            "lab": lab,
            "word": fields.folded(" ".join(search.split()))[:200],
            "role": role,
            "place": place,
            "account": account,
            "limit": limit + 1,
        }
        query = _searched(role) if given["word"] else _listed(role)
        rows = self._house.run(lambda c: c.execute(query, given).all())
        people = [
            Member(str(r.id), r.name, r.email, r.role, r.pseudonym, r.joined_ns)
            for r in rows[:limit]
        ]
        last = rows[limit - 1] if len(rows) > limit else None
        return Members(people, f"{last.id}{last.place}" if last else "")

    def counts(self, lab: str) -> dict[str, int]:
        """Return how many members a lab has of each role; `MANY` stands for more as well."""
        query = sa.text(
            "SELECT r.role, (SELECT count(*) FROM (SELECT 1 FROM member m WHERE m.lab = :lab "
            "AND m.role = r.role LIMIT :many) AS found) AS n "
            "FROM (VALUES ('owner'), ('researcher'), ('reviewer'), ('expert')) AS r (role)"
        )
        rows = self._house.run(lambda c: c.execute(query, {"lab": lab, "many": MANY}).all())
        return {r.role: r.n for r in rows if r.n}

    def names(self, lab: str, pseudonyms: Sequence[str]) -> dict[str, str]:
        """Return the names behind pseudonyms of a lab, for those who may see people."""
        query = sa.text(
            "SELECT p.name AS pseudonym, a.name FROM pseudonym p JOIN account a "
            "ON a.id = p.account WHERE p.lab = :lab AND p.name = ANY(:names)"
        )
        given = {"lab": lab, "names": list(pseudonyms)}
        rows = self._house.run(lambda c: c.execute(query, given).all())
        return {r.pseudonym: r.name for r in rows}

    def join(self, lab: str, account: str, role: Role) -> None:
        """Make an account a member of a lab; whoever is one already stays what they are.

        Raises:
            UnknownName: there is no such lab.
        """
        if lab not in self._house.labs():
            raise UnknownName("lab", lab, self._house.labs())

        def work(connection: sa.Connection) -> None:
            if enrol(connection, lab, account, role):
                changed(connection)

        self._house.run(work)
        self._sessions.forget(account)

    def change_role(self, lab: str, account: str, role: Role, caller: Caller | None = None) -> None:
        """Give a member another role; the caller, if there is one, gives none beyond their own.

        Raises:
            Forbidden: the role would do what the caller may not.
            UnknownName: the account is no member.
            InputError: the lab would be left without an owner.
        """
        if caller is not None and not reaches(caller, role, lab):
            raise Forbidden(f"this token may not do all that a {role} does, so it makes none")

        def work(connection: sa.Connection) -> None:
            if role != "owner":
                keep_an_owner(connection, lab, account)
            change = sa.text("UPDATE member SET role = :role WHERE lab = :lab AND account = :id")
            given = {"role": role, "lab": lab, "id": account}
            if connection.execute(change, given).rowcount == 0:
                raise UnknownName("member", account, ())
            if role != "owner":
                uninvite(connection, lab, account)
            changed(connection)

        self._house.run(work)
        self._sessions.forget(account)

    def remove(self, lab: str, account: str) -> None:
        """End a membership; the pseudonym and all work under it stay.

        Raises:
            UnknownName: the account is no member.
            InputError: the lab would be left without an owner.
        """

        def work(connection: sa.Connection) -> None:
            keep_an_owner(connection, lab, account)
            given = {"lab": lab, "id": account}
            gone = sa.text("DELETE FROM member WHERE lab = :lab AND account = :id")
            if connection.execute(gone, given).rowcount == 0:
                raise UnknownName("member", account, ())
            uninvite(connection, lab, account)
            bound = sa.text("DELETE FROM token WHERE lab = :lab AND account = :id")
            connection.execute(bound, given)
            changed(connection)

        self._house.run(work)
        self._sessions.forget(account)

    def adopt(self, lab: str, account: str) -> None:
        """Make an account the owner of a lab that has none, such as one just made.

        Raises:
            InputError: it has an owner.
        """

        def work(connection: sa.Connection) -> None:
            _lock(connection, lab)
            if _owners(connection, lab):
                raise InputError(f"the lab {lab!r} is there already", do="choose another name")
            enrol(connection, lab, account, "owner", anew=True)
            changed(connection)

        self._house.run(work)
        self._sessions.forget(account)


def enrol(
    connection: sa.Connection, lab: str, account: str, role: Role, anew: bool = False
) -> bool:
    """Make an account a member; say whether it was none before. `anew` changes the role also."""
    conflict = "UPDATE SET role = excluded.role" if anew else "NOTHING"
    new = sa.text(
        "INSERT INTO member (lab, account, role, sort, joined_ns) "
        f"VALUES (:lab, :id, :role, '', :now) ON CONFLICT (lab, account) DO {conflict}"
    )
    given = {"lab": lab, "id": account, "role": role, "now": clock.wall_ns()}
    if connection.execute(new, given).rowcount == 0:
        return False
    index(connection, lab, account)
    called = sa.text(
        "INSERT INTO pseudonym (lab, account, name) VALUES (:lab, :id, :name) "
        "ON CONFLICT DO NOTHING RETURNING 1"
    )
    there = sa.text("SELECT 1 FROM pseudonym WHERE lab = :lab AND account = :id")
    while connection.execute(there, given).first() is None:
        connection.execute(called, {**given, "name": new_pseudonym()})
    return True


def uninvite(connection: sa.Connection, lab: str, account: str) -> None:
    """End the open invitations of somebody who invites no more, so that none leads them back."""
    query = sa.text(
        "UPDATE link SET ended_ns = :now WHERE lab = :lab AND account = :id AND kind = 'invite' "
        "AND ended_ns IS NULL"
    )
    connection.execute(query, {"now": clock.wall_ns(), "lab": lab, "id": account})


def index(connection: sa.Connection, lab: str, account: str) -> None:
    """Write by what a lab sorts and finds a member."""
    called = sa.text("SELECT name, email FROM account WHERE id = :id")
    name, email = connection.execute(called, {"id": account}).one()
    given = {"lab": lab, "id": account, "sort": fields.folded(name)}
    sort = sa.text("UPDATE member SET sort = :sort WHERE lab = :lab AND account = :id")
    connection.execute(sort, given)
    old = sa.text("DELETE FROM member_word WHERE lab = :lab AND account = :id")
    connection.execute(old, given)
    new = sa.text(
        "INSERT INTO member_word (lab, word, account) SELECT :lab, unnest(:words), :id"
    ).bindparams(sa.bindparam("words", type_=sa.ARRAY(sa.Text)))
    words = sorted(fields.words(name, email))
    connection.execute(new, {"lab": lab, "id": account, "words": words})


def _lock(connection: sa.Connection, lab: str) -> None:
    """Let owners of a lab change one after the other."""
    connection.execute(sa.text("SELECT 1 FROM lab WHERE name = :lab FOR UPDATE"), {"lab": lab})


def _owners(connection: sa.Connection, lab: str) -> list[str]:
    query = sa.text("SELECT account FROM member WHERE lab = :lab AND role = 'owner' LIMIT 2")
    return [str(a) for a in connection.execute(query, {"lab": lab}).scalars()]


def keep_an_owner(connection: sa.Connection, lab: str, without: str) -> None:
    """Hold the lab's owners still, and see that one is left without this one.

    Raises:
        InputError: none would be.
    """
    _lock(connection, lab)
    if _owners(connection, lab) == [without]:
        raise InputError(
            f"the lab {lab!r} would be left without an owner", do="make another owner first"
        )


def _place(after: str) -> tuple[str | None, str | None]:
    """Return the word and the account after which a page begins."""
    if not after:
        return None, None
    try:
        return after[36:], str(UUID(after[:36]))
    except ValueError:
        raise InputError("this is no place in the list", do="begin at the first page") from None


_FIELDS = "a.id, a.name, a.email, m.role, p.name AS pseudonym, m.joined_ns"
_JOINS = (
    "JOIN account a ON a.id = m.account JOIN pseudonym p ON p.lab = m.lab AND p.account = m.account"
)


def _listed(role: Role | None) -> sa.TextClause:
    only = "AND m.role = :role" if role else ""
    return sa.text(
        f"SELECT {_FIELDS}, m.sort AS place FROM member m {_JOINS} WHERE m.lab = :lab {only} "
        "AND (CAST(:place AS text) IS NULL OR (m.sort, m.account) > "
        "(:place, CAST(:account AS uuid))) ORDER BY m.sort, m.account LIMIT :limit"
    )


def _searched(role: Role | None) -> sa.TextClause:
    """A member with several such words stands where the first of them does."""
    only = "AND m.role = :role" if role else ""
    return sa.text(
        f"SELECT {_FIELDS}, w.word AS place FROM member_word w JOIN member m ON m.lab = w.lab "
        f"AND m.account = w.account {_JOINS} WHERE w.lab = :lab AND w.word >= :word "
        f'AND w.word < :word || chr(1114111) COLLATE "C" {only} AND NOT EXISTS (SELECT 1 FROM '
        "member_word o WHERE o.lab = w.lab AND o.account = w.account AND o.word >= :word "
        "AND o.word < w.word) AND (CAST(:place AS text) IS NULL OR (w.word, w.account) > "
        "(:place, CAST(:account AS uuid))) ORDER BY w.word, w.account LIMIT :limit"
    )
