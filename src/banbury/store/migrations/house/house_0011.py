"""Whether answers of an interview wait for somebody to grade them."""

from __future__ import annotations

from alembic import op

revision = "house_0011"
down_revision = "house_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and an index of those that wait."""
    op.execute("ALTER TABLE interview ADD waits boolean NOT NULL DEFAULT false")
    op.execute("CREATE INDEX interview_waits ON interview (id) WHERE waits")


def downgrade() -> None:
    """Take both away."""
    op.execute("ALTER TABLE interview DROP waits")
