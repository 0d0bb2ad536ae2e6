"""Recordings: the takes that a view's files are, and the files that cannot be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from banbury.cycle.source.footage.views import Trouble, Upload, View
from banbury.errors import InputError
from banbury.gyms.capture.media import Take, open_take
from banbury.gyms.capture.media.chapters import chapter_of

AGAIN = "copy it from the camera again, upload it and hand in once more"


@dataclass(frozen=True)
class Recording:
    """One recording of one view: its files in order, and the take that they are."""

    view: int
    files: tuple[Upload, ...]
    take: Take


def recordings(views: Sequence[View]) -> tuple[list[Recording], list[Trouble]]:
    """Return what can be read of all views, and what cannot with the reason."""
    found: list[Recording] = []
    troubles = [trouble for view in views for trouble in view.gone]
    shared = _shared(views)
    for number, view in enumerate(views):
        kept = [file for file in view.files if file.sha256 not in shared]
        for file in view.files:
            if file.sha256 in shared:
                why = "two people handed in this same file"
                do = "each hands in what their own camera recorded"
                troubles.append(Trouble(number, file.name, why, do))
        read, wrong = _of_view(number, kept)
        found += read
        troubles += wrong
        if not read:
            why = "no file of this view can be used" if view.files else "no file was handed in"
            troubles.append(Trouble(number, "", why, "hand in the camera's own files"))
    return found, troubles


def _shared(views: Sequence[View]) -> set[str]:
    """Return the hashes of files that several views hold."""
    often = Counter(h for view in views for h in {f.sha256 for f in view.files} if h)
    return {sha256 for sha256, count in often.items() if count > 1}


def _of_view(number: int, files: Sequence[Upload]) -> tuple[list[Recording], list[Trouble]]:
    together: dict[str, list[Upload]] = {}
    for place, file in enumerate(files):
        chapter = chapter_of(file.name)
        together.setdefault(chapter[0] if chapter else f"{place} {file.name}", []).append(file)
    found, troubles = [], []
    for parts in together.values():
        read, wrong = _take(number, parts)
        troubles += wrong
        if read is not None:
            found.append(read)
    return found, troubles


def _take(number: int, files: Sequence[Upload]) -> tuple[Recording | None, list[Trouble]]:
    """Return the take that files are; without those that are no footage."""
    good, troubles = [], []
    for file in files:
        try:
            open_take([file.path], names=[file.name])
            good.append(file)
        except InputError as error:
            troubles.append(Trouble(number, file.name, error.what, error.do or AGAIN))
    if not good:
        return None, troubles
    try:
        take = open_take([f.path for f in good], names=[f.name for f in good])
    except InputError as error:
        troubles.append(Trouble(number, good[0].name, error.what, error.do or AGAIN))
        return None, troubles
    order = {file.path: file for file in good}
    return Recording(number, tuple(order[path] for path in take.files), take), troubles
