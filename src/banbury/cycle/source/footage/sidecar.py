"""The sidecar: what was found of a scene's footage, as JSON beside the untouched originals.

Its schema is versioned: readers look at `format` and `version` first. `banbury capture schema`
prints it as JSON Schema, and a test holds the one of a version unchanged.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from banbury.errors import InputError
from banbury.gyms.capture.media import Hole, Track
from banbury.gyms.capture.quality import Fault
from banbury.gyms.capture.sync import Clock, Loop, Pairing

FORMAT = "banbury.footage"
VERSION = 1


class File(msgspec.Struct, frozen=True):
    """An original, which nobody changed.

    Attributes:
        name: as the camera called it.
        sha256: of its bytes.
        size: bytes.
        container: its format.
        duration_s: by its time stamps.
        start_s: where it begins in its recording.
        tracks: what it holds.
        timecode: of its first frame, "" for none.
        claimed_ns: the date in it, which nobody believes; None for none.
        telemetry: it carries GPMF.
        camera: as the file names it.
    """

    name: str
    sha256: str
    size: int
    container: str
    duration_s: float
    start_s: float
    tracks: tuple[Track, ...]
    timecode: str = ""
    claimed_ns: int | None = None
    telemetry: bool = False
    camera: str = ""


class Looked(msgspec.Struct, frozen=True):
    """What was measured on a recording; measures per segment lie in the blob `measures.json`.

    Attributes:
        how: what was sampled, and what that misses.
        faults: by their starts, on the recording's clock.
        unmeasured: measures that were not taken, with the reason.
    """

    how: str
    faults: tuple[Fault, ...] = ()
    unmeasured: dict[str, str] = {}


class Recording(msgspec.Struct, frozen=True):
    """One recording of one view.

    Attributes:
        view: number of its view.
        files: in order.
        duration_s: of all of them.
        holes: what is missing by time stamps, on the recording's clock.
        faults: what is wrong with the files, in words.
        quality: what was measured.
    """

    view: int
    files: tuple[File, ...]
    duration_s: float
    holes: tuple[Hole, ...] = ()
    faults: tuple[str, ...] = ()
    quality: Looked | None = None


class View(msgspec.Struct, frozen=True):
    """What one wearer handed in.

    Attributes:
        person: pseudonym; of files on disk, a file's name.
        episode: the film episode, "" for files on disk.
        day: on which it was filmed, days since 1970-01-01.
        filmed_s: length of all recordings that can be read.
        good_s: of it synchronized with another view, and good.
        lost_s: by reason, what does not count.
        lacking: why the wearer says that some is missing.
    """

    person: str
    episode: str = ""
    day: int = 0
    filmed_s: float = 0.0
    good_s: float = 0.0
    lost_s: dict[str, float] = {}
    lacking: str = ""


class Lost(msgspec.Struct, frozen=True):
    """A stretch that does not count; seconds on the clock of its recording.

    Attributes:
        recording: number of the recording.
        start_s: where it begins.
        end_s: where it ends.
        reason: why, one sentence.
    """

    recording: int
    start_s: float
    end_s: float
    reason: str


class Paired(msgspec.Struct, frozen=True):
    """What was found of two recordings, by their numbers; `found` is b's clock against a's."""

    a: int
    b: int
    found: Pairing


class Confirmed(msgspec.Struct, frozen=True):
    """What a person made of a group.

    Attributes:
        episode: in which they said so.
        verdict: `confirmed` or `refused`.
        reason: why it was refused.
        said: their words.
        nudges_ms: by how much they moved each member's clock.
    """

    episode: str
    verdict: str
    reason: str = ""
    said: str = ""
    nudges_ms: tuple[float, ...] = ()


class Group(msgspec.Struct, frozen=True):
    """Recordings that belong together.

    Attributes:
        recordings: their numbers.
        reference: number of the member (not of the recording) whose clock the others are told on.
        clocks: one a member; no pieces where it could not be placed.
        verdict: `synchronized`, `disputed` or `refused`.
        pairs: what was found of each two, with every method's answer.
        loops: over three members.
        reasons: why it is no better.
        good_s: seconds of pairs that are synchronized and good.
        good_of_s: of each member, seconds that are good in a pair.
        lost: what does not count.
        confirmed: what a person made of it, None before.
    """

    recordings: tuple[int, ...]
    reference: int
    clocks: tuple[Clock, ...]
    verdict: Literal["synchronized", "disputed", "refused"]
    pairs: tuple[Paired, ...] = ()
    loops: tuple[Loop, ...] = ()
    reasons: tuple[str, ...] = ()
    good_s: float = 0.0
    good_of_s: tuple[float, ...] = ()
    lost: tuple[Lost, ...] = ()
    confirmed: Confirmed | None = None


class Trouble(msgspec.Struct, frozen=True):
    """A file or a view that cannot be used: what is wrong, and what its wearer can do."""

    view: int
    file: str
    what: str
    do: str


class Sidecar(msgspec.Struct, frozen=True):
    """What was found of the footage of one scene.

    Attributes:
        format: always `banbury.footage`.
        version: of the schema.
        campaign: that asked for it, "" for files on disk.
        task: that asked for it, "" for files on disk.
        scene: trade, action, place, light.
        views: what each wearer handed in.
        recordings: of all views.
        groups: which belong together.
        troubles: what cannot be used.
        good_s: seconds of pairs, synchronized and good, in all groups.
        counted_s: of these confirmed.
        by: versions of what measured.
    """

    format: str
    version: int
    campaign: str = ""
    task: str = ""
    scene: dict[str, str] = {}
    views: tuple[View, ...] = ()
    recordings: tuple[Recording, ...] = ()
    groups: tuple[Group, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    good_s: float = 0.0
    counted_s: float = 0.0
    by: dict[str, str] = {}


def schema() -> dict[str, Any]:
    """Return the JSON Schema of this version."""
    return msgspec.json.schema(Sidecar)


def body(sidecar: Sidecar) -> dict[str, Any]:
    """Return a sidecar as plain JSON values."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(sidecar))
    return plain


def read(plain: Any) -> Sidecar:
    """Return a sidecar from plain JSON values.

    Raises:
        InputError: it is of another format or version.
    """
    said = (plain.get("format"), plain.get("version")) if isinstance(plain, dict) else None
    if said != (FORMAT, VERSION):
        raise InputError(
            f"this is no sidecar of version {VERSION}: {said!r:.80}",
            do="read it with the version of Banbury that wrote it",
        )
    return msgspec.convert(plain, Sidecar)
