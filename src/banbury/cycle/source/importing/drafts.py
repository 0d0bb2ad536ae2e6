"""Draft: what a row says, before its files are looked at and its task is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from banbury.cycle.source.importing.files import (
    OTHER_PICTURE,
    File,
    Unfit,
    embedded,
    sort_of,
    within,
)
from banbury.cycle.source.importing.plan import Plan
from banbury.cycle.source.importing.rows import Row
from banbury.gyms.labelling.actions import Result
from banbury.gyms.labelling.controls import Control, Media
from banbury.gyms.labelling.form import PART

TEXT = 1_000_000
"""The most characters of one text."""
SHOWN = ("text", "image", "audio", "video")
FILES = ("image", "audio", "video", "file", "file_name", "path")
"""Columns that name files."""
_SORTS = {"image": "image", "audio": "audio", "video": "video"}
_KEPT = (str, int, float, bool, list, dict, type(None))


class Guess(msgspec.Struct, frozen=True):
    """What a model said of an item: its name and version, and its results by control."""

    model: str
    results: dict[str, Result]


@dataclass(frozen=True)
class Draft:
    """One task to be.

    Attributes:
        item: texts and files by field.
        controls: what is asked; the plan's if empty.
        gold: right results by control.
        guesses: proposals of models.
        meta: what is kept beside the item.
        instruction: the plan's if "".
        skill: the plan's if "".
        names: names of files by field, where they came by another one.
    """

    item: dict[str, str | File]
    gold: dict[str, Result] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)
    guesses: tuple[Guess, ...] = ()
    controls: tuple[Control, ...] = ()
    instruction: str = ""
    skill: str = ""


class Native(msgspec.Struct, omit_defaults=True):
    """A line of our own JSON lines, as the export writes it.

    A file of the item is `{"file": PATH, "name": NAME}`, or `{"data": "data:..."}`.
    """

    item: dict[str, str | dict[str, Any]]
    controls: tuple[Control, ...] = ()
    instruction: str = ""
    skill: str = ""
    meta: dict[str, Any] = {}
    gold: dict[str, Result] = {}
    results: dict[str, Result] = {}
    guesses: tuple[Guess, ...] = ()
    task: str = ""
    episode: str = ""
    person: str = ""


def columns(plan: Plan, first: Mapping[str, Any]) -> dict[str, str]:
    """Return the item's fields with the columns that hold them, found by name where none are named.

    Raises:
        Unfit: no column holds anything that can be shown.
    """
    if plan.item:
        return dict(plan.item)
    used = set(plan.gold.values())
    named = {name: name for name in SHOWN if name in first}
    files = [name for name in FILES if name in first and name not in named]
    if not named and files:
        sort = sort_of(str(first[files[0]])) or "file"
        named = {sort: files[0]}
    if not named:
        texts = (name for name, value in first.items() if isinstance(value, str))
        text = next((name for name in texts if name not in used), "")
        if not text:
            raise Unfit(f"none of the columns {', '.join(map(str, first))[:200]} holds a text")
        named = {"text": text}
    return named


def table_draft(row: Row, plan: Plan, held: Mapping[str, str]) -> Draft:
    """Return what a row of a table says.

    Args:
        row: of the table.
        plan: what is asked.
        held: fields of the item with their columns; see `columns`.

    Raises:
        Unfit: a column is missing, or holds what cannot be shown.
    """
    item = {}
    for name, column in held.items():
        if column not in row.values:
            raise Unfit(f"there is no column {column!r}")
        item[name] = shown(plan.sorts.get(name, name), column, row.values[column], row.root)
    gold = {}
    for control in plan.controls:
        column = plan.gold.get(control.name, "")
        if column and row.values.get(column) not in (None, ""):
            gold[control.name] = known(control, row.values[column])
    used = {*held.values(), *plan.gold.values()}
    kept = (name for name in row.values if name not in used) if plan.meta is None else plan.meta
    return Draft(item, gold, _meta({name: row.values.get(name) for name in kept}))


def native_draft(row: Row) -> Draft:
    """Return what a line of our own JSON lines says; answers count as known results.

    Raises:
        Unfit: it is no such line.
    """
    try:
        said = msgspec.convert(row.values, Native)
    except msgspec.ValidationError as error:
        raise Unfit(f"this is no line of an export: {error}") from None
    item: dict[str, str | File] = {}
    for name, value in said.item.items():
        item[name] = value if isinstance(value, str) else _native_file(value, row.root)
    return Draft(
        item,
        said.gold or said.results,
        said.meta,
        said.guesses,
        said.controls,
        said.instruction,
        said.skill,
    )


def _native_file(value: Mapping[str, Any], root: Path) -> File:
    name = str(value.get("name", ""))
    if "file" in value:
        return File(within(root, str(value["file"])), name=name)
    if str(value.get("data", "")).startswith("data:"):
        held = embedded(value["data"])
        return File(None, held.data, name or held.name)
    raise Unfit("a file of the item has neither `file` nor `data`")


def shown(name: str, column: str, value: Any, root: Path) -> str | File:
    """Return a cell as what the item shows: a text, or a file.

    Raises:
        Unfit: it is empty, too long, or a file that cannot be taken.
    """
    if isinstance(value, dict) and isinstance(value.get("bytes"), bytes):
        path = str(value.get("path") or "")
        return File(None, value["bytes"], Path(path).name or f"{name}{_suffix(value['bytes'])}")
    if isinstance(value, dict) and isinstance(value.get("path"), str):
        return File(within(root, value["path"]))
    if isinstance(value, bytes):
        return File(None, value, f"{name}{_suffix(value)}")
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise Unfit(f"column {column!r} holds no text" if value else f"column {column!r} is empty")
    if value.startswith("data:") and ";base64," in value[:100]:
        return embedded(value)
    filed = name in _SORTS or name == "file" or column in FILES
    if filed and len(value) < 4000:
        if Path(value).suffix.lower() in OTHER_PICTURE:
            raise Unfit(f"browsers show no {Path(value).suffix[1:].upper()}; convert it to PNG")
        file = within(root, value)
        return _read(file) if sort_of(value) == "text" else File(file)
    return text(value)


def _suffix(data: bytes) -> str:
    """Return the ending that fits the first bytes of a sound, which has none in Parquet."""
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return ".wav"
    return ""


def _read(path: Path) -> str:
    if path.stat().st_size > 4 * TEXT:
        raise Unfit(f"the text has {path.stat().st_size:,} bytes; the most are {4 * TEXT:,}")
    try:
        return text(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Unfit(f"the text is not in UTF-8 (byte {error.start})") from None


def text(value: str) -> str:
    """Return a text that can be shown.

    Raises:
        Unfit: it is longer than a page can hold, or empty, or no Unicode.
    """
    if len(value) > TEXT:
        raise Unfit(f"the text has {len(value):,} characters; the most are {TEXT:,}")
    if not value.strip():
        raise Unfit("the text is empty")
    return value


def known(control: Control, value: Any) -> Result:
    """Return the right result of a control from a cell.

    A label, or a list of them (or with `|` between them), for a choice; a text for a transcription;
    for anything else a list of regions, or a whole result, as JSON.

    Raises:
        Unfit: the cell holds something else.
    """
    part = PART[control.kind]
    if control.kind == "transcription" and isinstance(value, str):
        return Result(text=value)
    if control.kind == "choice" and not isinstance(value, dict):
        return Result(tuple(map(str, _choices(control, value))))
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            raise Unfit(f"the known result of {control.name!r} is no JSON") from None
    held = value if isinstance(value, dict) else {part: value}
    try:
        return msgspec.convert(held, Result)
    except msgspec.ValidationError as error:
        raise Unfit(f"the known result of {control.name!r} is no {part}: {error}") from None


def _choices(control: Control, value: Any) -> Iterable[Any]:
    if isinstance(value, list | tuple):
        return value
    said = str(value)
    if said in control.labels or "|" not in said:
        return (said,)
    return (part.strip() for part in said.split("|") if part.strip())


def _meta(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as JSON can hold them; what it cannot becomes its words."""
    return {name: value for name, value in ((n, _plain(v)) for n, v in values.items()) if value}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value if isinstance(value, _KEPT) else str(value)


__all__ = ["Draft", "Guess", "Media", "Native", "columns", "known", "native_draft", "table_draft"]
