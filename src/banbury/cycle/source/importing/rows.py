"""Rows of tables: JSON lines, CSV, Parquet and Arrow, each read a little at a time.

Every row comes with the cursor behind it, from which reading goes on after a stop.
"""

from __future__ import annotations

import csv
import importlib
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from banbury.errors import InputError

LONGEST = 64_000_000
"""Bytes of one line; a longer one is no row."""
NESTED = 500_000
"""Objects and arrays in one row of JSON: `[],` unfolds to thirty times its bytes."""
COLUMNS = 2_000
"""Columns of a CSV."""
_BATCH = 64
"""Rows of Parquet that are unfolded at once: a column may say one long text in every row."""
_CHUNK = 256_000_000
_RATIO = 500
"""A column that unfolds to more than both is a bomb."""

Cursor = Sequence[int | str]
"""Where reading goes on; what it means is the reader's own affair. Empty for the start."""


@dataclass(frozen=True)
class Row:
    """One row: its place for messages, its values by column, the cursor behind it."""

    place: str
    values: dict[str, Any]
    after: Cursor
    root: Path


@dataclass(frozen=True)
class Broken:
    """A row that cannot be taken, and why."""

    place: str
    why: str
    after: Cursor = ()


Rows = Iterator[Row | Broken]

_decoder = msgspec.json.Decoder(dict[str, Any])


def _decode(text: bytes) -> dict[str, Any]:
    if text.count(b"[") + text.count(b"{") > NESTED:
        raise msgspec.ValidationError(f"it holds more than {NESTED:,} objects and arrays")
    return _decoder.decode(text)


def jsonl(path: Path, after: Cursor) -> Rows:
    """Yield the lines of a file of JSON objects; the cursor is [line number, byte]."""
    number, start = (int(after[0]), int(after[1])) if after else (0, 0)
    name, root = path.name, path.parent
    with _opened(path) as file:
        file.seek(start)
        for line in _lines(file):
            number += 1
            start += len(line)
            place, cursor = f"{name}, line {number}", (number, start)
            if not line.endswith(b"\n") and len(line) >= LONGEST:
                yield Broken(place, f"the line is longer than {LONGEST:,} bytes", cursor)
                return
            text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if not text.strip():
                continue
            try:
                values = _decode(text)
            except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
                yield Broken(place, f"no JSON object: {error}", cursor)
            else:
                yield Row(place, values, cursor, root)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(LONGEST):
        yield line


def read_csv(path: Path, after: Cursor) -> Rows:
    """Yield the rows of a CSV file with a header, in UTF-8; the cursor is [row number, byte].

    Rows are numbered as a spreadsheet does it: the header is row 1.

    Raises:
        InputError: the header cannot be used.
    """
    csv.field_size_limit(LONGEST)
    with _opened(path) as file:
        head, at = _header(path, file)
        number, start = (int(after[0]), int(after[1])) if after else (1, at)
        file.seek(start)
        lines = _Counted(file, start)
        reader = csv.reader(lines, strict=True)
        while True:
            number += 1
            place = f"{path.name}, row {number}"
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (csv.Error, UnicodeError) as error:
                yield Broken(place, f"no CSV: {error}", [number, lines.at])
                # What was open is over; the next line begins a new row.
                reader = csv.reader(lines, strict=True)
                continue
            cursor: Cursor = [number, lines.at]
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(head):
                why = f"the row has {len(cells)} cells, the header {len(head)}"
                yield Broken(place, why, cursor)
                continue
            yield Row(place, dict(zip(head, cells, strict=True)), cursor, path.parent)


def _header(path: Path, file: BinaryIO) -> tuple[list[str], int]:
    lines = _Counted(file, 0)
    try:
        head = [cell.strip() for cell in next(csv.reader(lines, strict=True), [])]
    except (csv.Error, UnicodeError) as error:
        raise InputError(
            f"the header is no CSV in UTF-8: {error}", where=str(path), do="save it as UTF-8"
        ) from None
    if len(head) == 1 and (mark := next((m for m in ";\t|" if m in head[0]), "")):
        raise InputError(
            f"the columns are parted by {mark!r}", where=str(path), do="save it with commas"
        )
    if len(head) > COLUMNS:
        raise InputError(f"it has more than {COLUMNS:,} columns", where=f"{path}, row 1")
    for name in head:
        if not name or head.count(name) > 1:
            what = f"column {name!r} is there twice" if name else "a column has no name"
            raise InputError(what, where=f"{path}, row 1")
    return head, lines.at


class _Counted:
    """The lines of a file as text, and how many bytes of it were read."""

    def __init__(self, file: BinaryIO, at: int) -> None:
        self._file = file
        self.at = at

    def __iter__(self) -> _Counted:
        return self

    def __next__(self) -> str:
        line = self._file.readline(LONGEST)
        if not line:
            raise StopIteration
        first = self.at == 0
        self.at += len(line)
        return line.decode("utf-8-sig" if first else "utf-8")


def parquet(path: Path, after: Cursor) -> Rows:
    """Yield the rows of a Parquet file; the cursor is [row]. Class labels become their names.

    Raises:
        InputError: it is no Parquet, or unfolds to more than a machine holds.
    """
    arrow, pq = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    begin = int(after[0]) if after else 0
    try:
        with pq.ParquetFile(path) as file:
            _unfolds(path, file.metadata)
            names = class_names(file.schema_arrow.metadata or {})
            batches = _batches(file, begin)
            for first, batch in batches:
                yield from _arrow_rows(path, first, batch, names, begin)
    except (arrow.ArrowException, OSError, ValueError) as error:
        raise InputError(f"the Parquet cannot be read: {error}", where=str(path)) from None


def _batches(file: Any, begin: int) -> Iterator[tuple[int, Any]]:
    """Yield (first row, batch) of the row groups behind `begin`."""
    first = 0
    for group in range(file.metadata.num_row_groups):
        count = file.metadata.row_group(group).num_rows
        if first + count <= begin:
            first += count
            continue
        for batch in file.iter_batches(batch_size=_BATCH, row_groups=[group]):
            yield first, batch
            first += batch.num_rows


def _unfolds(path: Path, metadata: Any) -> None:
    for group in range(metadata.num_row_groups):
        held = metadata.row_group(group)
        for number in range(held.num_columns):
            column = held.column(number)
            packed, plain = column.total_compressed_size, column.total_uncompressed_size
            if plain > _CHUNK and plain > _RATIO * max(1, packed):
                raise InputError(
                    f"column {column.path_in_schema!r} unfolds from {packed:,} to {plain:,} bytes",
                    where=str(path),
                )


def arrow(path: Path, after: Cursor) -> Rows:
    """Yield the rows of an Arrow stream, as `datasets` saves it; the cursor is [row].

    Raises:
        InputError: it is no Arrow stream.
    """
    pa = importlib.import_module("pyarrow")
    begin, first = int(after[0]) if after else 0, 0
    try:
        with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as stream:
            names = class_names(stream.schema.metadata or {})
            for batch in stream:
                for at in range(0, batch.num_rows, _BATCH):
                    part = batch.slice(at, _BATCH)
                    yield from _arrow_rows(path, first, part, names, begin)
                    first += part.num_rows
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(f"the Arrow file cannot be read: {error}", where=str(path)) from None


def _arrow_rows(
    path: Path, first: int, batch: Any, names: dict[str, list[str]], begin: int
) -> Rows:
    if first + batch.num_rows <= begin:
        return
    try:
        held = batch.to_pylist()
    except UnicodeError as error:
        for number in range(first, first + batch.num_rows):
            yield Broken(f"{path.name}, row {number + 1}", f"no UTF-8: {error}", [number + 1])
        return
    for number, values in enumerate(held, start=first + 1):
        if number <= begin:
            continue
        for column, labels in names.items():
            values[column] = _named(values.get(column), labels)
        yield Row(f"{path.name}, row {number}", values, [number], path.parent)


def _named(value: Any, labels: list[str]) -> Any:
    if isinstance(value, list):
        return [_named(inner, labels) for inner in value]
    return labels[value] if isinstance(value, int) and 0 <= value < len(labels) else value


def class_names(metadata: dict[bytes, bytes]) -> dict[str, list[str]]:
    """Return the names of class labels by column, which `datasets` leaves in a file's schema."""
    try:
        features = json.loads(metadata.get(b"huggingface", b"{}"))["info"]["features"]
    except (KeyError, TypeError, ValueError):
        return {}
    found = {name: _labels(feature) for name, feature in features.items()}
    return {name: labels for name, labels in found.items() if labels}


def _labels(feature: Any) -> list[str]:
    if isinstance(feature, list) and feature:
        return _labels(feature[0])
    if not isinstance(feature, dict):
        return []
    if feature.get("_type") == "ClassLabel":
        return [str(name) for name in feature.get("names", ())]
    return _labels(feature.get("feature"))


def json_array(path: Path, after: Cursor) -> Rows:
    """Yield the objects of one JSON array, or a single object; the cursor is [number, byte].

    Only one object is held at a time, however long the array is.
    """
    number, start = (int(after[0]), int(after[1])) if after else (0, 0)
    with _opened(path) as file:
        file.seek(start)
        scanner = _Scanner(file, start)
        while True:
            number += 1
            place = f"{path.name}, no. {number}"
            try:
                found = scanner.next()
            except ValueError as error:
                yield Broken(place, f"no JSON: {error}", [number, scanner.at])
                return
            if found is None:
                return
            cursor: Cursor = [number, scanner.at]
            try:
                yield Row(place, _decode(found), cursor, path.parent)
            except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
                yield Broken(place, f"no JSON object: {error}", cursor)


class _Scanner:
    """Cuts a JSON array into its objects by counting braces outside of strings."""

    def __init__(self, file: BinaryIO, at: int) -> None:
        self._file = io.BufferedReader(_Raw(file))
        self.at = at

    def next(self) -> bytes | None:
        """Return the next object's bytes, None at the end.

        Raises:
            ValueError: what follows is no object.
        """
        while True:
            byte = self._file.read(1)
            self.at += len(byte)
            if byte == b"{":
                return self._object()
            if byte in (b"", b"]"):
                return None
            if byte not in b" \t\r\n,[\xef\xbb\xbf":
                raise ValueError(f"{byte!r} where an object should begin")

    def _object(self) -> bytes:
        out, depth, quoted = bytearray(b"{"), 1, False
        while depth:
            chunk = self._file.peek(1 << 16)
            if not chunk:
                raise ValueError("the file ends within an object")
            used, depth, quoted = _cut(chunk, depth, quoted)
            used = used or 2  # a backslash at the end of what was read, and what it escapes
            out += self._file.read(used)
            self.at += used
            if len(out) > LONGEST:
                raise ValueError(f"an object is longer than {LONGEST:,} bytes")
        return bytes(out)


_MARKS = re.compile(rb'[{}"]')
_QUOTED = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)


def _cut(chunk: bytes, depth: int, quoted: bool) -> tuple[int, int, bool]:
    """Return how much of a chunk belongs to an object, and how deep in it the rest begins."""
    at = 0
    while at < len(chunk):
        if quoted:
            end = _QUOTED.match(chunk, at)
            at = end.end() if end else at
            if at == len(chunk):
                return at, depth, True
            if chunk[at] == 0x5C:  # a backslash whose other half comes with the next chunk
                return at, depth, True
            quoted, at = False, at + 1
            continue
        mark = _MARKS.search(chunk, at)
        if mark is None:
            return len(chunk), depth, False
        at = mark.end()
        if mark[0] == b'"':
            quoted = True
            continue
        depth += 1 if mark[0] == b"{" else -1
        if not depth:
            return at, 0, False
    return at, depth, quoted


class _Raw(io.RawIOBase):
    """A file as raw bytes, so that what is read ahead can be looked at."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        data = self._file.read(len(into))
        into[: len(data)] = data
        return len(data)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise InputError(f"the file cannot be read: {error.strerror}", where=str(path)) from None
