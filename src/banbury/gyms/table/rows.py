"""The rows of a table gym, read and checked: CSV, JSON lines or Parquet."""

from __future__ import annotations

import csv
import datetime
import importlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from banbury.errors import InputError
from banbury.gyms.table.settings import RESERVED, SETTINGS, Settings, TableSkill


@dataclass(frozen=True)
class Row:
    """One task of a table.

    Attributes:
        skill: its name within the gym.
        difficulty: one of the gym's.
        content: what the wordings show, by column.
        answer: the gold answer as text; for a rubric an answer that earns full marks.
        steps: how one gets there, "" if the table does not say.
        place: row and file, for messages.
    """

    skill: str
    difficulty: str
    content: Mapping[str, Any]
    answer: str
    steps: str
    place: str


def read_rows(folder: Path, settings: Settings) -> list[Row]:
    """Return the rows of a folder's table, each checked.

    Raises:
        InputError: the file cannot be read, or a row cannot be used; it names row and column.
    """
    path = folder / settings.tasks
    raw = _raw(path)
    if not raw:
        raise InputError("the table has no rows", where=str(path))
    rows = [_row(settings, path, number, values) for number, values in raw]
    known: dict[tuple[str, str], Row] = {}
    for row in rows:
        key = (row.skill, json.dumps(row.content, sort_keys=True, default=str))
        first = known.setdefault(key, row)
        if first is not row:
            same = "with another answer" if first.answer != row.answer else "with the same answer"
            raise InputError(
                f"this row asks the same as {first.place.split(', ')[-1]}, {same}",
                where=row.place,
                do="leave one of them out",
            )
    for name in settings.skills:
        if all(row.skill != name for row in rows):
            raise InputError(f"no row is of the skill {name!r}", where=str(path))
    return rows


Numbered = tuple[int, dict[str, Any]]


def _raw(path: Path) -> list[Numbered]:
    readers = {".csv": _csv, ".jsonl": _jsonl, ".parquet": _parquet}
    reader = readers.get(path.suffix)
    if reader is None:
        raise InputError(
            f"{path.suffix!r} is no kind of table", where=str(path), do="give " + ", ".join(readers)
        )
    try:
        return list(reader(path))
    except FileNotFoundError:
        raise InputError("the table is missing", where=str(path)) from None
    except OSError as error:
        raise InputError(f"the table cannot be read: {error}", where=str(path)) from None


def _text(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        raise InputError(
            "the table is not in UTF-8",
            where=f"{path}, row {row}, byte {data[error.start]:#04x}",
            do="save it as UTF-8",
        ) from None


def _csv(path: Path) -> Iterator[Numbered]:
    """Yield rows as a spreadsheet numbers them: the header is row 1."""
    reader = csv.reader(_text(path).splitlines(keepends=True), strict=True)
    try:
        lines = list(reader)
    except csv.Error as error:
        raise InputError(
            f"the table is no CSV: {error}", where=f"{path}, line {reader.line_num}"
        ) from None
    head = [name.strip() for name in lines[0]] if lines else []
    for mark, called in ((";", "semicolons"), ("\t", "tabs")):
        if len(head) == 1 and mark in head[0]:
            raise InputError(
                f"the columns are parted by {called}",
                where=f"{path}, row 1",
                do="save it with commas between them",
            )
    for name in head:
        if head.count(name) > 1 or not name:
            raise InputError(
                f"column {name!r} is there twice" if name else "a column has no name",
                where=f"{path}, row 1",
            )
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(head):
            raise InputError(
                f"the row has {len(cells)} cells, the header {len(head)}",
                where=f"{path}, row {number}",
                do='put "..." around a cell that holds a comma',
            )
        yield number, {name: cell.strip() for name, cell in zip(head, cells, strict=True)}


def _jsonl(path: Path) -> Iterator[Numbered]:
    for number, line in enumerate(_text(path).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except ValueError as error:
            raise InputError(f"no JSON: {error}", where=f"{path}, row {number}") from None
        if not isinstance(values, dict):
            raise InputError("the line is no JSON object", where=f"{path}, row {number}")
        yield number, values


def _parquet(path: Path) -> Iterator[Numbered]:
    if not path.exists():
        raise FileNotFoundError(path)
    try:
        table = importlib.import_module("pyarrow.parquet").read_table(path)
    except ValueError as error:  # pyarrow's own errors are ValueErrors
        raise InputError(f"no Parquet: {error}", where=str(path)) from None
    yield from enumerate(table.to_pylist(), start=1)


def _row(settings: Settings, path: Path, number: int, values: Mapping[str, Any]) -> Row:
    place = f"{path}, row {number}"
    only = next(iter(settings.skills)) if len(settings.skills) == 1 else None
    name = _known(values, "skill", settings.skills, only, place)
    easiest = settings.difficulties[0] if len(settings.difficulties) == 1 else None
    difficulty = _known(values, "difficulty", settings.difficulties, easiest, place)
    skill = settings.skills[name]
    content = {column: _shown(values, column, place) for column in skill.columns()}
    steps = values.get("steps") or ""
    if not isinstance(steps, str):
        raise InputError("the steps are no text", where=f"{place}, column steps")
    return Row(name, difficulty, content, _gold(skill, values, place), steps, place)


def _known(
    values: Mapping[str, Any], column: str, known: Sequence[str] | Mapping[str, Any],
    default: str | None, place: str,
) -> str:  # fmt: skip
    said = values.get(column)
    if said in (None, "") and default is not None:
        return default
    if said in (None, ""):
        lacking = "is empty" if column in values else "is missing"
        raise InputError(f"column {column!r} {lacking}", where=place)
    if said not in known:
        raise InputError(
            f"{said!r} is no {column}",
            where=f"{place}, column {column}",
            do=f"{SETTINGS} names {', '.join(known)}",
        )
    return str(said)


def _shown(values: Mapping[str, Any], column: str, place: str) -> Any:
    if column not in values:
        others = [name for name in values if name not in RESERVED]
        raise InputError(
            f"the wordings show {{{column}}}, which is no column",
            where=place,
            do=f"show a column of the table: {', '.join(others) or 'it has none to show'}",
        )
    value = values[column]
    if value is None or value == "" or value == []:
        raise InputError("the cell is empty", where=f"{place}, column {column}")
    if isinstance(value, datetime.date | Decimal):
        return str(value)
    if not isinstance(value, str | int | float | list | bool):
        raise InputError(
            f"a {type(value).__name__} cannot be shown", where=f"{place}, column {column}"
        )
    return value


def _gold(skill: TableSkill, values: Mapping[str, Any], place: str) -> str:
    value = values.get("answer")
    if "answer" not in values:
        raise InputError("column 'answer' is missing", where=place)
    if value in (None, "", []):
        raise InputError("the gold answer is empty", where=f"{place}, column answer")
    text = _as_text(skill, value)
    if wrong := _not_in_form(skill, text):
        raise InputError(f"{text[:80]!r} {wrong}", where=f"{place}, column answer")
    return text


def _as_text(skill: TableSkill, value: Any) -> str:
    if skill.form == "json" and not isinstance(value, str):
        return json.dumps(value)
    if skill.form == "items" and isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _not_in_form(skill: TableSkill, text: str) -> str:
    """Return what is wrong with a gold answer, "" if nothing is."""
    if skill.form != "rubric" and len(text.splitlines()) > 1:
        return "takes more than one line"
    if skill.form == "choice" and text not in skill.options:
        return f"is none of the options {', '.join(skill.options)}"
    if skill.form == "number" and not _plain_number(text):
        return "is no number in plain digits, such as -12.5"
    if skill.form == "date" and not _day(text):
        return "is no date as YYYY-MM-DD"
    if skill.form == "json":
        return _not_fields(skill, text)
    return ""


def _plain_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite() and not set(text) - set("-.0123456789")
    except InvalidOperation:
        return False


def _day(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _not_fields(skill: TableSkill, text: str) -> str:
    try:
        held = json.loads(text)
    except ValueError:
        held = None
    if not isinstance(held, dict):
        return "is no JSON object"
    return "" if set(held) == set(skill.keys) else f"has not the keys {', '.join(skill.keys)}"
