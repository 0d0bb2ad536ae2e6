"""Scenes to practise filming, each with a short clip to hand in."""

from __future__ import annotations

import base64
import io
from importlib import import_module
from random import Random
from typing import Any

import numpy as np

from banbury.errors import SetupError
from banbury.gyms.capture.brief import Brief

TRADES = {
    "painter": ("roll the first coat onto a wall", "tape the edges of a window", "fill a crack"),
    "cook": ("chop onions for a soup", "fillet a fish", "roll out dough", "plate a dessert"),
    "carpenter": ("saw a board to length", "plane an edge", "hang a door"),
    "electrician": ("wire a socket", "run a cable through a wall", "label a fuse box"),
    "bricklayer": ("lay a course of bricks", "mix mortar", "point a joint"),
    "gardener": ("plant a hedge", "prune a rose", "lay turf"),
}
PLACES = ("kitchen", "workshop", "building site", "hallway", "courtyard", "cellar", "flat, empty")
LIGHTS = ("daylight", "daylight from one window", "ceiling lamps", "one work lamp", "overcast")
SIZE = (64, 48)
FPS = 10
RATE = 8_000


def scene(rng: Random) -> Brief:
    """Return a scene without its clip."""
    trade = rng.choice(sorted(TRADES))
    return Brief(
        trade=trade,
        action=rng.choice(TRADES[trade]),
        place=rng.choice(PLACES),
        light=rng.choice(LIGHTS),
        views=rng.choice((2, 2, 3)),
        good_hours=5.0,
    )


def clip(seed: int, seconds: int) -> str:
    """Return a moving grey square with a clap each second, as a data URL of an MP4.

    Raises:
        SetupError: PyAV is not installed.
    """
    try:
        av: Any = import_module("av")
    except ImportError as error:
        raise SetupError("practice clips need PyAV", do="pip install 'banbury[capture]'") from error
    file = io.BytesIO()
    with av.open(file, "w", format="mp4", options={"fflags": "+bitexact"}) as out:
        _picture(av, out, seed, seconds)
    return "data:video/mp4;base64," + base64.b64encode(file.getvalue()).decode()


def _picture(av: Any, out: Any, seed: int, seconds: int) -> None:
    rng = np.random.default_rng(seed)
    video = out.add_stream("mpeg4", rate=FPS)
    video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
    video.bit_rate = 40_000
    sound = out.add_stream("aac", rate=RATE)
    sound.layout = "mono"
    for stream in (video, sound):
        stream.codec_context.flags |= 1 << 23  # AV_CODEC_FLAG_BITEXACT
    for number in range(FPS * seconds):
        picture = np.full((SIZE[1], SIZE[0], 3), 40, np.uint8)
        left = (3 * number) % (SIZE[0] - 16)
        picture[16:32, left : left + 16] = 200
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts = number
        out.mux(video.encode(frame))
    out.mux(video.encode(None))
    heard = rng.normal(0, 300, RATE * seconds)
    for second in range(seconds):
        heard[second * RATE : second * RATE + 400] += rng.normal(0, 9000, 400)
    samples = np.clip(heard, -32768, 32767).astype(np.int16)[None, :]
    frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
    frame.sample_rate, frame.pts = RATE, 0
    out.mux(sound.encode(frame))
    out.mux(sound.encode(None))
