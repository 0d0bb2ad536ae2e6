"""Work offered to people: what they can do, what is open, who is offered what, how they stand."""

from __future__ import annotations

from alembic import op

revision = "house_0005"
down_revision = "house_0004"
branch_labels = None
depends_on = None

_TABLES = (
    """
    CREATE TABLE work_profile (
        account uuid PRIMARY KEY REFERENCES account (id),
        languages text[] NOT NULL,
        hours double precision NOT NULL,
        rate double precision NOT NULL,
        most integer NOT NULL,
        looking boolean NOT NULL
    )""",
    """
    CREATE TABLE work_belief (
        account uuid NOT NULL REFERENCES account (id),
        skill text NOT NULL,
        mean double precision NOT NULL,
        variance double precision NOT NULL CHECK (variance > 0),
        results integer NOT NULL,
        PRIMARY KEY (account, skill)
    )""",
    """
    CREATE TABLE lab_conflict (
        lab text NOT NULL REFERENCES lab (name),
        other text NOT NULL REFERENCES lab (name),
        PRIMARY KEY (lab, other),
        CHECK (lab < other)
    )""",
    """
    CREATE TABLE work_opening (
        id uuid PRIMARY KEY,
        lab text NOT NULL REFERENCES lab (name),
        campaign text NOT NULL,
        body bytea NOT NULL,
        due_ns bigint NOT NULL,
        made_by text NOT NULL,
        made_ns bigint NOT NULL,
        closed_ns bigint
    )""",
    "CREATE INDEX work_opening_lab ON work_opening (lab, campaign, id)",
    "CREATE INDEX work_opening_open ON work_opening (id) WHERE closed_ns IS NULL",
    """
    CREATE TABLE work_offer (
        id uuid PRIMARY KEY,
        opening uuid NOT NULL REFERENCES work_opening (id),
        account uuid NOT NULL REFERENCES account (id),
        state text NOT NULL CHECK (state IN ('offered', 'accepted', 'refused', 'ended')),
        body bytea NOT NULL,
        made_ns bigint NOT NULL,
        answered_ns bigint,
        UNIQUE (opening, account)
    )""",
    "CREATE INDEX work_offer_account ON work_offer (account, made_ns)",
    """
    CREATE TABLE standing_result (
        account uuid NOT NULL REFERENCES account (id),
        skill text NOT NULL,
        seq integer NOT NULL,
        id text NOT NULL,
        body bytea NOT NULL,
        PRIMARY KEY (account, skill, seq),
        UNIQUE (account, skill, id)
    )""",
    """
    CREATE TABLE standing_act (
        account uuid NOT NULL REFERENCES account (id),
        skill text NOT NULL,
        seq integer NOT NULL,
        body bytea NOT NULL,
        PRIMARY KEY (account, skill, seq)
    )""",
)


def upgrade() -> None:
    """Make the tables."""
    for statement in _TABLES:
        op.execute(statement)


def downgrade() -> None:
    """Remove them."""
    op.execute(
        "DROP TABLE standing_act, standing_result, work_offer, work_opening, lab_conflict, "
        "work_belief, work_profile"
    )
