"""Rows of SWE-bench, and files of them."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from banbury.errors import InputError

_LISTS = ("FAIL_TO_PASS", "PASS_TO_PASS")
_COLUMNS = (
    *("instance_id", "repo", "base_commit", "patch", "test_patch", "problem_statement"),
    *("hints_text", "created_at", "version", "FAIL_TO_PASS", "PASS_TO_PASS"),
    "environment_setup_commit",
)


class SweBenchRow(msgspec.Struct, frozen=True, kw_only=True):
    """One bug.

    Attributes:
        instance_id: such as `pallets__flask-4045`.
        repo: `OWNER/NAME`.
        base_commit: the commit before the fix.
        patch: the fix, without tests, as a unified diff.
        test_patch: the fix's tests, as a unified diff.
        problem_statement: what is wrong, in words.
        hints_text: what was said of it before the fix.
        created_at: when it was fixed, ISO 8601.
        version: of the project; names the environment in SWE-bench's own harness.
        fail_to_pass: tests that the fix makes pass.
        pass_to_pass: tests that pass before and after.
        environment_setup_commit: the commit whose environment is used, "" for the base.
    """

    instance_id: str
    repo: str
    base_commit: str
    patch: str
    test_patch: str
    problem_statement: str
    hints_text: str = ""
    created_at: str = ""
    version: str = ""
    fail_to_pass: tuple[str, ...] = msgspec.field(default=(), name="FAIL_TO_PASS")
    pass_to_pass: tuple[str, ...] = msgspec.field(default=(), name="PASS_TO_PASS")
    environment_setup_commit: str = ""


def read_row(values: Mapping[str, Any], where: str = "row") -> SweBenchRow:
    """Return a row.

    Raises:
        InputError: a field is missing, or of another type.
    """
    held = {k: v for k, v in values.items() if v is not None}
    for name in _LISTS:
        if isinstance(held.get(name), str):
            held[name] = _list(held[name], name, where)
    if "created_at" in held and not isinstance(held["created_at"], str):
        held["created_at"] = str(held["created_at"])
    try:
        return msgspec.convert(held, SweBenchRow)
    except msgspec.ValidationError as error:
        raise InputError(f"this is no row of SWE-bench: {error}", where=where) from None


def _list(text: str, name: str, where: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.MsgspecError as error:
        raise InputError(f"{name} is no list in JSON: {error}", where=where) from None


def row_values(row: SweBenchRow) -> dict[str, str]:
    """Return a row as its columns, all of them text."""
    held = msgspec.to_builtins(row)
    for name in _LISTS:
        held[name] = msgspec.json.encode(held[name]).decode()
    return {name: held[name] for name in _COLUMNS}


def write_rows(rows: Iterable[SweBenchRow], path: Path) -> int:
    """Write rows as JSON lines, or as Parquet if the name ends so, and return how many.

    The file appears whole or not at all.

    Raises:
        InputError: it cannot be written.
    """
    aside = path.with_name(f".{path.name}.part")
    held = [row_values(row) for row in rows]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".parquet":
            pa, pq = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
            schema = pa.schema([(name, pa.string()) for name in _COLUMNS])
            pq.write_table(pa.Table.from_pylist(held, schema=schema), aside)
        else:
            aside.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in held))
        aside.replace(path)
    except OSError as error:
        raise InputError(f"the file cannot be written: {error.strerror}", where=str(path)) from None
    finally:
        aside.unlink(missing_ok=True)
    return len(held)
