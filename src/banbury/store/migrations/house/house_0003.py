"""Grants of hours: who works in which lab now, and how long everybody worked on each day."""

from __future__ import annotations

from alembic import op

revision = "house_0003"
down_revision = "house_0002"
branch_labels = None
depends_on = None

_TABLES = (
    """
    CREATE TABLE work_grant (
        id uuid PRIMARY KEY,
        account uuid NOT NULL REFERENCES account (id),
        lab text NOT NULL REFERENCES lab (name),
        campaign text NOT NULL,
        taken_ns bigint NOT NULL,
        until_ns bigint NOT NULL,
        ended_ns bigint
    )""",
    # One person works in one place at a time.
    "CREATE UNIQUE INDEX work_grant_open ON work_grant (account) WHERE ended_ns IS NULL",
    """
    CREATE TABLE hours (
        account uuid NOT NULL REFERENCES account (id),
        day integer NOT NULL,
        lab text NOT NULL REFERENCES lab (name),
        work_ns bigint NOT NULL,
        answers bigint NOT NULL,
        PRIMARY KEY (account, day, lab)
    )""",
)


def upgrade() -> None:
    """Make the tables."""
    for statement in _TABLES:
        op.execute(statement)


def downgrade() -> None:
    """Remove them."""
    op.execute("DROP TABLE hours, work_grant")
