"""Uploads that may take days: what is there, what was promised, which blob became of it."""

from __future__ import annotations

from alembic import context, op

revision = "lab_0013"
down_revision = "lab_0012"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE upload (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    size bigint NOT NULL CHECK (size > 0),
    received bigint NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND size),
    media text NOT NULL,
    person text NOT NULL,
    task text NOT NULL DEFAULT '',
    fingerprint text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'whole', 'kept')),
    sha256 bytea,
    created_ns bigint NOT NULL,
    touched_ns bigint NOT NULL,
    expires_ns bigint NOT NULL,
    CHECK (state = 'open' OR received = size)
) WITH (fillfactor = 80);
CREATE INDEX upload_person ON upload (person, created_ns);
CREATE INDEX upload_task ON upload (task) WHERE task <> '';
CREATE INDEX upload_coming ON upload (expires_ns) WHERE state <> 'kept';
"""


def upgrade() -> None:
    """Make the table."""
    role = context.config.attributes["role"]
    op.execute(TABLES)
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON upload TO {role}")


def downgrade() -> None:
    """Remove it; the files that were uploaded whole stay as blobs."""
    op.execute("DROP TABLE upload")
