"""Gold: tasks of a campaign whose right answer is known; and the share of good work it asks for."""

from __future__ import annotations

from alembic import context, op

revision = "lab_0014"
down_revision = "lab_0013"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE gold (
    campaign integer NOT NULL REFERENCES campaign (id),
    task bigint NOT NULL,
    PRIMARY KEY (campaign, task)
);
ALTER TABLE campaign ADD COLUMN line double precision NOT NULL DEFAULT 0.7
    CHECK (line > 0 AND line < 1);
"""


def upgrade() -> None:
    """Make the table and the column."""
    op.execute(TABLES)
    op.execute(f"GRANT SELECT, INSERT, DELETE ON gold TO {context.config.attributes['role']}")


def downgrade() -> None:
    """Remove them."""
    op.execute("DROP TABLE gold")
    op.execute("ALTER TABLE campaign DROP COLUMN line")
