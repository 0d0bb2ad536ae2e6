"""The house: which labs there are, and what of their outboxes has been applied."""

from __future__ import annotations

from alembic import op

revision = "house_0001"
down_revision = None
branch_labels = ("house",)
depends_on = None


def upgrade() -> None:
    """Make the first tables."""
    op.execute("""
        CREATE TABLE install (
            id text PRIMARY KEY,
            created_ns bigint NOT NULL
        )""")
    op.execute("""
        CREATE TABLE lab (
            name text PRIMARY KEY,
            database text NOT NULL UNIQUE,
            secret text NOT NULL,
            created_ns bigint NOT NULL
        )""")
    # No transaction spans house and lab: what a lab's outbox says is applied here once.
    op.execute("""
        CREATE TABLE application (
            lab text NOT NULL REFERENCES lab (name),
            episode uuid NOT NULL,
            kind text NOT NULL,
            applied_ns bigint NOT NULL,
            PRIMARY KEY (lab, episode, kind)
        )""")


def downgrade() -> None:
    """Remove them."""
    op.execute("DROP TABLE application, lab, install")
