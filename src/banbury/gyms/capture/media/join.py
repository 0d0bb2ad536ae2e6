"""Putting the files of one recording in order, one after another, on one clock."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import combinations, pairwise
from pathlib import Path

from banbury.episode import Source
from banbury.errors import InputError
from banbury.gyms.capture.media.chapters import first_of
from banbury.gyms.capture.media.media import Media, Part
from banbury.gyms.capture.media.timecode import parse_timecode

SAME_FRAMES = 2.5
"""Timecodes that differ by fewer frames from what they should be tell of no gap."""
_SAMPLE = 1 << 20


def joined(media: Sequence[Media]) -> tuple[list[Part], list[str]]:
    """Return the files' places on the take's clock, and what is wrong with their sequence.

    A file follows the one before without a gap, unless both carry timecode and it tells of one.

    Raises:
        InputError: a file is given twice, or the files are of different recordings.
    """
    refuse_twice([m.path for m in media])
    media, faults = _ordered(media)
    parts: list[Part] = []
    at = 0.0
    for k, one in enumerate(media):
        if k:
            gap, told = _gap(media[k - 1], one)
            faults += told
            at += gap
        # The last one's sound may go on after its picture; an earlier one's would lie over
        # what the next one begins with.
        length = length_of(one) if k + 1 < len(media) else one.duration_s
        parts.append(Part(one, at, at + length))
        at += length
    return parts, faults


def length_of(media: Media) -> float:
    """Return after how long a file is followed by the next: its picture's end, else its sound's."""
    pictures = [t.end_s for t in media.of("video") if t.duration_s > 0]
    return max(pictures) if pictures else media.duration_s


def _gap(before: Media, after: Media) -> tuple[float, list[str]]:
    """Return how long nothing was recorded between two files, by timecode, and what is odd."""
    first, second = (parse_timecode(m.timecode, m.timecode_rate) for m in (before, after))
    if first is None or second is None or first.count != second.count:
        return 0.0, []
    names = f"{before.path.name} and {after.path.name}"
    gap = second.seconds - first.seconds - length_of(before)
    day = first.day_s
    gap = (gap + day / 2) % day - day / 2
    if abs(gap) <= SAME_FRAMES / first.rate:
        return 0.0, []
    if gap < 0:
        return 0.0, [f"by timecode {names} lie {-gap:.2f} s over each other; they are joined"]
    return gap, [f"between {names} {gap:.2f} s are missing by timecode"]


def _ordered(media: Sequence[Media]) -> tuple[list[Media], list[str]]:
    chapters = [m.chapter for m in media if m.chapter is not None]
    if len(chapters) < len(media):
        return _unnamed(media)
    recordings = sorted({c[0] for c in chapters})
    if len(recordings) > 1:
        raise InputError(
            "the files are of different recordings: " + ", ".join(recordings),
            do="make a take of each",
        )
    order = sorted(range(len(media)), key=lambda k: chapters[k][1])
    faults = []
    if order != list(range(len(media))):
        faults.append("the chapters were given in the wrong order; they are put right")
    numbers = [chapters[k][1] for k in order]
    for number, again in pairwise(numbers):
        if number == again:
            raise InputError(f"two files are chapter {number} of {recordings[0]}")
    wanted = range(first_of(recordings[0]), numbers[-1])
    if missing := [str(n) for n in wanted if n not in numbers]:
        names = ", ".join(missing)
        faults.append(f"of recording {recordings[0]} chapter {names} is missing")
    return [media[k] for k in order], faults


def _unnamed(media: Sequence[Media]) -> tuple[list[Media], list[str]]:
    """Return files whose names tell no order in that of their timecodes, else as given."""
    if len(media) == 1:
        return list(media), []
    codes = [parse_timecode(m.timecode, m.timecode_rate) for m in media]
    known = [c.seconds for c in codes if c is not None]
    if len(known) < len(media):
        return list(media), ["the files' names do not tell their order; they stand as given"]
    order = sorted(range(len(media)), key=lambda k: known[k])
    said = "the files' names do not tell their order; their timecode does"
    return [media[k] for k in order], [said]


def refuse_twice(paths: Sequence[Source]) -> None:
    """Raise where two of the files are one and the same, by size and by samples of content.

    Raises:
        InputError: the same file is there twice.
    """
    sizes = [p.stat().st_size for p in paths]
    for a, b in combinations(range(len(paths)), 2):
        if sizes[a] == sizes[b] and (
            _is(paths[a], paths[b]) or _sampled(paths[a]) == _sampled(paths[b])
        ):
            raise InputError(
                f"{paths[a].name} and {paths[b].name} are the same file",
                do="give each file once",
            )


def _is(one: Source, other: Source) -> bool:
    if isinstance(one, Path) and isinstance(other, Path):
        return one.samefile(other)
    return one == other


def _sampled(path: Source) -> str:
    """Return a hash of a file's head, middle and end, 1 MiB each."""
    size = path.stat().st_size
    made = hashlib.sha256()
    with path.open("rb") as file:
        for at in (0, max(0, size // 2 - _SAMPLE // 2), max(0, size - _SAMPLE)):
            file.seek(at)
            made.update(file.read(_SAMPLE))
    return made.hexdigest()
