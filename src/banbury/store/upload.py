"""Upload: a file that comes piece by piece, and its row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from banbury import clock
from banbury.episode import NO_KEY, Blob, new_id
from banbury.errors import InputError, Misplaced, UnknownName
from banbury.store import boxes, wire
from banbury.store.keyring import Keyring
from banbury.store.server import Connection

State = Literal["open", "whole", "kept"]

LARGEST = 1 << 40
"""Bytes of one file: a terabyte."""
OPEN = 40
"""Uploads that one person may have unfinished in a lab."""
HOUR_NS = 3600 * 10**9
EMPTY_NS = HOUR_NS
"""How long an upload is kept to which no byte ever came: it holds room for nothing."""
_GB = 10**9
_MEDIA = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that no name needs; some turn the ones beside them, so that it reads as another."""


class Upload(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file that comes piece by piece.

    Attributes:
        id: UUIDv7.
        name: what its sender calls it, without folders.
        size: bytes of the whole.
        received: bytes that are on the disk for good; the next one goes there.
        media: its media type, in the sender's words.
        person: the lab's pseudonym of the sender.
        task: id of the task it belongs to, "" for none.
        fingerprint: by which its sender knows it again, "" for none.
        state: `open`, `whole` (all bytes are there) or `kept` (it is a blob).
        sha256: of the whole, "" before it is known.
        created_ns: UTC nanoseconds.
        touched_ns: when the last byte came.
        expires_ns: when an open one is removed.
        key: under which what came of it is sealed, its name and its fingerprint too.
    """

    id: str
    name: str
    size: int
    received: int = 0
    media: str = "application/octet-stream"
    person: str = ""
    task: str = ""
    fingerprint: str = ""
    state: State = "open"
    sha256: str = ""
    created_ns: int = 0
    touched_ns: int = 0
    expires_ns: int = 0
    key: str = NO_KEY

    @property
    def blob(self) -> Blob:
        """Return the blob that it became.

        Raises:
            InputError: it is none yet.
        """
        if self.state != "kept":
            raise InputError(f"the upload {self.name!r} is not whole yet", where=self.id)
        return Blob(self.sha256, self.size, self.media, self.key)


COLUMNS = (
    "id, name, size, received, media, person, task, fingerprint, state, sha256, "
    "created_ns, touched_ns, expires_ns, key"
)


def checked(
    name: str, size: int, person: str, task: str, media: str, fingerprint: str, key: str
) -> Upload:
    """Return a new upload, of which nothing is there yet.

    Raises:
        InputError: the file is empty or too large, or a text is too long.
    """
    short = _CONTROL.sub("", name.replace("\\", "/").rpartition("/")[2]).strip()[:200] or "file"
    if not 0 < size <= LARGEST:
        what = "is empty" if size == 0 else f"may have 1 to {LARGEST:,} bytes, not {size:,}"
        raise InputError(f"the file {short!r} {what}", where=short)
    for what, text in (("task", task), ("fingerprint", fingerprint), ("person", person)):
        if len(text) > 500:
            raise InputError(f"this {what} has {len(text)} characters; at most 500 are kept")
    if not person:
        raise InputError("an upload has a person who sends it")
    now = clock.wall_ns()
    return Upload(
        new_id(),
        short,
        size,
        media=media if _MEDIA.fullmatch(media) else "application/octet-stream",
        person=person,
        task=task,
        fingerprint=fingerprint,
        created_ns=now,
        touched_ns=now,
        expires_ns=now + EMPTY_NS,
        key=key,
    )


def insert(link: Connection, new: Upload, keyring: Keyring, most: int = 0) -> None:
    """Keep a new row, if its person has not too much that is unfinished; see `allowed`."""
    link.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [new.person])
    allowed(link, new, most)
    statement = (
        "INSERT INTO upload (id, name, size, media, person, task, fingerprint, created_ns, "
        "touched_ns, expires_ns, key) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (id) DO NOTHING"
    )
    n = new
    name, mark = worded(n.name, n.key, keyring), worded(n.fingerprint, n.key, keyring)
    values = [n.id, name, n.size, n.media, n.person, n.task, mark]
    link.execute(statement, [*values, n.created_ns, n.touched_ns, n.expires_ns, n.key])


def allowed(link: Connection, new: Upload, most: int) -> None:
    """Let an upload pass whose person has not too much that is unfinished.

    Args:
        link: to the lab's rows.
        new: the upload.
        most: bytes that its person may have declared and not sent yet, 0 for no bound.

    Raises:
        InputError: there are too many, or it is too much.
    """
    query = (
        "SELECT count(*), coalesce(sum(size - received), 0)::bigint FROM upload "
        "WHERE person = %s AND state = 'open'"
    )
    [(count, coming)] = link.execute(query, [new.person]).fetchall()
    if count >= OPEN:
        raise InputError(
            f"you have {count} uploads that are not finished",
            do="let them go on to their ends, or remove some",
        )
    if most and coming + new.size > most:
        raise _too_much(coming, new.size, most)


def _too_much(coming: int, size: int, most: int) -> InputError:
    more = f"{coming / _GB:.1f} GB are still to come already, " if coming else ""
    return InputError(
        f"this file has {size / _GB:.1f} GB, {more}and here one person may have at most "
        f"{most / _GB:g} GB on the way at a time",
        do="let your other uploads go on to their ends, or remove some"
        if size <= most
        else "ask whoever runs the campaign to allow more on its page",
    )


def worded(text: str, key: str, keyring: Keyring) -> str:
    """Return a text as the row has it: the same text under the same key is the same."""
    if key == NO_KEY or not text:
        return text
    [box] = boxes.seal_words([text], key, keyring)
    return box


def keep(link: Connection, upload: Upload) -> None:
    """Note that an upload is a blob, and the blob, at once."""
    statement = (
        "INSERT INTO blob (sha256, size, media, key, created_ns) VALUES (%s, %s, %s, %s, %s)"
    )
    values = [bytes.fromhex(upload.sha256), upload.size, upload.media, upload.key, clock.wall_ns()]
    link.execute(f"{statement} ON CONFLICT DO NOTHING", values)
    link.execute("UPDATE upload SET state = 'kept' WHERE id = %s", [key_of(upload.id)])


def begins(upload: Upload, offset: int) -> None:
    """Let an append begin where the upload ends.

    Raises:
        Misplaced: it ends elsewhere, or is whole.
    """
    if upload.state != "open":
        raise Misplaced(f"all {upload.size:,} bytes of {upload.name!r} are there already")
    if offset != upload.received:
        raise Misplaced(
            f"{upload.received:,} bytes of {upload.name!r} are there, and these begin "
            f"at {offset:,}",
            do="ask where the upload ends, and go on there",
        )


def made(row: Sequence[Any], keyring: Keyring) -> Upload:
    """Return a row of `COLUMNS` as an upload."""
    id, name, size, received, media, person, task, mark, state, sha256, *times = row
    digest = "" if sha256 is None else bytes(sha256).hex()
    name, mark = boxes.open_words((name, mark), keyring)
    return Upload(str(id), name, size, received, media, person, task, mark, state, digest, *times)


def key_of(id: str) -> str:
    """Return an upload's id as the store writes it.

    Raises:
        InputError: it is no UUID.
    """
    return str(wire.as_uuid(id, "upload"))


def unknown(id: str) -> UnknownName:
    """Return the error that says that there is no such upload."""
    return UnknownName(
        "upload", id, (), hint="It may have been removed; begin anew and send the file again"
    )
