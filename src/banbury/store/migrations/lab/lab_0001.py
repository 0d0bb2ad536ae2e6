"""A lab: tasks, episodes and their bodies, judgements, reviews, artifacts, releases, blobs."""

from __future__ import annotations

from alembic import context, op

revision = "lab_0001"
down_revision = None
branch_labels = ("lab",)
depends_on = None

TABLES = """
CREATE TABLE task (
    id text PRIMARY KEY,
    pos bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    gym text NOT NULL,
    family text NOT NULL,
    skill text NOT NULL,
    split text NOT NULL CHECK (split IN ('open', 'probe', 'train', 'reserved')),
    body bytea NOT NULL,
    created_ns bigint NOT NULL
);
CREATE INDEX task_skill ON task (skill, pos);
CREATE INDEX task_split ON task (split, pos);
CREATE TABLE secret (
    task text PRIMARY KEY REFERENCES task (id),
    body bytea NOT NULL
);
CREATE TABLE episode (
    id uuid PRIMARY KEY,
    key uuid NOT NULL UNIQUE,
    run text NOT NULL,
    task text NOT NULL,
    actor text NOT NULL,
    sample integer NOT NULL,
    gym text NOT NULL,
    skill text NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'done', 'void', 'failed')),
    route text NOT NULL,
    tags text[] NOT NULL,
    header bytea NOT NULL,
    content bytea NOT NULL
);
CREATE INDEX episode_run ON episode (run, id);
CREATE INDEX episode_task ON episode (task, id);
CREATE INDEX episode_skill ON episode (skill, id);
CREATE INDEX episode_open ON episode (id) WHERE status = 'open';
CREATE TABLE segment (
    sha256 bytea PRIMARY KEY,
    data bytea STORAGE EXTERNAL NOT NULL,
    count integer NOT NULL CHECK (count > 0),
    refs integer NOT NULL CHECK (refs >= 0),
    key text NOT NULL
);
CREATE TABLE journal (
    episode uuid NOT NULL REFERENCES episode (id),
    seq integer NOT NULL,
    step bytea NOT NULL,
    PRIMARY KEY (episode, seq)
);
CREATE TABLE judgement (
    episode uuid NOT NULL REFERENCES episode (id),
    id uuid NOT NULL,
    judge text NOT NULL,
    judge_hash text NOT NULL,
    score double precision NOT NULL CHECK (score >= 0 AND score <= 1),
    passed boolean NOT NULL,
    components text NOT NULL,
    evidence bytea NOT NULL,
    created_ns bigint NOT NULL,
    PRIMARY KEY (episode, id)
);
CREATE TABLE review (
    episode uuid NOT NULL REFERENCES episode (id),
    id uuid NOT NULL,
    check_name text NOT NULL,
    check_hash text NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('accept', 'reject')),
    reasons text[] NOT NULL,
    evidence bytea NOT NULL,
    created_ns bigint NOT NULL,
    PRIMARY KEY (episode, id)
);
CREATE TABLE artifact (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    name text NOT NULL,
    version integer NOT NULL,
    body bytea NOT NULL,
    blobs bytea NOT NULL,
    parents text[] NOT NULL,
    created_ns bigint NOT NULL,
    UNIQUE (kind, name, version)
);
CREATE TABLE release_row (
    release uuid NOT NULL REFERENCES artifact (id),
    episode uuid NOT NULL REFERENCES episode (id),
    task text NOT NULL,
    split text NOT NULL,
    sha256 text NOT NULL,
    PRIMARY KEY (release, episode)
);
CREATE INDEX release_row_task ON release_row (task);
CREATE TABLE blob (
    sha256 bytea PRIMARY KEY,
    size bigint NOT NULL,
    media text NOT NULL,
    key text NOT NULL,
    created_ns bigint NOT NULL
);
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    episode uuid NOT NULL REFERENCES episode (id),
    kind text NOT NULL,
    body bytea NOT NULL,
    created_ns bigint NOT NULL,
    applied_ns bigint,
    UNIQUE (episode, kind)
);
CREATE INDEX outbox_waiting ON outbox (id) WHERE applied_ns IS NULL;
"""

# What may never happen is refused here, whichever program asks. The codes are read by `faults`.
RULES = """
CREATE FUNCTION task_split() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.split = OLD.split THEN RETURN NEW; END IF;
    IF OLD.split = 'reserved' THEN
        RAISE EXCEPTION 'a reserved task stays reserved' USING ERRCODE = 'BB001',
            DETAIL = OLD.id;
    END IF;
    IF OLD.split <> 'open' THEN
        RAISE EXCEPTION 'this task is assigned to the split % already', OLD.split
            USING ERRCODE = 'BB003', DETAIL = OLD.id;
    END IF;
    IF NEW.split = 'reserved' AND EXISTS (SELECT FROM release_row WHERE task = OLD.id) THEN
        RAISE EXCEPTION 'this task is in a release already and cannot be reserved'
            USING ERRCODE = 'BB001', DETAIL = OLD.id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER task_split BEFORE UPDATE ON task FOR EACH ROW EXECUTE FUNCTION task_split();

CREATE FUNCTION episode_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> 'open' THEN
        RAISE EXCEPTION 'this episode is sealed' USING ERRCODE = 'BB002', DETAIL = OLD.id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER episode_sealed BEFORE UPDATE ON episode
    FOR EACH ROW EXECUTE FUNCTION episode_sealed();

CREATE FUNCTION release_row_reserved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held text;
BEGIN
    -- The task is locked, so that it cannot become reserved while this release is made.
    FOR held IN SELECT t.id FROM task t
        WHERE t.id IN (NEW.task, (SELECT e.task FROM episode e WHERE e.id = NEW.episode))
        ORDER BY t.id FOR SHARE
    LOOP
        EXIT WHEN EXISTS (SELECT FROM task t WHERE t.id = held AND t.split = 'reserved');
        held := NULL;
    END LOOP;
    IF held IS NOT NULL THEN
        RAISE EXCEPTION 'a reserved task was about to reach a release' USING ERRCODE = 'BB001',
            DETAIL = held;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER release_row_reserved BEFORE INSERT ON release_row
    FOR EACH ROW EXECUTE FUNCTION release_row_reserved();
"""

# The tables belong to the migrator; a lab may add rows and change only what is named here.
GRANTS = """
GRANT SELECT, INSERT ON task, secret, episode, segment, journal, judgement, review, artifact,
    release_row, blob, outbox TO {role};
GRANT UPDATE (split) ON task TO {role};
GRANT UPDATE (status, route, tags, header, content) ON episode TO {role};
GRANT UPDATE (refs) ON segment TO {role};
GRANT UPDATE (applied_ns) ON outbox TO {role};
GRANT DELETE ON journal TO {role};
GRANT SELECT ON alembic_version TO {role};
"""


def upgrade() -> None:
    """Make the first tables."""
    op.execute(TABLES)
    op.execute(RULES)
    op.execute(GRANTS.format(role=context.config.attributes["role"]))


def downgrade() -> None:
    """Remove them."""
    op.execute("""
        DROP TABLE outbox, blob, release_row, artifact, review, judgement, journal, segment,
            episode, secret, task;
        DROP FUNCTION task_split, episode_sealed, release_row_reserved;
    """)
