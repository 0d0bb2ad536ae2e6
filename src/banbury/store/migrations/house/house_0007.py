"""What is believed of people rests on rows, each from one source; objections to them."""

from __future__ import annotations

from alembic import op

revision = "house_0007"
down_revision = "house_0006"
branch_labels = None
depends_on = None

_TABLES = (
    # `piece` names the piece of work: a lease or an episode of the lab, an interview.
    """
    CREATE TABLE evidence (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        account uuid NOT NULL REFERENCES account (id),
        skill text NOT NULL,
        source text NOT NULL
            CHECK (source IN ('interview', 'gold', 'reviews', 'agreement', 'outcome')),
        lab text NOT NULL,
        piece text NOT NULL,
        body bytea NOT NULL,
        at_ns bigint NOT NULL,
        weighed boolean NOT NULL DEFAULT false,
        UNIQUE (account, lab, source, piece, skill)
    )""",
    "CREATE INDEX evidence_account ON evidence (account, skill, seq)",
    "CREATE INDEX evidence_fresh ON evidence (account, skill) WHERE NOT weighed",
    """
    CREATE TABLE objection (
        id uuid PRIMARY KEY,
        account uuid NOT NULL REFERENCES account (id),
        skill text NOT NULL,
        source text NOT NULL,
        until_seq bigint NOT NULL,
        body bytea NOT NULL,
        made_ns bigint NOT NULL,
        state text NOT NULL CHECK (state IN ('open', 'kept', 'left out', 'withdrawn')),
        decision bytea,
        decided_by text NOT NULL DEFAULT '',
        decided_ns bigint
    )""",
    "CREATE INDEX objection_account ON objection (account, made_ns)",
    "CREATE INDEX objection_open ON objection (made_ns) WHERE state = 'open'",
    """
    CREATE TABLE person_words (
        account uuid NOT NULL REFERENCES account (id),
        kind text NOT NULL,
        body bytea NOT NULL,
        changed_ns bigint NOT NULL,
        PRIMARY KEY (account, kind)
    )""",
)


def upgrade() -> None:
    """Make the tables."""
    for statement in _TABLES:
        op.execute(statement)


def downgrade() -> None:
    """Remove them."""
    op.execute("DROP TABLE person_words, objection, evidence")
