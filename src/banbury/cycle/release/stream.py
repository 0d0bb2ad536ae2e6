"""A release as one ZIP, made while it is sent: in constant memory, however large it is."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator

import msgspec
import pyarrow.parquet as pq

from banbury.cycle.release import manifest as m
from banbury.cycle.release.export import FORMATS, Export, Format, leaves
from banbury.episode import Source
from banbury.errors import InputError
from banbury.formats import atif
from banbury.store import Artifact, Lab
from banbury.store.deliveries import MACHINE

_CHUNK = 1 << 20
_BATCH = 1_000
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PACKED = (".parquet", ".zip", ".png", ".jpg")
Parts = Iterator[tuple[str, Iterator[bytes]]]


def zipped(
    lab: Lab, release: Artifact, format: Format = "parquet", who: str = MACHINE
) -> Iterator[bytes]:
    """Yield the bytes of a ZIP whose files are those that `export` writes.

    That it leaves is written down before the first of them, with `who` took it.

    Raises:
        InputError: an unknown format.
        CorruptBlob: a file of the release is gone.
    """
    if format not in FORMATS:
        raise InputError(f"there is no format {format!r}", do=f"choose one of {', '.join(FORMATS)}")
    leaves(lab, release, "downloaded", format, who)
    return _zip(_files(lab, release, format))


def _files(lab: Lab, release: Artifact, format: Format) -> Parts:
    if format == "parquet":
        for path in sorted(release.blobs):
            yield path, _blob(lab.blobs.source(release.blobs[path].sha256))
        return
    entries: list[m.File] = []
    made = _trl(lab, release) if format == "trl" else _trajectories(lab, release)
    for path, chunks in made:
        yield path, _hashed(path, chunks, entries)
    whole = Export(
        f"banbury-export/{format}/1", release.name, release.body["sha256"], tuple(entries)
    )
    data = msgspec.json.format(msgspec.json.encode(whole, order="sorted"), indent=2) + b"\n"
    yield m.NAME, iter((data,))


def _hashed(path: str, chunks: Iterable[bytes], entries: list[m.File]) -> Iterator[bytes]:
    """Yield chunks and note, behind the last one, the file's size and hash."""
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
        yield chunk
    entries.append(m.File(path, digest.hexdigest(), size))


def _blob(place: Source) -> Iterator[bytes]:
    with place.open("rb") as source:
        while chunk := source.read(_CHUNK):
            yield chunk


def _trl(lab: Lab, release: Artifact) -> Parts:
    parts: dict[str, list[Source]] = {}
    for path in sorted(release.blobs):
        if path.endswith(".parquet"):
            part = path.removeprefix("data/").split("-", 1)[0]
            parts.setdefault(part, []).append(lab.blobs.source(release.blobs[path].sha256))
    for part in sorted(parts):
        yield f"{part}.jsonl", _lines(parts[part])


def _lines(shards: Iterable[Source]) -> Iterator[bytes]:
    for place in shards:
        with place.open("rb") as file, pq.ParquetFile(file) as shard:
            for batch in shard.iter_batches(_BATCH, columns=["prompt", "completion"]):
                for row in batch.to_pylist():
                    plain = {key: [_without_none(one) for one in row[key]] for key in row}
                    yield msgspec.json.encode(plain) + b"\n"


def _without_none(message: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in message.items() if value is not None}


def _trajectories(lab: Lab, release: Artifact) -> Parts:
    after: str | None = None
    while page := lab.pages.release_rows(release.id, _BATCH, after):
        after = page[-1].episode
        judgements = lab.judgements([row.episode for row in page])
        rows = {row.episode: row for row in page}
        for record in lab.readable(rows):
            row = rows[record.episode.id]
            seats = [s.name for s in record.episode.seats]
            trajectory = atif.write(
                record,
                seat=seats[0] if seats else None,
                task=lab.task(row.task),
                judgements=judgements.get(row.episode, ()),
            )
            path = f"{row.split}/{row.episode}.trajectory.json"
            yield path, iter((atif.dump(trajectory),))


class _Sink(io.RawIOBase):
    """A file that cannot be sought, whose bytes are taken away as they come."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._written

    def write(self, data: object) -> int:
        chunk = bytes(data)  # type: ignore[call-overload]
        self._held.append(chunk)
        self._written += len(chunk)
        return len(chunk)

    def taken(self) -> bytes:
        out, self._held = b"".join(self._held), []
        return out


def _zip(files: Parts) -> Iterator[bytes]:
    sink = _Sink()
    with zipfile.ZipFile(sink, "w") as archive:
        for path, chunks in files:
            entry = zipfile.ZipInfo(path, _EPOCH)
            packed = path.endswith(_PACKED)
            entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            with archive.open(entry, "w", force_zip64=True) as inner:
                for chunk in chunks:
                    inner.write(chunk)
                    if made := sink.taken():
                        yield made
    yield sink.taken()
