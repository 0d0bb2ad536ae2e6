"""Mining: repositories, what was found in their histories, and what its runs said."""

from __future__ import annotations

from alembic import context, op

revision = "lab_0010"
down_revision = "lab_0009"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE mined_repository (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    url text NOT NULL UNIQUE,
    name text NOT NULL,
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'walking', 'walked', 'failed')),
    kind text NOT NULL DEFAULT '',
    reason text NOT NULL DEFAULT '',
    remedy text NOT NULL DEFAULT '',
    asked text NOT NULL DEFAULT '',
    head text NOT NULL DEFAULT '',
    licence text NOT NULL DEFAULT '',
    units bigint NOT NULL DEFAULT 0,
    cpu_s double precision NOT NULL DEFAULT 0,
    worker text NOT NULL DEFAULT '',
    until timestamptz,
    attempt integer NOT NULL DEFAULT 0,
    created_ns bigint NOT NULL,
    changed_ns bigint NOT NULL
);
CREATE TABLE candidate (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    repository integer NOT NULL REFERENCES mined_repository,
    sort text NOT NULL CHECK (sort IN ('fix', 'planted')),
    revision text NOT NULL,
    base text NOT NULL,
    committed bigint NOT NULL,
    subject text NOT NULL,
    state text NOT NULL
        CHECK (state IN ('dropped', 'waiting', 'running', 'task', 'rejected', 'failed')),
    kind text NOT NULL DEFAULT '',
    reason text NOT NULL DEFAULT '',
    remedy text NOT NULL DEFAULT '',
    tasks text[] NOT NULL DEFAULT '{}',
    cpu_s double precision NOT NULL DEFAULT 0,
    wall_s double precision NOT NULL DEFAULT 0,
    body bytea NOT NULL DEFAULT '{}',
    worker text NOT NULL DEFAULT '',
    until timestamptz,
    attempt integer NOT NULL DEFAULT 0,
    changed_ns bigint NOT NULL,
    UNIQUE (repository, sort, revision)
) WITH (fillfactor = 80);
CREATE INDEX candidate_found ON candidate (repository, sort, committed DESC, id)
    WHERE state <> 'dropped';
CREATE INDEX candidate_running ON candidate (worker) WHERE state = 'running';
CREATE INDEX candidate_revision ON candidate (revision text_pattern_ops);
CREATE INDEX candidate_tasks ON candidate USING gin (tasks) WHERE tasks <> '{}';
CREATE TABLE suite_run (
    key text PRIMARY KEY,
    body bytea NOT NULL,
    cpu_s double precision NOT NULL,
    created_ns bigint NOT NULL
);
"""


def upgrade() -> None:
    """Make the tables."""
    role = context.config.attributes["role"]
    op.execute(TABLES)
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON mined_repository, candidate, suite_run TO {role}")


def downgrade() -> None:
    """Remove them; the tasks that were mined stay."""
    op.execute("DROP TABLE suite_run, candidate, mined_repository")
