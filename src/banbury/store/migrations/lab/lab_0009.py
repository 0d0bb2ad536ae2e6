"""Lists of episodes page by index whatever they are filtered by, and an episode knows its children.

Before, parents stood in the packed header alone, so nothing could ask what was forked from, or
corrects, an episode; and a list of one actor's or one gym's episodes read all the others too.
"""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from alembic import op

from banbury.episode import Episode
from banbury.store.rows import parents_of

revision = "lab_0009"
down_revision = "lab_0008"
branch_labels = None
depends_on = None

_PAGE = 2000
INDEXES = """
CREATE INDEX episode_parents ON episode USING gin (parents) WHERE parents <> '{}';
CREATE INDEX episode_actor ON episode (actor COLLATE "C", id);
CREATE INDEX episode_gym ON episode (gym, id);
CREATE INDEX episode_rest ON episode (status, id) WHERE status <> 'done';
"""


def upgrade() -> None:
    """Add the column, fill it in for the episodes that are there, and index."""
    op.execute("ALTER TABLE episode ADD COLUMN parents text[] NOT NULL DEFAULT '{}'")
    link, after = op.get_bind(), "00000000-0000-0000-0000-000000000000"
    page = sa.text("SELECT id, header FROM episode WHERE id > :after ORDER BY id LIMIT :size")
    fill = sa.text("UPDATE episode SET parents = :parents WHERE id = :id")
    while rows := link.execute(page, {"after": after, "size": _PAGE}).all():
        read = [(r.id, parents_of(msgspec.msgpack.decode(r.header, type=Episode))) for r in rows]
        if filled := [{"id": i, "parents": list(ids)} for i, ids in read if ids]:
            link.execute(fill, filled)
        after = str(rows[-1].id)
    op.execute(INDEXES)


def downgrade() -> None:
    """Remove them."""
    op.execute("DROP INDEX episode_rest, episode_gym, episode_actor")
    op.execute("ALTER TABLE episode DROP COLUMN parents")
