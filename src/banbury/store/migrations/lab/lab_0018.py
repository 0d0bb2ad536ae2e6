"""A campaign says which skill of people its work shows, where the tasks' own names do not."""

from __future__ import annotations

from alembic import op

revision = "lab_0018"
down_revision = "lab_0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let it be said; nothing is said yet."""
    op.execute("ALTER TABLE campaign ADD COLUMN shows text NOT NULL DEFAULT ''")


def downgrade() -> None:
    """Forget it."""
    op.execute("ALTER TABLE campaign DROP COLUMN shows")
