"""Brings a database to this version of Banbury, or says that it cannot."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from banbury.errors import StoreVersion
from banbury.store.keyring import Keyring

FOLDER = Path(__file__).with_name("migrations")


def alembic_config() -> Config:
    """Return Alembic's settings: one folder, a branch for the house and one for labs."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    folders = "\n".join(str(FOLDER / branch) for branch in ("house", "lab"))
    config.set_main_option("version_locations", folders.replace("%", "%%"))
    return config


def head(branch: str) -> str:
    """Return the newest revision of `house` or `lab`."""
    revision = ScriptDirectory.from_config(alembic_config()).get_revision(f"{branch}@head")
    return revision.revision if revision else ""


def revision_of(connection: sa.Connection) -> str:
    """Return the revision of a database, "" if it has no tables yet."""
    there = connection.execute(sa.text("SELECT to_regclass('alembic_version') IS NOT NULL"))
    if not there.scalar_one():
        return ""
    found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars().all()
    return found[0] if found else ""


def upgrade(
    connection: sa.Connection, branch: str, role: str = "", keyring: Keyring | None = None
) -> None:
    """Run what is missing, in the connection's own transaction.

    Args:
        connection: as the tables' owner.
        branch: `house` or `lab`.
        role: the role that gets the rows of a lab's tables.
        keyring: the keys under which the house's migrations put what they find of people.

    Raises:
        StoreVersion: the database was made by a newer version of Banbury.
    """
    config = alembic_config()
    known = {r.revision for r in ScriptDirectory.from_config(config).walk_revisions()}
    found = revision_of(connection)
    if found and found not in known:
        raise newer(found, str(connection.engine.url.database or branch))
    config.attributes["connection"] = connection
    config.attributes["role"] = role
    config.attributes["keyring"] = keyring
    command.upgrade(config, f"{branch}@head")


def newer(found: str, where: str) -> StoreVersion:
    """Return the error that names the unknown revision."""
    return StoreVersion(
        f"the database was made by a newer version of Banbury: its revision {found} is unknown",
        where=where,
        do="install that version; nothing was changed",
    )
