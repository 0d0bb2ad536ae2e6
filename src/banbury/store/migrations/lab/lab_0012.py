"""Footage: how what people filmed for a task stands, and whose hours came of it."""

from __future__ import annotations

from alembic import context, op

revision = "lab_0012"
down_revision = "lab_0011"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE footage (
    campaign integer NOT NULL,
    task bigint NOT NULL,
    state text NOT NULL
        CHECK (state IN ('unreadable', 'refused', 'waiting', 'confirmed', 'rejected')),
    episodes uuid[] NOT NULL,
    artifact uuid NOT NULL,
    confirm_campaign text NOT NULL DEFAULT '',
    confirms text[] NOT NULL DEFAULT '{}',
    answers text[] NOT NULL DEFAULT '{}',
    trade text NOT NULL DEFAULT '',
    action text NOT NULL DEFAULT '',
    place text NOT NULL DEFAULT '',
    light text NOT NULL DEFAULT '',
    good_ms bigint NOT NULL CHECK (good_ms >= 0),
    counted_ms bigint NOT NULL CHECK (counted_ms >= 0 AND counted_ms <= good_ms),
    reason text NOT NULL DEFAULT '',
    changed_ns bigint NOT NULL,
    PRIMARY KEY (campaign, task)
);
CREATE TABLE footage_share (
    campaign integer NOT NULL,
    task bigint NOT NULL,
    person text NOT NULL,
    episode uuid NOT NULL,
    day integer NOT NULL,
    filmed_ms bigint NOT NULL CHECK (filmed_ms >= 0),
    good_ms bigint NOT NULL CHECK (good_ms >= 0),
    counted_ms bigint NOT NULL CHECK (counted_ms >= 0 AND counted_ms <= good_ms),
    lost jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (campaign, task, person)
);
CREATE INDEX footage_share_person ON footage_share (person, day);
CREATE INDEX job_started_for ON job (verb, arguments);
"""

GRANTS = """
GRANT SELECT, INSERT, UPDATE ON footage TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON footage_share TO {role};
"""


def upgrade() -> None:
    """Make the tables."""
    op.execute(TABLES)
    op.execute(GRANTS.format(role=context.config.attributes["role"]))


def downgrade() -> None:
    """Remove them; episodes, sidecars and judgements stay."""
    op.execute("DROP INDEX job_started_for; DROP TABLE footage_share, footage")
