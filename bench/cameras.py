"""Cameras with known clocks, derived from real footage: what bench/sync.py measures on.

A scene is real sound, cut and played at changing speeds, so that nothing comes twice. A camera
hears it through a room and a microphone of its own, with noise of its own, by a clock of its own,
and codes it as AAC. Nothing of this needs a network.
"""

from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
from scipy import signal

from banbury.errors import InputError
from banbury.gyms.capture.media import open_take

RATE = 48_000
Sounds = dict[str, np.ndarray]


@dataclass
class Jump:
    """At `at_s` of the scene the camera's clock jumps by `by_s`: lost sound, or a pause."""

    at_s: float
    by_s: float


@dataclass
class Camera:
    """A camera's clock: t = (1 + ppm) * (scene time - start), and its jump."""

    path: Path
    start_s: float
    seconds: float
    ppm: float
    snr_db: float
    jump: Jump | None = None
    about: dict[str, float] = field(default_factory=dict)

    def at(self, scene_s: float) -> float:
        """The camera's time at a time of the scene."""
        jumped = self.jump.by_s if self.jump and scene_s > self.jump.at_s else 0.0
        return (1 + self.ppm * 1e-6) * (scene_s - self.start_s) + jumped

    def scene(self, t_s: float) -> float:
        """The scene's time at the camera's, where nothing jumped or after it did."""
        for by in (0.0, self.jump.by_s) if self.jump else (0.0,):
            s = (t_s - by) / (1 + self.ppm * 1e-6) + self.start_s
            if not self.jump or (s <= self.jump.at_s) == (by == 0.0):
                return s
        return self.jump.at_s if self.jump else 0.0


def sounds(folders: list[Path], least_s: float = 4.0) -> Sounds:
    """All sound in some folders, (n,) float32 at 48 kHz by name; the silent left out."""
    found: Sounds = {}
    for path in sorted(p for folder in folders for p in folder.iterdir() if p.is_file()):
        if path.suffix in (".md", ".raw", ".json", ".npz", ".py"):
            continue
        try:
            take = open_take([path])
        except InputError:
            continue
        for track in range(max(len(m.of("sound")) for m in take.media)):
            heard = np.concatenate(list(take.sound(RATE, track=track)))
            if len(heard) >= least_s * RATE and heard.std() > 1e-3:
                found[f"{path.name}:{track}"] = heard / heard.std() * 0.1
    return found


def scene(
    sounds: Sounds, seconds: float, rng: np.random.Generator, names: list[str] | None = None
) -> np.ndarray:
    """Real sound one piece after another, each at a speed of its own (0.85 to 1.18)."""
    chosen = names or list(sounds)
    parts, count = [], 0
    while count < seconds * RATE:
        part = piece(sounds, str(rng.choice(chosen)), rng)
        parts.append(part)
        count += len(part)
    return np.concatenate(parts)[: int(seconds * RATE)]


def piece(sounds: Sounds, name: str, rng: np.random.Generator) -> np.ndarray:
    """Three to nine seconds of one sound, at another speed, of one loudness."""
    whole = sounds[name]
    size = int(min(len(whole) - 8, rng.uniform(3, 9) * RATE))
    start = int(rng.integers(0, len(whole) - size))
    speed = rng.uniform(0.85, 1.18)
    places = start + np.arange(int(size / speed)) * speed
    heard = at_places(whole, places[places < len(whole) - 4])
    edge = min(480, len(heard) // 4)
    heard[:edge] *= np.linspace(0, 1, edge, dtype=np.float32)
    heard[-edge:] *= np.linspace(1, 0, edge, dtype=np.float32)
    return heard / (heard.std() + 1e-4) * 0.1 * np.float32(10 ** (rng.uniform(-4, 4) / 20))


def at_places(sound: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Sound between its samples: a cubic through four of them, which delays nothing."""
    whole = np.floor(places).astype(np.int64)
    f = (places - whole).astype(np.float32)
    padded = np.pad(sound, (2, 4))
    base = np.clip(whole + 2, 1, len(padded) - 3)
    p0, p1, p2, p3 = (padded[base + k] for k in (-1, 0, 1, 2))
    bent = 2 * p0 - 5 * p1 + 4 * p2 - p3 + f * (3 * (p1 - p2) + p3 - p0)
    inside = (whole >= 0) & (whole < len(sound) - 1)
    return np.where(inside, p1 + 0.5 * f * (p2 - p0 + f * bent), 0).astype(np.float32)


def film(
    world: np.ndarray, path: Path, start_s: float, seconds: float, rng: np.random.Generator,
    *, ppm: float = 0.0, snr_db: float = 10.0, jump: Jump | None = None,
) -> Camera:  # fmt: skip
    """Let a camera hear a scene, and write what it codes."""
    scene_s = start_s + np.arange(int(seconds * RATE)) / RATE / (1 + ppm * 1e-6)
    heard = at_places(world, scene_s * RATE)
    heard = microphone(room(heard, rng), rng)
    heard += noise(len(heard), rng) * np.float32(heard.std() * 10 ** (-snr_db / 20))
    heard *= np.float32(rng.uniform(0.3, 1.0) * 0.1 / heard.std())
    if jump:
        at = int(np.searchsorted(scene_s, jump.at_s))
        size = round(abs(jump.by_s) * RATE)
        jump = Jump(jump.at_s, float(np.sign(jump.by_s)) * size / RATE)
        if jump.by_s < 0:
            heard = np.concatenate([heard[:at], heard[at + size :]])
        else:
            heard = np.concatenate([heard[:at], np.zeros(size, np.float32), heard[at:]])
    code(heard, path, int(rng.choice([64_000, 96_000, 128_000])))
    return Camera(path, start_s, len(heard) / RATE, ppm, snr_db, jump)


def room(heard: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The way straight, and after 2 ms echoes that fade in 0.15 to 0.5 s, by 1 to 14 dB less."""
    size = int(0.3 * RATE)
    fade = 10 ** (-3 * np.arange(size) / RATE / rng.uniform(0.15, 0.5))
    echoes = rng.standard_normal(size) * fade
    echoes[: int(0.002 * RATE)] = 0
    echoes *= rng.uniform(0.2, 0.9) / np.sqrt((echoes**2).sum())
    echoes[0] = 1.0
    return signal.oaconvolve(heard, echoes.astype(np.float32))[: len(heard)]


def microphone(heard: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Eight bands by up to 8 dB up or down, with no delay of their own."""
    bands = np.array([0, 100, 300, 1000, 3000, 8000, 16000, RATE / 2]) / (RATE / 2)
    taps = signal.firwin2(255, bands, 10 ** (rng.uniform(-8, 8, 8) / 20))
    return signal.oaconvolve(heard, taps.astype(np.float32))[127 : 127 + len(heard)]


def noise(count: int, rng: np.random.Generator) -> np.ndarray:
    """White noise, or noise that falls towards high tones, of standard deviation one."""
    made = rng.standard_normal(count).astype(np.float32)
    colour = float(rng.choice([0.0, 0.7, 0.95]))
    if colour:
        made = signal.lfilter([1.0], [1.0, -colour], made).astype(np.float32)
    return made / made.std()


def code(heard: np.ndarray, path: Path, bits: int = 96_000) -> None:
    """Write sound as AAC in an MP4."""
    samples = np.clip(heard * 32767, -32768, 32767).astype(np.int16)[None]
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=RATE, options={"aac_coder": "fast"})
        stream.layout, stream.bit_rate = "mono", bits
        for at in range(0, samples.shape[1], 1024):
            block = np.ascontiguousarray(samples[:, at : at + 1024])
            frame = av.AudioFrame.from_ndarray(block, format="s16", layout="mono")
            frame.sample_rate, frame.pts = RATE, at
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def join(paths: list[Path], order: list[list[int]], drop: int, into: Path) -> float:
    """Write coded packets of several files one after another; return the seconds.

    Args:
        paths: files of `code`, of whole packets.
        order: for each time of one file, from which file each of its equal parts comes.
        drop: packets left out at the very start.
        into: the file to write.
    """
    blocks = []
    for path in paths:
        with av.open(str(path)) as source:
            stream = source.streams.audio[0]
            blocks.append([bytes(p) for p in source.demux(stream) if p.size][1:])
    with av.open(str(paths[0])) as source, av.open(str(into), "w") as out:
        stream = out.add_stream_from_template(source.streams.audio[0])
        at = 0
        for data in [d for row in order for d in _row(blocks, row)][drop:]:
            packet = av.Packet(data)
            packet.stream, packet.time_base = stream, stream.time_base
            packet.pts = packet.dts = at
            packet.duration = 1024
            at += 1024
            out.mux(packet)
    return at / RATE


def _row(blocks: list[list[bytes]], row: list[int]) -> list[bytes]:
    """One block's packets, each part at its own place from one of the blocks."""
    edges = np.linspace(0, min(map(len, blocks)), len(row) + 1).round().astype(int)
    return [p for n, start, end in zip(row, edges, edges[1:], strict=False)
            for p in blocks[n][start:end]]  # fmt: skip
