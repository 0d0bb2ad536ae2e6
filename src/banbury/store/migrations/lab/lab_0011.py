"""Tasks that were put into a campaign by mistake can be taken out of it."""

from __future__ import annotations

from alembic import context, op

revision = "lab_0011"
down_revision = "lab_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the lab remove the places of tasks in its campaigns."""
    op.execute(f"GRANT DELETE ON work TO {context.config.attributes['role']}")


def downgrade() -> None:
    """Forbid it again."""
    op.execute(f"REVOKE DELETE ON work FROM {context.config.attributes['role']}")
