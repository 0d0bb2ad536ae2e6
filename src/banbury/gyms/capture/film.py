"""Filming: the environment of a wearer's day, and what its judge looks at when it is handed in.

The judge is quick: it asks whether the files can be read and are long enough for the takes, and
whether the rules of rest were held. Which hours are good is said later, by the stage that reads the
files; its judgement stands beside this one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec

from banbury.episode import GYM, Blob, Problem, Record, Span
from banbury.errors import GymError
from banbury.gyms.capture import footage, rest
from banbury.gyms.capture.actions import AddFile, Film, HandIn, read_action
from banbury.gyms.capture.brief import Brief, decode_brief
from banbury.gyms.capture.day import MS, Day, Refused, lasting
from banbury.gyms.capture.marks import AHEAD_S
from banbury.gyms.contract import Action, Environment, Observation, Turn

MOVES = 5000
"""Actions after which an episode is cut off."""
ENOUGH = 0.9
"""Share of the takes that the files must be long enough for."""
LEAST = 0.1
"""The same where the wearer says why some is lacking."""
SLACK_S = 5.0
"""Seconds a take by which a thumb may be late."""
PRACTICE_S = 600.0
"""Seconds by which the takes of an exercise may be longer than its clip, which lasts a moment."""
_VIDEO = "video/mp4"
_ERROR = "Error: "
_ERROR_AT = re.compile(rb'\{"text":"' + _ERROR.encode())

_encode = msgspec.json.Encoder(order="deterministic").encode


class Filming(Environment):
    """One wearer's day on a scene.

    Args:
        problem: the task; its `place` says where uploaded files lie.
        seat: who sits there.
    """

    def __init__(self, problem: Problem, seat: str = "solver") -> None:
        self._problem = problem
        self._brief = brief_of(problem)
        self._seat = seat
        self._day = Day()
        self._moves = 0

    def opening(self) -> Turn:
        """Show the brief in words."""
        text = self._problem.task.public.instruction + "\n\n" + words(self._brief)
        return Turn({self._seat: (Observation(text, data=self.evidence()),)})

    def step(self, seat: str, action: Action) -> Turn:
        """Do an action; what cannot be done now is said in one sentence."""
        self._moves += 1
        media: tuple[Span, ...] = ()
        try:
            if not isinstance(action, Film):
                raise Refused("this task is for filming")
            found = self._looked(action)
            if isinstance(action, HandIn):
                self._refuse_short(action)
            text = self._day.do(action, self._brief.rest)
            if isinstance(action, AddFile) and found is not None:
                text += f" It cannot be used: {found.fault}." if found.fault else ""
                media = _spans(action, found)
        except Refused as refusal:
            text = f"{_ERROR}{refusal}."
        shown = Observation(text, "tool", self.evidence(), media)
        over = isinstance(action, HandIn) and bool(self._day.handed_in_ms)
        return Turn({self._seat: (shown,)}, terminated=over, truncated=self._moves >= MOVES)

    def _looked(self, action: Film) -> footage.Looked | None:
        if not isinstance(action, AddFile):
            return None
        found = footage.look(self._problem, self._brief, action.sha256)
        if found.foreign:
            raise Refused(found.fault)
        return found

    def _refuse_short(self, action: HandIn) -> None:
        """Ask for the rest of the files, or for the reason, where takes are longer than files."""
        day = self._day
        if action.lacking.strip() or not day.files or day.filming_ms:
            return
        looks = [footage.look(self._problem, self._brief, f.sha256) for f in day.files]
        held = sum(one.seconds for one in looks if not one.fault)
        if all(not one.fault for one in looks) and not _enough(held, day, self._brief):
            raise Refused(
                f"your takes come to {lasting(day.seconds)} and the files to {lasting(held)}; "
                "add the rest, or write above why some is lacking"
            )

    def evidence(self) -> str:
        """Return the day so far."""
        return _encode(self._day).decode()

    def snapshot(self) -> bytes:
        """Return the day so far."""
        return _encode([self._moves, self._day])

    def restore(self, state: bytes) -> None:
        """Go back to a state that `snapshot` returned."""
        try:
            self._moves, self._day = msgspec.json.decode(state, type=tuple[int, Day])
        except msgspec.MsgspecError as error:
            raise GymError(f"this is no snapshot of a day: {error}", where="capture") from error


class Judged(msgspec.Struct, frozen=True):
    """The verdict on a day that was handed in."""

    score: float
    passed: bool
    components: dict[str, float]
    evidence: dict[str, Any]


def day_of(record: Record, brief: Brief) -> Day:
    """Return the day that a record's actions make, less those that were refused."""
    day = Day()
    for action in done(record):
        with suppress(Refused):
            day.do(action, brief.rest)
    return day


def done(record: Record) -> Iterator[Film]:
    """Yield a record's actions, less those that were refused."""
    refused = _refused(record)
    for step in record.actions():
        action = read_action(step.payload)
        if isinstance(action, Film) and step.seq not in refused:
            yield action


def claimed(record: Record, day: Day) -> list[rest.Stretch]:
    """Return a day's takes in seconds since 1970, less what was still to come when they arrived.

    A phone whose clock runs ahead could else film today by the rules of rest of tomorrow.
    """
    arrived = max((step.end_ns for step in record.actions()), default=0)
    if not arrived:
        return day.stretches  # nobody noted when it arrived
    latest = (record.episode.anchor_ns + arrived) / 1e9 + AHEAD_S
    return [(start, min(end, latest)) for start, end in day.stretches if start < latest]


def _refused(record: Record) -> set[int]:
    """Return the numbers of the steps that the environment answered with an error."""
    found, last = set(), -1
    for step in record.steps:
        if step.kind == "action":
            last = step.seq
        elif step.kind == "observation" and step.actor == GYM and _ERROR_AT.match(step.payload):
            found.add(last)
    return found


def judge(record: Record, problem: Problem) -> Judged:
    """Return 1 where all was handed in and can be used, else 0.

    Where the wearer says why footage is lacking, the score is the share of the takes that the files
    are long enough for. Components: `files`, the share that can be read; `takes`, the share of the
    takes that the files cover; `rest`, 1 where the rules of rest were held.
    """
    brief = brief_of(problem)
    day = day_of(record, brief)
    found = {f.sha256: footage.look(problem, brief, f.sha256) for f in day.files}
    faults = {f.name: found[f.sha256].fault for f in day.files if found[f.sha256].fault}
    held = sum(one.seconds for one in found.values() if not one.fault)
    over_s = sum(end - start for start, end in rest.beyond(day.stretches, brief.rest))
    early = _early(record, day)
    covered = min(1.0, held / day.seconds) if day.seconds > 0.0 else 0.0
    enough = _enough(held, day, brief)
    components = {
        "files": 1.0 - len(faults) / len(day.files) if day.files else 0.0,
        "takes": covered,
        "rest": float(over_s <= brief.rest.grace_s),
    }
    missing = [text for text, wrong in (
        ("the day was not handed in", not day.handed_in_ms),
        ("the takes come to nothing", day.seconds <= 0.0),
        ("there is no file", not day.files),
        ("a file cannot be used", bool(faults)),
        ("the rules of rest were not held", not components["rest"]),
        ("the phone's clock was ahead of ours", early),
        ("the files are too short for the takes",
         covered < LEAST if day.lacking else not enough),
    ) if wrong]  # fmt: skip
    passed = not missing
    score = (1.0 if enough else covered) if passed else 0.0
    return Judged(
        score,
        passed,
        components,
        {
            "judged": "whether it can be used; which hours are good is said later",
            "missing": missing,
            "faults": faults,
            "beyond_rest_s": round(over_s, 1),
            "footage_s": round(held, 3),
            "takes_s": round(day.seconds, 3),
            "headaches": sum(one.kind == "headache" for one in day.said),
        },
    )


def brief_of(problem: Problem) -> Brief:
    """Return what a film task asks.

    Raises:
        GymError: it holds no brief.
    """
    try:
        return decode_brief(problem.task.public.inputs)
    except msgspec.MsgspecError as error:
        raise GymError(
            f"the task holds no brief: {error}",
            where=f"task {problem.task.id}",
            do="make it again with `banbury.gyms.capture.problems.film`",
        ) from error


def words(brief: Brief) -> str:
    """Return a brief in words, for actors without a screen."""
    rules = brief.rest
    lines = [
        f"Trade: {brief.trade}",
        f"Action: {brief.action}",
        *([f"Place: {brief.place}"] if brief.place else []),
        *([f"Light: {brief.light}"] if brief.light else []),
        f"Views: {brief.views}; good hours wanted: {brief.good_hours:g}",
        f"Rest: at most {rules.footage_s / 3600:g} h of footage within "
        f"{rules.window_s / 3600:g} h, and a break of {rules.break_s / 60:g} min after "
        f"{rules.stretch_s / 60:g} min.",
        *brief.notes,
    ]
    clip = footage.practice_clip(brief)
    if clip:
        lines.append(
            "This is an exercise: say the steps of a day without a camera, and hand in the clip "
            f"practice.mp4 ({len(clip)} bytes, sha256 {footage.sha256_of(clip)})."
        )
    return "\n".join(lines)


def _enough(held_s: float, day: Day, brief: Brief) -> bool:
    """Say whether files of so many seconds are long enough for the takes."""
    slack = PRACTICE_S if brief.practice else SLACK_S * len(day.takes)
    return held_s + slack >= ENOUGH * day.seconds and held_s > 0.0


def _early(record: Record, day: Day) -> bool:
    """Say whether an action claims a time that was still to come when it arrived."""
    anchor = record.episode.anchor_ns
    for step in record.actions():
        action = read_action(step.payload)
        if isinstance(action, Film) and step.end_ns:
            ahead_s = action.at_ms / MS - (anchor + step.end_ns) / 1e9
            if ahead_s > AHEAD_S:
                return True
    return False


def _spans(action: AddFile, found: footage.Looked) -> tuple[Span, ...]:
    """Return the whole file as the record keeps it; nothing where it is not there."""
    if not found.size:
        return ()
    blob = Blob(action.sha256, found.size, _VIDEO)
    return (Span(blob, "head-camera", 0, int(found.seconds * 1e9)),)
