"""The lab's own names of skills: given, changed, merged, split; rows are only added."""

from __future__ import annotations

from alembic import context, op

revision = "lab_0004"
down_revision = "lab_0003"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE skill (
    version integer NOT NULL CHECK (version > 0),
    place integer NOT NULL CHECK (place >= 0),
    skill uuid NOT NULL,
    name text NOT NULL UNIQUE,
    title text NOT NULL,
    act text NOT NULL CHECK (act IN ('name', 'rename', 'merge', 'split')),
    parts bytea NOT NULL,
    replaces text[] NOT NULL,
    proposal text NOT NULL,
    who text NOT NULL,
    why text NOT NULL,
    created_ns bigint NOT NULL,
    PRIMARY KEY (version, place)
);
"""


def upgrade() -> None:
    """Make the table; a lab may add rows and change none."""
    op.execute(TABLE)
    op.execute(f"GRANT SELECT, INSERT ON skill TO {context.config.attributes['role']}")


def downgrade() -> None:
    """Remove it."""
    op.execute("DROP TABLE skill")
