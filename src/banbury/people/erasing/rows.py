"""Rows: what becomes of each table of the house that names an account, when somebody is erased."""

from __future__ import annotations

import sqlalchemy as sa

GONE = (
    "session", "token", "passkey", "identity", "consent", "hours", "work_grant", "work_profile",
    "work_belief", "work_offer", "standing_result", "standing_act", "evidence", "objection",
    "person_words", "signal_seen", "device_use", "told_group", "signal_case", "interview",
    "member",
    "pseudonym",
)  # fmt: skip
"""Tables whose rows of the person are deleted, in this order."""
KEPT = {
    "account": "the tombstone: an id, and that it is closed",
    "erasure": "that it was asked for, and when it was done",
    "link": "an invitation that was used, without any address",
}
"""Tables in which a row stays, and what it says then."""
_FIRST = (
    "DELETE FROM interview_appeal WHERE interview IN "
    "(SELECT id FROM interview WHERE account = CAST(:id AS uuid))",
    "DELETE FROM signal_move WHERE case_id IN "
    "(SELECT id FROM signal_case WHERE account = CAST(:id AS uuid))",
    "UPDATE link SET account = NULL, made_by = '' WHERE account = CAST(:id AS uuid)",
    "UPDATE link SET used_by = NULL WHERE used_by = CAST(:id AS uuid)",
)


def close(connection: sa.Connection, account: str) -> None:
    """Let nobody in by an account any more, and take address, name and password from it."""
    given = {"id": account}
    for statement in (
        "UPDATE account SET closed = true, operator = false, email_hash = NULL, who = NULL, "
        "secret = NULL WHERE id = CAST(:id AS uuid)",
        "DELETE FROM session WHERE account = CAST(:id AS uuid)",
        "DELETE FROM token WHERE account = CAST(:id AS uuid)",
        "DELETE FROM passkey WHERE account = CAST(:id AS uuid)",
        "DELETE FROM identity WHERE account = CAST(:id AS uuid)",
        "DELETE FROM member WHERE account = CAST(:id AS uuid)",
        "UPDATE work_offer SET state = 'ended' WHERE account = CAST(:id AS uuid) "
        "AND state IN ('offered', 'accepted')",
        "UPDATE work_profile SET looking = false WHERE account = CAST(:id AS uuid)",
    ):
        connection.execute(sa.text(statement), given)
    now = "(extract(epoch FROM clock_timestamp()) * 1e9)::bigint"
    for statement in (
        f"UPDATE work_grant SET ended_ns = {now} WHERE account = CAST(:id AS uuid) "
        "AND ended_ns IS NULL",
        f"UPDATE link SET ended_ns = {now} WHERE account = CAST(:id AS uuid) AND ended_ns IS NULL",
    ):
        connection.execute(sa.text(statement), given)


def remove(connection: sa.Connection, account: str) -> None:
    """Delete every row of somebody's; what stays says nothing of them."""
    for statement in _FIRST:
        connection.execute(sa.text(statement), {"id": account})
    for table in GONE:
        gone = sa.text(f"DELETE FROM {table} WHERE account = CAST(:id AS uuid)")
        connection.execute(gone, {"id": account})
