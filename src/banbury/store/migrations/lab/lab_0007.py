"""Work for people: campaigns, the tasks in them, who has which, and how far each person is.

The places of a task that are open are counted where they change, and an index holds only the tasks
that have one: the next task is found without counting, however many there are.
"""

from __future__ import annotations

from alembic import context, op

revision = "lab_0007"
down_revision = "lab_0006"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE campaign (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    gym text NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'paused', 'closed')),
    overlap integer NOT NULL CHECK (overlap > 0),
    review double precision NOT NULL CHECK (review >= 0 AND review <= 1),
    enough double precision NOT NULL CHECK (enough >= 0 AND enough <= 1),
    lease_seconds integer NOT NULL CHECK (lease_seconds > 0),
    hold integer NOT NULL CHECK (hold > 0),
    tasks bigint NOT NULL DEFAULT 0,
    body bytea NOT NULL,
    created_ns bigint NOT NULL
);
CREATE SEQUENCE work_rank;
CREATE TABLE work (
    campaign integer NOT NULL,
    task bigint NOT NULL,
    rank bigint NOT NULL,
    stage text NOT NULL CHECK (stage IN ('work', 'review', 'third', 'settled', 'broken')),
    open integer NOT NULL CHECK (open >= 0),
    active integer NOT NULL DEFAULT 0 CHECK (active >= 0),
    done integer NOT NULL DEFAULT 0 CHECK (done >= 0),
    subject uuid,
    accepted uuid,
    compared_ns bigint,
    agreed double precision,
    PRIMARY KEY (campaign, task)
) WITH (fillfactor = 90);
CREATE INDEX work_open ON work (campaign, stage, rank) WHERE open > 0;
CREATE INDEX work_compared ON work (campaign, compared_ns) WHERE compared_ns IS NOT NULL;
CREATE INDEX work_broken ON work (campaign, rank) WHERE stage = 'broken';
CREATE TABLE lease (
    id uuid PRIMARY KEY,
    campaign integer NOT NULL,
    task bigint NOT NULL,
    person text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('work', 'review', 'third')),
    subject uuid,
    work_grant text NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    state text NOT NULL CHECK (state IN ('active', 'done', 'expired', 'returned', 'broken')),
    taken_ns bigint NOT NULL,
    expires_ns bigint NOT NULL,
    ended_ns bigint,
    episode uuid,
    answer bytea,
    late boolean NOT NULL DEFAULT false,
    outcome text NOT NULL DEFAULT '',
    outcome_ns bigint,
    reasons text[] NOT NULL DEFAULT '{}',
    submissions text[] NOT NULL DEFAULT '{}',
    UNIQUE (campaign, task, person)
) WITH (fillfactor = 80);
CREATE INDEX lease_held ON lease (person, id) WHERE state = 'active';
CREATE INDEX lease_due ON lease (expires_ns) WHERE state = 'active';
CREATE INDEX lease_ended ON lease (person, ended_ns) WHERE ended_ns IS NOT NULL;
CREATE TABLE worker (
    campaign integer NOT NULL,
    person text NOT NULL,
    kind text NOT NULL,
    cursor bigint NOT NULL DEFAULT 0,
    dry_ns bigint NOT NULL DEFAULT 0,
    active integer NOT NULL DEFAULT 0,
    taken bigint NOT NULL DEFAULT 0,
    done bigint NOT NULL DEFAULT 0,
    late bigint NOT NULL DEFAULT 0,
    expired bigint NOT NULL DEFAULT 0,
    returned bigint NOT NULL DEFAULT 0,
    broken bigint NOT NULL DEFAULT 0,
    to_review bigint NOT NULL DEFAULT 0,
    to_third bigint NOT NULL DEFAULT 0,
    to_settled bigint NOT NULL DEFAULT 0,
    to_broken bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign, person, kind)
) WITH (fillfactor = 50);
"""

GRANTS = """
GRANT SELECT, INSERT, UPDATE ON campaign, work, lease, worker TO {role};
GRANT USAGE, SELECT ON SEQUENCE work_rank TO {role};
"""


def upgrade() -> None:
    """Make the tables."""
    op.execute(TABLES)
    op.execute(GRANTS.format(role=context.config.attributes["role"]))


def downgrade() -> None:
    """Remove them; episodes that people made stay."""
    op.execute("DROP TABLE worker, lease, work, campaign; DROP SEQUENCE work_rank")
