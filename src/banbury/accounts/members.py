"""Members: which account is what in which lab, under which pseudonym."""

from __future__ import annotations

from itertools import islice

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.accounts import fields
from banbury.accounts.caller import Caller, Role
from banbury.accounts.codes import new_pseudonym
from banbury.accounts.directory import NAMED, Directory, Member, Place
from banbury.accounts.permissions import reaches
from banbury.accounts.remembered import changed
from banbury.accounts.sessions import Sessions
from banbury.errors import Forbidden, InputError, UnknownName
from banbury.store import House
from banbury.store.keyring import name_of, work_key

PAGE = 50
MANY = 1001
"""Where counting ends, so that it costs the same in a lab of any size."""


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
        self._directory = Directory(house)

    def page(
        self,
        lab: str,
        search: str = "",
        role: Role | None = None,
        after: str = "",
        limit: int = PAGE,
        *,
        whole: bool = False,
    ) -> Members:
        """Return a page of a lab's members, by name, or those with a word that begins so.

        Args:
            lab: the lab's name.
            search: the beginning of a word of the name, of the name, the e-mail or the pseudonym.
            role: only these.
            after: `Members.after` of the page before.
            limit: people on a page.
            whole: with all names, as the machine's operator may see them; else as the lab does.
        """
        place, word = _place(after), fields.folded(" ".join(search.split()))[:200]
        listing = self._directory.listing(lab, whole)
        places = listing.beginning(word, place) if word else listing.after(place)
        fit = (p for p in places if role is None or listing.people[p[1]].role == role)
        found = list(islice(fit, limit + 1))
        last = found[limit - 1] if len(found) > limit else None
        people = [listing.people[id] for _, id in found[:limit]]
        return Members(people, f"{last[1]} {last[0]}" if last else "")

    def counts(self, lab: str) -> dict[str, int]:
        """Return how many members a lab has of each role; `MANY` stands for more as well."""
        query = sa.text(
            "SELECT r.role, (SELECT count(*) FROM (SELECT 1 FROM member m WHERE m.lab = :lab "
            "AND m.role = r.role LIMIT :many) AS found) AS n "
            "FROM (VALUES ('owner'), ('researcher'), ('reviewer'), ('expert')) AS r (role)"
        )
        rows = self._house.run(lambda c: c.execute(query, {"lab": lab, "many": MANY}).all())
        return {r.role: r.n for r in rows if r.n}

    def account(self, lab: str, person: str, *, whole: bool = False) -> str:
        """Return the account of a member by their pseudonym in the lab, or by its id.

        By the id of an account a lab reaches those alone whom it knows by name; `whole`: all.

        Raises:
            UnknownName: there is no such member.
        """
        query = sa.text(
            "SELECT p.account FROM pseudonym p JOIN member m ON m.lab = p.lab "
            "AND m.account = p.account WHERE p.lab = :lab "
            "AND (p.name = :person OR (p.account::text = :person "
            "AND (:whole OR m.role = ANY(:named))))"
        )
        given = {"lab": lab, "person": person, "whole": whole, "named": sorted(NAMED)}
        found = self._house.ask(lambda c: c.execute(query, given).scalar())
        if found is None:
            raise UnknownName("member", person, ())
        return str(found)

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

        Nor does a caller of the lab name somebody whom the lab knows by pseudonym: whoever becomes
        an owner or a researcher is named, and so takes an invitation to it first.

        Raises:
            Forbidden: the role would do what the caller may not, or would name the member.
            UnknownName: the account is no member.
            InputError: the lab would be left without an owner.
        """
        if caller is not None and not reaches(caller, role, lab):
            raise Forbidden(f"this token may not do all that a {role} does, so it makes none")

        def work(connection: sa.Connection) -> None:
            if caller is not None and not caller.operator:
                _unnamed(connection, lab, account, role)
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
        "INSERT INTO member (lab, account, role, joined_ns) "
        f"VALUES (:lab, :id, :role, :now) ON CONFLICT (lab, account) DO {conflict}"
    )
    given = {"lab": lab, "id": account, "role": role, "now": clock.wall_ns()}
    if connection.execute(new, given).rowcount == 0:
        return False
    called(connection, lab, account)
    return True


def promote(connection: sa.Connection, lab: str, account: str, role: Role) -> bool:
    """Give a member who is a pseudonym a role in which they are named, by their own will."""
    if role not in NAMED:
        return False
    change = sa.text(
        "UPDATE member SET role = :role WHERE lab = :lab AND account = :id AND role <> ALL(:named)"
    )
    given = {"role": role, "lab": lab, "id": account, "named": sorted(NAMED)}
    return bool(connection.execute(change, given).rowcount)


def called(connection: sa.Connection, lab: str, account: str) -> str:
    """Return what an account is called in a lab, member or not; it is given a name if need be.

    Nobody is called as somebody was who is erased.
    """
    given = {"lab": lab, "id": account}
    new = sa.text(
        "INSERT INTO pseudonym (lab, account, name) SELECT :lab, CAST(:id AS uuid), :name "
        "WHERE NOT EXISTS (SELECT 1 FROM tombstone WHERE key = :key) ON CONFLICT DO NOTHING"
    )
    there = sa.text("SELECT name FROM pseudonym WHERE lab = :lab AND account = :id")
    while (found := connection.execute(there, given).scalar()) is None:
        name = new_pseudonym()
        connection.execute(new, {**given, "name": name, "key": name_of(work_key(lab, name))})
    return str(found)


def uninvite(connection: sa.Connection, lab: str, account: str) -> None:
    """End the open invitations of somebody who invites no more, so that none leads them back."""
    query = sa.text(
        "UPDATE link SET ended_ns = :now WHERE lab = :lab AND account = :id AND kind = 'invite' "
        "AND ended_ns IS NULL"
    )
    connection.execute(query, {"now": clock.wall_ns(), "lab": lab, "id": account})


def _unnamed(connection: sa.Connection, lab: str, account: str, role: Role) -> None:
    """See that a role does not name somebody whom the lab knows by pseudonym.

    Raises:
        Forbidden: it would.
    """
    query = sa.text("SELECT role FROM member WHERE lab = :lab AND account = :id FOR UPDATE")
    held = connection.execute(query, {"lab": lab, "id": account}).scalar()
    if role in NAMED and held is not None and held not in NAMED:
        raise Forbidden(
            f"the lab would learn by this who it is: a {role} is named",
            do=f"invite a {role}, and send them the link: whoever takes it says who they are",
        )


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


def _place(after: str) -> Place | None:
    """Return the word and the id after which a page begins."""
    if not after:
        return None
    id, space, word = after.partition(" ")
    if not space:
        raise InputError("this is no place in the list", do="begin at the first page")
    return word, id
