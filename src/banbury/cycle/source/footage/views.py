"""A view: what one wearer handed in for a scene; from an episode, or from files on disk."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from banbury.episode import Record, Source
from banbury.errors import CorruptBlob, Erased, InputError
from banbury.gyms.capture import film
from banbury.gyms.capture.brief import Brief
from banbury.gyms.capture.media.chapters import chapter_of
from banbury.gyms.capture.rest import Stretch
from banbury.store import Lab

DAY_MS = 86_400_000


class Upload(msgspec.Struct, frozen=True):
    """One file: as the camera called it, and where it lies."""

    name: str
    path: Source
    sha256: str
    size: int


class Trouble(msgspec.Struct, frozen=True):
    """Why a file or a view cannot be used, and what its wearer can do.

    Attributes:
        view: number of the view, from 0.
        file: name of the file, "" for the whole view.
        what: what is wrong, one sentence.
        do: what to do about it.
    """

    view: int
    file: str
    what: str
    do: str


class View(msgspec.Struct, frozen=True):
    """What one wearer handed in.

    Attributes:
        person: pseudonym, or what the files are called.
        episode: id of the film episode, "" for files on disk.
        files: in the order in which they were added.
        takes: when the camera ran by the wearer's phone, seconds since 1970.
        breaks: when the wearer rested, likewise.
        before: what they filmed for other scenes on that day and the day before, likewise.
        day: on which it was filmed, days since 1970-01-01.
        lacking: why the wearer says that some is missing.
        gone: files that were named and never came, with the reason.
        coded: this wearer's phone showed the cameras a clock code.
    """

    person: str
    episode: str
    files: tuple[Upload, ...]
    takes: tuple[Stretch, ...] = ()
    breaks: tuple[Stretch, ...] = ()
    before: tuple[Stretch, ...] = ()
    day: int = 0
    lacking: str = ""
    gone: tuple[Trouble, ...] = ()
    coded: bool = False


def view_of(lab: Lab, record: Record, brief: Brief, number: int) -> View:
    """Return what a film episode handed in.

    Args:
        lab: which holds the files.
        record: of the episode.
        brief: what was asked.
        number: of the view, from 0.
    """
    day = film.day_of(record, brief)
    person = record.episode.actors[0].name
    files, gone = [], []
    for one in day.files:
        if not _own(lab, person, one.sha256):
            do = "hand in what your own camera recorded"
            gone.append(Trouble(number, one.name, "somebody else uploaded this file", do))
            continue
        try:
            path = lab.blobs.source(one.sha256)
        except (CorruptBlob, Erased):
            again = "upload it again, and hand in once more"
            gone.append(Trouble(number, one.name, "it was not uploaded to the end", again))
            continue
        files.append(Upload(one.name, path, one.sha256, path.stat().st_size))
    first = day.takes[0].start_ms if day.takes else record.episode.anchor_ns // 1_000_000
    return View(
        person,
        record.episode.id,
        tuple(files),
        tuple(film.claimed(record, day)),
        tuple((b.start_ms / 1000.0, b.end_ms / 1000.0) for b in day.breaks),
        _before(lab, person, record.episode.key.task, first),
        first // DAY_MS,
        day.lacking,
        tuple(gone),
        bool(day.codes),
    )


def _own(lab: Lab, person: str, sha256: str) -> bool:
    """Say whether a person uploaded a file, or nobody did: it was put there from Python."""
    kept = lab.uploads.listed(sha256=sha256, state="kept")
    return not kept or any(upload.person == person for upload in kept)


def _before(lab: Lab, person: str, task: str, until_ms: int) -> tuple[Stretch, ...]:
    """Return what a wearer filmed for other scenes before a moment, of this day and the last."""
    found: list[Stretch] = []
    for standing, share in lab.footage.of(person, 20):
        if standing.task != task and 0 <= until_ms // DAY_MS - share.day <= 1:
            brief = film.brief_of(lab.problem(standing.task))
            for record in lab.readable([share.episode]):
                found += film.day_of(record, brief).stretches
    return tuple(sorted(s for s in found if s[1] <= until_ms / 1000.0))


def views_of(paths: Sequence[Path], *, hashed: bool = False) -> list[View]:
    """Return the views that files on disk are: each a camera, chapters of a recording as one.

    Args:
        paths: of the files.
        hashed: take the SHA-256 of each, which reads it through.

    Raises:
        InputError: a file is not there, or there are fewer than two cameras.
    """
    found: dict[tuple[Path, str], list[Path]] = {}
    for number, path in enumerate(paths):
        if not path.is_file():
            raise InputError("there is no such file", where=str(path), do="look at its name")
        chapter = chapter_of(path.name)
        key = chapter[0] if chapter else f"{number} {path.name}"
        found.setdefault((path.resolve().parent, key), []).append(path)
    if len(found) < 2:
        raise InputError(
            "two views of one scene are needed, and these files are of one camera"
            if found
            else "no file is given",
            do="name at least one file of each of two cameras",
        )
    often = Counter(files[0].name for files in found.values())
    return [
        View(
            str(files[0]) if often[files[0].name] > 1 else files[0].name,
            "",
            tuple(_upload(file, hashed) for file in files),
        )
        for files in found.values()
    ]


def _upload(path: Path, hashed: bool) -> Upload:
    sha256 = ""
    if hashed:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Upload(path.name, path, sha256, path.stat().st_size)
