"""What `banbury capture` prints."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from banbury.cli.terminal import out, print_table
from banbury.errors import UnknownName
from banbury.store import Lab
from banbury.store.footage import Share, Standing

HOUR_MS = 3_600_000
_HEARD_S = 1.0
"""A jump of the clock that is told to less than this needs no word on it."""
_SHOWN = 8
"""Faults and lost stretches of a recording that are told one by one."""


def clock(seconds: float) -> str:
    """Return seconds as 1:02:03.4, shorter where there are no hours."""
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    minutes, rest = divmod(round(seconds, 1), 60.0)
    hours, minutes = divmod(int(minutes), 60)
    if hours:
        return f"{sign}{hours}:{minutes:02d}:{rest:04.1f}"
    return f"{sign}{minutes}:{rest:04.1f}"


def hours_of(ms: int) -> str:
    """Return milliseconds as hours."""
    return f"{ms / HOUR_MS:.2f}" if ms >= HOUR_MS / 20 or not ms else f"{ms / HOUR_MS:.4f}"


def show_checked(found: Any) -> None:
    """Print a sidecar: the clocks, the hours, the reasons."""
    for number, view in enumerate(found.views):
        files = [f for r in found.recordings if r.view == number for f in r.files]
        told = ", ".join(_file(f) for f in files) or "nothing that can be read"
        name = "" if view.person in {file.name for file in files} else f"{view.person}: "
        out.print(f"View {number + 1}  {name}{told}", markup=False, highlight=False)
    for one in found.recordings:
        for fault in one.faults:
            said = f"  View {one.view + 1}  {fault[:1].upper()}{fault[1:].rstrip('.')}."
            out.print(said, style="yellow", markup=False, highlight=False)
    for trouble in found.troubles:
        name = f"{trouble.file}: " if trouble.file else ""
        do = f" {trouble.do[0].upper()}{trouble.do[1:].rstrip('.')}." if trouble.do else ""
        out.print(
            f"  View {trouble.view + 1}  {name}{trouble.what}.{do}",
            style="yellow",
            markup=False,
            highlight=False,
        )
    for group in found.groups:
        _show_group(found, group)
    disputed = any(group.verdict == "disputed" for group in found.groups)
    filmed = max((view.filmed_s for view in found.views), default=0.0)
    out.print(
        f"\nGood: {clock(found.good_s)} of pairs, of {clock(filmed)} filmed"
        + ("; what is disputed, a person decides" if disputed and found.good_s else "")
        + (f"; confirmed: {clock(found.counted_s)}" if found.counted_s else ""),
        markup=False,
        highlight=False,
    )
    rows = [
        [f"View {n + 1}", clock(seconds), reason]
        for n, view in enumerate(found.views)
        for reason, seconds in view.lost_s.items()
        if seconds >= 0.05
    ]
    if rows:
        print_table("What does not count", ("view", "time", "why"), rows, right=("time",))
    _show_faults(found)


def _file(file: Any) -> str:
    kinds = [f"{t.codec} {t.size[0]}x{t.size[1]}" for t in file.tracks if t.kind == "video"][:1]
    kinds += [f"{t.codec}" for t in file.tracks if t.kind == "sound"][:1]
    more = [word for word, there in (("GPMF", file.telemetry),) if there]
    return f"{file.name} ({clock(file.duration_s)}, {', '.join([*kinds, *more])})"


def _show_group(found: Any, group: Any) -> None:
    for pair in group.pairs:
        one, other = found.recordings[pair.a], found.recordings[pair.b]
        what = pair.found
        out.print(
            f"\nView {one.view + 1} and view {other.view + 1}: {what.verdict}",
            style="bold",
            markup=False,
            highlight=False,
        )
        if what.pieces:
            half = (what.offset_high - what.offset_low) / 2
            told = f"offset {what.offset_s:+.4f} s ± {1000 * half:.2f} ms"
            if what.drift_low is None:
                told += ", drift cannot be told"
            else:
                wide = (what.drift_high - what.drift_low) / 2
                told += f", drift {what.drift_ppm:+.2f} ± {wide:.2f} ppm"
            out.print(
                f"  {told}, residual {what.residual_ms:.3f} ms", markup=False, highlight=False
            )
        for jump in what.jumps:
            open_s = jump.high_s - jump.low_s
            out.print(
                f"  at {clock(jump.at_s)}: {jump.kind}, {1000 * jump.by_s:+.1f} ms"
                + (f", {open_s:.1f} s about it left open" if open_s > _HEARD_S else ""),
                markup=False,
                highlight=False,
            )
        for reason in what.reasons:
            out.print(f"  {reason}", markup=False, highlight=False)
        rows = [_method(m) for m in what.methods]
        if rows:
            print_table("", ("method", "answer", "±", "used", "why"), rows, right=("answer", "±"))
    for reason in group.reasons if len(group.recordings) > 2 else ():
        out.print(f"  {reason}", markup=False, highlight=False)
    for loop in group.loops:
        names = " -> ".join(str(found.recordings[group.recordings[n]].view + 1)
                            for n in (loop.i, loop.j, loop.k, loop.i))  # fmt: skip
        left = (
            "" if loop.left_ms is None else f", {loop.left_ms:+.3f} ms after the fit to all pairs"
        )
        out.print(f"  loop {names}: {loop.error_ms:+.3f} ms{left}", markup=False, highlight=False)


def _method(one: Any) -> list[str]:
    answer = f"{one.offset_s:+.4f} s" if one.found else "none"
    half = f"{1000 * one.plus_minus_s:.2f} ms" if one.found else ""
    return [one.name, answer, half, "yes" if one.used else "", one.why]


def _show_faults(found: Any) -> None:
    rows = []
    for one in found.recordings:
        faults = one.quality.faults if one.quality else ()
        for kind, group in _by_kind(faults).items():
            first = group[0]
            total = sum(f.end_s - f.start_s for f in group)
            where = clock(first.start_s) + (f" and {len(group) - 1} more" if group[1:] else "")
            lost = "yes" if first.loses else ""
            rows.append([f"View {one.view + 1}", kind, clock(total), where, lost, first.said])
    if rows:
        columns = ("view", "fault", "time", "from", "loses", "said")
        print_table("How good it is", columns, rows, right=("time",))


def _by_kind(faults: Sequence[Any]) -> dict[str, list[Any]]:
    out: dict[str, list[Any]] = {}
    for fault in faults:
        out.setdefault(fault.kind, []).append(fault)
    return out


def standing_json(one: Standing, shares: Sequence[Share]) -> dict[str, Any]:
    """Return how a task's footage stands as plain values."""
    plain: dict[str, Any] = msgspec.to_builtins(one)
    return {**plain, "people": msgspec.to_builtins(shares)}


def show_standings(
    campaign: str, found: Sequence[Standing], people: Mapping[str, Sequence[Share]]
) -> None:
    """Print how tasks stand, with the people of each."""
    if not found:
        out.print(f"Nothing of {campaign} is due: no task has all its views in and unread.")
        return
    rows = [
        [
            one.task[:12],
            " / ".join(filter(None, msgspec.structs.astuple(one.scene))),
            one.state,
            hours_of(one.good_ms),
            hours_of(one.counted_ms),
            one.reason,
        ]
        for one in found
    ]
    columns = ("task", "scene", "state", "good h", "counted h", "why")
    print_table(campaign, columns, rows, right=("good h", "counted h"))
    rows = [
        [one.task[:12], s.person, hours_of(s.filmed_ms), hours_of(s.good_ms), _lost(s.lost)]
        for one in found
        for s in people.get(one.task, ())
    ]
    people_columns = ("task", "person", "filmed h", "good h", "what does not count")
    print_table("By person", people_columns, rows, right=("filmed h", "good h"))


def _lost(lost: Mapping[str, int]) -> str:
    told = [f"{clock(ms / 1000)} {why}" for why, ms in list(lost.items())[:_SHOWN] if ms >= 50]
    return "; ".join(told)


def hours(lab: Lab, campaign: str | None, person: str | None) -> dict[str, Any]:
    """Return hours by day and person, by reason, by scene, as plain values."""
    days = lab.footage.days(campaign, person)
    lost = lab.footage.lost(campaign, person)
    mix = lab.footage.mix(campaign) if person is None else []
    states = Counter(one.state for one in lab.footage.listed(campaign, 100_000))
    return {
        "filmed_h": _hours(sum(d.filmed_ms for d in days)),
        "good_h": _hours(sum(d.good_ms for d in days)),
        "counted_h": _hours(sum(d.counted_ms for d in days)),
        "pair_good_h": _hours(sum(m.good_ms for m in mix)),
        "pair_counted_h": _hours(sum(m.counted_ms for m in mix)),
        "tasks": dict(states),
        "days": [
            {
                "day": day_of(d.day),
                "campaign": d.campaign,
                "person": d.person,
                "filmed_h": _hours(d.filmed_ms),
                "good_h": _hours(d.good_ms),
                "counted_h": _hours(d.counted_ms),
            }
            for d in days
        ],
        "lost_h": {reason: _hours(ms) for reason, ms in lost.items()},
        "scenes": [
            {
                **msgspec.structs.asdict(m.scene),
                "campaign": m.campaign,
                "tasks": m.tasks,
                "pair_good_h": _hours(m.good_ms),
                "pair_counted_h": _hours(m.counted_ms),
            }
            for m in mix
        ],
    }


def show_hours(said: Mapping[str, Any]) -> None:
    """Print hours by day and person, what was lost and why, the scenes."""
    if not said["days"]:
        out.print("No footage was looked at yet.")
        return
    rows = [
        [d["day"], d["campaign"], d["person"], *(_h(d[k]) for k in _HOURS)] for d in said["days"]
    ]
    columns = ("day", "campaign", "person", "filmed h", "good h", "counted h")
    print_table("By day", columns, rows, right=columns[3:])
    lost = [[_h(hours), reason] for reason, hours in said["lost_h"].items()]
    print_table("What does not count", ("hours", "why"), lost, right=("hours",))
    scenes = [
        [
            " / ".join(filter(None, (s["trade"], s["action"], s["place"], s["light"]))),
            str(s["tasks"]),
            _h(s["pair_good_h"]),
            _h(s["pair_counted_h"]),
        ]
        for s in said["scenes"]
    ]
    if scenes:
        names = ("scene", "tasks", "good pair h", "counted pair h")
        print_table("Scenes", names, scenes, right=names[1:])
    waits = ", ".join(f"{n} {state}" for state, n in said["tasks"].items())
    out.print(f"\nTasks: {waits}", highlight=False)


_HOURS = ("filmed_h", "good_h", "counted_h")


def _hours(ms: int) -> float:
    return round(ms / HOUR_MS, 6)


def _h(hours: float) -> str:
    return hours_of(round(hours * HOUR_MS))


def day_of(day: int) -> str:
    """Return days since 1970-01-01 as a date."""
    return (dt.date(1970, 1, 1) + dt.timedelta(days=day)).isoformat()


def task_of(lab: Lab, campaign: str, begins: str) -> str:
    """Return the task of a campaign whose id begins so.

    Raises:
        UnknownName: there is none, or there are several.
    """
    known = answered(lab, campaign)
    fits = [id for id in known if id.startswith(begins)]
    if len(fits) != 1:
        hint = f"{len(fits)} tasks begin so" if fits else f"Of {campaign!r} those with an answer"
        raise UnknownName("task", begins[:64], [id[:12] for id in known], hint=hint)
    return fits[0]


def answered(lab: Lab, campaign: str) -> list[str]:
    """Return the tasks of a campaign that somebody has answered."""
    return lab.footage.answered(campaign)
