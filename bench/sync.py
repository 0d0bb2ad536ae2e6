"""How well cameras are synchronized: derived from real footage, with known truth.

Related: scenes heard by four cameras each, with random offsets, drifts of 5 to 60 ppm either way,
noise of their own at 0 to 20 dB, echoes, microphones, AAC; of half the scenes one camera loses a
block or its clock steps. Unrelated: bench/strangers.py. Errors are the worst over all
time that the answer covers, half a second about a true jump left out; how much about a jump it
leaves open is told in rows of its own. Half the cameras' noise is at 0 dB exactly. Long: five
hours, joined from parts of ten-minute scenes.

The footage is tests/footage and what `--footage` names. The published figures are with five more
files: media/{rain.mp3,big_buck_bunny_0_30.webm,chaplin.mp4,video_with_failing_audio.mp4} of
Zulko/moviepy 7ffa4f00, and samples/max-heromode.mp4 of gopro/gpmf-parser 9a715063.

Run: make bench NAME=sync                    (about 15 minutes on one core)
     python bench/sync.py --quick            (under a minute; writes no results)
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import combinations
from multiprocessing import Pool
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from banbury.gyms.capture.media import open_take
from banbury.gyms.capture.sync import Pairing, pair
from banbury.gyms.capture.sync.camera import Camera as Heard
from banbury.gyms.capture.sync.grouping import grouped
from banbury.gyms.capture.sync.pairing import paired
from cameras import RATE, Camera, Jump, Sounds, film, join, scene, sounds
from figures import RESULTS, Row, row, tell
from peers import python
from strangers import POOLS, takes

ROOT = Path(__file__).parents[1]
SCENES, VIEWS, SECONDS = 34, 4, 70.0
BLOCKS, BLOCK_S, SLOTS, PARTS = 8, 600, 30, 20
PEERS = {
    "audio-offset-finder 0.5.5": ("audio-offset-finder==0.5.5", "audio_offset_finder"),
    "syncstart 1.1.1": ("syncstart==1.1.1", "syncstart"),
}
PEER_PAIRS = 12
Found = tuple[Camera, Camera, Pairing]


def world(
    sounds: Sounds, number: int, folder: Path, rng: np.random.Generator
) -> list[Camera]:  # fmt: skip
    """One scene's cameras: of every third they come and go at very different times."""
    wide = number % 3 == 2
    heard = scene(sounds, SECONDS + (38 if wide else 12), rng)
    chosen = int(rng.integers(VIEWS)) if number % 2 == 0 and not wide else -1
    made = []
    for n in range(VIEWS):
        by = float(rng.choice([-1, 1]) * 10 ** rng.uniform(np.log10(0.02), np.log10(3)))
        made.append(film(
            heard, folder / f"{number}-{n}.m4a", float(rng.uniform(0, 34 if wide else 8)),
            SECONDS, rng, ppm=float(rng.choice([-1, 1]) * rng.uniform(2.5, 30)),
            snr_db=0.0 if n % 2 == 0 else float(rng.uniform(0, 20)),
            jump=Jump(float(rng.uniform(30, 58)), by) if n == chosen else None,
        ))  # fmt: skip
    return made


def error_ms(a: Camera, b: Camera, found: Pairing) -> float:
    """The worst error over the common time, away from jumps, in ms."""
    near = [a.at(c.jump.at_s + e) for c in (a, b) if c.jump for e in (-1e-6, 1e-6)]
    worst = 0.0
    for piece in found.pieces:
        for t in np.linspace(piece.start_s, piece.end_s, 400):
            true = b.at(a.scene(float(t)))
            if all(abs(t - at) > 0.5 for at in near) and 0 <= true <= b.seconds:
                worst = max(worst, 1e3 * abs(piece.at(float(t)) - true))
    return worst


def common_s(a: Camera, b: Camera) -> float:
    starts, ends = (f(c.start_s + k for c, k in ((a, x), (b, y)))
                    for f, x, y in ((max, 0.0, 0.0), (min, a.seconds, b.seconds)))  # fmt: skip
    return float(ends - starts)


def drift_ppm(a: Camera, b: Camera) -> float:
    return ((1 + b.ppm * 1e-6) / (1 + a.ppm * 1e-6) - 1) * 1e6


class Told(NamedTuple):
    """What one scene brought: pairs, what loops leave open, and CPU and other seconds."""

    found: list[Found]
    loops: list[float]
    spent: dict[str, float]


def related(sounds: Sounds, scenes: int, folder: Path, given: argparse.Namespace) -> Told:
    """Synchronize all pairs of all scenes."""
    jobs = [(sounds, n, folder, np.random.default_rng([given.seed, n])) for n in range(scenes)]
    whole = Told([], [], dict.fromkeys(("decoding", "pairs", "sound", "common"), 0.0))
    with Pool(given.jobs) as pool:
        for n, told in enumerate(pool.imap(_scene, jobs)):
            whole.found.extend(told.found)
            whole.loops.extend(told.loops)
            for key, value in told.spent.items():
                whole.spent[key] += value
            say(f"scene {n + 1} of {scenes}")
    return whole


def _scene(given: tuple[Sounds, int, Path, np.random.Generator]) -> Told:
    cameras = world(*given)
    begun = time.process_time()
    heard = [Heard(open_take([c.path])) for c in cameras]
    decoded = time.process_time()
    pairs = {(i, j): paired(heard[i], heard[j], thorough=False)
             for i, j in combinations(range(VIEWS), 2)}  # fmt: skip
    spent = {"decoding": decoded - begun, "pairs": time.process_time() - decoded,
             "sound": sum(c.seconds for c in cameras)}  # fmt: skip
    loops = [x.error_ms for x in grouped(pairs, [c.seconds for c in cameras]).loops]
    for one in heard:
        one.close()
    found = [(cameras[i], cameras[j], p) for (i, j), p in pairs.items()]
    spent["common"] = sum(common_s(a, b) for a, b, _ in found)
    return Told(found, loops, spent)


def related_rows(found: list[Found], loops: list[float]) -> Iterator[Row]:
    good = [f for f in found if f[2].verdict == "synchronized"]
    yield row("related pairs", len(found), "", f">= {200 if len(found) > 100 else 1}")
    refused = 100 * sum(p.verdict == "refused" for *_, p in found) / len(found)
    disputed = 100 * sum(p.verdict == "disputed" for *_, p in found) / len(found)
    yield row("related pairs refused", refused, "%", "<= 2")
    yield row("related pairs disputed", disputed, "%")
    errors = [error_ms(*f) for f in good]
    yield row("worst error over the take, worst pair", max(errors), "ms", "<= 0.25")
    yield row("worst error over the take, median pair", float(np.median(errors)), "ms")
    zero = [e for e, (a, b, _) in zip(errors, good, strict=True) if a.snr_db == b.snr_db == 0]
    yield row("worst error over the take, both at 0 dB", max(zero, default=np.nan), "ms", "<= 0.25",
              pairs=len(zero))  # fmt: skip
    long = [(p.drift_ppm - drift_ppm(a, b), p, drift_ppm(a, b)) for a, b, p in good
            if common_s(a, b) >= 60 and not a.jump and not b.jump]  # fmt: skip
    yield row("drift, worst error from 60 s on", max(abs(d) for d, *_ in long), "ppm", "<= 1",
              pairs=len(long))  # fmt: skip
    told = [p.drift_low <= true <= p.drift_high for _, p, true in long if p.drift_low is not None]
    yield row("drift told from 60 s on", 100 * len(told) / len(long), "%")
    yield row("true drift in its 95 % interval", 100 * float(np.mean(told)), "%")
    yield row("loops of three, worst", max(map(abs, loops)), "ms", loops=len(loops))
    yield from jump_rows(good)


def jump_rows(good: list[Found]) -> Iterator[Row]:
    jumped, places, spans, inside, false = [], [], [], [], 0
    for a, b, p in good:
        moving = b if b.jump else a
        if moving.jump is None:
            false += len(p.jumps)
            continue
        at = a.at(moving.jump.at_s - 1e-6)
        by = moving.jump.by_s if moving is b else -moving.jump.by_s
        hits = [j for j in p.jumps if abs(j.at_s - at) < 2 and abs(j.by_s - by) < 1e-3]
        jumped.append(bool(hits))
        false += len(p.jumps) - len(hits)
        places += [abs(j.at_s - at) for j in hits]
        spans += [j.high_s - j.low_s for j in hits]
        inside += [j.low_s - 0.05 <= at <= j.high_s + 0.05 for j in hits]
    if jumped:
        share = 100 * float(np.mean(jumped))
        yield row("clock steps and drops found", share, "%", ">= 95", pairs=len(jumped))
        yield row("where they are, median error", 1e3 * float(np.median(places)), "ms")
        yield row("where they are, 95th percentile", 1e3 * float(np.quantile(places, 0.95)), "ms")
        yield row("the true moment in its span", 100 * float(np.mean(inside)), "%")
        yield row("span left open about one, median", float(np.median(spans)), "s")
        yield row("span left open about one, 95th percentile", float(np.quantile(spans, 0.95)), "s")
    yield row("jumps found where there was none", false)


def unrelated_rows(
    sounds: Sounds, folder: Path, given: argparse.Namespace, share: float
) -> Iterator[Row]:
    total = np.zeros(3, int)
    jobs = [(sounds, folder, given.seed, name, share) for name in POOLS]
    with Pool(given.jobs) as pool:
        for name, told in zip(POOLS, pool.imap(_strangers, jobs, chunksize=1), strict=True):
            total += told
            count, good, doubt = told
            yield row(f"unrelated, {name}: accepted", good, pairs=count, disputed=doubt)
            say(f"unrelated, {name}: {good} of {count}")
    count, accepted, disputed = (int(n) for n in total)
    yield row("unrelated pairs", count, "", f">= {3000 if share == 1 else 1}")
    yield row("unrelated pairs accepted", accepted, "", "== 0")
    yield row("unrelated pairs put before a person", disputed)


def _strangers(given: tuple[Sounds, Path, int, str, float]) -> tuple[int, int, int]:
    """Of one pool: pairs, accepted, disputed."""
    sounds, folder, seed, name, share = given
    rng = np.random.default_rng([seed, 1000, list(POOLS).index(name)])
    heard = [Heard(open_take([f])) for f in takes(name, sounds, folder, rng, share)]
    said = [paired(a, b, thorough=False).verdict for a, b in combinations(heard, 2)]
    for one in heard:
        one.close()
    return len(said), said.count("synchronized"), said.count("disputed")


def speed_rows(told: Told) -> Iterator[Row]:
    """A pair decodes two takes and compares them once."""
    spent = told.spent
    yield row("decoding and flattening a take", spent["sound"] / spent["decoding"], "x real time")
    yield row("comparing two decoded takes", spent["common"] / spent["pairs"], "x real time")
    cpu = 2 * spent["decoding"] / spent["sound"] * SECONDS + spent["pairs"] / len(told.found)
    yield row("a pair with decoding, one core", SECONDS / cpu, "x real time", ">= 100")


def peer_rows(found: list[Found]) -> Iterator[Row]:
    """The same files under others, which give one offset and no drift."""
    fair = [f for f in found if not f[0].jump and not f[1].jump and f[2].pieces]
    chosen = fair[:: max(1, len(fair) // PEER_PAIRS)][:PEER_PAIRS]
    ours = [error_ms(*f) for f in chosen]
    lines = "\n".join(json.dumps([str(a.path), str(b.path), SECONDS]) for a, b, _ in chosen)
    yield row("the peers' pairs, ours: worst error, median", float(np.median(ours)), "ms",
              pairs=len(chosen))  # fmt: skip
    yield row("the peers' pairs, ours: worst error, worst", max(ours), "ms")
    for name, (spec, word) in PEERS.items():
        try:
            inside = python(spec, "imageio-ffmpeg==0.8.1")
            done = subprocess.run(
                [str(inside), str(ROOT / "bench/peers/offsets.py"), word],
                input=lines, capture_output=True, text=True, check=True,
            )  # fmt: skip
        except (RuntimeError, subprocess.CalledProcessError) as error:
            yield row(f"peer {name}: {error}", float("nan")) | {"value": None}
            continue
        said = [json.loads(line) for line in done.stdout.splitlines()]
        errors = [_peer_ms(a, b, s["offset_s"]) for (a, b, _), s in zip(chosen, said, strict=True)
                  if "offset_s" in s]  # fmt: skip
        near = [e for e in errors if e < 100]
        yield row(f"peer {name}: worst error, median", float(np.median(errors)), "ms",
                  answers=len(errors))  # fmt: skip
        yield row(f"peer {name}: within 100 ms", 100 * len(near) / len(chosen), "%")
        if near:
            yield row(f"peer {name}: worst error, worst of these", max(near), "ms")
        cpu = float(np.median([s["cpu_s"] for s in said[1:]]))
        yield row(f"peer {name}: speed", SECONDS / cpu, "x real time")


def _peer_ms(a: Camera, b: Camera, offset_s: float) -> float:
    """The worst error of one offset over the common time."""
    starts = max(a.start_s, b.start_s)
    ends = min(a.start_s + a.seconds, b.start_s + b.seconds)
    return max(1e3 * abs(offset_s - (b.at(s) - a.at(s))) for s in (starts, ends))


class Long(NamedTuple):
    """Five hours of two cameras: t on b's clock = offset_s + (1 + ppm * 1e-6) * t on a's."""

    a: Path
    b: Path
    seconds: float
    offset_s: float
    ppm: float


def five_hours(sounds: Sounds, folder: Path, seed: int, jobs: int, slots: int = SLOTS) -> Long:
    """Join a pair: b has one packet more in ten minutes, so its clock runs evenly.

    Each half minute comes from one of BLOCKS scenes, so that no two stretches of minutes are alike.
    """
    packets = BLOCK_S * RATE // 1024
    with Pool(jobs) as pool:
        blocks = [(sounds, folder, seed, n, packets) for n in range(BLOCKS)]
        made = list(pool.imap(_block, blocks))
    paths = {"a": [a for a, _ in made], "b": [b for _, b in made]}
    rng = np.random.default_rng([seed, 2000])
    order = rng.integers(0, BLOCKS, (slots, PARTS)).tolist()
    joined = {}
    for name, drop in (("a", 0), ("b", 500)):
        joined[name] = folder / f"long-{name}.m4a"
        seconds = join(paths[name], order, drop, joined[name])
    return Long(joined["a"], joined["b"], seconds, -500 * 1024 / RATE, 1e6 / packets)


def long_rows(sounds: Sounds, folder: Path, given: argparse.Namespace) -> Iterator[Row]:
    """Five hours, joined."""
    a, b, seconds, offset, ppm = five_hours(sounds, folder, given.seed, given.jobs)
    told = subprocess.run(
        [sys.executable, __file__, "--one", str(a), str(b)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    said: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    times = np.linspace(30, seconds - 30, 500)
    pieces = said["pieces"]
    errors = [abs(p["offset_s"] + p["drift_ppm"] * 1e-6 * t - offset - ppm * 1e-6 * t)
              for t in times for p in pieces if p["start_s"] <= t <= p["end_s"]]  # fmt: skip
    yield row("five hours: pieces, 0 if refused", len(pieces), said["verdict"])
    yield row("five hours: worst error over the take", 1e3 * max(errors, default=np.nan), "ms",
              "<= 0.25")  # fmt: skip
    yield row("five hours: with decoding, one core", seconds / said["cpu_s"], "x real time",
              ">= 100")  # fmt: skip
    yield row("five hours: peak memory", said["mb"], "MB", "<= 1000")


def _block(given: tuple[Sounds, Path, int, int, int]) -> tuple[Path, Path]:
    """Ten minutes of one scene by both cameras."""
    sounds, folder, seed, number, packets = given
    rng = np.random.default_rng([seed, 3000, number])
    paths = (folder / f"long-a-{number}.m4a", folder / f"long-b-{number}.m4a")
    if all(path.exists() for path in paths):
        return paths
    heard = scene(sounds, BLOCK_S + 1, rng)
    for path, drift, count in ((paths[0], 0.0, packets), (paths[1], 1e6 / packets, packets + 1)):
        film(heard, path, 0.0, count * 1024 / RATE, rng, ppm=drift, snr_db=5.0)
    say(f"block {number + 1} of {BLOCKS}")
    return paths


def one(a: Path, b: Path) -> None:
    """Synchronize two files in this process and say what it cost."""
    begun = time.process_time()
    found = pair(open_take([a]), open_take([b]))
    cpu = time.process_time() - begun
    mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pieces = [{k: getattr(p, k) for k in p.__struct_fields__} for p in found.pieces]
    print(json.dumps({"verdict": found.verdict, "reasons": found.reasons, "cpu_s": cpu,
                      "mb": mb, "pieces": pieces}))  # fmt: skip


def say(line: str) -> None:
    sys.stderr.write(f"\r{line:<70}")
    sys.stderr.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--footage", type=Path, action="append", default=[])
    parser.add_argument("--one", type=Path, nargs=2)
    parser.add_argument("--jobs", type=int, default=1, help="processes; CPU time is measured")
    parser.add_argument("--only", choices=["related", "unrelated", "long"])
    given = parser.parse_args()
    if given.one:
        one(*given.one)
        return 0
    heard = sounds([ROOT / "tests/footage", *given.footage])
    rows = [row("footage", sum(map(len, heard.values())) / RATE, "s of sound", files=len(heard),
                seed=given.seed)]  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if given.only in (None, "related"):
            told = related(heard, 3 if given.quick else SCENES, folder, given)
            rows += [*related_rows(told.found, told.loops), *speed_rows(told)]
            if not given.quick:
                rows += peer_rows(told.found)
        if given.only in (None, "unrelated"):
            rows += unrelated_rows(heard, folder, given, 0.05 if given.quick else 1.0)
        if given.only in (None, "long") and not given.quick:
            rows += long_rows(heard, folder, given)
    say("")
    if given.quick:
        return tell("sync", rows, kept=False)
    return tell("sync", [*_kept(rows), *rows] if given.only else rows)


def _kept(rows: list[Row]) -> list[Row]:
    """The rows of earlier parts."""
    path = RESULTS / "sync.json"
    names = {r["name"] for r in rows}
    before = json.loads(path.read_text())["rows"] if path.exists() else []
    return [r for r in before if r["name"] not in names]


if __name__ == "__main__":
    raise SystemExit(main())
