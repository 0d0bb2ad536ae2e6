"""A checkpoint that was trained on a release is a copy of what is in it.

Those that are there already are listed too: each under its own id, with the people of its release.
"""

from __future__ import annotations

from alembic import op

revision = "lab_0017"
down_revision = "lab_0016"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE delivery DROP CONSTRAINT delivery_kind_check;
ALTER TABLE delivery ADD CONSTRAINT delivery_kind_check
    CHECK (kind IN ('built', 'exported', 'downloaded', 'read', 'trained'));
ALTER TABLE delivery ADD COLUMN place text NOT NULL DEFAULT '';
"""
TRAINED = """
INSERT INTO delivery (id, kind, what, version, format, who, episodes, people, sha256, made_ns,
    place)
SELECT t.id, 'trained', left('release ' || r.name, 300), r.version, '', 'the machine',
    (SELECT count(*) FROM release_row w WHERE w.release = r.id), 0,
    coalesce(convert_from(t.body, 'UTF8')::jsonb ->> 'revision', ''), t.created_ns,
    t.kind || ' ' || t.name
FROM artifact t JOIN artifact r ON r.kind = 'release' AND r.id::text = ANY(t.parents)
WHERE t.kind = 'checkpoint' OR (t.kind = 'adapter' AND NOT EXISTS (
    SELECT FROM artifact c WHERE c.kind = 'checkpoint' AND r.id::text = ANY(c.parents)
        AND starts_with(t.name, c.name || '/')
))
ON CONFLICT DO NOTHING;
"""
"""Adapters alone are of a training that never ended."""
WHOSE = """
INSERT INTO delivery_person (delivery, person, episodes)
SELECT t.id, p.person, max(p.episodes) FROM delivery t
    JOIN delivery b ON b.kind = 'built' AND (b.what, b.version) = (t.what, t.version)
    JOIN delivery_person p ON p.delivery = b.id
WHERE t.kind = 'trained' GROUP BY t.id, p.person;
INSERT INTO delivery_person (delivery, person, episodes)
SELECT t.id, l.person, count(DISTINCT e.id) FROM delivery t
    JOIN artifact a ON a.id = t.id
    JOIN artifact r ON r.kind = 'release' AND r.id::text = ANY(a.parents)
    JOIN release_row w ON w.release = r.id
    JOIN episode e ON e.id = w.episode
    JOIN lease l ON l.person = split_part(e.actor, '@', 1)
WHERE t.kind = 'trained' GROUP BY t.id, l.person
ON CONFLICT DO NOTHING;
UPDATE delivery d SET people = (SELECT count(*) FROM delivery_person p WHERE p.delivery = d.id)
WHERE kind = 'trained';
"""
"""From what was written down as it was built, which knows whose work was mended; and from the rows
of a release that is older than that."""


def upgrade() -> None:
    """Let it be written down, and write down what was trained until now."""
    for statement in (COLUMNS, TRAINED, WHOSE):
        op.execute(statement)


def downgrade() -> None:
    """Forget what was trained on what."""
    op.execute("""
        DELETE FROM delivery WHERE kind = 'trained';
        ALTER TABLE delivery DROP COLUMN place;
        ALTER TABLE delivery DROP CONSTRAINT delivery_kind_check;
        ALTER TABLE delivery ADD CONSTRAINT delivery_kind_check
            CHECK (kind IN ('built', 'exported', 'downloaded', 'read'));
    """)
