"""Sources: what a path holds, its rows from any cursor on, and each row as a draft."""

from __future__ import annotations

import hashlib
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import msgspec

from banbury.cycle.source.importing import rows
from banbury.cycle.source.importing.coco_tasks import Coco
from banbury.cycle.source.importing.drafts import Draft, columns, native_draft, table_draft
from banbury.cycle.source.importing.files import File, Unfit, sort_of
from banbury.cycle.source.importing.plan import Plan
from banbury.cycle.source.importing.rows import Broken, Cursor, Row, Rows
from banbury.cycle.source.importing.studio_tasks import is_task, studio_draft
from banbury.episode import digest
from banbury.errors import InputError

FORMATS = ("jsonl", "csv", "parquet", "folder", "huggingface", "labelstudio", "coco")
_READERS: dict[str, Callable[[Path, Cursor], Rows]] = {
    ".jsonl": rows.jsonl,
    ".ndjson": rows.jsonl,
    ".csv": rows.read_csv,
    ".parquet": rows.parquet,
    ".arrow": rows.arrow,
    ".json": rows.json_array,
}
_NAMES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet"}
_HEAD = 1 << 16
_ASIDE = (".ds_store", "thumbs.db", "desktop.ini")
_CARDS = ("readme.md", "dataset_infos.json", "dataset_info.json", "state.json", ".gitattributes")


class Source(ABC):
    """What is imported: rows that can be read from any cursor on, each a draft."""

    format: ClassVar[str] = ""

    def __init__(self, path: Path, plan: Plan) -> None:
        self.path = path
        self.plan = plan
        self.columns: Mapping[str, str] = {}
        """Columns of a table by the item's fields, once a row was read."""

    @abstractmethod
    def files(self) -> Iterator[Path]:
        """Yield the files that it reads, in order."""

    @abstractmethod
    def rows(self, after: Cursor) -> Rows:
        """Yield rows from behind a cursor."""

    @abstractmethod
    def draft(self, row: Row) -> Draft:
        """Return what a row says.

        Raises:
            Unfit: it cannot be taken.
        """

    def fingerprint(self) -> str:
        """Return a hash of what all files hold, wherever they lie."""
        held = hashlib.sha256(self.format.encode())
        for file in self.files():
            with file.open("rb") as opened:
                held.update(hashlib.file_digest(opened, "sha256").digest())
        return held.hexdigest()


class Tables(Source):
    """One table, or several of one layout, one behind the other; the cursor is [number, ...]."""

    def __init__(self, path: Path, plan: Plan, parts: list[Path], format: str) -> None:
        super().__init__(path, plan)
        self.parts = parts
        self.format = format  # type: ignore[misc]

    def files(self) -> Iterator[Path]:
        """Yield the tables."""
        yield from self.parts

    def rows(self, after: Cursor) -> Rows:
        """Yield the rows of all tables."""
        start = int(after[0]) if after else 0
        root = self.path.parent if self.path.is_file() else self.path
        for number, part in enumerate(self.parts):
            if number < start:
                continue
            inner = after[1:] if number == start and after else ()
            for row in _READERS[part.suffix.lower()](part, inner):
                cursor = (number, *row.after)
                if isinstance(row, Broken):
                    yield Broken(row.place, row.why, cursor)
                else:
                    values = row.values if len(self.parts) == 1 else _split(part, row.values)
                    yield Row(row.place, values, cursor, root)

    def draft(self, row: Row) -> Draft:
        """Return what a row says: a task of Label Studio, a line of an export, or plain columns."""
        if self.plan.controls and is_task(row.values):
            return studio_draft(row, self.plan)
        if isinstance(row.values.get("item"), dict):
            return native_draft(row)
        if not self.columns:
            self.columns = columns(self.plan, row.values)
        return table_draft(row, self.plan, self.columns)


def _split(part: Path, values: dict[str, object]) -> dict[str, object]:
    """Return a row with the name of its split, as Hugging Face names files."""
    split = part.parent.name if part.suffix == ".arrow" else part.stem.split("-", 1)[0]
    return values if "split" in values else {**values, "split": split}


class Folder(Source):
    """A folder of images, recordings and texts, with those below it; the cursor is [path]."""

    format = "folder"

    def files(self) -> Iterator[Path]:
        """Yield nothing: the files are the rows, and each is looked at when its turn comes."""
        yield from ()

    def fingerprint(self) -> str:
        """Return a hash of the folder's place; rows are found by their names."""
        return digest(self.format.encode(), os.path.realpath(self.path).encode())

    def rows(self, after: Cursor) -> Rows:
        """Yield the files in the order of their paths, hidden ones left out."""
        last = str(after[0]) if after else ""
        for name in _walked(self.path, ""):
            if _order(name) <= _order(last) and last:
                continue
            place, cursor = name, (name,)
            sort = sort_of(name)
            if not sort:
                yield Broken(place, "this is no image, sound, video or text by its name", cursor)
                continue
            folder = str(Path(name).parent) if "/" in name else ""
            values = {sort: name, "file": name, **({"folder": folder} if folder else {})}
            yield Row(place, values, cursor, self.path)

    def draft(self, row: Row) -> Draft:
        """Return a file with its path as metadata; the folder's name may be a known result."""
        sort = next(iter(row.values))
        held = {sort: "file"}
        made = table_draft(row, self.plan, self.plan.item or held)
        meta = {"file": row.values["file"], **{k: v for k, v in made.meta.items() if k == "folder"}}
        if "folder" in row.values:
            meta["folder"] = row.values["folder"]
        item = {
            name: File(value.path, value.data, Path(str(row.values["file"])).name)
            if isinstance(value, File)
            else value
            for name, value in made.item.items()
        }
        return Draft(item, made.gold, meta)


def _order(name: str) -> tuple[str, ...]:
    return tuple(name.split("/"))


def _walked(root: Path, under: str) -> Iterator[str]:
    """Yield paths of files below a folder, sorted by their parts; links are files, not folders."""
    try:
        entries = sorted(os.scandir(root / under), key=lambda entry: entry.name)
    except OSError as error:
        raise InputError(
            f"the folder cannot be read: {error.strerror}", where=str(root / under)
        ) from None
    for entry in entries:
        if entry.name.startswith(".") or entry.name.lower() in _ASIDE:
            continue
        name = f"{under}/{entry.name}" if under else entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _walked(root, name)
        else:
            yield name


class CocoSource(Source):
    """A COCO file; its own controls hold where the plan has none."""

    format = "coco"

    def __init__(self, path: Path, plan: Plan) -> None:
        self._coco = Coco(path)
        controls = plan.controls or self._coco.controls
        super().__init__(path, msgspec.structs.replace(plan, controls=controls))

    def files(self) -> Iterator[Path]:
        """Yield the file."""
        yield self.path

    def rows(self, after: Cursor) -> Rows:
        """Yield the images."""
        return self._coco.rows(after)

    def draft(self, row: Row) -> Draft:
        """Return an image with its annotations, under the names of the plan's controls."""
        made = self._coco.draft(row)
        kinds = {c.kind: c.name for c in reversed(self.plan.controls)}
        named = {c.name: kinds.get(c.kind) for c in self._coco.controls}
        gold = {new: made.gold[old] for old, new in named.items() if new and old in made.gold}
        return replace(made, gold=gold)


def open_source(path: Path, plan: Plan, format: str = "") -> Source:
    """Return what a path holds.

    Args:
        path: a file or a folder.
        plan: what is asked.
        format: one of `FORMATS`, found out if "".

    Raises:
        InputError: there is nothing, or nothing that is known here.
    """
    if format and format not in FORMATS:
        raise InputError(f"{format!r} is no format", do=f"name one of {', '.join(FORMATS)}")
    if not path.exists():
        raise InputError("there is no such file or folder", where=str(path))
    if path.is_dir():
        return _folder(path, plan, format)
    suffix = path.suffix.lower()
    if suffix not in _READERS:
        raise InputError(
            f"{suffix or path.name!r} is no kind of table",
            where=str(path),
            do=f"give {', '.join(_READERS)}, or a folder of files",
        )
    if suffix == ".json" and format in ("", "coco") and (format or _is_coco(path)):
        return CocoSource(path, plan)
    named = format or _NAMES.get(suffix, "labelstudio" if suffix == ".json" else "huggingface")
    return Tables(path, plan, [path], named)


def _folder(path: Path, plan: Plan, format: str) -> Source:
    found = [Path(p) for p in _walked(path, "")]
    tables = [p for p in found if p.suffix in (".parquet", ".arrow", ".jsonl", ".csv")]
    media = [p for p in found if sort_of(p.name) and p.name.lower() not in _CARDS]
    whole = bool(tables) and not media
    if format == "huggingface" or (not format and whole):
        if not tables:
            raise InputError(
                "the folder holds no Parquet, Arrow, JSON lines or CSV", where=str(path)
            )
        sort = tables[0].suffix
        return Tables(path, plan, [path / p for p in tables if p.suffix == sort], "huggingface")
    if not found:
        raise InputError("the folder is empty", where=str(path))
    return Folder(path, plan)


def _is_coco(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(_HEAD).lstrip()
    return head.startswith(b"{") and b'"data"' not in head[:4096]


__all__ = ["FORMATS", "Folder", "Source", "Tables", "Unfit", "open_source"]
