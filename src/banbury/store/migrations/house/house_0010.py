"""Interviews: who was asked, which try; appeals; banks of items that are not ours."""

from __future__ import annotations

from alembic import op

revision = "house_0010"
down_revision = "house_0009"
branch_labels = None
depends_on = None

_TABLES = (
    """
    CREATE TABLE interview (
        id uuid PRIMARY KEY,
        account uuid NOT NULL REFERENCES account (id),
        skill text NOT NULL,
        number integer NOT NULL CHECK (number BETWEEN 1 AND 3),
        attempt integer NOT NULL,
        lab text NOT NULL REFERENCES lab (name),
        pseudonym text NOT NULL,
        task text NOT NULL,
        bank text NOT NULL,
        agreed bytea NOT NULL,
        voice boolean NOT NULL,
        began_ns bigint NOT NULL,
        ended_ns bigint,
        episode text NOT NULL DEFAULT '',
        believed text NOT NULL DEFAULT '',
        UNIQUE (account, skill, number)
    )""",
    "CREATE INDEX interview_lab ON interview (lab, id)",
    "CREATE INDEX interview_episode ON interview (episode) WHERE episode <> ''",
    """
    CREATE TABLE interview_appeal (
        interview uuid PRIMARY KEY REFERENCES interview (id),
        made_ns bigint NOT NULL,
        body bytea NOT NULL,
        decided_ns bigint,
        decided_by text NOT NULL DEFAULT '',
        decision text NOT NULL DEFAULT '' CHECK (decision IN ('', 'kept', 'corrected')),
        answer bytea NOT NULL DEFAULT ''
    )""",
    """
    CREATE TABLE item_bank (
        id uuid PRIMARY KEY,
        skill text NOT NULL,
        lab text NOT NULL DEFAULT '',
        hash text NOT NULL,
        body bytea NOT NULL,
        made_by text NOT NULL,
        made_ns bigint NOT NULL,
        ended_ns bigint
    )""",
    "CREATE UNIQUE INDEX item_bank_skill ON item_bank (skill) WHERE ended_ns IS NULL",
)


def upgrade() -> None:
    """Make the tables."""
    for statement in _TABLES:
        op.execute(statement)


def downgrade() -> None:
    """Remove them."""
    op.execute("DROP TABLE item_bank, interview_appeal, interview")
