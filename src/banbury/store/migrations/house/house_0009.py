"""What the house knows of people stands under each person's own key; they can be erased."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import context, op

from banbury.store.keyring import Keyring

revision = "house_0009"
down_revision = "house_0008"
branch_labels = None
depends_on = None

_BEFORE = (
    "ALTER TABLE account ADD email_hash bytea, ADD who bytea, ADD secret bytea",
    "ALTER TABLE link ADD email_hash bytea, ADD email_box bytea",
    "ALTER TABLE session ADD agent_box bytea",
    "ALTER TABLE token ADD name_box bytea",
    "ALTER TABLE passkey ADD hash bytea, ADD box bytea",
    "ALTER TABLE lab ADD people bigint NOT NULL DEFAULT 0",
    # Tables that held plain words, until they are written anew: see `Tenancy.prepare_house`.
    "CREATE TABLE residue (name text PRIMARY KEY)",
)
_AFTER = (
    "DROP TABLE member_word",
    "DROP INDEX member_sort",
    "DROP INDEX member_role",
    "ALTER TABLE member DROP sort",
    "CREATE INDEX member_role ON member (lab, role)",
    "ALTER TABLE account DROP email, DROP name, DROP password",
    "CREATE UNIQUE INDEX account_email ON account (email_hash)",
    "ALTER TABLE link DROP email",
    "CREATE INDEX link_email ON link (email_hash) WHERE email_hash IS NOT NULL",
    "ALTER TABLE session DROP agent",
    "ALTER TABLE session RENAME agent_box TO agent",
    "ALTER TABLE token DROP name",
    "ALTER TABLE token RENAME name_box TO name",
    "ALTER TABLE passkey DROP CONSTRAINT passkey_pkey, DROP id, DROP name, DROP public_key",
    "ALTER TABLE passkey ADD PRIMARY KEY (hash)",
    "ALTER TABLE passkey ALTER box SET NOT NULL",
    # Lists of a lab's people are sorted outside the database; this tells when they changed.
    """
    CREATE FUNCTION member_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE lab SET people = people + 1 WHERE name IN (SELECT DISTINCT lab FROM moved);
        RETURN NULL;
    END $$""",
    """
    CREATE TRIGGER member_made AFTER INSERT ON member REFERENCING NEW TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION member_changed()""",
    """
    CREATE TRIGGER member_gone AFTER DELETE ON member REFERENCING OLD TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION member_changed()""",
    """
    CREATE TRIGGER member_other AFTER UPDATE ON member REFERENCING NEW TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION member_changed()""",
    """
    CREATE FUNCTION account_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE lab SET people = people + 1
        WHERE name IN (SELECT lab FROM member WHERE account = NEW.id);
        RETURN NULL;
    END $$""",
    """
    CREATE TRIGGER account_renamed AFTER UPDATE OF who ON account
    FOR EACH ROW EXECUTE FUNCTION account_renamed()""",
    # What may stay in a lab when a person is erased.
    """
    CREATE TABLE consent (
        account uuid NOT NULL REFERENCES account (id),
        lab text NOT NULL REFERENCES lab (name),
        stays text NOT NULL CHECK (stays IN ('nothing', 'answers', 'all')),
        said_ns bigint NOT NULL,
        PRIMARY KEY (account, lab)
    )""",
    """
    CREATE TABLE erasure (
        account uuid PRIMARY KEY REFERENCES account (id),
        state text NOT NULL CHECK (state IN ('asked', 'begun', 'done')),
        by_whom text NOT NULL CHECK (by_whom IN ('person', 'operator', 'keyring')),
        asked_ns bigint NOT NULL,
        due_ns bigint NOT NULL,
        done_ns bigint,
        body bytea
    )""",
    "CREATE INDEX erasure_open ON erasure (due_ns) WHERE state <> 'done'",
    # Keys that are destroyed whenever a back-up brings them again. They name no account's labs.
    "CREATE TABLE tombstone (key text PRIMARY KEY)",
)


def upgrade() -> None:
    """Seal every row, then drop the plain columns."""
    connection = op.get_bind()
    for statement in _BEFORE:
        op.execute(statement)
    keys: Keyring = context.config.attributes["keyring"]
    accounts = connection.execute(sa.text("SELECT id, email, name, password FROM account")).all()
    keys.make_all(f"person:{row.id}" for row in accounts)
    _accounts(connection, keys, accounts)
    _links(connection, keys)
    _texts(connection, keys)
    _passkeys(connection, keys)
    _identities(connection, keys)
    _words(connection, keys)
    if accounts or connection.execute(sa.text("SELECT 1 FROM link LIMIT 1")).first():
        tables = ("account", "member", "link", "session", "token", "passkey", "identity",
                  "work_offer", "standing_act")  # fmt: skip
        new = sa.text("INSERT INTO residue (name) VALUES (:name)")
        connection.execute(new, [{"name": name} for name in tables])
    for statement in _AFTER:
        op.execute(statement)


def downgrade() -> None:
    """Refuse: plain words are not written again."""
    raise NotImplementedError("people's data stay under their keys")


def _accounts(c: sa.Connection, keys: Keyring, rows: Iterable[Any]) -> None:
    _update(
        c,
        "UPDATE account SET email_hash = :hash, who = :who, secret = :secret WHERE id = :id",
        (
            {
                "id": r.id,
                "hash": keys.blind(f"email {r.email}"),
                "who": keys.seal(
                    f"person:{r.id}", msgspec.json.encode([r.email, r.name]), b"account.who"
                ),
                "secret": _box(keys, r.id, r.password, "account.secret") if r.password else None,
            }
            for r in rows
        ),
    )


def _links(c: sa.Connection, keys: Keyring) -> None:
    """Seal the addresses of invitations that still work; of all others nothing stays."""
    query = "SELECT id, email FROM link WHERE email <> '' AND ended_ns IS NULL"
    found = c.execute(sa.text(query)).all()
    keys.make_all(f"link:{row.id}" for row in found)
    _update(
        c,
        "UPDATE link SET email_hash = :hash, email_box = :box WHERE id = :id",
        (
            {
                "id": r.id,
                "hash": keys.blind(f"email {r.email}"),
                "box": keys.seal(f"link:{r.id}", r.email.encode(), b"link.email"),
            }
            for r in found
        ),
    )
    # Who invited is the account; the machine itself has a name of its own.
    c.execute(sa.text("UPDATE link SET made_by = '' WHERE account IS NOT NULL AND kind = 'invite'"))


def _texts(c: sa.Connection, keys: Keyring) -> None:
    for table, column in (("session", "agent"), ("token", "name")):
        rows = c.execute(sa.text(f"SELECT hash, account, {column} AS text FROM {table}")).all()
        _update(
            c,
            f"UPDATE {table} SET {column}_box = :box WHERE hash = :hash",
            (
                {"hash": r.hash, "box": _box(keys, r.account, r.text, f"{table}.{column}")}
                for r in rows
            ),
        )


def _passkeys(c: sa.Connection, keys: Keyring) -> None:
    rows = c.execute(sa.text("SELECT id, account, name, public_key FROM passkey")).all()

    def box(r: Any) -> bytes:
        body = msgspec.json.encode([bytes(r.id), r.name, bytes(r.public_key)])
        return keys.seal(f"person:{r.account}", body, b"passkey.box")

    _update(
        c,
        "UPDATE passkey SET hash = :hash, box = :box WHERE id = :id",
        ({"id": r.id, "hash": hashlib.sha256(r.id).digest(), "box": box(r)} for r in rows),
    )


def _identities(c: sa.Connection, keys: Keyring) -> None:
    rows = c.execute(sa.text("SELECT issuer, subject FROM identity")).all()
    _update(
        c,
        "UPDATE identity SET subject = :blind WHERE issuer = :issuer AND subject = :subject",
        (
            {
                "issuer": r.issuer,
                "subject": r.subject,
                "blind": keys.blind(f"identity {r.issuer} {r.subject}").hex(),
            }
            for r in rows
        ),
    )


def _words(c: sa.Connection, keys: Keyring) -> None:
    """Seal why work was offered, and the reasons in the acts of a standing."""
    rows = c.execute(sa.text("SELECT id, account, body FROM work_offer")).all()
    _update(
        c,
        "UPDATE work_offer SET body = :body WHERE id = :id",
        (
            {
                "id": r.id,
                "body": keys.seal(f"person:{r.account}", bytes(r.body), b"work_offer.body"),
            }
            for r in rows
        ),
    )
    acts = c.execute(sa.text("SELECT account, skill, seq, body FROM standing_act")).all()

    def sealed(r: Any) -> bytes:
        act = msgspec.json.decode(bytes(r.body))
        if act.get("reason"):
            box = _box(keys, r.account, act["reason"], "standing_act.reason")
            act["reason"] = "sealed:" + base64.b64encode(box).decode()
        return msgspec.json.encode(act)

    _update(
        c,
        "UPDATE standing_act SET body = :body WHERE account = :account AND skill = :skill "
        "AND seq = :seq",
        ({"account": r.account, "skill": r.skill, "seq": r.seq, "body": sealed(r)} for r in acts),
    )


def _box(keys: Keyring, account: object, text: str, place: str) -> bytes:
    return keys.seal(f"person:{account}", text.encode("utf-8", "surrogatepass"), place.encode())


def _update(c: sa.Connection, statement: str, rows: Iterable[dict[str, Any]]) -> None:
    given = list(rows)
    if given:
        c.execute(sa.text(statement), given)
