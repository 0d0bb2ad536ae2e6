"""OpenID Connect: another house vouches for an e-mail address; only the invited come in by it."""

from __future__ import annotations

import os
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx
import msgspec
import sqlalchemy as sa
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from banbury import clock
from banbury.accounts import fields, people
from banbury.accounts.challenges import Challenges
from banbury.accounts.codes import new_code
from banbury.accounts.links import use_invitations
from banbury.accounts.remembered import changed
from banbury.errors import ActorError, BanburyError, InputError, SignInNeeded
from banbury.store import House
from banbury.store.keyring import Keyring

SETTINGS = ("BANBURY_OIDC_ISSUER", "BANBURY_OIDC_CLIENT_ID", "BANBURY_OIDC_CLIENT_SECRET")
NAME = "BANBURY_OIDC_NAME"
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
"""Signed by a key that only the provider has; never by our own secret, nor by none."""
_TIMEOUT_S, _LEEWAY_S, _KEPT_NS = 10.0, 60, 3600 * 10**9

Why = Literal["stranger", "known", "unproven", "taken", "failed"]
WORDS: dict[Why, str] = {
    "stranger": "No invitation names this e-mail address. Ask an owner of your lab for one.",
    "known": "This e-mail has an account here. Log in to it, then connect it on your account page.",
    "unproven": "Your provider does not say that this e-mail address is yours.",
    "taken": "This identity belongs to another account.",
    "failed": "Your provider's answer does not fit what was asked. Try again.",
}


class Settings(msgspec.Struct, frozen=True):
    """Where the provider stands, and what it calls us.

    Attributes:
        issuer: its address; it also says who it is.
        client_id: ours there.
        client_secret: ours there.
        name: what the button says.
    """

    issuer: str
    client_id: str
    client_secret: str
    name: str


class Refused(SignInNeeded):
    """The provider's word lets nobody in.

    Args:
        why: a key of `WORDS`.
    """

    def __init__(self, why: Why) -> None:
        super().__init__(WORDS[why].rstrip("."))
        self.why = why


class Identity(msgspec.Struct, frozen=True):
    """Whom a provider vouches for."""

    issuer: str
    subject: str
    email: str
    proven: bool
    name: str


class _Asked(msgspec.Struct, frozen=True):
    """What is remembered of a question to the provider."""

    nonce: str
    verifier: str
    redirect: str
    next: str
    account: str


class _Provider(msgspec.Struct, frozen=True):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class Entering(msgspec.Struct, frozen=True):
    """Whom to log in, and where to go then."""

    account: str
    next: str


def words(why: str) -> str:
    """Return what to say of a refusal, "" for what is none."""
    return next((text for key, text in WORDS.items() if key == why), "")


def configured() -> Settings | None:
    """Return what the environment says of a provider, None if nothing.

    Raises:
        InputError: it says only a part, or the provider is reached without https.
    """
    found = [os.environ.get(key, "").strip() for key in SETTINGS]
    if not any(found):
        return None
    lacking = [key for key, value in zip(SETTINGS, found, strict=True) if not value]
    if lacking:
        raise InputError(f"{' and '.join(lacking)} must be set as well for OpenID Connect")
    issuer = urlsplit(found[0])
    local = issuer.hostname in ("localhost", "127.0.0.1", "::1")
    if issuer.scheme != "https" and not (issuer.scheme == "http" and local):
        raise InputError(f"{SETTINGS[0]} is {found[0][:80]!r}, which is not https")
    name = os.environ.get(NAME, "").strip() or str(issuer.hostname)
    return Settings(found[0], found[1], found[2], name)


class Oidc:
    """Log-ins through one provider: authorization code flow with PKCE, state and nonce."""

    def __init__(self, house: House, challenges: Challenges, settings: Settings) -> None:
        self.name = settings.name
        self._house = house
        self._challenges = challenges
        self._settings = settings
        self._provider: tuple[_Provider, int] | None = None

    def start(self, origin: str, next: str, account: str = "") -> tuple[str, str]:
        """Begin a log-in, or connect an account to an identity.

        Args:
            origin: by which the browser reached the server.
            next: where to go afterwards.
            account: whom to connect, "" to log in.

        Returns:
            The provider's address to go to, and the state that the same browser has to show.

        Raises:
            ActorError: the provider cannot be asked.
        """
        state = new_code()
        asked = _Asked(new_code(), new_code(), f"{origin}/oidc/callback", next, account)
        provider = self._discover()
        with self._client(asked) as client:
            address, _ = client.create_authorization_url(
                provider.authorization_endpoint,
                state=state,
                nonce=asked.nonce,
                code_verifier=asked.verifier,
            )
        self._challenges.ask("oidc", state, msgspec.json.encode(asked))
        return str(address), state

    def finish(self, state: str, code: str, account: str = "") -> Entering:
        """Take the provider's answer.

        Args:
            state: as the browser showed it, equal to its cookie.
            code: the provider's.
            account: who is logged in in this browser, "" if nobody.

        Raises:
            Refused: it vouches for nobody who may come in.
            ActorError: the provider cannot be asked.
        """
        kept = self._challenges.take("oidc", state)
        if kept is None or not code:
            raise Refused("failed")
        asked = msgspec.json.decode(kept, type=_Asked)
        if asked.account and asked.account != account:
            raise Refused("failed")
        identity = self._identity(asked, code)
        if asked.account:
            self._connect(identity, asked.account)
            return Entering(asked.account, asked.next)
        return Entering(self._enter(identity), asked.next)

    def connected(self, account: str) -> bool:
        """Say whether an account has an identity at this provider."""
        query = sa.text("SELECT 1 FROM identity WHERE account = :account AND issuer = :issuer")
        given = {"account": account, "issuer": self._settings.issuer}
        return self._house.run(lambda c: c.execute(query, given).first()) is not None

    def _client(self, asked: _Asked) -> OAuth2Client:
        return OAuth2Client(
            client_id=self._settings.client_id,
            client_secret=self._settings.client_secret,
            scope="openid email profile",
            redirect_uri=asked.redirect,
            code_challenge_method="S256",
            timeout=_TIMEOUT_S,
        )

    def _discover(self) -> _Provider:
        """Return what the provider says of itself, asked once an hour."""
        kept = self._provider
        if kept is not None and clock.mono_ns() - kept[1] < _KEPT_NS:
            return kept[0]
        address = self._settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
        provider: _Provider = self._get(address, _Provider)
        if provider.issuer != self._settings.issuer:
            raise ActorError(
                f"the provider calls itself {provider.issuer[:80]!r}",
                where=self._settings.issuer,
                do=f"write {SETTINGS[0]} as it does",
            )
        self._provider = (provider, clock.mono_ns())
        return provider

    def _get(self, address: str, kind: Any) -> Any:
        try:
            answer = httpx.get(address, timeout=_TIMEOUT_S).raise_for_status()
            return msgspec.json.decode(answer.content, type=kind)
        except (httpx.HTTPError, msgspec.DecodeError) as error:
            raise ActorError(
                "the provider of log-ins cannot be asked", where=address, do="log in by password"
            ) from error

    def _identity(self, asked: _Asked, code: str) -> Identity:
        """Exchange the code and return whom the signed answer names."""
        provider = self._discover()
        try:
            with self._client(asked) as client:
                answer = client.fetch_token(
                    provider.token_endpoint, code=code, code_verifier=asked.verifier
                )
            keys = KeySet.import_key_set(self._get(provider.jwks_uri, dict[str, Any]))
            token = jwt.decode(
                str(answer.get("id_token", "")),
                keys,
                registry=JWSRegistry(algorithms=_ALGORITHMS, strict_check_header=False),
            )
            options = {
                "iss": {"essential": True, "value": provider.issuer},
                "aud": {"essential": True, "value": self._settings.client_id},
            }
            given = {"nonce": asked.nonce, "client_id": self._settings.client_id}
            claims = CodeIDToken(token.claims, token.header, options, given)
            claims.validate(now=clock.wall_ns() // 10**9, leeway=_LEEWAY_S)
        except httpx.HTTPError as error:
            raise ActorError(
                "the provider of log-ins cannot be asked", where=provider.token_endpoint
            ) from error
        except (AuthlibBaseError, JoseError, ValueError, TypeError, KeyError) as error:
            raise Refused("failed") from error
        return Identity(
            provider.issuer,
            str(claims["sub"]),
            str(claims.get("email") or ""),
            claims.get("email_verified") is True,
            str(claims.get("name") or ""),
        )

    def _connect(self, identity: Identity, account: str) -> None:
        keys = self._house.keyring

        def work(connection: sa.Connection) -> str:
            _keep(connection, keys, identity, account)
            return _owner(connection, keys, identity) or ""

        if self._house.run(work) != account:
            raise Refused("taken")

    def _enter(self, identity: Identity) -> str:
        """Return the account of an identity; make one for an address that was invited."""
        keys = self._house.keyring
        known = self._house.run(lambda c: _owner(c, keys, identity))
        if known:
            return known
        try:
            address = fields.email(identity.email)
        except BanburyError:
            raise Refused("stranger") from None
        if not identity.proven:
            raise Refused("unproven")
        name = _name(identity.name, address)
        found = self._house.run(lambda c: _admit(c, keys, identity, address, name))
        if found in ("stranger", "known"):
            raise Refused("known" if found == "known" else "stranger")
        return found


def _admit(
    connection: sa.Connection, keys: Keyring, identity: Identity, email: str, name: str
) -> str:
    """Return the account of a proven address, `known` or `stranger`.

    Whoever made an account by an open invitation may have typed an address that is not theirs. So
    an account that a password or passkey opens is connected from within only.
    """
    query = sa.text(
        "SELECT id, closed OR secret IS NOT NULL OR EXISTS (SELECT 1 FROM passkey "
        "WHERE account = a.id) AS held FROM account a WHERE email_hash = :email"
    )
    blind = keys.blind(people.email_word(email))
    row = connection.execute(query, {"email": blind}).one_or_none()
    if row is not None and row.held:
        return "known"
    account = str(row.id) if row is not None else None
    if account is None and use_invitations(connection, keys, email, None):
        account = people.create(connection, keys, email, name, "")
    if account is None:
        return "stranger"
    _keep(connection, keys, identity, account)
    if use_invitations(connection, keys, email, account):
        changed(connection)
    return account


def _subject(keys: Keyring, identity: Identity) -> str:
    """Return by what an identity is found: the provider's own name for a person is not kept."""
    return keys.blind(f"identity {identity.issuer} {identity.subject}").hex()


def _keep(connection: sa.Connection, keys: Keyring, identity: Identity, account: str) -> None:
    new = sa.text(
        "INSERT INTO identity (issuer, subject, account) VALUES (:issuer, :subject, :account) "
        "ON CONFLICT DO NOTHING"
    )
    given = {"issuer": identity.issuer, "subject": _subject(keys, identity), "account": account}
    connection.execute(new, given)


def _owner(connection: sa.Connection, keys: Keyring, identity: Identity) -> str | None:
    query = sa.text(
        "SELECT i.account FROM identity i JOIN account a ON a.id = i.account "
        "WHERE i.issuer = :issuer AND i.subject = :subject AND NOT a.closed"
    )
    given = {"issuer": identity.issuer, "subject": _subject(keys, identity)}
    found = connection.execute(query, given).scalar()
    return None if found is None else str(found)


def _name(said: str, address: str) -> str:
    try:
        return fields.name(said)
    except InputError:
        return address.partition("@")[0]
