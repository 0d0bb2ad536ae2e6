"""The tables of the house, as SQLAlchemy Core sees them; the migrations make them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text, Uuid

from banbury.store import columns

HEAD = "house_0011"
"""The newest migration; a test holds it equal to the files."""

metadata = MetaData()

install = Table("install", metadata, columns.text("id", True), columns.number("created_ns"))
lab_row = Table(
    "lab",
    metadata,
    columns.text("name", True),
    columns.text("database"),
    columns.text("secret"),
    columns.number("created_ns"),
    columns.number("people"),
)
application = Table(
    "application",
    metadata,
    columns.text("lab", True),
    columns.uuid("episode", True),
    columns.text("kind", True),
    columns.number("applied_ns"),
)
account = Table(
    "account",
    metadata,
    columns.uuid("id", True),
    columns.flag("operator"),
    columns.flag("closed"),
    columns.number("created_ns"),
    Column("email_hash", LargeBinary),
    Column("who", LargeBinary),
    Column("secret", LargeBinary),
)
member = Table(
    "member",
    metadata,
    columns.text("lab", True),
    columns.uuid("account", True),
    columns.text("role"),
    columns.number("joined_ns"),
)
pseudonym = Table(
    "pseudonym",
    metadata,
    columns.text("lab", True),
    columns.uuid("account", True),
    columns.text("name"),
)
link = Table(
    "link",
    metadata,
    columns.data("hash", True),
    columns.uuid("id"),
    columns.text("kind"),
    Column("lab", Text),
    columns.text("role"),
    Column("account", Uuid(as_uuid=False)),
    columns.text("made_by"),
    columns.number("created_ns"),
    columns.number("expires_ns"),
    Column("ended_ns", BigInteger),
    Column("used_by", Uuid(as_uuid=False)),
    Column("email_hash", LargeBinary),
    Column("email_box", LargeBinary),
)
session = Table(
    "session",
    metadata,
    columns.data("hash", True),
    columns.uuid("account"),
    columns.number("created_ns"),
    columns.number("seen_ns"),
    columns.number("expires_ns"),
    Column("agent", LargeBinary),
)
token = Table(
    "token",
    metadata,
    columns.data("hash", True),
    columns.uuid("id"),
    columns.uuid("account"),
    columns.text("hint"),
    columns.text("lab"),
    columns.texts("scopes"),
    columns.number("created_ns"),
    columns.number("expires_ns"),
    Column("used_ns", BigInteger),
    Column("name", LargeBinary),
)
passkey = Table(
    "passkey",
    metadata,
    columns.uuid("account"),
    columns.number("count"),
    columns.number("created_ns"),
    Column("used_ns", BigInteger),
    columns.data("hash", True),
    columns.data("box"),
)
challenge = Table(
    "challenge",
    metadata,
    columns.data("hash", True),
    columns.text("kind"),
    columns.data("body"),
    columns.number("expires_ns"),
)
identity = Table(
    "identity",
    metadata,
    columns.text("issuer", True),
    columns.text("subject", True),
    columns.uuid("account"),
)
work_grant = Table(
    "work_grant",
    metadata,
    columns.uuid("id", True),
    columns.uuid("account"),
    columns.text("lab"),
    columns.text("campaign"),
    columns.number("taken_ns"),
    columns.number("until_ns"),
    Column("ended_ns", BigInteger),
)
hours = Table(
    "hours",
    metadata,
    columns.uuid("account", True),
    Column("day", Integer, primary_key=True, nullable=False),
    columns.text("lab", True),
    columns.number("work_ns"),
    columns.number("answers"),
)
access = Table("access", metadata, columns.number("epoch"))
residue = Table("residue", metadata, columns.text("name", True))
