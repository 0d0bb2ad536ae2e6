"""Copies of people's work that left the lab."""

from __future__ import annotations

from alembic import context, op

revision = "lab_0015"
down_revision = "lab_0014"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE delivery (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('built', 'exported', 'downloaded', 'read')),
    what text NOT NULL,
    version integer NOT NULL,
    format text NOT NULL,
    who text NOT NULL,
    episodes integer NOT NULL,
    people integer NOT NULL,
    sha256 text NOT NULL,
    made_ns bigint NOT NULL
);
CREATE INDEX delivery_read_by ON delivery (who, made_ns) WHERE kind = 'read';
CREATE TABLE delivery_person (
    delivery uuid NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
    person text NOT NULL,
    episodes integer NOT NULL,
    PRIMARY KEY (delivery, person)
);
CREATE INDEX delivery_of ON delivery_person (person, delivery);
CREATE TABLE delivery_read (
    delivery uuid NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
    episode uuid NOT NULL,
    PRIMARY KEY (delivery, episode)
);
"""


def upgrade() -> None:
    """Make the tables."""
    op.execute(TABLES)
    role = context.config.attributes["role"]
    op.execute(
        f"GRANT SELECT, INSERT, UPDATE ON delivery, delivery_person, delivery_read TO {role}"
    )


def downgrade() -> None:
    """Remove them."""
    op.execute("DROP TABLE delivery_read, delivery_person, delivery")
