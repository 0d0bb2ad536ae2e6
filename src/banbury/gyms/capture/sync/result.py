"""What a synchronization says: clocks, methods, verdicts. Frozen structs, plain numbers."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

SAME_SOUND = "both takes hold one and the same sound: one file twice, or one microphone for both"
"""The reason where no two cameras were at work, which no person can settle."""
CLOCK_DRIFT = 100e-6
"""No camera's clock runs faster away from another's."""
Verdict = Literal["synchronized", "disputed", "refused"]
Kind = Literal["step", "dropped on a", "dropped on b"]
Way = Literal["sound", "claps", "codes", "timecode", "gyro", "motion"]


class Piece(Struct, frozen=True):
    """A stretch of a's clock on which b's clock is one line: t_b = offset + (1 + drift) t_a.

    Between two pieces b's clock jumps; where they leave room, b has nothing for that stretch
    of a, or nobody can hear on which side of the jump it is.
    """

    start_s: float
    end_s: float
    offset_s: float
    drift_ppm: float

    def at(self, t_s: float) -> float:
        """Return b's time at a's time `t_s`, in seconds."""
        return self.offset_s + (1.0 + self.drift_ppm * 1e-6) * t_s


class Method(Struct, frozen=True):
    """One method's own answer, whether or not it was used.

    `drift_plus_minus_ppm` is half the drift's interval where the method states one.
    """

    name: Way
    found: bool = False
    offset_s: float = 0.0
    plus_minus_s: float = 0.0
    drift_ppm: float | None = None
    used: bool = False
    why: str = ""
    drift_plus_minus_ppm: float | None = None


class Jump(Struct, frozen=True):
    """Where b's clock jumps against a's: by how much, and what that looks like.

    `low_s` and `high_s` are the earliest and the latest that it may have been; between them nothing
    is said of b's clock.
    """

    at_s: float
    by_s: float
    kind: Kind
    low_s: float = 0.0
    high_s: float = 0.0


class Pairing(Struct, frozen=True):
    """How b's clock runs against a's, or why that cannot be said.

    `offset_s` and `drift_ppm` are those of the longest piece. Intervals hold 95 %; the drift's are
    None where it cannot be told. `residual_ms` is what the windows scatter about the pieces.
    `lag_ms` is sound behind picture on a and on b, None where it cannot be told.
    """

    verdict: Verdict
    pieces: tuple[Piece, ...] = ()
    offset_s: float = 0.0
    offset_low: float = 0.0
    offset_high: float = 0.0
    drift_ppm: float = 0.0
    drift_low: float | None = None
    drift_high: float | None = None
    residual_ms: float = 0.0
    lag_ms: tuple[float | None, float | None] = (None, None)
    jumps: tuple[Jump, ...] = ()
    methods: tuple[Method, ...] = ()
    reasons: tuple[str, ...] = ()

    def at(self, t_s: float) -> float | None:
        """Return b's time at a's time `t_s`; None where b has nothing, or nothing was found."""
        for piece in self.pieces:
            if piece.start_s <= t_s <= piece.end_s:
                return piece.at(t_s)
        return None


class Clock(Struct, frozen=True):
    """One take's clock against the group's reference; no pieces: not synchronized."""

    pieces: tuple[Piece, ...] = ()
    plus_minus_s: float = 0.0


class Loop(Struct, frozen=True):
    """Three pairs around a loop; the error is what is left of i -> j -> k -> i, in ms.

    `left_ms` is the most by which one of its pairs differs from the clocks that were fitted to all
    pairs; None where its takes have none.
    """

    i: int
    j: int
    k: int
    error_ms: float
    left_ms: float | None = None


class Group(Struct, frozen=True):
    """How the clocks of several takes run against that of `reference`."""

    reference: int
    clocks: tuple[Clock, ...]
    pairs: dict[tuple[int, int], Pairing]
    loops: tuple[Loop, ...]
    verdict: Verdict
    reasons: tuple[str, ...]
