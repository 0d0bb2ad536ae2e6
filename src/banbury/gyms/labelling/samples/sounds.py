"""Synthesised recordings of tones, whose truth is when which tone was played."""

from __future__ import annotations

import base64
import io
import wave
from random import Random

import numpy as np
from numpy.typing import NDArray

from banbury.gyms.labelling.actions import Result, Segment
from banbury.gyms.labelling.controls import Control, Media
from banbury.gyms.labelling.samples.sample import Sample, Samples

RATE = 8000
"""Samples a second, 8 bits each."""
PITCHES = {"low": 320.0, "high": 960.0}
"""Hertz."""
_BEEP = 0.12


def _tone(pitch: float, seconds: float) -> NDArray[np.float64]:
    """Return a tone in [-1, 1], shape (samples,), with soft ends that do not click."""
    count = round(seconds * RATE)
    edge = np.minimum(1.0, np.minimum(np.arange(count), np.arange(count)[::-1]) / (0.01 * RATE))
    return np.asarray(np.sin(2 * np.pi * pitch * np.arange(count) / RATE) * edge * 0.6)


def media(sound: NDArray[np.float64]) -> Media:
    """Return a sound in [-1, 1], shape (samples,), as a file that the task itself holds."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(1)
        out.setframerate(RATE)
        out.writeframes((sound * 127 + 128).astype(np.uint8).tobytes())
    data = base64.b64encode(file.getvalue()).decode()
    seconds = round(len(sound) / RATE, 3)
    return Media(mime="audio/wav", data=f"data:audio/wav;base64,{data}", seconds=seconds)


def _recorded(rng: Random, many: bool, counted: bool) -> tuple[Media, tuple[Segment, ...]]:
    """Return a recording and its tones; counted ones are rows of beeps with their number."""
    at, segments = 0.0, []
    parts: list[tuple[float, NDArray[np.float64]]] = []
    for _ in range(rng.randint(4, 6) if many else rng.randint(1, 3)):
        at += rng.randrange(300, 700) / 1000
        label = rng.choice(list(PITCHES))
        beeps = rng.randint(1, 4) if counted else 1
        seconds = _BEEP if counted else rng.randrange(300, 800) / 1000
        begin = at
        for number in range(beeps):
            at += _BEEP if number else 0.0
            parts.append((at, _tone(PITCHES[label], seconds)))
            at += seconds
        end = at
        said = str(beeps) if counted else ""
        segments.append(Segment(round(begin, 3), round(end, 3), label, said))
    sound = np.zeros(round((at + 0.511) * RATE))
    for begin, tone in parts:
        start = round(begin * RATE)
        sound[start : start + len(tone)] = tone
    return media(sound), tuple(segments)


def _segments(rng: Random, many: bool) -> Sample:
    sound, segments = _recorded(rng, many, counted=False)
    return Sample({"sound": sound}, {"tones": Result(segments=segments)})


def _captions(rng: Random, many: bool) -> Sample:
    sound, segments = _recorded(rng, many, counted=True)
    return Sample({"sound": sound}, {"beeps": Result(segments=segments)})


_LABELS = tuple(PITCHES)

SOUNDS = (
    Samples(
        skill="labelling.segments",
        title="stretches of sound or video",
        controls=(Control("tones", "segments", labels=_LABELS, title="Tones"),),
        draw=_segments,
        seen=("Mark from when to when each tone sounds, as {labels}.",),
        unseen=("Find the beginning and the end of every tone: {labels}.",),
    ),
    Samples(
        skill="labelling.captions",
        title="stretches of sound or video with their words",
        controls=(Control("beeps", "segments", labels=_LABELS, title="Beeps", text=True),),
        draw=_captions,
        seen=("Mark each row of beeps, as {labels}, and write down how many beeps it has.",),
        unseen=("Find every group of beeps ({labels}) and type its number of beeps.",),
    ),
)
