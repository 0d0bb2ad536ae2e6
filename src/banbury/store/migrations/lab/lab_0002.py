"""A failed attempt gives up its key: the same attempt may be made again and is then kept beside it.

Before, a retry after a failure of the infrastructure met the failed episode's key and was dropped.
"""

from __future__ import annotations

from alembic import op

revision = "lab_0002"
down_revision = "lab_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the key be unique among episodes that did not fail."""
    op.execute("ALTER TABLE episode DROP CONSTRAINT IF EXISTS episode_key_key")
    op.execute(
        "CREATE UNIQUE INDEX IF NOT EXISTS episode_key ON episode (key) WHERE status <> 'failed'"
    )


def downgrade() -> None:
    """Go back; fails where a key was used again."""
    op.execute("DROP INDEX episode_key")
    op.execute("ALTER TABLE episode ADD CONSTRAINT episode_key_key UNIQUE (key)")
