"""Residue: what a migration leaves of plain words in a database's files, removed for good.

A row that was rewritten stays in its page until something else is written there, and in the log
until its file is used again. So the tables that a migration names in `residue` are written anew,
and the log begins in fresh files.
"""

from __future__ import annotations

import logging

import psycopg

from banbury.store.server import Connection

_log = logging.getLogger("banbury.store")


def clear(connection: Connection) -> None:
    """Write anew what `residue` names, and forget the names; killed before, it is done next time.

    The log's files are replaced where this role may ask for that, which a guest on somebody's
    server may not: there, old words go with the log's own turning.
    """
    connection.autocommit = True
    names = [name for (name,) in connection.execute("SELECT name FROM residue").fetchall()]
    if not names:
        return
    for name in names:
        known = connection.execute("SELECT to_regclass(%s)", [name]).fetchone()
        if known and known[0] is not None:
            connection.execute(f'VACUUM (FULL, ANALYZE) "{name}"')
    _fresh_log(connection)
    connection.execute("DELETE FROM residue WHERE name = ANY(%s)", [names])


def _fresh_log(connection: Connection) -> None:
    """Let the log's old files be removed instead of used again under another name."""
    try:
        connection.execute("ALTER SYSTEM SET wal_recycle = off")
        connection.execute("ALTER SYSTEM SET min_wal_size = '32MB'")
        connection.execute("SELECT pg_reload_conf()")
        for _ in range(2):
            connection.execute("SELECT pg_switch_wal()")
            connection.execute("CHECKPOINT")
        connection.execute("ALTER SYSTEM RESET wal_recycle")
        connection.execute("ALTER SYSTEM RESET min_wal_size")
        connection.execute("SELECT pg_reload_conf()")
    except psycopg.errors.InsufficientPrivilege:
        _log.warning("this role may not begin the database's log anew; old entries go in time")
