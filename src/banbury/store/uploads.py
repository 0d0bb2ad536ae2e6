"""Uploads: files of many gigabytes that come piece by piece, over days if need be.

A piece is appended to a file beside the lab's blobs and brought to the disk before its end is
acknowledged; the row says how many bytes are acknowledged. Whoever was interrupted asks and goes on
there. When all bytes are there, the SHA-256 of the whole is computed and the file becomes a blob by
being renamed: no second copy, no change.

    open --the last byte--> whole --hashed, renamed--> kept
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.episode import NO_KEY
from banbury.errors import CorruptBlob, Erased, InputError, Occupied, UnknownName
from banbury.store.appending import Append, Checksum, locked
from banbury.store.blobs import Blobs, synced
from banbury.store.database import Database, raw
from banbury.store.embedded import writing
from banbury.store.keyring import work_key
from banbury.store.unfinished import Unfinished
from banbury.store.upload import (
    COLUMNS,
    HOUR_NS,
    State,
    Upload,
    allowed,
    begins,
    checked,
    insert,
    keep,
    key_of,
    made,
    unknown,
    worded,
)

DAYS = 7.0
"""How long one is kept to which no byte comes any more."""
_EQUAL = {"fingerprint": "fingerprint = ANY(%(fingerprint)s)"}


class Uploads:
    """The uploads of one lab; got from `Lab.uploads`.

    Several threads and processes may use them; one at a time writes to each.

    Args:
        blobs: the lab's blobs, beside which the files lie.
        database: the lab's rows.
        lab: the lab's name.
    """

    def __init__(self, blobs: Blobs, database: Database, lab: str) -> None:
        self._blobs = blobs
        self._lab = lab
        self._keyring = database.keyring
        self._database = database
        self._files = Unfinished(blobs.root, database.keyring)

    def create(
        self,
        name: str,
        size: int,
        person: str,
        *,
        task: str = "",
        media: str = "",
        fingerprint: str = "",
        sealed: bool = True,
        most: int = 0,
    ) -> Upload:
        """Make room for a file, none of which is there yet; it is counted with its whole size.

        The same file again, by its fingerprint, is the open upload that is there: whoever did not
        hear the answer asks twice.

        Args:
            name: what its sender calls it.
            size: bytes of the whole.
            person: the lab's pseudonym of the sender.
            task: id of the task it belongs to, "" for none.
            media: its media type.
            fingerprint: by which its sender knows it again, "" for none.
            sealed: under the person's key; not where no person sends it.
            most: bytes that this person may have declared and not sent yet, 0 for no bound.

        Raises:
            Erased: the person is erased.
            InputError: it is empty or too large, a text is too long, this person has too many
                unfinished ones, or more than `most` would be on the way.
            StoreFull: the lab's share of the disk, or the disk, has no room for it.
        """
        key = work_key(self._lab, person) if sealed and person else NO_KEY
        new = checked(name, size, person, task, media, fingerprint, key)
        if key != NO_KEY:
            self._keyring.make(key)
        if fingerprint:
            there = self.listed(person=person, task=task, fingerprint=fingerprint, state="open")
            if there and there[0].size == size:
                return there[0]
        self._database.ask(lambda c: allowed(raw(c), new, most))
        with self._blobs.room.coming() as more:
            more(size)
            self._files.spare(size)
            self._files.make(new.id, new.key)
            try:
                self._database.run(lambda c: insert(raw(c), new, self._keyring, most))
            except BaseException:
                self._files.unlink(new.id)
                raise
            self._blobs.room.took(size)
        return new

    def get(self, id: str) -> Upload:
        """Return an upload as it stands.

        Raises:
            UnknownName: there is none of this id (any more).
        """
        query = f"SELECT {COLUMNS} FROM upload WHERE id = %s"
        key = key_of(id)
        row = self._database.ask(lambda c: raw(c).execute(query, [key]).fetchone())
        if row is None:
            raise unknown(id)
        return made(row, self._keyring)

    def listed(
        self,
        *,
        person: str | None = None,
        task: str | None = None,
        state: State | None = None,
        sha256: str | None = None,
        fingerprint: str | None = None,
        limit: int = 200,
    ) -> list[Upload]:
        """Return uploads, the newest first; what is None does not matter."""
        digest = None if sha256 is None else bytes.fromhex(sha256)
        asked: dict[str, Any] = {"person": person, "task": task, "state": state}
        asked |= {"sha256": digest, "fingerprint": fingerprint}
        given = {k: v for k, v in asked.items() if v is not None}
        if fingerprint is not None:
            given["fingerprint"] = self._marks(fingerprint, person)
        where = " AND ".join(_EQUAL.get(k, f"{k} = %({k})s") for k in given) or "true"
        query = f"SELECT {COLUMNS} FROM upload WHERE {where} ORDER BY id DESC LIMIT %(limit)s"
        values = {**given, "limit": limit}
        rows = self._database.ask(lambda c: raw(c).execute(query, values).fetchall())
        return [made(row, self._keyring) for row in rows]

    def begin(self, id: str, offset: int, checksum: Checksum | None = None) -> Append:
        """Begin to append at the end of what is there; close what is returned.

        What it commits is acknowledged; its last byte makes the upload `whole`.

        Raises:
            UnknownName: there is none of this id (any more).
            Misplaced: the upload does not end at `offset`, or is whole.
            Occupied: somebody else appends to it.
            CorruptBlob: what was acknowledged is gone.
            StoreFull: the disk has too little space left for all labs.
        """
        upload = self.get(id)
        begins(upload, offset)
        self._files.spare(0)
        acknowledge = partial(self._received, id)
        append = Append(self._files.place(id), upload.size, acknowledge, self._files.seal(upload))
        try:
            # It may have become a blob, which nobody changes, before it was locked.
            upload = self.get(id)
            begins(upload, offset)
            append.begin(offset, self._files.whole(id, offset), checksum)
        except BaseException:
            append.close()
            raise
        return append

    def end(self, id: str, append: Append) -> Upload:
        """Let an append go, and return the upload as it stands."""
        append.close()
        if append.whole is not None:
            self._files.note(id, append.whole, append.kept)
        return self.get(id)

    def append(self, id: str, offset: int, data: bytes, checksum: Checksum | None = None) -> Upload:
        """Append bytes at once; all are acknowledged, or none.

        Raises:
            BanburyError: what `begin` raises.
            InputError: there are more than were declared.
            Garbled: they do not have their checksum.
        """
        append = self.begin(id, offset, checksum)
        try:
            append.write(data)
            append.commit()
        finally:
            after = self.end(id, append)
        return after

    def finish(self, id: str, report: Callable[[float], None] | None = None) -> Upload:
        """Make a blob of an upload that is whole; again changes nothing.

        Args:
            id: of the upload.
            report: called with the share that is read, in [0, 1], where the file must be read
                through again, as after a crash.

        Raises:
            UnknownName: there is none of this id.
            InputError: bytes are still missing.
            Occupied: somebody else does this at the moment.
            CorruptBlob: the file is gone.
        """
        upload = self.get(id)
        if upload.state == "open":
            missing = upload.size - upload.received
            raise InputError(f"{missing:,} bytes of {upload.name!r} are missing", where=id)
        place = self._files.place(id)
        if upload.state == "whole" and place.exists():
            upload = self._renamed(upload, report)
        if upload.state == "whole":
            if not upload.sha256:
                raise CorruptBlob("an upload that was whole is gone", where=str(place))
            self._blobs.there(upload.sha256, upload.key)
            self._database.run(lambda c: keep(raw(c), upload))
        return self.get(id)

    def remove(self, id: str) -> None:
        """Remove an upload that is not a blob yet, and what had come of it.

        Raises:
            UnknownName: there is none of this id.
            Occupied: somebody appends to it.
            InputError: it is a blob.
        """
        upload = self.get(id)
        if upload.state == "kept" or not self._removed(upload, "state <> 'kept'"):
            raise InputError(
                f"{upload.name!r} came whole and is a file of the lab now", where=upload.sha256
            )

    def forget(self, person: str, key: str) -> None:
        """Remove a person's uploads that are under a key, whole or not, and what came of them.

        The blobs that they became are not touched.
        """
        query = f"SELECT {COLUMNS} FROM upload WHERE person = %s AND key = %s"
        rows = self._database.ask(lambda c: raw(c).execute(query, [person, key]).fetchall())
        for upload in (made(row, self._keyring) for row in rows):
            self._files.unlink(upload.id)
            self._database.run(partial(_deleted, key_of(upload.id)))
            if upload.state != "kept":
                self._blobs.room.took(-upload.size)

    def sweep(self) -> int:
        """Remove uploads whose time is over, and finish those that a crash left whole.

        Call it from time to time; return how many were removed.
        """
        now = clock.wall_ns()
        query = (
            f"SELECT {COLUMNS} FROM upload WHERE state <> 'kept' "
            "AND (expires_ns < %s OR (state = 'whole' AND touched_ns < %s))"
        )
        values = [now, now - HOUR_NS // 60]
        rows = self._database.ask(lambda c: raw(c).execute(query, values).fetchall())
        gone = 0
        for upload in (made(row, self._keyring) for row in rows):
            with suppress(Occupied, UnknownName, CorruptBlob, Erased):
                if upload.state == "whole":
                    self.finish(upload.id)
                else:
                    gone += self._removed(upload, f"state = 'open' AND expires_ns < {now}")
        self._files.sweep(now, self._known)
        return gone

    def _removed(self, upload: Upload, where: str) -> bool:
        file = -1
        with suppress(CorruptBlob):
            file = locked(self._files.place(upload.id))
        try:
            statement = f"DELETE FROM upload WHERE id = %s AND {where}"
            key = key_of(upload.id)
            gone = self._database.run(lambda c: raw(c).execute(statement, [key]).rowcount)
            if gone:
                self._files.unlink(upload.id)
                self._blobs.room.took(-upload.size)
        finally:
            if file >= 0:
                os.close(file)
        return bool(gone)

    def _known(self, id: str) -> bool:
        try:
            return bool(self.get(id))
        except UnknownName:
            return False

    def _renamed(self, upload: Upload, report: Callable[[float], None] | None) -> Upload:
        place = self._files.place(upload.id)
        append = Append(place, upload.size, lambda at: None, self._files.seal(upload))
        try:
            upload = self.get(upload.id)
            if upload.state != "whole" or not place.exists():
                return upload
            append.whole = self._files.whole(upload.id, upload.size)
            tell = report or (lambda share: None)
            sha256 = upload.sha256 or append.digest(lambda at: tell(at / upload.size))
            statement = "UPDATE upload SET sha256 = %s WHERE id = %s"
            values = [bytes.fromhex(sha256), key_of(upload.id)]
            self._database.run(lambda c: raw(c).execute(statement, values))
            with writing(self._blobs.root):
                self._blobs.adopt(place, sha256, upload.key)
                synced(self._files.folder)
        finally:
            append.close()
        self._files.forget(upload.id)
        return msgspec.structs.replace(upload, sha256=sha256)

    def _received(self, id: str, at: int) -> None:
        """Note how many bytes are on the disk; the last one makes the upload whole."""
        now = clock.wall_ns()
        statement = (
            "UPDATE upload SET received = %s, touched_ns = %s, expires_ns = %s, "
            "state = CASE WHEN size = %s THEN 'whole' ELSE state END "
            "WHERE id = %s AND state = 'open' AND received <= %s"
        )
        values = [at, now, now + round(24 * DAYS * HOUR_NS), at, key_of(id), at]
        if not self._database.run(lambda c: raw(c).execute(statement, values).rowcount):
            raise unknown(id)

    def _marks(self, fingerprint: str, person: str | None) -> list[str]:
        """Return how rows may have a fingerprint: as it is, or under the key of whoever sent it."""
        keys = [] if person is None else [work_key(self._lab, person)]
        if person is None:
            query = "SELECT DISTINCT key FROM upload WHERE key <> 'none'"
            rows = self._database.ask(lambda c: raw(c).execute(query).fetchall())
            keys = [key for (key,) in rows]
        live = [key for key in keys if self._keyring.has(key)]
        return [fingerprint, *(worded(fingerprint, key, self._keyring) for key in live)]


def _deleted(id: str, connection: sa.Connection) -> None:
    raw(connection).execute("DELETE FROM upload WHERE id = %s", [id])
