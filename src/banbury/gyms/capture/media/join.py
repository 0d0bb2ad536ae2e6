"""Putting the files of one recording in order, one after another, on one clock."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import combinations, pairwise
from pathlib import Path

from banbury.errors import InputError
from banbury.gyms.capture.media.chapters import first_of
from banbury.gyms.capture.media.media import Media, Part

_SAMPLE = 1 << 20


def joined(media: Sequence[Media]) -> tuple[list[Part], list[str]]:
    """Return the files' places on the take's clock, and what is wrong with their sequence.

    Raises:
        InputError: a file is given twice, or the files are of different recordings.
    """
    refuse_twice([m.path for m in media])
    media, faults = _ordered(media)
    parts: list[Part] = []
    at = 0.0
    for one in media:
        length = length_of(one)
        parts.append(Part(one, at, at + length))
        at += length
    return parts, faults


def length_of(media: Media) -> float:
    """Return how long a file is followed by the next: its picture's length, else its sound's.

    A chapter's sound may reach a few milliseconds into the next one's first picture.
    """
    pictures = [t.end_s for t in media.of("video") if t.duration_s > 0]
    return max(pictures) if pictures else media.duration_s


def _ordered(media: Sequence[Media]) -> tuple[list[Media], list[str]]:
    chapters = [m.chapter for m in media]
    if len(media) == 1 and chapters[0] is not None and chapters[0][1] > first_of(chapters[0][0]):
        return list(media), [
            f"it is part {chapters[0][1]} of a recording; those before are missing"
        ]
    if len(media) == 1:
        return list(media), []
    named = [c for c in chapters if c is not None]
    if len(named) < len(media):
        return list(media), ["the files' names do not tell their order; they stand as given"]
    recordings = sorted({c[0] for c in named})
    if len(recordings) > 1:
        raise InputError(
            "the files are of different recordings: " + ", ".join(recordings),
            do="make a take of each",
        )
    order = sorted(range(len(media)), key=lambda k: named[k][1])
    faults = []
    if order != list(range(len(media))):
        faults.append("the chapters were given in the wrong order; they are put right")
    numbers = [named[k][1] for k in order]
    for number, again in pairwise(numbers):
        if number == again:
            raise InputError(f"two files are chapter {number} of {recordings[0]}")
    wanted = range(first_of(recordings[0]), numbers[-1])
    if missing := [str(n) for n in wanted if n not in numbers]:
        faults.append(f"missing of {recordings[0]}: part {', '.join(missing)}")
    return [media[k] for k in order], faults


def refuse_twice(paths: Sequence[Path]) -> None:
    """Raise where two of the files are one and the same, by size and by samples of content.

    Raises:
        InputError: the same file is there twice.
    """
    sizes = [p.stat().st_size for p in paths]
    for a, b in combinations(range(len(paths)), 2):
        if sizes[a] == sizes[b] and (
            paths[a].samefile(paths[b]) or _sampled(paths[a]) == _sampled(paths[b])
        ):
            raise InputError(
                f"{paths[a].name} and {paths[b].name} are the same file",
                do="give each file once",
            )


def _sampled(path: Path) -> str:
    """Return a hash of a file's head, middle and end, 1 MiB each."""
    size = path.stat().st_size
    made = hashlib.sha256()
    with path.open("rb") as file:
        for at in (0, max(0, size // 2 - _SAMPLE // 2), max(0, size - _SAMPLE)):
            file.seek(at)
            made.update(file.read(_SAMPLE))
    return made.hexdigest()
