"""Cases about strange records, devices, what people tell of their groups, items and versions."""

from __future__ import annotations

from alembic import op

revision = "house_0008"
down_revision = "house_0007"
branch_labels = None
depends_on = None

_TABLES = (
    # Bodies are sealed under the key of the person whom the row is about.
    """
    CREATE TABLE signal_case (
        id uuid PRIMARY KEY,
        account uuid NOT NULL REFERENCES account (id),
        lab text NOT NULL REFERENCES lab (name),
        campaign text NOT NULL,
        who text NOT NULL,
        state text NOT NULL,
        made_ns bigint NOT NULL,
        decided_ns bigint,
        body bytea NOT NULL
    )""",
    "CREATE INDEX signal_case_account ON signal_case (account, id)",
    "CREATE INDEX signal_case_lab ON signal_case (lab, campaign, id)",
    "CREATE UNIQUE INDEX signal_case_open ON signal_case (account, lab, campaign) "
    "WHERE decided_ns IS NULL",
    """
    CREATE TABLE signal_move (
        case_id uuid NOT NULL REFERENCES signal_case (id),
        seq integer NOT NULL,
        body bytea NOT NULL,
        PRIMARY KEY (case_id, seq)
    )""",
    """
    CREATE TABLE signal_look (
        lab text NOT NULL REFERENCES lab (name),
        campaign text NOT NULL,
        at_ns bigint NOT NULL,
        people integer NOT NULL,
        looked integer NOT NULL,
        untold integer NOT NULL,
        found integer NOT NULL,
        rate double precision NOT NULL,
        PRIMARY KEY (lab, campaign, at_ns)
    )""",
    # How many answers each person had when they were looked at last.
    """
    CREATE TABLE signal_seen (
        lab text NOT NULL REFERENCES lab (name),
        campaign text NOT NULL,
        account uuid NOT NULL REFERENCES account (id),
        answers integer NOT NULL,
        PRIMARY KEY (lab, campaign, account)
    )""",
    # The mark is keyed by the house: without its key nobody can tell which browser it is.
    """
    CREATE TABLE device_use (
        mark bytea NOT NULL,
        account uuid NOT NULL REFERENCES account (id),
        seen_ns bigint NOT NULL,
        PRIMARY KEY (account, mark)
    )""",
    """
    CREATE TABLE told_group (
        account uuid PRIMARY KEY REFERENCES account (id),
        body bytea NOT NULL,
        changed_ns bigint NOT NULL
    )""",
    """
    CREATE TABLE item_version (
        skill text NOT NULL,
        version integer NOT NULL,
        made_ns bigint NOT NULL,
        body bytea NOT NULL,
        PRIMARY KEY (skill, version)
    )""",
    """
    CREATE TABLE item_act (
        skill text NOT NULL,
        item text NOT NULL,
        seq integer NOT NULL,
        body bytea NOT NULL,
        PRIMARY KEY (skill, item, seq)
    )""",
)


def upgrade() -> None:
    """Make the tables."""
    for statement in _TABLES:
        op.execute(statement)


def downgrade() -> None:
    """Remove them."""
    op.execute(
        "DROP TABLE item_act, item_version, told_group, device_use, signal_seen, signal_look, "
        "signal_move, signal_case"
    )
