"""Erasing: a person's key of a lab is destroyed, and what stays of them is what they allowed.

What may stay comes out from under the key first. Then the key is destroyed, and with it all the
rest, in every copy of it. Then the rows say so. Each step can be made again, and is: whoever calls
after a crash goes on where it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Literal

import msgspec

from banbury import clock
from banbury.episode import Blob, Failure
from banbury.errors import CorruptBlob, InputError
from banbury.store import boxes, rekeying, wire
from banbury.store.blobs import Blobs
from banbury.store.database import Database, raw
from banbury.store.keyring import TOGETHER, quoted, work_key
from banbury.store.queue.withdrawing import withdraw
from banbury.store.server import Connection
from banbury.store.uploads import Uploads

Stays = Literal["nothing", "answers", "all"]
ERASED = "erased"
"""The tag of an episode that is erased."""
RELEASE, EXPORT = "release", "export"
"""What begins the keys of files that hold what people did, made for others to take."""
_PAGE = 200


class Erasure(msgspec.Struct, frozen=True):
    """What was erased of a person in a lab.

    Attributes:
        person: their pseudonym.
        stays: what they allowed to stay.
        episodes: erased; their rows stay, and say so.
        kept: episodes that stay, without a key.
        files: erased.
        kept_files: files that stay, without a key.
        begun_ns: UTC nanoseconds.
        ended_ns: when all was done, 0 before.
    """

    person: str
    stays: Stays
    episodes: int = 0
    kept: int = 0
    files: int = 0
    kept_files: int = 0
    begun_ns: int = 0
    ended_ns: int = 0


_ERASURES = """
SELECT person, (array_agg(stays ORDER BY length(key)))[1], sum(episodes)::bigint,
    sum(kept)::bigint, sum(files)::bigint, sum(kept_files)::bigint, min(begun_ns),
    CASE WHEN bool_and(ended_ns IS NOT NULL) THEN max(ended_ns) ELSE 0 END
FROM erasure GROUP BY person ORDER BY min(begun_ns), person
"""
_SHARED = """
SELECT DISTINCT body_key FROM episode WHERE starts_with(body_key, %(begins)s)
    AND strpos(body_key, %(between)s) > 0
    AND %(person)s = ANY(string_to_array(substr(body_key, length(%(begins)s) + 1), %(between)s))
"""
_BEGIN = (
    "INSERT INTO erasure (key, person, stays, begun_ns) VALUES (%s, %s, %s, %s) "
    "ON CONFLICT DO NOTHING"
)
_ADD = "UPDATE erasure SET {name} = {name} + %s WHERE key = %s"
_GONE = """
SELECT id, header FROM episode WHERE body_key = %s AND NOT (tags @> ARRAY[%s])
ORDER BY id LIMIT %s FOR UPDATE
"""
_VOID = """
UPDATE episode SET status = %s, tags = %s, header = %s, content = %s, body = NULL, score = NULL,
    passed = NULL WHERE id = %s
"""
_WORDED = "SELECT id, reasons FROM lease WHERE EXISTS (SELECT FROM unnest(reasons) r WHERE {})"
_HOLDING = """
SELECT DISTINCT b.key FROM episode e JOIN release_row r ON r.episode = e.id
    JOIN artifact a ON a.id = r.release
    CROSS JOIN LATERAL jsonb_each(convert_from(a.blobs, 'UTF8')::jsonb) AS f (name, blob)
    JOIN blob b ON b.sha256 = decode(f.blob ->> 'sha256', 'hex') AND starts_with(b.key, %s)
WHERE e.body_key = %s
"""


class Erasing:
    """Erases one person in one lab; see `Lab.erase`."""

    def __init__(self, database: Database, lab: str, blobs: Blobs, uploads: Uploads) -> None:
        self._database = database
        self._lab = lab
        self._blobs = blobs
        self._uploads = uploads
        self._keyring = database.keyring

    def erase(self, person: str, stays: Stays) -> Erasure:
        """Erase a person, or go on with what was begun, as it was begun.

        Raises:
            InputError: nobody is named, or this may not stay.
        """
        if not person or stays not in ("nothing", "answers", "all"):
            raise InputError(
                f"{stays!r} of {person!r} cannot stay",
                do="name a person, and `nothing`, `answers` or `all`",
            )
        own = work_key(self._lab, person)
        self._say(_BEGIN, [own, person, stays, clock.wall_ns()])
        # What they did together with others stays for none of them.
        for key in self._shared(person):
            self._say(_BEGIN, [key, person, "nothing", clock.wall_ns()])
        query = "SELECT key, stays FROM erasure WHERE person = %s AND ended_ns IS NULL ORDER BY key"
        left = self._database.ask(lambda c: raw(c).execute(query, [person]).fetchall())
        for key, stays_ in left:
            self._erased(key, person, stays_)
        [done] = [e for e in self.erasures() if e.person == person]
        return done

    def erasures(self) -> list[Erasure]:
        """Return all that was erased, the oldest first."""
        return [Erasure(*row) for row in self._database.ask(lambda c: raw(c).execute(_ERASURES))]

    def _shared(self, person: str) -> list[str]:
        """Return the keys of what a person did together with others."""
        begins = work_key(self._lab)
        given = {"begins": begins, "person": quoted(person), "between": TOGETHER}
        rows = self._database.ask(lambda c: raw(c).execute(_SHARED, given).fetchall())
        return [key for (key,) in rows]

    def _erased(self, key: str, person: str, stays: Stays) -> None:
        withdraw(self._database, person, answers=stays == "nothing")
        if stays != "nothing" and self._keyring.has(key):
            self._spare(key, stays == "all")
        if stays != "all":
            self._withdrawn(key)
        self._keyring.destroy(key)
        self._marked(key)
        self._removed(key, person)
        self._say("UPDATE erasure SET ended_ns = %s WHERE key = %s", [clock.wall_ns(), key])

    def _say(self, statement: str, values: Sequence[Any]) -> int:
        return self._database.run(lambda c: raw(c).execute(statement, values).rowcount)

    def _spare(self, key: str, whole: bool) -> None:
        """Take what stays out from under the key."""
        if whole:
            for blob in self._files(key):
                self._freed(blob, key)
            self._worded(key)
            self._named(key)
        rekeying.rekey(self._database, self._lab, key, whole=whole)

    def _files(self, key: str) -> list[Blob]:
        query = "SELECT sha256, size, media FROM blob WHERE key = %s ORDER BY sha256"
        rows = self._database.ask(lambda c: raw(c).execute(query, [key]).fetchall())
        return [Blob(bytes(sha256).hex(), size, media, key) for sha256, size, media in rows]

    def _freed(self, blob: Blob, key: str) -> None:
        """Keep a file that stays once more without a key, and remove the one that has it."""
        with suppress(CorruptBlob):
            with self._blobs.open(blob.sha256) as file:
                self._blobs.put(file, blob.media)
        self._drop(blob, "kept_files")

    def _worded(self, key: str) -> None:
        """Open the reasons of a person that stay."""
        mine = boxes.under(key)

        def work(connection: Any) -> None:
            link = raw(connection)
            found = link.execute(_WORDED.format("starts_with(r, %s)"), [mine]).fetchall()
            for id, words in found:
                said = [
                    boxes.open_words([w], self._keyring)[0] if w.startswith(mine) else w
                    for w in words
                ]
                link.execute("UPDATE lease SET reasons = %s WHERE id = %s", [said, id])

        self._database.run(work)

    def _named(self, key: str) -> None:
        """Open the names of uploads that stay."""

        def work(connection: Any) -> None:
            link = raw(connection)
            query = "SELECT id, name, fingerprint FROM upload WHERE key = %s AND state = 'kept'"
            for id, *words in link.execute(query, [key]).fetchall():
                name, mark = boxes.open_words(words, self._keyring)
                statement = (
                    "UPDATE upload SET name = %s, fingerprint = %s, key = 'none' WHERE id = %s"
                )
                link.execute(statement, [name, mark, id])

        self._database.run(work)

    def _withdrawn(self, key: str) -> None:
        """Destroy the keys of files for others that hold what does not stay, where it is ours.

        An export can be made again; a release keeps its rows, and is made again as the next
        version.
        """
        exports = "SELECT DISTINCT key FROM blob WHERE starts_with(key, %s)"
        begins = [f"{EXPORT}:{self._lab}:"]
        held = self._database.ask(lambda c: raw(c).execute(exports, begins).fetchall())
        values = [f"{RELEASE}:{self._lab}:", key]
        held += self._database.ask(lambda c: raw(c).execute(_HOLDING, values).fetchall())
        for (other,) in held:
            self._keyring.destroy(other)

    def _marked(self, key: str) -> None:
        """Say of each episode that is still under the key that it is erased."""

        def work(connection: Any) -> int:
            link = raw(connection)
            page = link.execute(_GONE, [key, ERASED, _PAGE], binary=True).fetchall()
            for id, header in page:
                _void(link, header, str(id), self._lab)
            link.execute(_ADD.format(name="episodes"), [len(page), key])
            return len(page)

        while self._database.run(work) == _PAGE:
            pass
        journal = "DELETE FROM journal j USING episode e WHERE e.id = j.episode AND e.body_key = %s"
        self._say(journal, [key])
        self._say("DELETE FROM segment WHERE key = %s", [key])

    def _removed(self, key: str, person: str) -> None:
        """Remove the person's files, and the rows that named them."""
        for blob in self._files(key):
            self._drop(blob, "files")
        self._uploads.forget(person, key)

    def _drop(self, blob: Blob, counted: str) -> None:
        statement = _ADD.format(name=counted)
        self._blobs.drop(blob, lambda link: _noted(link, statement, blob.key))


def _noted(link: Connection, statement: str, key: str) -> None:
    link.execute(statement, [1, key])


def _void(link: Connection, header: bytes, id: str, lab: str) -> None:
    episode = wire.decode_header(header, id, lab)
    # One that failed gave up its idempotency key, which another may have by now.
    failed = episode.status == "failed"
    gone = msgspec.structs.replace(
        episode,
        status="failed" if failed else "void",
        segments=(),
        failure=Failure(episode.failure.boundary, boxes.GONE) if episode.failure else None,
        tags=(*episode.tags, ERASED),
    )
    data, content = wire.encode_header(gone)
    link.execute(_VOID, [gone.status, list(gone.tags), data, content, id])
