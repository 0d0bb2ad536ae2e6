"""Whether a camera's files are read right: telemetry beside a public parser, stamps, sound.

Every stream of every real sample under `tests/footage` is compared number by number with
py-gpmf-parser 0.1.1, and so are payloads of random types, sizes and scales. Files given after the
name are read as well. Then: bytes that are no telemetry, stamps beside FFmpeg's packets, how well
sound keeps step with known truth, and five hours of sound.

Run: make bench NAME=telemetry        (about a minute on one idle core)
"""

import resource
import struct
import sys
import tempfile
import time
from pathlib import Path

import av
import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.gyms.capture.media import peer  # noqa: E402
from tests.gyms.capture.media.filmed import clicks, film, lag  # noqa: E402
from tests.gyms.capture.media.written import device, item, stream  # noqa: E402

from banbury.gyms.capture.media import open_take, probe  # noqa: E402
from banbury.gyms.capture.media.boxes import boxes  # noqa: E402
from banbury.gyms.capture.media.packets import _demuxed, _tabled  # noqa: E402
from banbury.gyms.capture.media.pieces import pieces  # noqa: E402
from banbury.gyms.capture.media.reading import opened  # noqa: E402
from banbury.gyms.capture.media.telemetry import packets  # noqa: E402
from figures import Row, row, tell  # noqa: E402

SEED = 6
FOOTAGE = ROOT / "tests" / "footage"
HOURS = 5.0
RANDOM, GARBAGE = 3000, 3000
TYPES = {"b": "b", "B": "B", "s": "h", "S": "H", "l": "i", "L": "I", "f": "f", "j": "q", "J": "Q"}
PEER = "py-gpmf-parser 0.1.1"


def samples(more: list[Path]) -> list[Row]:
    """Compare every stream of the real samples."""
    made = []
    for path in [*sorted(FOOTAGE.glob("*.raw")), FOOTAGE / "karma.mp4", *more]:
        raw = path.suffix == ".raw"
        payloads = [path.read_bytes()] if raw else [p.data for p in packets(path)]
        counts: dict[str, int] = {}
        wrong: set[str] = set()
        for payload in payloads:
            found, differ = peer.compared(payload)
            wrong |= differ
            for key, n in found.items():
                counts[key] = counts.get(key, 0) + n
        said = f"{len(counts)} streams, {sum(counts.values())} samples"
        name = f"{path.name}: streams that differ from {PEER}"
        made.append(row(name, len(wrong), "streams", "== 0", of=said))
    return made


def generated(rng: np.random.Generator) -> Row:
    """Compare payloads of random numbers, of each type that the peer scales."""
    wrong = total = 0
    for _ in range(RANDOM):
        kind = str(rng.choice(list(TYPES)))
        across, count = int(rng.integers(1, 6)), int(rng.integers(1, 200))
        size = struct.calcsize(">" + TYPES[kind])
        data = rng.bytes(size * across * count)
        if kind == "f":
            data = rng.standard_normal(across * count).astype(">f4").tobytes()
        scales = rng.integers(1, 30_000, across if rng.random() < 0.5 else 1)
        scale = item("SCAL", "s", 2, scales.astype(">i2").tobytes())
        payload = device(stream(scale, item("xyzw", kind, size * across, data)))
        ours = pieces(payload)[0][0].values
        theirs = dict(peer.every(payload))["xyzw"]
        wrong += not np.array_equal(ours, theirs)
        total += ours.size
    name = f"random payloads that differ from {PEER}"
    return row(name, wrong, "payloads", "== 0", of=f"{RANDOM} payloads, {total} numbers", seed=SEED)


def garbage(rng: np.random.Generator) -> list[Row]:
    """Read random bytes and damaged payloads."""
    raws = [p.read_bytes() for p in sorted(FOOTAGE.glob("*.raw"))]
    raised, slowest = 0, 0.0
    for k in range(GARBAGE):
        data = bytearray(raws[k % len(raws)] if k % 2 else rng.bytes(int(rng.integers(0, 4096))))
        for at in rng.integers(0, max(1, len(data)), 20 if data else 0):
            data[at] = int(rng.integers(0, 256))
        began = time.process_time()
        try:
            pieces(bytes(data[: int(rng.integers(0, len(data) + 1))]))
        except Exception:
            raised += 1
        slowest = max(slowest, time.process_time() - began)
    return [
        row("damaged and random payloads that raise", raised, "payloads", "== 0", of=GARBAGE),
        row("the slowest of them", slowest * 1e3, "ms of CPU", "<= 250"),
    ]


def tabled() -> Row:
    """Compare the stamps from tables with FFmpeg's packets."""
    worst = count = 0
    for path in sorted(FOOTAGE.glob("*.mp4")):
        found = boxes(path)
        with opened(path) as container:
            ours, theirs = _tabled(found, container, path), _demuxed(container)
        for index, stamps in ours.items():
            off = np.abs(stamps.times_s - theirs[index].times_s).max()
            worst, count = max(worst, off), count + len(stamps.times_s)
    name = "stamps from an MP4's tables: worst difference from FFmpeg's packets"
    return row(name, worst * 1e6, "µs", "<= 1", of=f"{count} packets")


def in_step(folder: Path) -> list[Row]:
    """Measure where sound of known course comes, as each camera might have coded it."""
    made = []
    for suffix, codec, rate in (
        ("mp4", "aac", 48_000),
        ("mp4", "aac", 44_100),
        ("mov", "pcm_s16le", 48_000),
        ("mkv", "libopus", 48_000),
        ("mp3", "libmp3lame", 48_000),
    ):
        samples = clicks(20.0, rate)
        path = film(folder / f"{codec}{rate}.{suffix}", sound=samples, rate=rate, codec=codec)
        heard = np.concatenate(list(open_take([path]).sound(rate)))
        off, _ = lag(samples, heard)
        name = f"sound in {suffix} ({codec}, {rate} Hz): off by"
        made.append(row(name, abs(off) / rate * 1e3, "ms", "<= 0.02"))
    return made


def looped(source: Path, target: Path, seconds: float) -> Path:
    """Write a source's coded sound again and again."""
    with av.open(str(target), "w") as out:
        with av.open(str(source)) as container:
            track = container.streams.audio[0]
            copy = out.add_stream_from_template(track)
            held = [(bytes(p), p.pts) for p in container.demux(track) if p.size]
            base, step = track.time_base, held[1][1] - held[0][1]
        at = 0
        while float(at * base) < seconds:
            for data, _ in held:
                packet = av.Packet(data)
                packet.pts = packet.dts = at
                packet.duration, packet.time_base, packet.stream = step, base, copy
                out.mux(packet)
                at += step
    return target


def hours(folder: Path) -> list[Row]:
    """Probe and decode five hours of a real camera's sound."""
    path = looped(FOOTAGE / "karma.mp4", folder / "hours.mp4", HOURS * 3600)
    began = time.process_time()
    media = probe(path)
    probed = time.process_time() - began
    take = open_take([path])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    count = sum(len(b) for b in take.sound())
    spent = time.process_time() - began
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    whole = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lost = abs(count / 16_000 - media.duration_s)
    fast = media.duration_s / spent
    return [
        row("five hours of AAC: probing", probed, "s of CPU", "<= 5"),
        row(
            "five hours of AAC: decoding to 16 kHz",
            fast,
            "x real time, CPU",
            ">= 200",
        ),
        row("five hours of AAC: memory of the process at its height", whole, "MB", "<= 1000"),
        row("five hours of AAC: memory that decoding adds", grown, "MB", "<= 200"),
        row("five hours of AAC: sound that is missing or too much", lost, "s", "<= 0.001"),
    ]


def main() -> int:
    rng = np.random.default_rng(SEED)
    with tempfile.TemporaryDirectory() as folder:
        rows = [
            *samples([Path(a) for a in sys.argv[1:]]),
            generated(rng),
            *garbage(rng),
            tabled(),
            *in_step(Path(folder)),
            *hours(Path(folder)),
        ]
    return tell("telemetry", rows)


if __name__ == "__main__":
    sys.exit(main())
