"""Looking: what an upload would bring to a campaign, before anything is taken of it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from banbury.cycle.source.importing.drafts import FILES, SHOWN
from banbury.cycle.source.importing.files import File, Unfit
from banbury.cycle.source.importing.plan import Plan, checked_licence
from banbury.cycle.source.importing.rows import Broken, Row
from banbury.cycle.source.importing.sources import Source, open_source
from banbury.cycle.source.importing.uploads import opened
from banbury.gyms.labelling.controls import Control, read_controls
from banbury.store import Lab
from banbury.store.queue import Campaign

ROWS = 5
SEEN = 200
"""Columns that are shown."""
_SHAPES = {"boxes", "polygons", "points"}
_CELL = 120


class Look(msgspec.Struct, frozen=True):
    """What an upload would bring.

    Attributes:
        upload: SHA-256 of the blob.
        file: its name.
        format: in which it is read.
        columns: of a table; none where the format says itself what is labelled.
        labelled: the columns that would be shown to be labelled.
        known: the columns that hold known results, which nobody is shown.
        rows: the first ones, each with a text a column, shortened.
        broken: why the first broken one of them cannot be taken, "" if all can.
    """

    upload: str
    file: str
    format: str
    columns: tuple[str, ...] = ()
    labelled: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    broken: str = ""


def plan_of(campaign: Campaign, column: str = "", licence: str = "") -> Plan:
    """Return what a campaign asks of the rows of an upload.

    A column named as a control holds its known results: it would be shown beside the item
    otherwise, as other columns are, and tell the answer.

    Args:
        campaign: with its questions in `settings.controls`.
        column: of a table: what is labelled; found by the columns' names if "".
        licence: SPDX id, not stated if "".

    Raises:
        InputError: the questions or the licence are none.
    """
    plan = Plan(item=_item(column, ()), licence=checked_licence(licence))
    controls = campaign.settings.get("controls") or []
    if not controls:
        return plan
    asked = read_controls(msgspec.json.encode(controls), f"campaign {campaign.name!r}")
    names = {control.name for control in asked} - {"text", *FILES} - {column}
    gold = {name: name for name in sorted(names)}
    return msgspec.structs.replace(plan, controls=asked, gold=gold, item=_item(column, asked))


def _item(column: str, asked: Sequence[Control]) -> dict[str, str]:
    """Return the item that a chosen column is: an image where only shapes are asked for."""
    if not column or column in SHOWN:
        return {column: column} if column else {}
    if asked and {control.kind for control in asked} <= _SHAPES:
        return {"image": column}
    return {"file" if column in FILES else "text": column}


def look(lab: Lab, campaign: Campaign, sha256: str, file: str, column: str = "") -> Look:
    """Return what an upload would bring to a campaign; nothing is taken.

    Raises:
        InputError: it cannot be read.
    """
    with opened(lab, sha256, file) as path:
        source = open_source(path, plan_of(campaign, column))
        head, rows, broken = _begun(source)
    plan = source.plan
    return Look(
        sha256,
        file,
        source.format,
        head,
        tuple(source.columns.values()),
        tuple(c for c in head if c in set(plan.gold.values())),
        tuple(tuple(values[c] for c in head) for values in rows) if head else (),
        broken,
    )


def _begun(source: Source) -> tuple[tuple[str, ...], list[dict[str, str]], str]:
    """Return the columns, the first rows as shortened texts, and what is wrong with them.

    One row is held at a time: each may have megabytes.
    """
    head: tuple[str, ...] | None = None
    rows: list[dict[str, str]] = []
    broken = ""
    for row in itertools.islice(source.rows(()), ROWS):
        broken = broken or _fault(source, row)
        if isinstance(row, Row):
            head = tuple(itertools.islice(row.values, SEEN)) if head is None else head
            rows.append({c: _said(row.values, c) for c in head})
    plain = source.columns and source.format != "folder"
    return (head or ()) if plain else (), rows, broken


def _fault(source: Source, row: Row | Broken) -> str:
    if isinstance(row, Broken):
        return f"{row.place}: {row.why}"
    try:
        draft = source.draft(row)
    except Unfit as error:
        return f"{row.place}: {error}"
    missing = (f for f in draft.item.values() if isinstance(f, File) and f.path)
    gone = next((f.path.name for f in missing if f.path and not f.path.is_file()), "")
    return f"{row.place}: there is no file {gone!r}" if gone else ""


def _said(values: Mapping[str, Any], column: str) -> str:
    """Return the beginning of a cell."""
    value = values.get(column)
    if isinstance(value, bytes) or (isinstance(value, dict) and "bytes" in value):
        return "a file"
    text = value if isinstance(value, str) else "" if value is None else str(value)
    line = " ".join(text[: 4 * _CELL].split())
    return line if len(line) <= _CELL else f"{line[: _CELL - 1]}…"
