"""Two takes: every method's answer, and what follows from them together."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from msgspec.structs import replace
from scipy import stats

from banbury.gyms.capture.sync import claps, codes, fusing, gyro, motion, sound, timecode
from banbury.gyms.capture.sync.camera import Camera
from banbury.gyms.capture.sync.edges import clock
from banbury.gyms.capture.sync.pieces import Stretch
from banbury.gyms.capture.sync.recording import Footage, Recording
from banbury.gyms.capture.sync.result import Jump, Method, Pairing, Piece

TOLD_PPM = 3.0
"""A drift is told when half its interval is no wider than this."""
LEAST_ERROR_S = 5e-6
Report = Callable[[float], None]


def pair(
    a: Footage,
    b: Footage,
    *,
    report: Report | None = None,
    thorough: bool | None = None,
    coded: bool = False,
) -> Pairing:
    """Synchronize two takes.

    Args:
        a: one take; its clock is the reference.
        b: the other.
        report: told how far it is, in [0, 1].
        thorough: look at the pictures too (codes, motion, the lag of sound), which takes longer
            than all else; None: only if sound does not settle it.
        coded: a clock code was shown to the cameras: look for it, though sound settles all.

    Returns:
        the verdict with b's clock in pieces, or the reasons of a refusal. Unrelated takes, silence,
        loops and hum are refusals, never errors.

    Raises:
        InputError: a file cannot be read.
        SetupError: pictures are looked at, and OpenCV is not installed.
    """
    tell = report or (lambda _: None)
    with Camera(a, lambda done: tell(0.4 * done)) as one:
        with Camera(b, lambda done: tell(0.4 + 0.4 * done)) as other:

            def rest(done: float) -> None:
                tell(0.8 + 0.2 * done)

            return paired(one, other, report=rest, thorough=thorough, coded=coded)


def paired(
    a: Camera,
    b: Camera,
    *,
    report: Report | None = None,
    thorough: bool | None = None,
    coded: bool = False,
) -> Pairing:
    """Synchronize two cameras, as `pair` does."""
    heard = sound.listen(a.recording, b.recording, report)
    settled = bool(heard.stretches) and not heard.doubt
    pictures = not settled if thorough is None else thorough
    others = [
        timecode.compare(a.timecode, b.timecode),
        claps.compare(a.claps, b.claps, max(a.duration_s, b.duration_s)),
        gyro.compare(a.gyro, b.gyro),
    ]
    skipped = "not looked at: sound settles it" if thorough is None else "not looked at"
    seen = pictures or coded
    others.append(codes.compare(a.codes, b.codes) if seen else Method("codes", why=skipped))
    others.append(motion.compare(a.motion, b.motion) if pictures else Method("motion", why=skipped))
    if heard.refused:
        silent = a.recording.silent or b.recording.silent
        method = Method("sound", why=heard.refused)
        spans = (a.duration_s, b.duration_s)
        found = fusing.without_sound(method, heard.refused, others, spans, silent)
    else:
        found = fusing.checked(by_sound(a.recording, b.recording, heard), others)
    lags = (a.lag_ms(), b.lag_ms()) if pictures and found.verdict != "refused" else (None, None)
    return replace(found, lag_ms=lags)


def by_sound(a: Recording, b: Recording, heard: sound.Heard) -> Pairing:
    """Return what sound alone says, where it says something."""
    pieces, jumps = clock(a, b, heard.stretches)
    main = max(heard.stretches, key=lambda s: len(s.hits.t_s))
    offset, error = _offset(main)
    tilt = _half_width(main) * 1e6
    told = tilt <= TOLD_PPM
    drift = main.line.slope * 1e6
    agree = sum(len(s.hits.t_s) for s in heard.stretches)
    why = f"{agree} of {len(heard.windows_s)} windows agree"
    method = Method("sound", True, offset, error, drift if told else None, True, why)
    longest = max(pieces, key=lambda p: p.end_s - p.start_s)
    return Pairing(
        "disputed" if heard.doubt else "synchronized",
        pieces=pieces,
        offset_s=longest.offset_s,
        offset_low=longest.offset_s - error,
        offset_high=longest.offset_s + error,
        drift_ppm=longest.drift_ppm,
        drift_low=drift - tilt if told else None,
        drift_high=drift + tilt if told else None,
        residual_ms=_residual_ms(heard.stretches),
        jumps=jumps,
        methods=(method,),
        reasons=_reasons(heard, main, jumps, pieces, tilt),
    )


def _offset(main: Stretch) -> tuple[float, float]:
    """B's clock at a's zero, and half its 95 % interval, in seconds."""
    line = main.line
    at_zero = float(np.hypot(line.lag_error, line.slope_error * line.at_s))
    factor = _factor(main)
    return line.lag_s - line.slope * line.at_s, max(LEAST_ERROR_S, factor * at_zero)


def _half_width(main: Stretch) -> float:
    return _factor(main) * main.line.slope_error


def _factor(main: Stretch) -> float:
    """Student's 97.5 % point; half the windows overlap the other half."""
    return float(stats.t.ppf(0.975, max(1.0, len(main.hits.t_s) / 2 - 2)))


def _residual_ms(found: tuple[Stretch, ...]) -> float:
    rest = np.concatenate([s.hits.lag_s - s.line.of(s.hits.t_s) for s in found])
    return float(1e3 * 1.4826 * np.median(np.abs(rest)))


def _reasons(
    heard: sound.Heard,
    main: Stretch,
    jumps: tuple[Jump, ...],
    pieces: tuple[Piece, ...],
    tilt: float,
) -> tuple[str, ...]:
    said = []
    if heard.doubt:
        said.append(heard.doubt)
    if tilt > TOLD_PPM:
        span = float(np.ptp(main.hits.t_s))
        said.append(f"{span:.0f} s in common do not tell the drift (plus or minus {tilt:.0f} ppm)")
    said += [f"at {j.at_s:.2f} s the clocks jump by {1e3 * j.by_s:+.1f} ms ({j.kind})"
             for j in jumps]  # fmt: skip
    silent = _unheard(heard)
    if silent:
        said.append(f"nothing agrees for {silent:.0f} s in a row; the clock is carried on there")
    if len(pieces) > 1 and not jumps:
        said.append(f"the drift changes; the clock is followed in {len(pieces)} pieces")
    return tuple(said)


def _unheard(heard: sound.Heard) -> float:
    """The longest stretch with no agreeing window, if it is long."""
    times = np.concatenate([s.hits.t_s for s in heard.stretches])
    ends = [float(heard.windows_s[0]), float(heard.windows_s[-1])]
    gap = float(np.max(np.diff(np.sort(np.concatenate([times, ends])))))
    return gap if gap > 30 else 0.0
