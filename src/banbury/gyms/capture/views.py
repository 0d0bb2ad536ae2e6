"""What a person sees who confirms: the views, their found clocks, what each method answered.

A time on a view's own recording is `offset_s + nudge + (1 + drift_ppm * 1e-6) * t`, where t is the
time on the reference's, piece by piece.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from banbury.gyms.capture.brief import Brief


class Piece(msgspec.Struct, frozen=True, omit_defaults=True):
    """A stretch [start_s, end_s) of the reference's clock on which a view runs evenly."""

    start_s: float
    end_s: float
    offset_s: float
    drift_ppm: float = 0.0

    def at(self, t: float) -> float:
        """Return the time in the view's own recording, in seconds."""
        return self.offset_s + (1.0 + self.drift_ppm * 1e-6) * t


class View(msgspec.Struct, frozen=True, omit_defaults=True):
    """One wearer's recording.

    Attributes:
        name: shown to people, such as `View 1`; no person's name.
        episode: the film episode that it comes from, "" for samples.
        duration_s: length of the recording.
        pieces: its found clock; empty for one that could not be placed.
        plus_minus_s: half the interval of its offset.
        media: SHA-256 of the playing copy, "" where `data` holds it.
        mime: of the playing copy; a sound alone is `audio/wav`.
        data: the playing copy as a data URL, for samples.
        peaks: SHA-256 of the waveform's peaks, "" where the playing copy is to be read for them.
    """

    name: str
    episode: str = ""
    duration_s: float = 0.0
    pieces: tuple[Piece, ...] = ()
    plus_minus_s: float = 0.0
    media: str = ""
    mime: str = "video/mp4"
    data: str = ""
    peaks: str = ""


class Method(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one method answered for a pair of views; `why` says it in words."""

    name: str
    found: bool
    offset_s: float = 0.0
    plus_minus_s: float = 0.0
    drift_ppm: float | None = None
    used: bool = False
    why: str = ""


class Pair(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was found of two views, by their numbers; see `sync.Pairing`."""

    a: int
    b: int
    verdict: str
    offset_s: float = 0.0
    offset_low: float = 0.0
    offset_high: float = 0.0
    drift_ppm: float | None = None
    residual_ms: float = 0.0
    methods: tuple[Method, ...] = ()
    reasons: tuple[str, ...] = ()


class Loop(msgspec.Struct, frozen=True):
    """How far three views' offsets are from closing."""

    i: int
    j: int
    k: int
    error_ms: float


class Pairs(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a task of confirming shows.

    Attributes:
        views: at least two.
        reference: number of the view whose clock all others are told on.
        pairs: what was found of each pair.
        loops: over three views and more.
        verdict: of the group: `synchronized`, `disputed` or `refused`.
        reasons: why it is no better.
        scene: what was filmed.
        good_s: pair-seconds that count if it is confirmed, by what is known so far.
        sidecar: name and version of the artifact that holds all this.
    """

    views: tuple[View, ...]
    reference: int = 0
    pairs: tuple[Pair, ...] = ()
    loops: tuple[Loop, ...] = ()
    verdict: str = "synchronized"
    reasons: tuple[str, ...] = ()
    scene: Brief | None = None
    good_s: float = 0.0
    sidecar: str = ""


decode_pairs = msgspec.json.Decoder(Pairs).decode


def common(shown: Pairs, nudges_ms: Sequence[float] = ()) -> tuple[float, float]:
    """Return the stretch of the reference's clock that all views share; (0, 0) for none."""
    low, high = 0.0, shown.views[shown.reference].duration_s
    for number, view in enumerate(shown.views):
        if number == shown.reference:
            continue
        nudge = nudges_ms[number] / 1000.0 if nudges_ms else 0.0
        pieces = view.pieces or (Piece(0.0, high, 0.0),)
        first, last = pieces[0], pieces[-1]
        low = max(low, -(first.offset_s + nudge) / (1.0 + first.drift_ppm * 1e-6))
        high = min(high, (view.duration_s - last.offset_s - nudge) / (1.0 + last.drift_ppm * 1e-6))
    return (low, high) if high > low else (0.0, 0.0)
