"""Links: codes that work once: the first account, an invitation, a new password."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.accounts import consent, fields, members, people
from banbury.accounts.caller import Caller, Role
from banbury.accounts.codes import hashed
from banbury.accounts.link import COLUMNS, FROM, Kind, Link, Made, end, make, of_row, opened
from banbury.accounts.permissions import ROLES, reaches
from banbury.accounts.remembered import changed
from banbury.accounts.sessions import Sessions, end_sessions
from banbury.errors import Forbidden, InputError, LinkOver, UnknownName
from banbury.store import House
from banbury.store.keyring import Keyring
from banbury.store.personal import link_key, sealed_text

FIRST_HOURS, INVITE_HOURS, RESET_HOURS, LONGEST_HOURS = 24, 7 * 24, 2, 60 * 24
PAGE = 50

_SPENT = sa.text(
    "SELECT id FROM link WHERE email_hash IS NOT NULL "
    "AND (ended_ns IS NOT NULL OR expires_ns <= :now) LIMIT 1000"
)
_WIPE = sa.text(
    "UPDATE link SET email_hash = NULL, email_box = NULL WHERE id = ANY(CAST(:ids AS uuid[]))"
)


class Links:
    """The one-time links of a house."""

    def __init__(self, house: House, sessions: Sessions) -> None:
        self._house = house
        self._sessions = sessions

    def first(self) -> Made:
        """Make the link by which the first account is made; links made before end.

        Raises:
            InputError: there is an account.
        """
        keys = self._house.keyring

        def work(connection: sa.Connection) -> Made:
            _alone(connection)
            old = sa.text("UPDATE link SET ended_ns = :now WHERE kind = 'first'")
            connection.execute(old, {"now": clock.wall_ns()})
            return make(connection, keys, "first", "/first/", FIRST_HOURS)

        return self._house.run(work)

    def invite(
        self, caller: Caller, lab: str, role: Role, email: str = "", hours: int = INVITE_HOURS
    ) -> Made:
        """Make an invitation to a lab.

        Args:
            caller: who invites; the guard has asked the table already. One that came neither by
                session nor by token is the machine itself.
            lab: where to.
            role: what the invited becomes; by a token, nothing that does what the token may not.
            email: the only address that may use it, "" for whoever holds the link.
            hours: how long it works, at most 60 days.

        Raises:
            InputError: the role, the address or the time is none.
            Forbidden: the role would do what the caller may not.
        """
        if role not in ROLES:
            raise InputError(f"{role[:40]!r} is no role", do="choose one of " + ", ".join(ROLES))
        if not 1 <= hours <= LONGEST_HOURS:
            raise InputError(f"an invitation works for 1 to {LONGEST_HOURS} hours, not {hours}")
        if not reaches(caller, role, lab):
            raise Forbidden(f"this token may not do all that a {role} does, so it invites none")
        address = fields.email(email) if email else ""
        named = {
            "lab": lab,
            "role": role,
            "email": address,
            "account": caller.account if caller.via else None,
            "made_by": caller.name,
        }
        keys = self._house.keyring
        return self._house.run(lambda c: make(c, keys, "invite", "/join/", hours, **named))

    def reset(self, account: str, made_by: str = "") -> Made:
        """Make a link by which an account gets a new password; one made before ends."""
        keys = self._house.keyring

        def work(connection: sa.Connection) -> Made:
            old = sa.text(
                "UPDATE link SET ended_ns = :now WHERE account = :id AND ended_ns IS NULL"
            )
            connection.execute(old, {"now": clock.wall_ns(), "id": account})
            named = {"account": account, "made_by": made_by}
            return make(connection, keys, "reset", "/reset/", RESET_HOURS, **named)

        return self._house.run(work)

    def look(self, kind: Kind, code: str) -> Link:
        """Return what a link is good for, without using it.

        Raises:
            SignInNeeded: it was used or revoked, or its time is over, or it never was one.
        """
        found = self._house.run(lambda c: opened(c, self._house.keyring, kind, code))
        if found is None:
            raise _over()
        return found

    def claim(self, code: str, email: str, name: str, hash: str) -> str:
        """Make the first account; return its id. It owns every lab that has no owner.

        Raises:
            SignInNeeded: the link works no more.
            InputError: the e-mail or the name is none, or there is an account.
        """
        address, clean = fields.email(email), fields.name(name)
        keys = self._house.keyring

        def work(connection: sa.Connection) -> str | None:
            if opened(connection, self._house.keyring, "first", code) is None:
                return None
            _alone(connection)
            account = people.create(connection, keys, address, clean, hash, operator=True)
            unowned = sa.text(
                "SELECT name FROM lab WHERE NOT EXISTS (SELECT 1 FROM member m "
                "WHERE m.lab = lab.name AND m.role = 'owner') ORDER BY name"
            )
            for lab in connection.execute(unowned).scalars().all():
                members.enrol(connection, lab, account, "owner", anew=True)
            end(connection, hashed(code), account)
            return account

        return self._done(work)

    def join(
        self, code: str, email: str, name: str, hash: str, stays: consent.Stays = consent.DEFAULT
    ) -> str:
        """Make an account by an invitation; return its id. `stays` is what may stay of their work.

        Raises:
            SignInNeeded: the link works no more.
            InputError: the e-mail or the name is none, or has an account, or is not the invited.
        """
        address, clean = fields.email(email), fields.name(name)
        keys = self._house.keyring

        def work(connection: sa.Connection) -> str | None:
            link = opened(connection, self._house.keyring, "invite", code)
            if link is None:
                return None
            _invited(link, address)
            account = people.create(connection, keys, address, clean, hash)
            _enter(connection, link, code, account)
            consent.say(connection, account, link.lab, stays)
            return account

        return self._done(work)

    def accept(self, code: str, caller: Caller, stays: consent.Stays = consent.DEFAULT) -> str:
        """Join a lab with the account that is logged in; return the lab.

        Raises:
            SignInNeeded: the link works no more.
            InputError: the invitation is for another address, or the caller is a member already.
        """

        def work(connection: sa.Connection) -> str | None:
            link = opened(connection, self._house.keyring, "invite", code)
            if link is None:
                return None
            _invited(link, caller.email)
            _enter(connection, link, code, caller.account)
            consent.say(connection, caller.account, link.lab, stays)
            changed(connection)
            return link.lab

        lab = self._done(work)
        self._sessions.forget(caller.account)
        return lab

    def use_reset(self, code: str, hash: str) -> str:
        """Set a password by a reset link and end all sessions; return the account's id.

        Raises:
            SignInNeeded: the link works no more.
        """

        def work(connection: sa.Connection) -> str | None:
            link = opened(connection, self._house.keyring, "reset", code)
            if link is None:
                return None
            change = sa.text("UPDATE account SET secret = :box WHERE id = :id AND NOT closed")
            box = sealed_text(self._house.keyring, link.account, hash, people.SECRET)
            if not connection.execute(change, {"box": box, "id": link.account}).rowcount:
                return None
            end_sessions(connection, link.account)
            end(connection, hashed(code), link.account)
            changed(connection)
            return link.account

        account = self._done(work)
        self._sessions.forget(account)
        return account

    def invitations(self, lab: str, after: str = "", limit: int = PAGE) -> list[Link]:
        """Return a page of a lab's open invitations, the oldest first, after an id."""
        query = sa.text(
            f"SELECT {COLUMNS} FROM {FROM} WHERE l.lab = :lab AND l.id > CAST(:after AS uuid) "
            "AND l.ended_ns IS NULL AND l.expires_ns > :now ORDER BY l.id LIMIT :limit"
        )
        first = "00000000-0000-0000-0000-000000000000"
        given = {"lab": lab, "after": after or first, "now": clock.wall_ns(), "limit": limit}
        rows = self._house.run(lambda c: c.execute(query, given).all())
        return [of_row(r, self._house.keyring) for r in rows]

    def revoke(self, lab: str, id: str) -> None:
        """End an invitation.

        Raises:
            UnknownName: the lab has no open one of this id.
        """
        query = sa.text(
            "UPDATE link SET ended_ns = :now WHERE lab = :lab AND id = CAST(:id AS uuid) "
            "AND ended_ns IS NULL"
        )
        given = {"now": clock.wall_ns(), "lab": lab, "id": id}
        if not self._house.run(lambda c: c.execute(query, given).rowcount):
            raise UnknownName("invitation", id, ())

    def tidy(self) -> int:
        """Wipe the addresses of invitations that work no more, for good; return how many.

        Call it from time to time.
        """
        now = {"now": clock.wall_ns()}
        ids = [str(i) for i in self._house.ask(lambda c: c.execute(_SPENT, now).scalars().all())]
        for id in ids:
            self._house.keyring.destroy(link_key(id))
        if ids:
            self._house.run(lambda c: c.execute(_WIPE, {"ids": ids}))
        return len(ids)

    def _done(self, work: Callable[[sa.Connection], str | None]) -> str:
        found = self._house.run(work)
        if found is None:
            raise _over()
        return found


def use_invitations(
    connection: sa.Connection, keys: Keyring, email: str, account: str | None
) -> int:
    """Use the open invitations that name an address, for its account; return how many there are.

    Without an account they are counted, and held for this transaction.
    """
    query = sa.text(
        "SELECT hash, lab, role FROM link WHERE email_hash = :email AND kind = 'invite' "
        "AND ended_ns IS NULL AND expires_ns > :now ORDER BY id LIMIT 20 FOR UPDATE"
    )
    now, blind = clock.wall_ns(), keys.blind(people.email_word(email))
    found = connection.execute(query, {"email": blind, "now": now}).all()
    for row in found if account else ():
        members.enrol(connection, row.lab, str(account), row.role)
        end(connection, row.hash, account)
    return len(found)


def _alone(connection: sa.Connection) -> None:
    """Hold back everybody else who would make the first account."""
    connection.execute(sa.text("LOCK TABLE account IN SHARE ROW EXCLUSIVE MODE"))
    if connection.execute(sa.text("SELECT 1 FROM account LIMIT 1")).first():
        raise InputError("the first account is made already", do="log in, or ask for an invitation")


def _invited(link: Link, email: str) -> None:
    if link.email and link.email != email:
        raise InputError(
            "this invitation is for another e-mail address", do="use the one that it was sent to"
        )


def _enter(connection: sa.Connection, link: Link, code: str, account: str) -> None:
    role: Role = msgspec.convert(link.role, Role)
    enter = members.enrol(connection, link.lab, account, role)
    if not (enter or members.promote(connection, link.lab, account, role)):
        raise InputError(
            f"you are a member of {link.lab!r} already", do="an owner can change your role"
        )
    end(connection, hashed(code), account)


def _over() -> LinkOver:
    return LinkOver("this link was used, or its time is over", do="ask whoever sent it for another")
