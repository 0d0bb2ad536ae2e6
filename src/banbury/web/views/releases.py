"""Releases: the list, one with its card and manifest, its rows."""

from __future__ import annotations

import msgspec

from banbury.cycle.release import Manifest
from banbury.cycle.release.manifest import NAME
from banbury.episode import Task
from banbury.errors import CorruptBlob, Erased, InputError
from banbury.store import Artifact, Lab
from banbury.web.views.steps import decoded, view

PAGE = 50
_KIND = "release"
_BRIEF = 80
"""Characters that a row shows of its task and of its answer."""
_STEPS = 500
"""Most steps that are read for the sake of an answer's first words."""
_CARD = "README.md"


class ReleaseLine(msgspec.Struct, frozen=True):
    """One release of the list.

    Attributes:
        id: of the artifact.
        name: of the release.
        version: 1, 2, 3, ... of the name.
        rows: actions to train on.
        episodes: that they come from.
        splits: rows in train and validation.
        sha256: of the manifest, which names the release.
        created_ns: UTC nanoseconds.
    """

    id: str
    name: str
    version: int
    rows: int
    episodes: int
    splits: dict[str, int]
    sha256: str
    created_ns: int


class ReleaseList(msgspec.Struct, frozen=True):
    """A page of the list, the newest first; `next` is what `after` is for the next one."""

    rows: tuple[ReleaseLine, ...]
    next: str | None


class FileLine(msgspec.Struct, frozen=True):
    """A file of a release: its path within it, its size in bytes, its hash."""

    path: str
    size: int
    sha256: str


class ReleaseView(msgspec.Struct, frozen=True):
    """A release.

    Attributes:
        release: as in the list.
        card: Markdown.
        manifest: what it holds, from where, and the hash of every file; None if it cannot be read.
        versions: all versions of the name, the newest first.
        files: by their paths, the manifest itself among them.
    """

    release: ReleaseLine
    card: str
    manifest: Manifest | None
    versions: tuple[ReleaseLine, ...]
    files: tuple[FileLine, ...]


class RowLine(msgspec.Struct, frozen=True):
    """One episode that a release holds.

    Attributes:
        episode: its id.
        task: its task's id.
        split: train or validation.
        sha256: of its rows.
        words: the beginning of what its task shows, or else says.
        answer: the beginning of its last action; "" where that cannot be read or is long to find.
    """

    episode: str
    task: str
    split: str
    sha256: str
    words: str = ""
    answer: str = ""


class RowList(msgspec.Struct, frozen=True):
    """A page of what a release holds, in the order of the episodes' ids."""

    rows: tuple[RowLine, ...]
    next: str | None


def listing(lab: Lab, after: str = "", limit: int = PAGE) -> ReleaseList:
    """Return a page of the list."""
    found = [_line(a) for a in reversed(lab.artifacts(_KIND)) if not after or a.id < after]
    rows = tuple(found[:limit])
    return ReleaseList(rows, rows[-1].id if len(found) > limit else None)


def named(lab: Lab, name: str, version: str = "") -> Artifact:
    """Return a release by name or id, the newest version unless one is named.

    Raises:
        UnknownName: there is none.
        InputError: the version is no number.
    """
    if version and not (version.isascii() and version.isdigit() and len(version) < 9):
        raise InputError(f"{version[:40]!r} is no version", do="give a number")
    return lab.artifact(_KIND, name, int(version) if version else None)


def release(lab: Lab, found: Artifact) -> ReleaseView:
    """Return a release with its card and manifest."""
    same = [a for a in lab.artifacts(_KIND) if a.name == found.name]
    return ReleaseView(
        _line(found),
        _text(lab, found, _CARD),
        _manifest(lab, found),
        tuple(_line(a) for a in reversed(same)),
        tuple(FileLine(p, b.size, b.sha256) for p, b in sorted(found.blobs.items())),
    )


def rows(lab: Lab, found: Artifact, after: str = "", limit: int = PAGE) -> RowList:
    """Return a page of what a release holds.

    Raises:
        InputError: `after` is no id.
    """
    page = lab.pages.release_rows(found.id, limit + 1, after or None)
    problems = lab.problems({r.task for r in page[:limit]})
    shown = tuple(
        RowLine(
            *(r.episode, r.task, r.split, r.sha256),
            words=_words(problems[r.task].task),
            answer=_answer(lab, r.episode),
        )
        for r in page[:limit]
    )
    return RowList(shown, shown[-1].episode if len(page) > limit else None)


def _words(task: Task) -> str:
    """Return the beginning of the texts of a task's item, or of its instruction."""
    value, readable = decoded(task.public.inputs.encode("utf-8", "replace"))
    item = value.get("item") if readable and isinstance(value, dict) else None
    texts = [v for v in item.values() if isinstance(v, str)] if isinstance(item, dict) else []
    return _brief(" ".join(texts) or task.public.instruction)


def _answer(lab: Lab, episode: str) -> str:
    """Return the beginning of an episode's last action."""
    if sum(s.count for s in lab.episode(episode).segments) > _STEPS:
        return ""
    try:
        record = lab.read(episode)
    except CorruptBlob:
        return ""
    except Erased:
        return "(erased)"
    actions = record.actions()
    if not actions:
        return ""
    return _brief(" ".join(part.text for part in view(record.episode, actions[-1]).parts))


def _brief(text: str) -> str:
    line = " ".join(text[: 4 * _BRIEF].split())
    return line if len(line) <= _BRIEF else f"{line[: _BRIEF - 1]}…"


def _line(a: Artifact) -> ReleaseLine:
    body = a.body
    return ReleaseLine(
        a.id,
        a.name,
        a.version,
        int(body.get("rows", 0)),
        int(body.get("episodes", 0)),
        {str(k): int(v) for k, v in body.get("splits", {}).items()},
        str(body.get("sha256", "")),
        a.created_ns,
    )


_WITHDRAWN = "Withdrawn: somebody whose work was in it was erased. Make the next version."


def _text(lab: Lab, found: Artifact, path: str) -> str:
    blob = found.blobs.get(path)
    try:
        return lab.blobs.read(blob.sha256).decode("utf-8", "replace") if blob else ""
    except CorruptBlob:
        return ""
    except Erased:
        return "" if path == NAME else _WITHDRAWN


def _manifest(lab: Lab, found: Artifact) -> Manifest | None:
    try:
        return msgspec.json.decode(_text(lab, found, NAME).encode(), type=Manifest)
    except msgspec.MsgspecError:
        return None
