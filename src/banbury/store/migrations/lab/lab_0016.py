"""Whose key an episode's body and a file are under, and who is being erased.

A person's files are kept once for each key, beside one another; what is sealed is changed only
while its person is erased, which a row of `erasure` says before anything is done.
"""

from __future__ import annotations

from alembic import context, op

revision = "lab_0016"
down_revision = "lab_0015"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE episode ADD COLUMN body_key text;
CREATE INDEX episode_body_key ON episode (body_key, id) WHERE body_key IS NOT NULL;
ALTER TABLE blob DROP CONSTRAINT blob_pkey;
ALTER TABLE blob ADD PRIMARY KEY (sha256, key);
CREATE INDEX blob_key ON blob (key) WHERE key <> 'none';
ALTER TABLE upload ADD COLUMN key text NOT NULL DEFAULT 'none';
CREATE TABLE erasure (
    key text PRIMARY KEY,
    person text NOT NULL,
    stays text NOT NULL CHECK (stays IN ('nothing', 'answers', 'all')),
    episodes bigint NOT NULL DEFAULT 0,
    kept bigint NOT NULL DEFAULT 0,
    files bigint NOT NULL DEFAULT 0,
    kept_files bigint NOT NULL DEFAULT 0,
    begun_ns bigint NOT NULL,
    ended_ns bigint
);
CREATE TABLE erased_blob (mark bytea PRIMARY KEY);
"""

RULES = """
CREATE OR REPLACE FUNCTION episode_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> 'open' AND NOT EXISTS (
        SELECT FROM erasure WHERE erasure.key = OLD.body_key AND ended_ns IS NULL
    ) THEN
        RAISE EXCEPTION 'this episode is sealed' USING ERRCODE = 'BB002', DETAIL = OLD.id;
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER episode_sealed ON episode;
CREATE TRIGGER episode_sealed BEFORE UPDATE OF id, key, run, task, actor, sample, gym, skill,
    status, route, tags, header, content, body, body_key ON episode
    FOR EACH ROW EXECUTE FUNCTION episode_sealed();
"""

GRANTS = """
GRANT SELECT, INSERT, UPDATE ON erasure, erased_blob TO {role};
GRANT UPDATE (body, body_key) ON episode TO {role};
GRANT UPDATE (evidence) ON judgement, review TO {role};
GRANT UPDATE (reasons) ON review TO {role};
GRANT DELETE ON segment, blob TO {role};
"""


def upgrade() -> None:
    """Add the columns and the table, and let what is being erased be changed."""
    op.execute(TABLES)
    op.execute(RULES)
    op.execute(GRANTS.format(role=context.config.attributes["role"]))


def downgrade() -> None:
    """Go back; refused by the database where a file is kept under two keys."""
    role = context.config.attributes["role"]
    op.execute(f"""
        REVOKE DELETE ON segment, blob FROM {role};
        REVOKE UPDATE (reasons) ON review FROM {role};
        REVOKE UPDATE (evidence) ON judgement, review FROM {role};
        DROP TRIGGER episode_sealed ON episode;
        CREATE OR REPLACE FUNCTION episode_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.status <> 'open' THEN
                RAISE EXCEPTION 'this episode is sealed' USING ERRCODE = 'BB002', DETAIL = OLD.id;
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER episode_sealed BEFORE UPDATE OF id, key, run, task, actor, sample, gym,
            skill, status, route, tags, header, content, body ON episode
            FOR EACH ROW EXECUTE FUNCTION episode_sealed();
        DROP TABLE erasure, erased_blob;
        ALTER TABLE upload DROP COLUMN key;
        DROP INDEX blob_key;
        ALTER TABLE blob DROP CONSTRAINT blob_pkey;
        ALTER TABLE blob ADD PRIMARY KEY (sha256);
        DROP INDEX episode_body_key;
        ALTER TABLE episode DROP COLUMN body_key;
    """)
