"""Briefs: the scenes of a campaign, from a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from banbury.errors import InputError, UnknownName
from banbury.gyms.capture import problems
from banbury.gyms.capture.brief import Brief
from banbury.store import Lab
from banbury.store.queue import Campaign

LEASE_S = 36 * 3600
"""A day of filming and the night's upload."""
_NEEDED = ("trade", "action")
_WORDS = ("trade", "action", "place", "light", "day")
_KNOWN = (*_WORDS, "good_hours", "notes", "views")
_LONGEST = 300
_MOST_VIEWS = 16


class Imported(msgspec.Struct, frozen=True):
    """What an import came to.

    Attributes:
        campaign: its name.
        rows: of the file, broken ones left out.
        new: scenes that the campaign did not have.
        views: how many people film each.
        broken: rows that were left out, each with the reason.
    """

    campaign: str
    rows: int
    new: int
    views: int
    broken: tuple[str, ...] = ()


def import_briefs(
    lab: Lab,
    path: Path,
    campaign: str,
    *,
    views: int | None = None,
    title: str = "",
    licence: str = "",
    skip_broken: bool = False,
) -> Imported:
    """Take a table's rows as scenes of a campaign, which is made if it is not there.

    Args:
        lab: the lab.
        path: CSV, or JSON lines where the name ends in .jsonl or .ndjson.
        campaign: its name.
        views: how many people film each scene, where the rows do not say.
        title: of a new campaign.
        licence: SPDX id of the footage, "" where nobody has said.
        skip_broken: leave broken rows out.

    Raises:
        InputError: the file cannot be read, or a row is broken; nothing is taken then.
    """
    held = _campaign(lab, campaign)
    wanted = views or (held.overlap if held else None)
    read, broken = _rows(path, wanted)
    if broken and not skip_broken:
        more = f" and {len(broken) - 1} more" if broken[1:] else ""
        raise InputError(
            broken[0] + more, where=str(path), do="mend the file, or add --skip-broken"
        )
    if not read:
        raise InputError("there is no row in it", where=str(path), do="see docs/footage.md")
    count = _views(read, held)
    problems_ = [problems.film(brief, licence=licence) for brief in read]
    lab.put_tasks(problems_)
    if held is None:
        lab.queue.put(_rules(campaign, title, count))
    new = lab.queue.add(campaign, [problem.task.id for problem in problems_])
    return Imported(campaign, len(read), new, count, tuple(broken))


def _campaign(lab: Lab, name: str) -> Campaign | None:
    try:
        held = lab.queue.campaign(name)
    except UnknownName:
        return None
    if held.gym != problems.GYM:
        raise InputError(f"the campaign {name!r} is of the gym {held.gym!r}, not {problems.GYM!r}")
    return held


def _rules(name: str, title: str, views: int) -> Campaign:
    """Return a campaign of filming: nobody decides between views, since they must differ."""
    return Campaign(
        name,
        problems.GYM,
        title or name,
        problems.FILM_SAID,
        overlap=views,
        review=0.0,
        enough=0.0,
        lease_seconds=LEASE_S,
        hold=1,
    )


def _views(read: list[Brief], held: Campaign | None) -> int:
    """Return how many people film each scene; a campaign has one number for all."""
    said = sorted({brief.views for brief in read})
    if len(said) > 1:
        raise InputError(
            f"the rows want {' and '.join(map(str, said))} views, and a campaign has one number",
            do="make a campaign for each",
        )
    if held is not None and held.overlap != said[0]:
        raise InputError(
            f"the rows want {said[0]} views, and {held.name!r} has {held.overlap}",
            do="name another campaign",
        )
    return said[0]


def _rows(path: Path, views: int | None) -> tuple[list[Brief], list[str]]:
    read, broken = [], []
    for number, row in enumerate(_read(path), 1):
        try:
            read.append(_brief(row, views))
        except InputError as error:
            broken.append(f"row {number}: {error.what}")
    return list(dict.fromkeys(read)), broken


def _read(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise InputError(f"the briefs cannot be read: {why}", where=str(path)) from error
    if path.suffix.lower() not in (".jsonl", ".ndjson"):
        yield from csv.DictReader(io.StringIO(text))
        return
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield msgspec.json.decode(line, type=dict[str, Any])
            except msgspec.MsgspecError as error:
                raise InputError(
                    f"line {number} is no JSON object: {error}", where=str(path)
                ) from error


def _brief(row: Mapping[str, Any], views: int | None) -> Brief:
    said = {
        str(k).strip().lower(): v for k, v in row.items() if k is not None and v not in (None, "")
    }
    if lost := sorted(set(said) - set(_KNOWN)):
        raise InputError(f"there is no column {lost[0]!r}; there are {', '.join(_KNOWN)}")
    words = {name: str(said[name]).strip() for name in _WORDS if name in said}
    for name in _NEEDED:
        if not words.get(name):
            raise InputError(f"{name} is missing")
    for name, text in words.items():
        if len(text) > _LONGEST or not text.isprintable():
            raise InputError(f"{name} has 1 to {_LONGEST} plain characters")
    wanted = _number(said, "views", views or 2)
    if wanted not in range(2, _MOST_VIEWS + 1):
        raise InputError(f"views are from 2 to {_MOST_VIEWS}")
    good = _number(said, "good_hours", 5.0)
    if not 0.0 < good <= 24.0:
        raise InputError("good_hours are from 0 to 24")
    notes = said.get("notes", ())
    told = [notes] if isinstance(notes, str) else list(notes)
    return Brief(
        words["trade"],
        words["action"],
        words.get("place", ""),
        words.get("light", ""),
        day=words.get("day", ""),
        views=int(wanted),
        good_hours=good,
        notes=tuple(str(note).strip() for note in told if str(note).strip()),
    )


def _number(said: Mapping[str, Any], name: str, otherwise: float) -> float:
    try:
        return float(said.get(name, otherwise))
    except (TypeError, ValueError):
        raise InputError(f"{name} is no number: {said[name]!r:.40}") from None
