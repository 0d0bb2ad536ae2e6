"""The tables of house and lab, as SQLAlchemy Core sees them; the migrations make them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

HOUSE_HEAD = "house_0011"
LAB_HEAD = "lab_0018"
"""The newest migration of each branch; a test holds these equal to the files."""

house = MetaData()
lab = MetaData()


def _id(name: str, primary: bool = False) -> Column[str]:
    return Column(name, Uuid(as_uuid=False), primary_key=primary, nullable=False)


def _text(name: str, primary: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=primary, nullable=False)


def _number(name: str, primary: bool = False) -> Column[int]:
    return Column(name, BigInteger, primary_key=primary, nullable=False)


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _bytes(name: str, primary: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, primary_key=primary, nullable=False)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


def _texts(name: str) -> Column[list[str]]:
    return Column(name, ARRAY(Text), nullable=False)


install = Table("install", house, _text("id", True), _number("created_ns"))
lab_row = Table(
    "lab",
    house,
    _text("name", True),
    _text("database"),
    _text("secret"),
    _number("created_ns"),
    _number("people"),
)
application = Table(
    "application",
    house,
    _text("lab", True),
    _id("episode", True),
    _text("kind", True),
    _number("applied_ns"),
)
account = Table(
    "account",
    house,
    _id("id", True),
    _flag("operator"),
    _flag("closed"),
    _number("created_ns"),
    Column("email_hash", LargeBinary),
    Column("who", LargeBinary),
    Column("secret", LargeBinary),
)
member = Table(
    "member",
    house,
    _text("lab", True),
    _id("account", True),
    _text("role"),
    _number("joined_ns"),
)
pseudonym = Table("pseudonym", house, _text("lab", True), _id("account", True), _text("name"))
link = Table(
    "link",
    house,
    _bytes("hash", True),
    _id("id"),
    _text("kind"),
    Column("lab", Text),
    _text("role"),
    Column("account", Uuid(as_uuid=False)),
    _text("made_by"),
    _number("created_ns"),
    _number("expires_ns"),
    Column("ended_ns", BigInteger),
    Column("used_by", Uuid(as_uuid=False)),
    Column("email_hash", LargeBinary),
    Column("email_box", LargeBinary),
)
session = Table(
    "session",
    house,
    _bytes("hash", True),
    _id("account"),
    _number("created_ns"),
    _number("seen_ns"),
    _number("expires_ns"),
    Column("agent", LargeBinary),
)
token = Table(
    "token",
    house,
    _bytes("hash", True),
    _id("id"),
    _id("account"),
    _text("hint"),
    _text("lab"),
    _texts("scopes"),
    _number("created_ns"),
    _number("expires_ns"),
    Column("used_ns", BigInteger),
    Column("name", LargeBinary),
)
passkey = Table(
    "passkey",
    house,
    _id("account"),
    _number("count"),
    _number("created_ns"),
    Column("used_ns", BigInteger),
    _bytes("hash", True),
    _bytes("box"),
)
challenge = Table(
    "challenge", house, _bytes("hash", True), _text("kind"), _bytes("body"), _number("expires_ns")
)
identity = Table("identity", house, _text("issuer", True), _text("subject", True), _id("account"))
work_grant = Table(
    "work_grant",
    house,
    _id("id", True),
    _id("account"),
    _text("lab"),
    _text("campaign"),
    _number("taken_ns"),
    _number("until_ns"),
    Column("ended_ns", BigInteger),
)
hours = Table(
    "hours",
    house,
    _id("account", True),
    Column("day", Integer, primary_key=True, nullable=False),
    _text("lab", True),
    _number("work_ns"),
    _number("answers"),
)
access = Table("access", house, _number("epoch"))
residue = Table("residue", house, _text("name", True))

task = Table(
    "task",
    lab,
    _text("id", True),
    _number("pos"),
    _text("gym"),
    _text("family"),
    _text("skill"),
    _text("split"),
    _bytes("body"),
    _number("created_ns"),
    _bytes("text"),
)
secret = Table("secret", lab, _text("task", True), _bytes("body"))
episode = Table(
    "episode",
    lab,
    _id("id", True),
    _id("key"),
    _text("run"),
    _text("task"),
    _text("actor"),
    _count("sample"),
    _text("gym"),
    _text("skill"),
    _text("status"),
    _text("route"),
    _texts("tags"),
    _bytes("header"),
    _bytes("content"),
    Column("body", LargeBinary),
    Column("score", Double),
    Column("passed", Boolean),
    _texts("parents"),
    Column("body_key", Text),
)
segment = Table(
    "segment",
    lab,
    _bytes("sha256", True),
    _bytes("data"),
    _count("count"),
    _count("refs"),
    _text("key"),
)
journal = Table(
    "journal",
    lab,
    _id("episode", True),
    Column("seq", Integer, primary_key=True, nullable=False),
    _bytes("step"),
)
judgement = Table(
    "judgement",
    lab,
    _id("episode", True),
    _id("id", True),
    _text("judge"),
    _text("judge_hash"),
    Column("score", Double, nullable=False),
    Column("passed", Boolean, nullable=False),
    _text("components"),
    _bytes("evidence"),
    _number("created_ns"),
)
review = Table(
    "review",
    lab,
    _id("episode", True),
    _id("id", True),
    _text("check_name"),
    _text("check_hash"),
    _text("verdict"),
    _texts("reasons"),
    _bytes("evidence"),
    _number("created_ns"),
)
artifact = Table(
    "artifact",
    lab,
    _id("id", True),
    _text("kind"),
    _text("name"),
    _count("version"),
    _bytes("body"),
    _bytes("blobs"),
    _texts("parents"),
    _number("created_ns"),
)
release_row = Table(
    "release_row",
    lab,
    _id("release", True),
    _id("episode", True),
    _text("task"),
    _text("split"),
    _text("sha256"),
)
blob = Table(
    "blob",
    lab,
    _bytes("sha256", True),
    _number("size"),
    _text("media"),
    _text("key"),
    _number("created_ns"),
)
outbox = Table(
    "outbox",
    lab,
    _number("id", True),
    _id("episode"),
    _text("kind"),
    _bytes("body"),
    _number("created_ns"),
    Column("applied_ns", BigInteger),
)
skill = Table(
    "skill",
    lab,
    _count("version"),
    _count("place"),
    _id("skill"),
    _text("name"),
    _text("title"),
    _text("act"),
    _bytes("parts"),
    _texts("replaces"),
    _text("proposal"),
    _text("who"),
    _text("why"),
    _number("created_ns"),
)
campaign = Table(
    "campaign",
    lab,
    Column("id", Integer, primary_key=True, nullable=False),
    _text("name"),
    _text("gym"),
    _text("state"),
    _count("overlap"),
    Column("review", Double, nullable=False),
    Column("enough", Double, nullable=False),
    Column("line", Double, nullable=False),
    _count("lease_seconds"),
    _count("hold"),
    _number("tasks"),
    _bytes("body"),
    _number("created_ns"),
    _text("shows"),
)
work = Table(
    "work",
    lab,
    Column("campaign", Integer, primary_key=True, nullable=False),
    _number("task", True),
    _number("rank"),
    _text("stage"),
    _count("open"),
    _count("active"),
    _count("done"),
    Column("subject", Uuid(as_uuid=False)),
    Column("accepted", Uuid(as_uuid=False)),
    Column("compared_ns", BigInteger),
    Column("agreed", Double),
)
lease = Table(
    "lease",
    lab,
    _id("id", True),
    _count("campaign"),
    _number("task"),
    _text("person"),
    _text("kind"),
    Column("subject", Uuid(as_uuid=False)),
    _text("work_grant"),
    _count("attempt"),
    _text("state"),
    _number("taken_ns"),
    _number("expires_ns"),
    Column("ended_ns", BigInteger),
    Column("episode", Uuid(as_uuid=False)),
    Column("answer", LargeBinary),
    Column("late", Boolean, nullable=False),
    _text("outcome"),
    Column("outcome_ns", BigInteger),
    _texts("reasons"),
    _texts("submissions"),
)
worker = Table(
    "worker",
    lab,
    Column("campaign", Integer, primary_key=True, nullable=False),
    _text("person", True),
    _text("kind", True),
    _number("cursor"),
    _number("dry_ns"),
    _count("active"),
    _number("taken"),
    _number("done"),
    _number("late"),
    _number("expired"),
    _number("returned"),
    _number("broken"),
    _number("to_review"),
    _number("to_third"),
    _number("to_settled"),
    _number("to_broken"),
)
job = Table(
    "job",
    lab,
    _id("id", True),
    _text("verb"),
    _bytes("arguments"),
    _text("state"),
    _flag("alone"),
    _flag("cancelling"),
    _text("by_whom"),
    _text("worker"),
    Column("until", DateTime(timezone=True)),
    _count("attempt"),
    Column("exit", Integer),
    _number("done"),
    _number("total"),
    _text("note"),
    _text("log"),
    _number("log_end"),
    _bytes("result"),
    _number("created_ns"),
    _number("started_ns"),
    _number("ended_ns"),
    _number("changed"),
)
