"""What the measures of footage find, what they raise by mistake, and what they cost.

Real footage is altered, where and how much is known, encoded again, and looked at (see
bench/footage_faults.py). The figures are of three scenes in tests/footage: karma.mp4, fire2.mp4,
pose_cam01.mp4. Limits are set on others, with `--development FOLDER`, which writes no results:
samples/max-heromode.mp4 of gopro/gpmf-parser 9a715063, media/{chaplin,example}.mp4 of
Zulko/moviepy 7ffa4f00 and tests/footage/nasa_13013.mp4. The limits of blur, light and of shaking
pictures are older: karma.mp4 and fire2.mp4 had been looked at when they were set.

Run: make bench NAME=footage_quality             (six minutes of CPU on one core)
     python bench/footage_quality.py --quick      (two minutes: one scene, H.264; no results)
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from banbury.gyms.capture.media import open_take, telemetry
from banbury.gyms.capture.quality import Prints, look
from banbury.gyms.capture.quality.copies import copies
from banbury.gyms.capture.quality.faulting import SCREEN, missing_frames
from banbury.gyms.capture.quality.hands import SEEN, hand_score
from banbury.gyms.capture.quality.prints import INNER, imprint
from banbury.gyms.capture.quality.screens import screen_score
from banbury.gyms.capture.quality.shaking import TURNS
from banbury.gyms.capture.quality.sound import MANY, listen
from banbury.gyms.capture.quality.speech import SPOKEN, Listener
from banbury.gyms.capture.quality.turning import unsteadiness

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from tests.gyms.capture.quality import altering as alter  # noqa: E402

import footage_faults  # noqa: E402
from figures import RESULTS, Row, keep, row, tell  # noqa: E402

FOOTAGE = ROOT / "tests" / "footage"
NAME = "footage_quality"
FILMED = ("karma.mp4", "fire2.mp4", "pose_cam01.mp4")
SMEARED = ("fire2.mp4 on a head",)
"""Its camera swings: it is smeared itself, and beyond the limit where a part of it is enlarged."""
CODECS = ("libx264", "libx265")
ROWS = {"faults": ("seconds found", "honest"), "duplicates": ("copies", "other days")}
"""How the rows of a part begin that can be measured alone."""


def gyro() -> list[Row]:
    """Real gyros, as they are and with shaking added."""
    rng = np.random.default_rng(0)
    calm, rough = [], []
    for name in ("karma.mp4",):
        take = open_take([FOOTAGE / name])
        stream = telemetry(take, ["GYRO"]).streams["GYRO"]
        times, speeds = stream.times_s, stream.values[:, :3]
        calm += unsteadiness(times, speeds, take.duration_s)
        # A frame that is moved by 1 % of a lens of 1.5 rad, and back in the next.
        angles = rng.normal(0, 0.015, (int(30 * take.duration_s) + 2, 3))
        frame = np.minimum((times * 30).astype(int), len(angles) - 2)
        added = np.diff(angles, axis=0)[np.maximum(frame, 0)] * 30
        rough += unsteadiness(times, speeds + added, take.duration_s)
    over = [float(np.nanmean(np.array(x) > TURNS)) for x in (calm, rough)]
    return [
        row("gyro: seconds of karma.mp4 over the limit", over[0], "share", "== 0", n=len(calm)),
        row("gyro: with 1 % of the width a frame added", over[1], "share", ">= 0.9", n=len(rough)),
    ]


def sound(folder: Path) -> list[Row]:
    """Speech and clipping, second by second."""
    talk = _samples("timbl_1.mp3")
    spoken = (Listener().hear(talk) >= SPOKEN).reshape(-1)
    rng = np.random.default_rng(0)
    noise = np.cumsum(rng.normal(0, 0.01, (60, 16_000)), axis=1)
    noise = (noise - noise.mean(axis=1, keepdims=True)).astype(np.float32).reshape(-1)
    others = np.concatenate([_samples("karma.mp4"), _samples("fire2.mp4"), noise])
    heard = Listener().hear(others) >= SPOKEN
    rows = [
        row("speech: windows of 32 ms in 48 s of a talk", float(spoken.mean()), "share", ">= 0.8"),
        row("speech: windows in wind, a room and noise", float(heard.mean()), "share", "<= 0.01"),
    ]
    for gain, must in ((0.95, "<= 0.02"), (1.5, None), (2.0, None), (4.0, ">= 0.95")):
        cut = []
        for k in range(0, len(talk) - 16_000, 16_000):
            second = talk[k : k + 16_000]
            cut.append(np.clip(second / np.percentile(np.abs(second), 99.9) * gain, -1, 1))
        coded = _coded(folder / "cut.m4a", np.concatenate(cut))
        share = np.mean([listen(s).clipped > MANY for s in coded])
        rows.append(row(f"clipped seconds told, gain {gain} into AAC", share, "share", must))
    return rows


def _samples(name: str) -> np.ndarray:
    return np.concatenate(list(open_take([FOOTAGE / name]).sound(16_000)))


def _coded(path: Path, samples: np.ndarray) -> np.ndarray:
    with av.open(str(path), "w", format="mp4") as file:
        track = file.add_stream("aac", rate=48_000, layout="mono")
        alter._put_sound(file, track, np.repeat(samples, 3).astype(np.float32))
    found = np.concatenate(list(open_take([path]).sound(16_000)))
    return found[: len(found) // 16_000 * 16_000].reshape(-1, 16_000)


def hands() -> list[Row]:
    """Frames with bare hands, and frames without."""
    with_hands = [
        hand_score(f.image)
        for f in open_take([FOOTAGE / "hands.mp4"]).frames(every_s=0.1, width=416, color=True)
        if f.t_s >= 0.6
    ]
    without = [
        hand_score(f.image)
        for name in ("karma.mp4", "fire2.mp4")
        for f in open_take([FOOTAGE / name]).frames(every_s=0.4, width=416, color=True)
    ]
    seen, wrong = np.mean(np.array(with_hands) >= SEEN), np.mean(np.array(without) >= SEEN)
    return [
        row("hands seen, frames with bare hands", seen, "share", ">= 0.9", n=len(with_hands)),
        row("hands seen, frames without", wrong, "share", "<= 0.05", n=len(without)),
    ]


def stamps() -> list[Row]:
    """Frames taken out, counted by the time stamps of the others."""
    rows = []
    for rate in (29.97, 60.0, 240.0):
        rng = np.random.default_rng(int(rate))
        times = np.arange(int(600 * rate)) / rate + rng.uniform(-0.1, 0.1, int(600 * rate)) / rate
        gone = rng.random(len(times)) < 0.01
        gone[[0, -1]] = False
        told = missing_frames(np.sort(times[~gone])).sum()
        off = abs(int(told) - int(gone.sum())) / int(gone.sum())
        rows.append(row(f"missing frames miscounted, {rate:g} a second", off, "share", "<= 0.05"))
    return rows


def duplicates() -> list[Row]:
    """Copies that are known again, and other days in the same place that are taken for one."""
    place = alter.wall([FOOTAGE / n for n in ("karma.mp4", "fire2.mp4", "nasa_13013.mp4")])
    rng = np.random.default_rng(0)
    days = [alter.Walk(place, 200, seed=n) for n in range(20)]
    whole = [_prints(day, 0.0, 180.0) for day in days]
    false = sum(
        bool(copies(whole[a], {"b": whole[b]})) for a in range(20) for b in range(20) if a != b
    )
    rows = []
    for crop in (0.0, 0.03, 0.06, 0.1):
        found = 0
        for n, day in enumerate(days):
            start, late = rng.uniform(10, 80), rng.uniform(0, 0.5)
            quality = int(rng.integers(25, 90))
            copy = _prints(day, start, 90.0, late=late, crop=crop, quality=quality)
            hits = copies(copy, {"a": whole[n]})
            found += any(abs(h.offset_s - start) < 1.5 for h in hits)
        must = ">= 0.95" if crop < 0.05 else None
        name = f"copies of 90 s known again, {crop:.0%} cropped, encoded anew, shifted"
        rows.append(row(name, found / len(days), "share", must, n=len(days)))
    for degrees in (90, 270):
        found = 0
        for n, day in enumerate(days):
            start, late = rng.uniform(10, 80), rng.uniform(0, 0.5)
            copy = _prints(day, start, 90.0, late=late, crop=0.03, quarters=degrees // 90)
            hits = copies(copy, {"a": whole[n]})
            found += any(h.turned and abs(h.offset_s - start) < 1.5 for h in hits)
        name = f"copies of 90 s known again, turned by {degrees} degrees, 3% cropped"
        rows.append(row(name, found / len(days), "share", ">= 0.95", n=len(days)))
    for pace in (0.5, 0.9, 1.1, 1.5):
        found = 0
        for n, day in enumerate(days):
            start, late = rng.uniform(5, 30), rng.uniform(0, 0.5)
            copy = _prints(day, start, 80.0 / min(1.0, pace), late=late, crop=0.03, pace=pace)
            hits = copies(copy, {"a": whole[n]})
            found += any(abs(h.pace - pace) < 0.01 for h in hits)
        name = f"copies of 80 s and more known again, played at {pace:g} times the speed"
        rows.append(row(name, found / len(days), "share", ">= 0.95", n=len(days)))
    name = "other days in the same place taken for a copy"
    return [*rows, row(name, false, "of 380", "== 0")]


def _prints(
    walk: alter.Walk,
    start: float,
    seconds: float,
    *,
    late: float = 0.0,
    crop: float = 0.0,
    quality: int = 90,
    quarters: int = 0,
    pace: float = 1.0,
) -> Prints:
    times = np.arange(late, seconds, 1.0)
    seen = [walk.see(start + pace * t, crop=crop, quality=quality) for t in times]
    seen = [np.rot90(image, quarters) for image in seen]
    outer = np.array([imprint(i) for i in seen], dtype="<u8")
    inner = np.array([imprint(i, INNER) for i in seen], dtype="<u8")
    return Prints((times * 1000).astype("<u4").tobytes(), outer.tobytes(), inner.tobytes())


def screens() -> list[Row]:
    """Screens that were filmed (a model of one), and scenes, encoded well and badly."""
    rng = np.random.default_rng(0)
    size = (1280, 720)
    scenes = [next(alter.frames(FOOTAGE / n, size)) for n in ("karma.mp4", "fire2.mp4")]
    filmed = []
    for _ in range(8):
        pitch, angle = float(rng.uniform(0.6, 2.2)), float(rng.uniform(1, 12))
        soft = float(rng.uniform(0.4, 0.8))
        shown = alter.screened(pitch, angle, soft=soft)
        filmed += [shown(s, 0.0) for s in scenes]
    rows = []
    for quality in (95, 75, 50):
        hits = np.mean([screen_score(_planes(i, quality)) > SCREEN for i in filmed])
        name = f"filmed screens told, JPEG of {quality}"
        rows.append(row(name, float(hits), "share", None, n=len(filmed)))
    wrong = [
        screen_score(_planes(f, q)) > SCREEN
        for name in ("karma.mp4", "fire2.mp4")
        for f in list(alter.frames(FOOTAGE / name, size))[::20]
        for q in (95, 75, 50)
    ]
    return [*rows, row("scenes taken for a screen", float(np.mean(wrong)), "share", n=len(wrong))]


def _planes(image: np.ndarray, quality: int) -> list[np.ndarray]:
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    coded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    frame = av.VideoFrame.from_ndarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), format="bgr24")
    yuv = frame.reformat(format="yuv420p").to_ndarray()
    high, wide = image.shape[:2]
    return [yuv[:high], *yuv[high:].reshape(2, high // 2, wide // 2)]


def cost(folder: Path, codecs: Sequence[str]) -> list[Row]:
    """CPU time on 1080p at 25 Mbit/s, and memory as a take grows longer."""
    rows = []
    for codec in codecs:
        short = full_hd(folder / f"{codec}.mp4", codec)
        long = _joined(folder / f"{codec}_long.mp4", short, 6)
        rate = long.stat().st_size * 8 / 1e6 / open_take([long]).duration_s
        look(open_take([short]))
        start = time.process_time()
        take = open_take([long])
        look(take)
        spent = time.process_time() - start
        times = take.duration_s / spent
        name = f"1080p at {rate:.0f} Mbit/s, {codec[3:]}: times real time on one core"
        rows.append(row(name, times, "x", ">= 12" if codec == "libx264" else None))
        minutes = 300 / times
        name = f"five-hour pair on two cores, a camera each, {codec[3:]}, by that"
        rows.append(row(name, minutes, "min", "<= 60"))
    small = alter.film(
        folder / "small.mp4",
        FOOTAGE / "karma.mp4",
        60.0,
        size=(160, 90),
        limit=60,
        sound=np.random.default_rng(0).normal(0, 0.05, 60 * 48_000).astype(np.float32),
    )
    grown = [_memory(_joined(folder / f"{n}.mp4", small, n)) for n in (1, 30)]
    rows.append(row("memory, a take of 1 minute", grown[0], "MB"))
    rows.append(row("memory, a take of 30 minutes", grown[1], "MB", "<= 1000"))
    return rows


def full_hd(path: Path, codec: str) -> Path:
    """Five seconds of 1080p at 25 Mbit/s, a key frame each second."""
    rng = np.random.default_rng(0)
    source = []
    for image in alter.frames(FOOTAGE / "karma.mp4", (1920, 1080)):
        source.append(image)
        if len(source) == 30:
            break
    grain = [rng.normal(0, 4, (1080, 1920, 3)).astype(np.int16) for _ in range(3)]
    with av.open(str(path), "w") as file:
        track = file.add_stream(codec, rate=30)
        track.width, track.height, track.pix_fmt = 1920, 1080, "yuv420p"
        track.gop_size, track.bit_rate = 30, 25_000_000
        track.options = {"preset": "ultrafast", "sc_threshold": "0"}
        if codec == "libx265":
            track.options = {"preset": "ultrafast", "x265-params": "log-level=none:scenecut=0"}
        for n in range(150):
            there = source[29 - abs(n % 58 - 29)]
            noisy = np.clip(there + grain[n % 3], 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(noisy, format="rgb24")
            frame.pts, frame.time_base = n, Fraction(1, 30)
            file.mux(track.encode(frame))
        file.mux(track.encode(None))
    return path


def _joined(target: Path, source: Path, count: int) -> Path:
    """The source so many times, one after another, its packets copied."""
    with av.open(str(source)) as read, av.open(str(target), "w") as made:
        tracks = {s.index: made.add_stream_from_template(s) for s in read.streams}
        length = Fraction(read.duration, av.time_base)
        for n in range(count):
            read.seek(0)
            for packet in read.demux():
                if packet.dts is None:
                    continue
                later = int(n * length / packet.time_base)
                packet.pts, packet.dts = packet.pts + later, packet.dts + later
                packet.stream = tracks[packet.stream.index]
                made.mux(packet)
    return target


def _memory(path: Path) -> float:
    """Peak memory of a process that looks at a take, in MB."""
    done = subprocess.run(
        [sys.executable, __file__, "--memory", str(path)], capture_output=True, check=True
    )
    return float(done.stdout)


def as_filmed() -> list[Row]:
    """Footage as its cameras wrote it, without a change."""
    lost = [f for s in FILMED for f in look(open_take([FOOTAGE / s])).faults if f.loses]
    return [row("faults that lose time in footage as it was filmed", len(lost), "", "== 0")]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer scenes; write no results")
    parser.add_argument("--cache", type=Path, help="keep the films there, and use them again")
    parser.add_argument("--development", type=Path, help="only faults, in the films of a folder")
    parser.add_argument("--only", choices=sorted(ROWS), help="the other rows stay as they are")
    parser.add_argument("--memory", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.memory:
        look(open_take([given.memory]))
        # Not ru_maxrss, which a process inherits from the one that started it.
        status = Path("/proc/self/status").read_text().splitlines()
        print(next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024)
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = given.cache or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        if given.development:
            sources = sorted(p for p in given.development.iterdir() if p.suffix == ".mp4")
            return tell(NAME, footage_faults.faults(sources, folder, must=False), kept=False)
        if given.only == "duplicates":
            return tell(NAME, _beside(given.only, duplicates()))
        if given.only:
            sources = [FOOTAGE / name for name in FILMED]
            found = footage_faults.faults(sources, folder, free=SMEARED)
            return tell(NAME, _beside(given.only, found))
        rows = measured(folder, given.quick)
    return tell(NAME, rows, kept=not given.quick)


def _beside(part: str, rows: list[Row]) -> list[Row]:
    """New rows in the place of those of the same part that were kept."""
    kept = json.loads((RESULTS / f"{NAME}.json").read_text())["rows"]
    old = [n for n, r in enumerate(kept) if r["name"].startswith(ROWS[part])]
    return [*kept[: old[0]], *rows, *kept[old[-1] + 1 :]]


def measured(folder: Path, quick: bool) -> list[Row]:
    """All figures; what is found so far is written as it is found."""
    sources = [FOOTAGE / name for name in (FILMED[:1] if quick else FILMED)]
    parts: list[Callable[[], list[Row]]] = [
        lambda: sound(folder), hands, stamps, gyro, duplicates, screens,
        lambda: footage_faults.faults(sources, folder, free=SMEARED), as_filmed,
        lambda: cost(folder, CODECS[:1] if quick else CODECS),
    ]  # fmt: skip
    rows: list[Row] = []
    for part in parts:
        rows += part()
        if not quick:
            keep(NAME, rows)
        print(rows[-1]["name"], round(time.process_time()), "s", file=sys.stderr, flush=True)
    return rows


if __name__ == "__main__":
    sys.exit(main())
