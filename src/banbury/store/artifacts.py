"""Artifacts: what stages leave for one another, and the rows of a release."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from banbury import clock
from banbury.episode import Blob, canonical, new_id
from banbury.errors import InputError, UnknownName
from banbury.store import boxes, lab_tables, wire
from banbury.store.database import Database, raw
from banbury.store.keyring import Keyring
from banbury.store.rows import copy

A_ = lab_tables.artifact.c
R_ = lab_tables.release_row.c
_blobs = msgspec.json.Decoder(dict[str, Blob]).decode
_ROW = {
    "release": "uuid",
    "episode": "uuid",
    "task": "text",
    "split": "text",
    "sha256": "text",
}


_KIN = 500


class Artifact(msgspec.Struct, frozen=True):
    """Something that a stage made; never changed, a new version is made instead.

    Attributes:
        id: UUIDv7.
        kind: `map`, `checkpoint`, `release`, `comparison`, ...
        name: name within the kind.
        version: 1, 2, 3, ... per kind and name.
        body: JSON object.
        blobs: files that belong to it, by name.
        parents: ids of artifacts, episodes or tasks that it was made from.
        created_ns: UTC nanoseconds.
    """

    id: str
    kind: str
    name: str
    version: int
    body: dict[str, Any]
    blobs: dict[str, Blob]
    parents: tuple[str, ...]
    created_ns: int


class ReleaseRow(msgspec.Struct, frozen=True):
    """One episode in a release: its task, the release's own split, the hash of its content."""

    episode: str
    task: str
    split: str
    sha256: str


def put(
    database: Database,
    kind: str,
    name: str,
    body: Mapping[str, Any],
    blobs: Mapping[str, Blob],
    parents: Sequence[str],
    *,
    same_but: Collection[str] | None = None,
    rows: Iterable[ReleaseRow] = (),
) -> Artifact:
    """Keep an artifact as the next version of its name, with its release rows if it has any.

    Raises:
        InputError: the body is no JSON object, or a blob or an episode is not in this lab.
        Reserved: a release row's task, or its episode's, is reserved.
    """
    try:
        encoded = canonical(dict(body))
        plain = _opened(encoded, database.keyring)
    except (TypeError, ValueError, msgspec.MsgspecError) as error:
        raise InputError(
            f"the body is no JSON object: {error}", where=f"artifact {kind} {name}"
        ) from error
    made = Artifact(new_id(), kind, name, 0, plain, dict(blobs), tuple(parents), clock.wall_ns())
    said = list(rows)

    def work(connection: sa.Connection) -> Artifact:
        # One at a time per name, so that versions have no holes and no twins.
        connection.execute(
            sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"{kind}\n{name}")))
        )
        mine = sa.select(lab_tables.artifact).where(A_.id == made.id)
        if (stored := connection.execute(mine).one_or_none()) is not None:
            return _artifact(stored, database.keyring)
        _hold_blobs(connection, made)
        last = connection.execute(_versions(kind, name).limit(1)).one_or_none()
        kept = None if last is None else _artifact(last, database.keyring)
        if kept is None or same_but is None or not _same(kept, made, same_but):
            kept = msgspec.structs.replace(made, version=kept.version + 1 if kept else 1)
            row = {k: getattr(kept, k) for k in ("id", "kind", "name", "version", "created_ns")}
            row |= {"body": encoded, "blobs": canonical(kept.blobs), "parents": list(parents)}
            connection.execute(lab_tables.artifact.insert(), row)
        if said:
            _say(connection, kept.id, said)
        return kept

    return database.run(work)


def _versions(kind: str, name: str) -> sa.Select[*tuple[Any, ...]]:
    query = sa.select(lab_tables.artifact).where(A_.kind == kind, A_.name == name)
    return query.order_by(A_.version.desc())


def _hold_blobs(connection: sa.Connection, made: Artifact) -> None:
    hashes = {bytes.fromhex(b.sha256) for b in made.blobs.values()}
    there = sa.select(lab_tables.blob.c.sha256).where(lab_tables.blob.c.sha256.in_(hashes))
    if gone := hashes - set(connection.execute(there).scalars()):
        raise InputError(
            "an artifact names a blob that is not in this lab",
            where=f"sha256 {min(gone).hex()}",
            do="keep it first: lab.blobs.put",
        )


def _same(kept: Artifact, made: Artifact, but: Collection[str]) -> bool:
    """Say whether two artifacts hold the same, whatever stands under the names in `but`."""
    bodies = [{k: v for k, v in a.body.items() if k not in but} for a in (kept, made)]
    return bodies[0] == bodies[1] and (kept.blobs, kept.parents) == (made.blobs, made.parents)


def get(database: Database, kind: str, name_or_id: str, version: int | None) -> Artifact:
    """Return an artifact by id, or by name: the newest version unless one is asked for.

    Raises:
        UnknownName: there is none; the nearest names, or versions, are listed.
    """
    named = A_.name == name_or_id
    if _is_id(name_or_id):
        named = named | (A_.id == name_or_id)
    query = sa.select(lab_tables.artifact).where(A_.kind == kind, named)
    if version is not None:
        query = query.where(A_.version == version)
    query = query.order_by(A_.version.desc()).limit(1)
    row = database.run(lambda c: c.execute(query).one_or_none())
    if row is not None:
        return _artifact(row, database.keyring)
    names = sa.select(A_.name, A_.version).where(A_.kind == kind)
    there = database.run(lambda c: c.execute(names).all())
    versions = [str(r.version) for r in there if r.name == name_or_id]
    if version is not None and versions:
        raise UnknownName(f"version of {kind} {name_or_id}", str(version), versions)
    raise UnknownName(kind, name_or_id, {r.name for r in there})


def listed(database: Database, kind: str) -> list[Artifact]:
    """Return all artifacts of a kind, the newest last."""
    query = sa.select(lab_tables.artifact).where(A_.kind == kind).order_by(A_.id)
    return [
        _artifact(row, database.keyring) for row in database.run(lambda c: c.execute(query).all())
    ]


class Header(msgspec.Struct, frozen=True):
    """An artifact without its body; see `Artifact`."""

    id: str
    kind: str
    name: str
    version: int
    parents: tuple[str, ...]
    created_ns: int


def newest(database: Database) -> dict[str, Artifact]:
    """Return the newest artifact of each kind."""
    query = sa.select(lab_tables.artifact).ext(distinct_on(A_.kind)).order_by(A_.kind, A_.id.desc())
    rows = database.run(lambda c: c.execute(query).all())
    return {row.kind: _artifact(row, database.keyring) for row in rows}


def headers(database: Database, kind: str | None, before: str | None, limit: int) -> list[Header]:
    """Return artifacts without their bodies, the newest first, from behind the id `before`."""
    query = sa.select(A_.id, A_.kind, A_.name, A_.version, A_.parents, A_.created_ns)
    if kind is not None:
        query = query.where(A_.kind == kind)
    if before is not None:
        query = query.where(A_.id < str(wire.as_uuid(before, "artifact")))
    query = query.order_by(A_.id.desc()).limit(limit)
    rows = database.run(lambda c: c.execute(query).all())
    return [Header(r.id, r.kind, r.name, r.version, tuple(r.parents), r.created_ns) for r in rows]


def kinds(database: Database, ids: Collection[str]) -> dict[str, Header]:
    """Return the artifacts among these ids, without their bodies."""
    known = [id for id in ids if _is_id(id)]
    query = sa.select(A_.id, A_.kind, A_.name, A_.version, A_.parents, A_.created_ns)
    rows = database.run(lambda c: c.execute(query.where(A_.id.in_(known))).all()) if known else []
    return {
        r.id: Header(r.id, r.kind, r.name, r.version, tuple(r.parents), r.created_ns) for r in rows
    }


def _opened(body: bytes, keyring: Keyring) -> dict[str, Any]:
    """Return a body with people's words as they were; see `Lab.sealed`."""
    plain = msgspec.json.decode(body, type=dict[str, Any])
    return boxes.open_all(plain, keyring) if boxes.MARKED in body else plain


def _artifact(row: sa.Row[*tuple[Any, ...]], keyring: Keyring) -> Artifact:
    return Artifact(
        row.id,
        row.kind,
        row.name,
        row.version,
        _opened(bytes(row.body), keyring),
        _blobs(row.blobs),
        tuple(row.parents),
        row.created_ns,
    )


def _is_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def put_release_rows(database: Database, release: str, rows: Iterable[ReleaseRow]) -> None:
    """Say which episodes a release holds, all or none; those said before stay.

    Raises:
        Reserved: a row's task, or its episode's, is reserved.
        InputError: the release or an episode is not in this lab.
    """
    said = list(rows)
    database.run(lambda c: _say(c, release, said))


def _say(connection: sa.Connection, release: str, rows: Iterable[ReleaseRow]) -> None:
    id = wire.as_uuid(release, "release")
    # Sorted, so that two releases lock the tasks in one order.
    sent = [
        (id, wire.as_uuid(r.episode, "episode"), r.task, r.split, r.sha256)
        for r in sorted(rows, key=lambda r: (r.task, r.episode))
    ]
    link = raw(connection)
    link.execute(
        "CREATE TEMPORARY TABLE IF NOT EXISTS incoming_release_row ON COMMIT DELETE ROWS AS "
        "SELECT * FROM release_row WITH NO DATA"
    )
    copy(link, "incoming_release_row", _ROW, sent)
    link.execute(
        "INSERT INTO release_row SELECT * FROM incoming_release_row ORDER BY task, episode "
        "ON CONFLICT DO NOTHING"
    )


def release_rows(database: Database, release: str) -> list[ReleaseRow]:
    """Return what a release holds, in the order of the episodes' ids."""
    query = sa.select(lab_tables.release_row).order_by(R_.episode)
    query = query.where(R_.release == str(wire.as_uuid(release, "release")))
    rows = database.run(lambda c: c.execute(query).all())
    return [ReleaseRow(r.episode, r.task, r.split, r.sha256) for r in rows]


class Kin(msgspec.Struct, frozen=True):
    """An artifact without what it holds: what a lineage needs of it."""

    id: str
    kind: str
    name: str
    version: int
    parents: tuple[str, ...]
    created_ns: int


def kin(database: Database, ids: Sequence[str], *, children: bool) -> list[Kin]:
    """Return the artifacts of these ids, or those made from them, the oldest first."""
    query = sa.select(A_.id, A_.kind, A_.name, A_.version, A_.parents, A_.created_ns)
    if children:
        query = query.where(A_.parents.op("&&")(sa.literal(list(ids), sa.ARRAY(sa.Text))))
    else:
        query = query.where(A_.id.in_([id for id in ids if _is_id(id)]))
    rows = database.run(lambda c: c.execute(query.order_by(A_.id).limit(_KIN)).all())
    return [Kin(r.id, r.kind, r.name, r.version, tuple(r.parents), r.created_ns) for r in rows]


def release_page(
    database: Database, release: str, limit: int, after: str | None
) -> list[ReleaseRow]:
    """Return some of what a release holds, in the order of the episodes' ids."""
    query = sa.select(lab_tables.release_row).order_by(R_.episode).limit(limit)
    query = query.where(R_.release == str(wire.as_uuid(release, "release")))
    if after is not None:
        query = query.where(R_.episode > str(wire.as_uuid(after, "episode")))
    rows = database.run(lambda c: c.execute(query).all())
    return [ReleaseRow(r.episode, r.task, r.split, r.sha256) for r in rows]
