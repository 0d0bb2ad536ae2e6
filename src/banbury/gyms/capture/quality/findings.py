"""What was found out about the quality of a take: faults, and measures per segment."""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal[
    "no picture",
    "blur",
    "dark",
    "bright",
    "shake",
    "frozen",
    "dropped",
    "covered",
    "no hands",
    "clipping",
    "no sound",
    "speech",
    "duplicate",
    "screen",
]

LOSES: dict[Kind, bool] = {
    "no picture": True,
    "blur": True,
    "dark": True,
    "bright": True,
    "shake": True,
    "frozen": True,
    "dropped": True,
    "covered": True,
    "no hands": False,
    "clipping": False,
    "no sound": False,
    "speech": False,
    "duplicate": True,
    "screen": False,
}
"""Whether footage with such a fault counts, where a brief says nothing else."""


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong, or that somebody should know, from one time to another.

    Attributes:
        start_s: on the take's clock.
        end_s: on the take's clock.
        kind: what it is.
        severity: how far beyond the limit, 1 at the limit.
        loses: the time does not count.
        said: one sentence for whoever wore the camera.
    """

    start_s: float
    end_s: float
    kind: Kind
    severity: float
    loses: bool
    said: str


class Segment(msgspec.Struct, frozen=True):
    """Ten seconds of a take and what was measured there, None where it could not be told."""

    start_s: float
    end_s: float
    measures: dict[str, float | None]


class Quality(msgspec.Struct, frozen=True):
    """What was measured on one take.

    Attributes:
        duration_s: of the take.
        segments: one after another.
        faults: in the order of their starts.
        how: what was sampled and with what, and what that misses.
        unmeasured: measures that were not taken, each with the reason.
        prints: perceptual hashes of the picture, to know it again.
    """

    duration_s: float
    segments: tuple[Segment, ...]
    faults: tuple[Fault, ...]
    how: str
    unmeasured: dict[str, str] = {}
    prints: Prints | None = None


class Prints(msgspec.Struct, frozen=True):
    """Perceptual hashes of a take over time.

    Attributes:
        times_ms: when each picture was shown, on the take's clock, little-endian uint32.
        whole: 64 bits for each, little-endian uint64; 0 where the picture shows too little.
        inner: the same without the picture's outer twentieth, to know a cropped copy.
    """

    times_ms: bytes
    whole: bytes
    inner: bytes
