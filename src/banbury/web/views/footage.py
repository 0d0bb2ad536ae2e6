"""Footage: hours by day and person, what does not count and why, scenes, how each task stands."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
from markupsafe import Markup

from banbury import clock
from banbury.charts.days import DayBar, days
from banbury.errors import UnknownName
from banbury.store import Lab
from banbury.store.footage import DayOf, Mix, Share, Standing
from banbury.store.jobs import Job

DAY_NS = 86_400 * 10**9
SHOWN_DAYS = 60
TASKS = 100
HOUR_MS = 3_600_000
UNITS = (("h", HOUR_MS), ("min", 60_000), ("s", 1000))
"""In which the height of a bar is told: the largest of which there is one."""
PARTS = ("counted", "good, not confirmed", "does not count")
CHECK = "capture check"
"""The stage that looks at footage."""
LOOKS = ("hours-counted", "hours-good", "hours-lost")


class Trouble(msgspec.Struct, frozen=True):
    """What is wrong with a file, and what its wearer can do."""

    file: str
    what: str
    do: str


class Own(msgspec.Struct, frozen=True):
    """One task of a wearer: how it stands, their share, what they can do about it."""

    standing: Standing
    share: Share
    troubles: tuple[Trouble, ...] = ()


class Reason(msgspec.Struct, frozen=True):
    """Time that does not count, for one reason; `part` of the most frequent one, in [0, 1]."""

    why: str
    ms: int
    part: float


class Sums(msgspec.Struct, frozen=True):
    """Milliseconds of views filmed, good in a pair, and counted."""

    filmed_ms: int = 0
    good_ms: int = 0
    counted_ms: int = 0

    def __add__(self, day: DayOf) -> Sums:
        """Add a day."""
        return Sums(
            self.filmed_ms + day.filmed_ms,
            self.good_ms + day.good_ms,
            self.counted_ms + day.counted_ms,
        )


class Line(msgspec.Struct, frozen=True):
    """Hours under one name: a day, a campaign, a person."""

    name: str
    sums: Sums


class Hours(msgspec.Struct, frozen=True):
    """What a page of hours shows; `picture` are bars by day.

    Attributes:
        all: over all days.
        today: of today (UTC).
        by_day: the newest first.
        by_person: the most counted first.
        by_campaign: likewise.
        lost: reasons, the most time first.
    """

    all: Sums
    today: Sums
    by_day: tuple[Line, ...]
    by_person: tuple[Line, ...]
    by_campaign: tuple[Line, ...]
    lost: tuple[Reason, ...]


class Pairs(msgspec.Struct, frozen=True):
    """Pair-milliseconds: good and counted, of all tasks."""

    good_ms: int
    counted_ms: int


class Operations(msgspec.Struct, frozen=True):
    """What operations see: hours, scenes, how tasks stand."""

    hours: Hours
    pairs: Pairs
    scenes: tuple[Mix, ...]
    tasks: tuple[Standing, ...]
    states: dict[str, int]
    running: tuple[Job, ...] = ()


class Mine(msgspec.Struct, frozen=True):
    """What a wearer sees: their own hours, and how each scene of theirs stands."""

    hours: Hours
    tasks: tuple[Own, ...]


def operations(lab: Lab, campaign: str = "") -> Operations:
    """Return what operations see, of one campaign or of all."""
    name = campaign or None
    scenes = tuple(lab.footage.mix(name))
    pairs = Pairs(sum(s.good_ms for s in scenes), sum(s.counted_ms for s in scenes))
    tasks = tuple(lab.footage.listed(name, TASKS))
    states: dict[str, int] = dict(Counter(str(t.state) for t in tasks))
    running = tuple(lab.jobs.listed(verb=CHECK, state="running", limit=5))
    return Operations(_hours(lab, name, None), pairs, scenes, tasks, states, running)


def mine(lab: Lab, person: str) -> Mine:
    """Return what a wearer sees of their own footage."""
    found = lab.footage.of(person)
    return Mine(
        _hours(lab, None, person),
        tuple(Own(s, share, _troubles(lab, s, share)) for s, share in found),
    )


def scene(lab: Lab, campaign: str, task: str) -> dict[str, Any]:
    """Return what was found of one scene, as its page shows it.

    Raises:
        UnknownName: nobody has looked at its footage.
    """
    standing = lab.footage.standing(campaign, task)
    if standing is None:
        raise UnknownName("footage", f"{campaign}/{task}"[:100], ())
    made = lab.artifact("footage", standing.artifact)
    return {
        "standing": standing,
        "shares": lab.footage.shares(campaign, task),
        "made": made,
        "body": made.body,
    }


def filming(lab: Lab) -> list[str]:
    """Return the campaigns whose tasks are to be filmed."""
    return [c.name for c in lab.queue.campaigns(limit=500) if c.gym == "capture"]


def picture(hours: Hours) -> Markup:
    """Return bars of hours by day, days without footage included."""
    if not hours.by_day:
        return Markup("")
    known = {line.name: line.sums for line in hours.by_day}
    last = dt.date.fromisoformat(hours.by_day[0].name)
    first = dt.date.fromisoformat(hours.by_day[-1].name)
    count = min((last - first).days + 1, SHOWN_DAYS)
    dates = [(last - dt.timedelta(days=n)).isoformat() for n in range(count)][::-1]
    most_ms = max(line.sums.filmed_ms for line in hours.by_day)
    unit, length = next((u, ms) for u, ms in UNITS if most_ms >= ms or ms == UNITS[-1][1])
    bars = [DayBar(day, _parts(known.get(day, Sums()), length)) for day in dates]
    label = f"Footage by day, {dates[0]} to {dates[-1]}; at most {hours_said(most_ms)} a day"
    return Markup(days(bars, PARTS, LOOKS, label, unit))


def hours_said(ms: int) -> str:
    """Return milliseconds as people say hours: `4.25 h`, `12 min`, `8 s`."""
    if ms >= HOUR_MS:
        return f"{ms / HOUR_MS:.2f} h"
    if ms >= 120_000:
        return f"{ms / 60_000:.0f} min"
    return f"{ms / 1000:.0f} s" if ms >= 10_000 or not ms else f"{ms / 1000:.1f} s"


def _parts(sums: Sums, unit_ms: int) -> tuple[float, ...]:
    waits = max(0, sums.good_ms - sums.counted_ms)
    lost = max(0, sums.filmed_ms - sums.good_ms)
    return sums.counted_ms / unit_ms, waits / unit_ms, lost / unit_ms


def _hours(lab: Lab, campaign: str | None, person: str | None) -> Hours:
    found = lab.footage.days(campaign, person)
    today = clock.wall_ns() // DAY_NS
    now = [d for d in found if d.day == today]
    lost = lab.footage.lost(campaign, person)
    most = max(lost.values(), default=0)
    return Hours(
        _sum(found),
        _sum(now),
        _lines(found, lambda d: _date(d.day))[::-1],
        _ranked(_lines(found, lambda d: d.person)),
        _ranked(_lines(found, lambda d: d.campaign)),
        tuple(Reason(why, ms, ms / most if most else 0.0) for why, ms in lost.items() if ms > 0),
    )


def _sum(found: Sequence[DayOf]) -> Sums:
    out = Sums()
    for one in found:
        out += one
    return out


def _lines(found: Sequence[DayOf], name: Any) -> tuple[Line, ...]:
    sums: dict[str, Sums] = {}
    for one in found:
        sums[name(one)] = sums.get(name(one), Sums()) + one
    return tuple(Line(key, value) for key, value in sums.items())


def _ranked(lines: Sequence[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda x: (-x.sums.counted_ms, -x.sums.good_ms, x.name)))


def _date(day: int) -> str:
    return (dt.date(1970, 1, 1) + dt.timedelta(days=day)).isoformat()


def _troubles(lab: Lab, standing: Standing, share: Share) -> tuple[Trouble, ...]:
    """Return what is wrong with a wearer's own files, where something is."""
    if standing.state != "unreadable":
        return ()
    body = lab.artifact("footage", standing.artifact).body
    own = [n for n, v in enumerate(body.get("views", ())) if v.get("person") == share.person]
    return tuple(
        Trouble(t["file"], t["what"], t["do"]) for t in body.get("troubles", ()) if t["view"] in own
    )
