"""The hash of a task's text stands in its row, so that a draw asks only about its candidates."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from alembic import op

from banbury.episode import Task

revision = "lab_0006"
down_revision = "lab_0005"
branch_labels = None
depends_on = None

_PAGE = 1000


def upgrade() -> None:
    """Add the column, fill it in for the tasks that are there, and index it."""
    op.execute("ALTER TABLE task ADD COLUMN text bytea")
    link, after = op.get_bind(), -1
    page = sa.text("SELECT id, pos, body FROM task WHERE pos > :after ORDER BY pos LIMIT :size")
    fill = sa.text("UPDATE task SET text = :text WHERE id = :id")
    while rows := link.execute(page, {"after": after, "size": _PAGE}).all():
        tasks = [(r.id, msgspec.msgpack.decode(r.body, type=Task)) for r in rows]
        link.execute(fill, [{"id": id, "text": task.public.text_hash} for id, task in tasks])
        after = rows[-1].pos
    op.execute("ALTER TABLE task ALTER COLUMN text SET NOT NULL")
    op.execute("CREATE INDEX task_text ON task (text)")


def downgrade() -> None:
    """Remove it."""
    op.execute("ALTER TABLE task DROP COLUMN text")
