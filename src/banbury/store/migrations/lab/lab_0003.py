"""What is asked of many episodes stands in the episode's own row: its verdict, and a short body.

Before, a question about outcomes looked up a judgement for each episode, and every body, however
short, was a row and two index entries of its own.
"""

from __future__ import annotations

from alembic import context, op

revision = "lab_0003"
down_revision = "lab_0002"
branch_labels = None
depends_on = None

# The verdict may change when a later judgement comes; all else of a sealed episode may not.
UPGRADE = """
ALTER TABLE episode ADD COLUMN body bytea, ADD COLUMN score double precision,
    ADD COLUMN passed boolean;
ALTER TABLE episode ALTER COLUMN body SET STORAGE EXTERNAL;
DROP TRIGGER episode_sealed ON episode;
CREATE TRIGGER episode_sealed BEFORE UPDATE OF id, key, run, task, actor, sample, gym, skill,
    status, route, tags, header, content, body ON episode
    FOR EACH ROW EXECUTE FUNCTION episode_sealed();
UPDATE episode SET score = newest.score, passed = newest.passed FROM (
    SELECT DISTINCT ON (episode) episode, score, passed FROM judgement ORDER BY episode, id DESC
) AS newest WHERE newest.episode = episode.id AND episode.status = 'done';
CREATE INDEX episode_outcome ON episode (actor, skill, passed, id);
"""


def upgrade() -> None:
    """Add the columns, fill the verdicts in, and index them."""
    op.execute(UPGRADE)
    op.execute(f"GRANT UPDATE (score, passed) ON episode TO {context.config.attributes['role']}")


def downgrade() -> None:
    """Go back; short bodies become segments again."""
    op.execute("""
        INSERT INTO segment (sha256, data, count, refs, key)
            SELECT sha256(body), (array_agg(body))[1], 1, count(*), 'none' FROM episode
            WHERE body IS NOT NULL GROUP BY sha256(body)
            ON CONFLICT (sha256) DO UPDATE SET refs = segment.refs + excluded.refs;
        DROP TRIGGER episode_sealed ON episode;
        CREATE TRIGGER episode_sealed BEFORE UPDATE ON episode
            FOR EACH ROW EXECUTE FUNCTION episode_sealed();
        DROP INDEX episode_outcome;
        ALTER TABLE episode DROP COLUMN body, DROP COLUMN score, DROP COLUMN passed;
    """)
