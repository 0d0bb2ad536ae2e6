"""Small films that are made here: pictures from functions, sound from samples, timecode."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
from tests.gyms.capture.sync.scenes import RATE


def film(
    path: Path,
    seconds: float,
    picture: Callable[[float], np.ndarray] | None,
    sound: np.ndarray | None = None,
    *,
    fps: int = 30,
    codec: str = "aac",
    keys: int = 250,
) -> Path:
    """Write a film; `picture` gives a grey image (H, W) of even sides at a time.

    At most `keys` frames lie from one key frame to the next.
    """
    with av.open(str(path), "w") as out:
        if picture is not None:
            video = out.add_stream("libx264", rate=fps, options={"preset": "ultrafast"})
            video.height, video.width = picture(0.0).shape
            video.pix_fmt, video.gop_size = "yuv420p", keys
        if sound is not None:
            audio = out.add_stream(codec, rate=RATE)
            audio.layout = "mono"
        if picture is not None:
            for n in range(int(seconds * fps)):
                frame = av.VideoFrame.from_ndarray(picture(n / fps), format="gray")
                frame.pts = n
                out.mux(video.encode(frame.reformat(format="yuv420p")))
            out.mux(video.encode())
        if sound is not None:
            samples = np.clip(sound * 32767, -32768, 32767).astype(np.int16)[None]
            for at in range(0, samples.shape[1], 1024):
                block = av.AudioFrame.from_ndarray(
                    np.ascontiguousarray(samples[:, at : at + 1024]), format="s16", layout="mono"
                )
                block.sample_rate = RATE
                block.pts = at
                out.mux(audio.encode(block))
            out.mux(audio.encode())
    return path
