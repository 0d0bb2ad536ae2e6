"""Faults made in real footage, and honest footage: what is found, and what is taken by mistake.

Each scene is played at its own pace, there and back, for some minutes. In the first film it is as
it was filmed, with a fault of each kind now and then, in an order and at times drawn by chance. In
the second a head looks about in it: rests, turns with the smear of a shutter, the sway of steps;
there part of the lens is covered now and then. All else is honest: no second of it may be taken.

A second counts as found where a fault of that kind covers its middle. An honest second lies 1 s and
more before any fault that was made, and 2 s and more after it.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from tests.gyms.capture.quality import altering as alter

from banbury.gyms.capture.media import open_take
from banbury.gyms.capture.quality import Fault, look
from figures import Row, row

Image = np.ndarray
SIZE, FASTEST, FEW = (640, 360), 30, 15
LOSING = {"blur", "dark", "bright", "shake", "frozen", "covered"}
ZOOM = 1.3
"""What a head sees is the scene without its edges, so that it can look about."""


@dataclass(frozen=True)
class Made:
    """A fault that is made: its kind, how, for how long, and how much of it must be found."""

    name: str
    kind: str
    alter: Callable[[], alter.Alter]
    must: str | None = None
    seconds: float = 5.0


FAULTS = [
    Made("blur, sigma 1 px of 640", "blur", lambda: alter.blurred(1.0)),
    Made("blur, sigma 2 px of 640", "blur", lambda: alter.blurred(2.0)),
    Made("blur, sigma 3 px of 640", "blur", lambda: alter.blurred(3.0), ">= 0.95"),
    Made("smear of 16 px of 640", "blur", lambda: alter.smeared(16), ">= 0.95"),
    Made("light x 0.25", "dark", lambda: alter.lit(0.25)),
    Made("light x 0.12", "dark", lambda: alter.lit(0.12), ">= 0.95"),
    Made("light x 2", "bright", lambda: alter.lit(2.0)),
    Made("light x 4", "bright", lambda: alter.lit(4.0)),
    Made("shaking by 0.5 % of the width", "shake", lambda: alter.shaken(0.005)),
    Made("shaking by 1 % of the width", "shake", lambda: alter.shaken(0.01)),
    Made("shaking by 2 % of the width", "shake", lambda: alter.shaken(0.02), ">= 0.8"),
    Made("frozen for 5 s", "frozen", alter.frozen, ">= 0.8"),
    Made("hand on the lens, dark", "covered", lambda: alter.covered(12), ">= 0.95"),
    Made("hand on the lens, light", "covered", lambda: alter.covered(70), ">= 0.95"),
]
PARTLY = [
    Made("a third of the lens covered, dark, 10 s", "covered",
         lambda: alter.fingered(0.33, 12, "left"), ">= 0.8", 10.0),
    Made("a third of the lens covered, skin, 10 s", "covered",
         lambda: alter.fingered(0.33, 45, "top"), None, 10.0),
    Made("a sixth of the lens covered, dark, 10 s", "covered",
         lambda: alter.fingered(0.17, 12, "left"), None, 10.0),
]  # fmt: skip


@dataclass(frozen=True)
class Placed:
    """A fault in a film, from when to when."""

    made: Made
    start_s: float

    @property
    def end_s(self) -> float:
        return self.start_s + self.made.seconds


def faults(
    sources: list[Path], folder: Path, *, free: tuple[str, ...] = (), must: bool = True
) -> list[Row]:
    """Seconds found of each fault, and honest seconds that a fault took.

    Args:
        sources: real footage.
        folder: where the films are made, and found again.
        free: names of sources that are smeared themselves, of which nothing honest is asked.
        must: whether something is asked for.
    """
    found: dict[str, list[float]] = {m.name: [] for m in [*FAULTS, *PARTLY]}
    slow: dict[str, list[float]] = {}
    honest: dict[str, list[float]] = {}
    for number, source in enumerate(sources):
        for word, kinds, moved in (("as filmed", FAULTS, False), ("on a head", PARTLY, True)):
            path, plan, seconds = film(folder, source, kinds, number, head=moved)
            taken = [f for f in look(open_take([path])).faults if f.kind in LOSING]
            for one in plan:
                # Between few pictures a second a head moves as far as shaking does.
                few = one.made.kind == "shake" and pace(source) < FEW
                into = slow.setdefault(one.made.name, []) if few else found[one.made.name]
                into += hits(one, taken)
            name = f"honest seconds that a fault takes, {source.name} {word}"
            honest[name] = [_covered(t, [f for f in taken if f.loses])
                            for t in _untouched(plan, seconds)]  # fmt: skip
    rows = [row(f"seconds found: {m.name}", float(np.mean(found[m.name])), "share",
                m.must if must else None, n=len(found[m.name]))
            for m in [*FAULTS, *PARTLY]]  # fmt: skip
    rows += [row(f"seconds found: {name}, under {FEW} pictures a second", float(np.mean(told)),
                 "share", n=len(told)) for name, told in slow.items()]  # fmt: skip
    for name, told in honest.items():
        asked = must and not any(word in name for word in free)
        rows.append(row(name, float(np.mean(told)), "share", "<= 0.02" if asked else None,
                        n=len(told)))  # fmt: skip
    return rows


def hits(one: Placed, taken: list[Fault]) -> list[float]:
    """For each second of a fault whether one of its kind covers its middle."""
    kinds = {"dark", "covered"} if one.made.kind == "dark" else {one.made.kind}
    of_kind = [f for f in taken if f.kind in kinds]
    return [_covered(one.start_s + k + 0.5, of_kind) for k in range(int(one.made.seconds))]


def _covered(t: float, taken: list[Fault]) -> float:
    return float(any(f.start_s <= t <= f.end_s for f in taken))


def _untouched(plan: list[Placed], seconds: float) -> list[float]:
    middles = [k + 0.5 for k in range(int(seconds))]
    return [t for t in middles if not any(p.start_s - 1 < t < p.end_s + 2 for p in plan)]


def film(
    folder: Path, source: Path, kinds: list[Made], seed: int, *, head: bool
) -> tuple[Path, list[Placed], float]:
    """Make a film with faults, or find it where it was made before; where they are; its length."""
    rng = np.random.default_rng([seed, int(head)])
    plan, at = [], 4.0
    for n in rng.permutation(len(kinds) * (2 if head else 1)):
        made = kinds[n % len(kinds)]
        plan.append(Placed(made, at))
        at += made.seconds + float(rng.uniform(6.0, 9.0))
    said = f"{source.name} {source.stat().st_size} {head} {ZOOM} {plan[0].start_s}"
    code = Path(__file__).read_bytes() + Path(alter.__file__).read_bytes()
    key = hashlib.sha256(said.encode() + code).hexdigest()[:16]
    target = folder / f"{source.stem}-{key}.mp4"
    if not target.exists():
        draft = target.with_suffix(".part.mp4")
        rate = pace(source)
        alter.code(draft, _pictures(source, plan, at, rng, head, rate), SIZE, rate)
        draft.rename(target)
    return target, plan, at


def _pictures(
    source: Path,
    plan: list[Placed],
    seconds: float,
    rng: np.random.Generator,
    head: bool,
    rate: int,
) -> Iterator[Image]:
    scene = list(paced(source, SIZE if not head else (832, 468), rate))
    seen = alter.Head(seconds, rng) if head else None
    makers = [(p, p.made.alter()) for p in plan]
    there = alter.there_and_back(scene)
    for n in range(round(seconds * rate)):
        image, t = next(there), n / rate
        image = seen.see(image, t, SIZE) if seen else image
        for placed, made in makers:
            if placed.start_s <= t < placed.end_s:
                image = made(image, t)
        yield image


def pace(source: Path) -> int:
    """Return how many pictures a second real footage has, at most 30."""
    with av.open(str(source)) as file:
        return min(FASTEST, round(float(file.streams.video[0].average_rate)))


def paced(source: Path, size: tuple[int, int], rate: int, most: int = 360) -> Iterator[Image]:
    """Yield the pictures of real footage as they stand so often a second, the middle in 16:9."""
    with av.open(str(source)) as file:
        stream = file.streams.video[0]
        due, last = Fraction(0), None
        for frame in file.decode(stream):
            t = Fraction(frame.pts) * stream.time_base
            while last is not None and due < t and most:
                yield last
                due, most = due + Fraction(1, rate), most - 1
            due = t if last is None else due
            image = frame.to_ndarray(format="rgb24")
            high, wide = image.shape[:2]
            tall, broad = min(high, wide * 9 // 16), min(wide, high * 16 // 9)
            top, left = (high - tall) // 2, (wide - broad) // 2
            part = image[top : top + tall, left : left + broad]
            last = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
