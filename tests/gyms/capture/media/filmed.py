"""Cameras made up for a test: sound and pictures of known content at known times."""

from fractions import Fraction

import av
import numpy as np

RATE = 48_000
SIZE = (64, 48)


def clicks(seconds, rate=RATE, seed=0):
    """Return noise whose course tells where one is, float32."""
    rng = np.random.default_rng(seed)
    return (rng.standard_normal(round(seconds * rate)) * 0.1).astype(np.float32)


def film(
    path,
    *,
    sound=None,
    frames=(),
    rate=RATE,
    codec="aac",
    start_s=0.0,
    sound_start_s=0.0,
    lost=(),
    size=SIZE,
    turned=0,
    gop=12,
    options=None,
):
    """Write a film.

    Args:
        sound: mono float32 samples, or a list of several tracks.
        frames: when each picture is shown, in s; its brightness tells its number.
        lost: stretches (start, end) in s whose packets of sound are left out.
        turned: degrees for the display matrix.
    """
    sounds = [] if sound is None else sound if isinstance(sound, list) else [sound]
    with av.open(str(path), "w", options=options or {}) as out:
        tracks = [out.add_stream(codec, rate=rate, layout="mono") for _ in sounds]
        video = None
        if len(frames):
            video = out.add_stream("libx264", rate=30)
            video.width, video.height = size
            video.pix_fmt = "yuv420p"
            video.time_base = video.codec_context.time_base = Fraction(1, 90_000)
            video.options = {"g": str(gop), "preset": "ultrafast", "qp": "10"}
            if turned:
                video.set_display_rotation(turned)
        for number, at in enumerate(frames):
            made = av.VideoFrame.from_ndarray(shade(number, size), format="gray")
            made = made.reformat(format="yuv420p")
            made.pts, made.time_base = round((start_s + at) * 90_000), Fraction(1, 90_000)
            out.mux(video.encode(made))
        if video is not None:
            out.mux(video.encode(None))
        for track, samples in zip(tracks, sounds, strict=True):
            for packet in _coded(track, samples, rate, sound_start_s):
                at = float(packet.pts * packet.time_base)
                if not any(a <= at < b for a, b in lost):
                    out.mux(packet)
    return path


def _coded(track, samples, rate, start_s):
    step = 1024
    for k in range(0, len(samples), step):
        block = samples[k : k + step]
        frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="fltp", layout="mono")
        frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
        frame.pts = round(start_s * rate) + k
        yield from track.encode(frame)
    yield from track.encode(None)


def shade(number, size=SIZE):
    """Return picture `number`: its upper left quarter is bright, the rest tells the number."""
    image = np.full((size[1], size[0]), 20 + 8 * (number % 16), dtype=np.uint8)
    image[: size[1] // 2, : size[0] // 2] = 230
    return image


def lag(a, b):
    """Return by how many samples `b` lies behind `a`, to a tenth, and how alike they are."""
    n = len(a) + len(b)
    cross = np.fft.irfft(np.fft.rfft(b, n) * np.conj(np.fft.rfft(a, n)), n)
    at = int(np.argmax(cross))
    left, mid, right = cross[at - 1], cross[at], cross[(at + 1) % n]
    off = 0.5 * (left - right) / (left - 2 * mid + right)
    alike = mid / np.sqrt(np.sum(a.astype(float) ** 2) * np.sum(b.astype(float) ** 2))
    return (at if at < n // 2 else at - n) + off, alike
