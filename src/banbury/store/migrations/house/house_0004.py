"""A number that grows when somebody's rights become less or other, so that caches know."""

from __future__ import annotations

from alembic import op

revision = "house_0004"
down_revision = "house_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the one row."""
    op.execute("CREATE TABLE access (epoch bigint NOT NULL)")
    op.execute("INSERT INTO access (epoch) VALUES (0)")


def downgrade() -> None:
    """Remove it."""
    op.execute("DROP TABLE access")
