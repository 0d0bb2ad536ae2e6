"""Jobs: runs of the loop's stages that a worker does, with the end of what they said."""

from __future__ import annotations

from alembic import context, op

revision = "lab_0008"
down_revision = "lab_0007"
branch_labels = None
depends_on = None

TABLE = """
CREATE SEQUENCE job_change;
CREATE TABLE job (
    id uuid PRIMARY KEY,
    verb text NOT NULL,
    arguments bytea NOT NULL,
    state text NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    alone boolean NOT NULL,
    cancelling boolean NOT NULL DEFAULT false,
    by_whom text NOT NULL,
    worker text NOT NULL DEFAULT '',
    until timestamptz,
    attempt integer NOT NULL DEFAULT 0,
    exit integer,
    done bigint NOT NULL DEFAULT 0,
    total bigint NOT NULL DEFAULT 0,
    note text NOT NULL DEFAULT '',
    log text NOT NULL DEFAULT '',
    log_end bigint NOT NULL DEFAULT 0,
    result bytea NOT NULL DEFAULT '{}',
    created_ns bigint NOT NULL,
    started_ns bigint NOT NULL DEFAULT 0,
    ended_ns bigint NOT NULL DEFAULT 0,
    changed bigint NOT NULL DEFAULT nextval('job_change')
);
CREATE INDEX job_active ON job (id) WHERE state IN ('queued', 'running');
CREATE UNIQUE INDEX job_same ON job (verb, arguments) WHERE state IN ('queued', 'running');
CREATE UNIQUE INDEX job_alone ON job ((true)) WHERE alone AND state = 'running';
CREATE INDEX job_verb ON job (verb, id);
CREATE INDEX job_changed ON job (changed);
"""


def upgrade() -> None:
    """Make the table."""
    role = context.config.attributes["role"]
    op.execute(TABLE)
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON job TO {role}")
    op.execute(f"GRANT USAGE ON SEQUENCE job_change TO {role}")


def downgrade() -> None:
    """Remove it."""
    op.execute("DROP TABLE job")
    op.execute("DROP SEQUENCE job_change")
