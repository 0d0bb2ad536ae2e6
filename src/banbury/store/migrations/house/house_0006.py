"""Keys by which a server knows its own tickets again, after a restart and beside other servers."""

from __future__ import annotations

from alembic import op

revision = "house_0006"
down_revision = "house_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.execute(
        """
        CREATE TABLE ticket_key (
            period bigint PRIMARY KEY,
            secret bytea NOT NULL
        )"""
    )


def downgrade() -> None:
    """Remove it."""
    op.execute("DROP TABLE ticket_key")
