"""Views to practise confirming: the same claps, heard by several recorders, with known offsets."""

from __future__ import annotations

import base64
import io
import wave
from random import Random

import numpy as np
import numpy.typing as npt

from banbury.gyms.capture.confirm import Truth
from banbury.gyms.capture.views import Method, Pair, Pairs, Piece, View

RATE = 8_000
SECONDS = 5.0
WITHIN_MS = 20
_LONG_S = 12.0
_CLAP = 400
_Sound = npt.NDArray[np.float64]


def sample(rng: Random, views: int) -> tuple[Pairs, Truth]:
    """Return a group of views and the truth about it.

    A third is found right, a third is off by more than can be confirmed, and of a third the last
    view hears another scene.
    """
    case = rng.choice(("right", "off", "unrelated"))
    noise = np.random.default_rng(rng.getrandbits(32))
    scene, other = _claps(noise), _claps(noise)
    starts = [3.0, *(3.0 + rng.choice((-1, 1)) * rng.uniform(0.2, 1.2) for _ in range(views - 1))]
    first = View("View 1", duration_s=SECONDS, mime="audio/wav", data=_data(scene, 3.0, noise))
    made, offsets = [first], [0]
    for number, start in enumerate(starts[1:], start=1):
        last = number == views - 1
        heard = other if last and case == "unrelated" else scene
        wrong = _error(rng, last and case == "off")
        offset_us = round((3.0 - start) * 1e6)
        piece = Piece(0.0, SECONDS, round(offset_us / 1e6 + wrong, 6))
        made.append(
            View(
                f"View {number + 1}",
                duration_s=SECONDS,
                pieces=(piece,),
                plus_minus_s=0.005,
                mime="audio/wav",
                data=_data(heard, start, noise),
            )
        )
        offsets.append(offset_us)
    pairs = tuple(
        Pair(
            0,
            number,
            "disputed",
            offset_s=view.pieces[0].offset_s,
            methods=(Method("sound", True, view.pieces[0].offset_s, 0.005, used=True),),
        )
        for number, view in enumerate(made)
        if number
    )
    said = ("A person has to look at this pair.",)
    shown = Pairs(tuple(made), pairs=pairs, verdict="disputed", reasons=said)
    return shown, Truth(tuple(offsets), case != "unrelated", WITHIN_MS)


def _error(rng: Random, off: bool) -> float:
    """Return by how many seconds a found clock is wrong."""
    low, high = (0.06, 0.4) if off else (0.0005, 0.004)
    return rng.choice((-1, 1)) * rng.uniform(low, high)


def _claps(rng: np.random.Generator) -> _Sound:
    heard = np.zeros(int(RATE * _LONG_S))
    at = 0.3
    while at < _LONG_S - 0.2:
        first = int(at * RATE)
        fade = np.exp(-np.arange(_CLAP) / 80)
        heard[first : first + _CLAP] += rng.normal(0, 0.5, _CLAP) * fade
        at += rng.uniform(0.25, 1.1)
    return heard


def _data(scene: _Sound, start: float, rng: np.random.Generator) -> str:
    """Return what a recorder hears that began at `start`, as a data URL of a WAV file."""
    first = int(start * RATE)
    heard = scene[first : first + int(SECONDS * RATE)]
    heard = heard * rng.uniform(0.5, 1.0) + rng.normal(0, 0.01, heard.size)
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(1)
        out.setframerate(RATE)
        out.writeframes(np.clip(128 + 127 * heard, 0, 255).astype(np.uint8).tobytes())
    return "data:audio/wav;base64," + base64.b64encode(file.getvalue()).decode()
