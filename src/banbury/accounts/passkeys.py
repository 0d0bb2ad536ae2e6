"""Passkeys (WebAuthn level 3): a device's own lock instead of a password."""

from __future__ import annotations

import hashlib
import ipaddress
from typing import Any
from urllib.parse import urlsplit

import msgspec
import sqlalchemy as sa
import webauthn
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from banbury import clock
from banbury.accounts import fields
from banbury.accounts.caller import Caller
from banbury.accounts.challenges import Challenges
from banbury.accounts.codes import new_code
from banbury.errors import InputError, SignInNeeded, UnknownName
from banbury.store import House
from banbury.store.personal import person_key

MOST = 20
"""Passkeys of one account."""
_NAME = "Banbury"
_SELECTION = AuthenticatorSelectionCriteria(
    resident_key=ResidentKeyRequirement.REQUIRED,
    user_verification=UserVerificationRequirement.REQUIRED,
)


class Passkey(msgspec.Struct, frozen=True):
    """A passkey of an account.

    Attributes:
        id: the credential's id, base64url.
        name: what the person calls it.
        created_ns: when it was made.
        used_ns: when it last let somebody in, None if never.
    """

    id: str
    name: str
    created_ns: int
    used_ns: int | None = None


class Passkeys:
    """The passkeys of a house.

    The challenge of each ceremony is stored, and taken out before anything is verified, so that no
    answer counts twice. A log-in names no account beforehand: the device does.
    """

    def __init__(self, house: House, challenges: Challenges) -> None:
        self._house = house
        self._challenges = challenges

    def options(self, caller: Caller, origin: str) -> bytes:
        """Return the options of `navigator.credentials.create`, as JSON.

        Raises:
            InputError: the server is reached by a number, or there are too many passkeys.
        """
        mine = self.of(caller.account)
        if len(mine) >= MOST:
            raise InputError(f"an account has at most {MOST} passkeys", do="remove one first")
        challenge = new_code()
        options = webauthn.generate_registration_options(
            rp_id=_host(origin),
            rp_name=_NAME,
            user_id=caller.account.encode(),
            user_name=caller.email,
            user_display_name=caller.name,
            challenge=challenge.encode(),
            authenticator_selection=_SELECTION,
            exclude_credentials=[
                PublicKeyCredentialDescriptor(webauthn.base64url_to_bytes(key.id)) for key in mine
            ],
        )
        self._challenges.ask("passkey", challenge, caller.account.encode())
        return webauthn.options_to_json(options).encode()

    def make(self, caller: Caller, origin: str, name: str, answer: dict[str, Any]) -> Passkey:
        """Keep a new passkey.

        Args:
            caller: whose it will be.
            origin: by which the browser reached the server.
            name: what the person calls it.
            answer: `PublicKeyCredential.toJSON()`.

        Raises:
            InputError: the name is none, or the answer does not fit what was asked.
        """
        clean = fields.name(name, "passkey's name")
        challenge = _challenge(answer)
        if self._challenges.take("passkey", challenge) != caller.account.encode():
            raise InputError("this passkey took too long", do="try again")
        try:
            found = webauthn.verify_registration_response(
                credential=answer,
                expected_challenge=challenge.encode(),
                expected_rp_id=_host(origin),
                expected_origin=origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise InputError("this passkey does not fit what was asked", do="try again") from error
        now = clock.wall_ns()
        kept = _Kept(found.credential_id, clean, found.credential_public_key)
        row = {
            "hash": _hash(found.credential_id),
            "account": caller.account,
            "box": self._house.keyring.seal(
                person_key(caller.account), msgspec.json.encode(kept), _BOX
            ),
            "count": found.sign_count,
            "now": now,
        }
        if not self._house.run(lambda c: c.execute(_ADD, row).rowcount):
            raise InputError("this passkey is known already")
        return Passkey(bytes_to_base64url(found.credential_id), clean, now)

    def of(self, account: str) -> list[Passkey]:
        """Return an account's passkeys, the oldest first."""
        query = sa.text(
            "SELECT box, created_ns, used_ns FROM passkey WHERE account = :account "
            "ORDER BY created_ns, hash LIMIT 100"
        )
        rows = self._house.run(lambda c: c.execute(query, {"account": account}).all())
        made = []
        for box, created, used in rows:
            kept = self._opened(account, box)
            made.append(Passkey(bytes_to_base64url(kept.id), kept.name, created, used))
        return made

    def remove(self, account: str, id: str) -> None:
        """End a passkey of an account.

        Raises:
            UnknownName: it has none of this id.
        """
        query = sa.text("DELETE FROM passkey WHERE account = :account AND hash = :hash")
        given = {"account": account, "hash": _hash(_bytes(id))}
        if not self._house.run(lambda c: c.execute(query, given).rowcount):
            raise UnknownName("passkey", id[:64], ())

    def ask(self, origin: str) -> bytes:
        """Return the options of `navigator.credentials.get`, as JSON.

        Raises:
            InputError: the server is reached by a number.
        """
        challenge = new_code()
        options = webauthn.generate_authentication_options(
            rp_id=_host(origin),
            challenge=challenge.encode(),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        self._challenges.ask("login", challenge)
        return webauthn.options_to_json(options).encode()

    def log_in(self, origin: str, answer: dict[str, Any]) -> str:
        """Return whose passkey answered.

        Raises:
            SignInNeeded: it is unknown, or does not fit what was asked.
        """
        challenge = _challenge(answer)
        asked = self._challenges.take("login", challenge) is not None
        given = {"hash": _hash(_bytes(answer.get("rawId")))}
        row = self._house.run(lambda c: c.execute(_FIND, given).one_or_none())
        if not asked or row is None:
            raise _unknown()
        try:
            found = webauthn.verify_authentication_response(
                credential=answer,
                expected_challenge=challenge.encode(),
                expected_rp_id=_host(origin),
                expected_origin=origin,
                credential_public_key=self._opened(str(row.account), row.box).public_key,
                credential_current_sign_count=row.signed,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise _unknown() from error
        used = {**given, "count": found.new_sign_count, "now": clock.wall_ns()}
        self._house.run(lambda c: c.execute(_USED, used))
        return str(row.account)

    def _opened(self, account: str, box: bytes) -> _Kept:
        body = self._house.keyring.open(person_key(account), bytes(box), _BOX)
        return msgspec.json.decode(body, type=_Kept)


_ADD = sa.text(
    "INSERT INTO passkey (hash, account, box, count, created_ns) "
    "VALUES (:hash, :account, :box, :count, :now) ON CONFLICT DO NOTHING"
)
_FIND = sa.text(
    "SELECT p.account, p.box, p.count AS signed FROM passkey p "
    "JOIN account a ON a.id = p.account WHERE p.hash = :hash AND NOT a.closed"
)
_USED = sa.text("UPDATE passkey SET count = :count, used_ns = :now WHERE hash = :hash")
_BOX = b"passkey.box"


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of a passkey under its person's key."""

    id: bytes
    name: str
    public_key: bytes


class _Client(msgspec.Struct):
    """The part of the client data that names the challenge."""

    challenge: str


def _challenge(answer: dict[str, Any]) -> str:
    """Return the code that an answer says it answers."""
    response = answer.get("response")
    text = response.get("clientDataJSON") if isinstance(response, dict) else None
    try:
        client = msgspec.json.decode(_bytes(text), type=_Client)
        return _bytes(client.challenge).decode("ascii")
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _unknown() from None


def _bytes(text: object) -> bytes:
    """Return the bytes of base64url, none if it is none."""
    try:
        return webauthn.base64url_to_bytes(text) if isinstance(text, str) else b""
    except ValueError:
        return b""


def _hash(id: bytes) -> bytes:
    """Return by what a passkey is found: its id is random, so that a plain hash tells nothing."""
    return hashlib.sha256(id).digest()


def _host(origin: str) -> str:
    """Return the name that passkeys are bound to."""
    name = urlsplit(origin).hostname or ""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name
    raise InputError(
        "passkeys are bound to a name, and this address is a number",
        do="open the same server as http://localhost, or by its name with https",
    )


def _unknown() -> SignInNeeded:
    return SignInNeeded("this passkey is not known here", do="log in by password")
