"""Two cameras derived from one real scene: the same pictures and sound, one later and drifting."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

FOOTAGE = Path(__file__).parents[2] / "footage"
RATE = 48_000
FRAMES = 15
SIZE = (320, 180)


def heard(seconds, path=FOOTAGE / "timbl_1.mp3"):
    """Return the first seconds of a recording, mono float32 at 48 kHz."""
    parts, have = [], 0
    with av.open(str(path)) as file:
        resampler = av.AudioResampler("flt", "mono", RATE)
        for frame in file.decode(audio=0):
            for one in resampler.resample(frame):
                parts.append(one.to_ndarray()[0])
                have += len(parts[-1])
            if have >= seconds * RATE:
                break
    return np.concatenate(parts)[: round(seconds * RATE)]


def seen(path=FOOTAGE / "karma.mp4", every=2):
    """Return real pictures, small, RGB."""
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        return [
            frame.to_ndarray(format="rgb24", width=SIZE[0], height=SIZE[1])
            for number, frame in enumerate(file.decode(stream))
            if number % every == 0
        ]


def camera(path, sound, pictures, start_s=0.0, seconds=11.0, drift_ppm=0.0, noise=0.0, seed=0):
    """Write what a camera records that was started at `start_s` and whose clock runs fast.

    Args:
        path: of the file.
        sound: of the scene at 48 kHz.
        pictures: of the scene at 15 a second.
        start_s: when it was started, on the scene's clock.
        seconds: how long it records.
        drift_ppm: by how much its clock runs fast.
        noise: of its microphone.
        seed: of the noise.
    """
    rng = np.random.default_rng(seed)
    scale = 1.0 + drift_ppm * 1e-6
    at = start_s + np.arange(round(seconds * RATE)) / RATE / scale
    own = np.interp(at * RATE, np.arange(len(sound)), sound)
    own = (0.8 * own + noise * rng.standard_normal(len(own))).astype(np.float32)
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=FRAMES)
        video.width, video.height = SIZE
        video.pix_fmt = "yuv420p"
        video.options = {"g": str(FRAMES), "preset": "ultrafast", "crf": "20"}
        voice = out.add_stream("aac", rate=RATE, layout="mono")
        for number in range(round(seconds * FRAMES)):
            when = round((start_s + number / FRAMES / scale) * FRAMES)
            frame = av.VideoFrame.from_ndarray(pictures[when % len(pictures)], format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FRAMES)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        for k in range(0, len(own), 1024):
            block = av.AudioFrame.from_ndarray(own[None, k : k + 1024], "fltp", "mono")
            block.sample_rate, block.pts, block.time_base = RATE, k, Fraction(1, RATE)
            out.mux(voice.encode(block))
        out.mux(voice.encode(None))
    return path
