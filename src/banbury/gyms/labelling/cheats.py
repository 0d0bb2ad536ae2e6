"""Ways to cheat at labelling, made from what a task shows."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

from banbury.gyms.labelling.actions import Box, Label, Point, Polygon, Result, Segment, TextSpan
from banbury.gyms.labelling.controls import Control, Inputs, Media, subject
from banbury.gyms.labelling.form import MOST

_FRAME = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
_STEPS = 12


def cheats(inputs: Inputs) -> Mapping[str, Sequence[Label]]:
    """Return named answers that nobody who looked would give."""
    return {
        "no result": (Label({}),),
        "empty results": (Label({control.name: Result() for control in inputs.controls}),),
        "one over everything": (_each(inputs, _over),),
        "every label over everything": (_each(inputs, _all_over),),
        "every label everywhere": (_each(inputs, _everywhere),),
    }


def _each(inputs: Inputs, make: Callable[[Control, str | Media], Result]) -> Label:
    return Label(
        {c.name: make(c, inputs.item.get(subject(c, inputs), "")) for c in inputs.controls}
    )


def _over(control: Control, of: str | Media) -> Result:
    return _covering(control, of, control.labels[:1])


def _all_over(control: Control, of: str | Media) -> Result:
    return _covering(control, of, control.labels)


def _covering(control: Control, of: str | Media, labels: Sequence[str]) -> Result:
    """Return one region over the whole item for each of the labels."""
    text = of if isinstance(of, str) else ""
    seconds = of.seconds if isinstance(of, Media) else 0.0
    if control.kind == "choice":
        return Result(control.labels)
    if control.kind == "spans":
        return Result(spans=tuple(TextSpan(0, len(text), x) for x in labels))
    if control.kind == "boxes":
        return Result(boxes=tuple(Box(0.0, 0.0, 1.0, 1.0, x) for x in labels))
    if control.kind == "polygons":
        return Result(polygons=tuple(Polygon(_FRAME, x) for x in labels))
    if control.kind == "points":
        return Result(points=tuple(Point(0.5, 0.5, x) for x in labels))
    if control.kind == "segments":
        return Result(segments=tuple(Segment(0.0, seconds, x, "all") for x in labels))
    if control.kind == "transcription":
        return Result(text=text or " ".join(labels) or "words")
    return Result()


def _everywhere(control: Control, of: str | Media) -> Result:
    """Return a raster of regions, each with every label."""
    text = of if isinstance(of, str) else ""
    seconds = of.seconds if isinstance(of, Media) else 0.0
    labels = control.labels[: MOST // _STEPS**2]
    if control.kind == "spans":
        words = list(_words(text))[: MOST // max(1, len(labels))]
        return Result(spans=tuple(TextSpan(a, b, x) for a, b in words for x in labels))
    if control.kind == "points":
        return Result(points=tuple(Point(x, y, label) for x, y in _raster() for label in labels))
    if control.kind == "boxes":
        side = 1 / _STEPS
        boxes = (Box(x, y, side, side, label) for x, y in _raster() for label in labels)
        return Result(boxes=tuple(boxes))
    if control.kind == "segments":
        ends = [seconds * i / _STEPS for i in range(_STEPS + 1)]
        pairs = [(a, b) for a, b in itertools.pairwise(ends) if b > a]
        return Result(segments=tuple(Segment(a, b, x, "1") for a, b in pairs for x in labels))
    return _all_over(control, of)


def _raster() -> Iterator[tuple[float, float]]:
    for row in range(_STEPS):
        for column in range(_STEPS):
            yield column / _STEPS, row / _STEPS


def _words(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for word in text.split():
        start = text.index(word, at)
        at = start + len(word)
        yield start, at
