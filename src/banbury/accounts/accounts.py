"""Accounts: all that the house knows of people, in one object, and the log-in by password."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

import msgspec

from banbury.accounts import fields
from banbury.accounts.challenges import Challenges
from banbury.accounts.limits import Limit
from banbury.accounts.links import Links
from banbury.accounts.members import Membership
from banbury.accounts.passkeys import Passkeys
from banbury.accounts.passwords import Passwords
from banbury.accounts.people import Account, People
from banbury.accounts.sessions import Sessions
from banbury.accounts.tokens import ApiTokens
from banbury.errors import SignInNeeded, TooOften
from banbury.store import House


class Attempt(msgspec.Struct, frozen=True):
    """A log-in that is being computed: whose it would be, and whether the password is right."""

    account: Account | None
    right: Future[bool]
    typed: str


class Accounts:
    """The accounts of a house; closed by whoever opened it, before the house.

    Attributes:
        people: the accounts.
        members: who is what in which lab.
        links: first account, invitations, new passwords.
        sessions: who is logged in.
        tokens: API tokens.
        challenges: what browsers were asked.
        passkeys: what lets in without a password.
        passwords: the line of those who wait for a hash.
        by_address: how often one network address may fail.
        by_account: how often one e-mail may, over all addresses.
        by_both: how often one e-mail may from one address, so that whoever guesses elsewhere does
            not lock its owner out soon.
    """

    def __init__(self, house: House) -> None:
        self.sessions = Sessions(house)
        self.people = People(house, self.sessions)
        self.members = Membership(house, self.sessions)
        self.links = Links(house, self.sessions)
        self.tokens = ApiTokens(house, self.sessions)
        self.challenges = Challenges(house)
        self.passkeys = Passkeys(house, self.challenges)
        self.passwords = Passwords()
        self.by_address = Limit("too many tries to log in from this address", 60, 2.0)
        self.by_account = Limit("too many tries to log in with this e-mail", 100, 3.0)
        self.by_both = Limit("too many tries to log in with this e-mail", 10, 30.0)

    def close(self) -> None:
        """End the threads that compute hashes."""
        self.passwords.close()

    @contextmanager
    def trying(self, address: str, email: str = "") -> Iterator[None]:
        """Count a try of a network address and an e-mail; one that does not raise counts not.

        An e-mail without account counts like any other, so that no answer tells which it is.

        Raises:
            TooOften: no try is left.
        """
        key = email.strip().lower()[:300]
        taken: list[tuple[Limit, str]] = []
        try:
            for limit, name in self._limits(address, key):
                limit.take(name)
                taken.append((limit, name))
            yield
        except TooOften:
            _give_back(taken)
            raise
        _give_back(taken)

    def attempt(self, email: str, password: str) -> Attempt:
        """Begin a log-in; it takes as long for an unknown e-mail as for a wrong password.

        Raises:
            TooOften: too many wait for theirs.
        """
        account = self.people.by_email(email)
        lets_in = account is not None and not account.closed
        stored = account.password if account is not None and lets_in else ""
        right = self.passwords.verify(stored, password)
        return Attempt(account if lets_in else None, right, password)

    def checked(self, attempt: Attempt, right: bool) -> str:
        """Return the account that an attempt whose answer is there lets in.

        Raises:
            SignInNeeded: e-mail or password is wrong.
        """
        if attempt.account is None or not right:
            raise SignInNeeded(
                "e-mail or password is wrong", do="try again, or ask an owner of your lab"
            )
        if self.passwords.aged(attempt.account.password):
            self._renew(attempt.account, attempt.typed)
        return attempt.account.id

    def _limits(self, address: str, key: str) -> list[tuple[Limit, str]]:
        found = [(self.by_address, address)]
        return (
            [*found, (self.by_both, f"{address} {key}"), (self.by_account, key)] if key else found
        )

    def _renew(self, account: Account, password: str) -> None:
        try:
            hash = self.passwords.hash(fields.normal(password)).result()
        except TooOften:
            return  # The next log-in does it.
        self.people.rehash(account.id, account.password, hash)


def _give_back(taken: list[tuple[Limit, str]]) -> None:
    for limit, name in taken:
        limit.give_back(name)
