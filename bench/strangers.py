"""Takes that do not belong together and yet have something in common, for bench/sync.py.

Each pool is a list of takes of which no two filmed one scene: other words of one speaker, one
loop of music behind each, one song that each heard at another time, one mains, one kind of noise,
next to nothing.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from cameras import RATE, Sounds, film, noise, piece, scene

SECONDS = 30.0
POOLS = {"scenes": 46, "one speaker": 32, "one loop": 36, "one song": 26, "one hum": 24,
         "one noise": 22, "near silence": 12}  # fmt: skip


def takes(
    name: str, sounds: Sounds, folder: Path, rng: np.random.Generator, share: float
) -> list[Path]:
    """Make a pool's takes; `share` is that of the whole number of pairs."""
    speaker = [n for n in sounds if n.startswith("timbl_1")] or list(sounds)[:1]
    loop = piece(sounds, str(rng.choice(list(sounds))), rng)[: int(rng.uniform(2, 7) * RATE)]
    song = scene(sounds, 0.3 * SECONDS, rng)
    size = int((SECONDS + 1) * RATE)
    makers: dict[str, Callable[[], np.ndarray]] = {
        "scenes": lambda: scene(sounds, SECONDS + 1, rng),
        "one speaker": lambda: scene(sounds, SECONDS + 1, rng, speaker),
        "one loop": lambda: _looped(sounds, loop, rng),
        "one song": lambda: _song(sounds, song, rng),
        "one hum": lambda: _hum(rng),
        "one noise": lambda: noise(size, rng) * 0.1,
        "near silence": lambda: noise(size, rng) * rng.choice([1e-4, 1e-6]),
    }
    files = []
    for n in range(max(3, round(POOLS[name] * share**0.5))):
        path = folder / f"{name.replace(' ', '-')}-{n}.m4a"
        film(makers[name](), path, 0.0, SECONDS, rng, snr_db=float(rng.uniform(5, 30)))
        files.append(path)
    return files


def _looped(sounds: Sounds, loop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The loop from anywhere, and before it sound of one's own, 6 dB louder to 9 dB softer."""
    size = int((SECONDS + 1) * RATE)
    behind = np.resize(np.roll(loop, int(rng.integers(len(loop)))), size)
    return behind + scene(sounds, SECONDS + 1, rng) * np.float32(10 ** (rng.uniform(-9, 6) / 20))


def _song(sounds: Sounds, song: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Sound of one's own, and somewhere in it, for three tenths, what all have heard."""
    whole = scene(sounds, SECONDS + 1, rng)
    at = int(rng.integers(0, len(whole) - len(song)))
    whole[at : at + len(song)] = whole[at : at + len(song)] * np.float32(0.2) + song
    return whole


def _hum(rng: np.random.Generator) -> np.ndarray:
    """One mains: 50 Hz and its harmonics, the same beat for all, and a little noise."""
    t = np.arange(int((SECONDS + 1) * RATE)) / RATE + rng.uniform(0, 1)
    tones = sum(np.sin(2 * np.pi * 50 * k * t + k) / k for k in range(1, 60))
    return (0.05 * tones + 2e-3 * noise(len(t), rng)).astype(np.float32)
