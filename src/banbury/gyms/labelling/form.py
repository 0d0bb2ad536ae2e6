"""Whether an answer has the right form: known labels, spans in the text, shapes in the image."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

from banbury.gyms.labelling.actions import Box, Point, Polygon, Result, Segment, TextSpan
from banbury.gyms.labelling.controls import Control, Inputs, Kind, Media, subject

MOST = 1000
"""Regions, relations or choices that one control may hold; a polygon's points count as well."""
LONGEST = 1_000_000
"""Characters that one text may hold."""
CONTROLS = 100
"""Results of an answer that is compared with another."""
_SLACK = 1e-6
_LATE = 0.1
"""Seconds by which a segment may end behind a length that was measured."""

Region = TextSpan | Box | Polygon | Point | Segment

PART: Mapping[Kind, str] = {
    "choice": "choices",
    "spans": "spans",
    "relations": "relations",
    "boxes": "boxes",
    "polygons": "polygons",
    "points": "points",
    "segments": "segments",
    "transcription": "text",
}
"""The part of a result that each kind of control fills."""


def faults(results: Mapping[str, Result], inputs: Inputs) -> dict[str, str]:
    """Return what is wrong with the form of an answer, by control; empty if nothing is."""
    known = {control.name for control in inputs.controls}
    found = {name[:80]: "the task has no such control" for name in results if name not in known}
    for control in inputs.controls:
        if said := next(_control(control, results, inputs), ""):
            found[control.name] = said
    return found


def _control(control: Control, results: Mapping[str, Result], inputs: Inputs) -> Iterator[str]:
    """Yield what is wrong with one control's result; the first thing is enough."""
    result = results.get(control.name)
    if result is None:
        if control.required:
            yield "it was not answered"
        return
    for part in result.__struct_fields__:
        if part != PART[control.kind] and getattr(result, part):
            yield f"it holds {part}, which a control of kind {control.kind} does not"
    regions = _regions(result)
    yield from _size(result, regions)
    of = subject(control, inputs)
    if control.kind == "choice":
        yield from _choices(control, result)
    elif control.kind == "transcription":
        if control.required and not result.text.strip():
            yield "the text is empty"
    elif control.kind == "relations":
        yield from _relations(control, result, results.get(of, Result()))
    else:
        yield from _labels((region.label for region in regions), control)
        yield from _names(regions)
        for number, region in enumerate(regions, start=1):
            if said := _inside(region, inputs.item.get(of, "")):
                yield f"no. {number} {said}"


def comparable(results: Mapping[str, Result]) -> bool:
    """Say whether an answer, of whatever form, is small enough to be compared with another.

    What it costs grows with the square of what the answer holds.
    """
    held = [(result, _regions(result)) for result in results.values()]
    things = sum(len(regions) + len(r.relations) + len(r.choices) for r, regions in held)
    letters = sum(len(r.text) + sum(len(s.text) for s in r.segments) for r, _ in held)
    fits = not any(said for r, regions in held for said in _size(r, regions))
    return fits and len(held) <= CONTROLS and things <= 5 * MOST and letters <= LONGEST


def _regions(result: Result) -> list[Region]:
    return [
        *result.spans,
        *result.boxes,
        *result.polygons,
        *result.points,
        *result.segments,
    ]


def _size(result: Result, regions: list[Region]) -> Iterator[str]:
    corners = sum(len(polygon.points) for polygon in result.polygons)
    held = len(regions) + len(result.choices) + len(result.relations)
    if held > MOST or corners > 20 * MOST:
        yield f"it holds more than {MOST} things or {20 * MOST} corners"
    letters = len(result.text) + sum(len(segment.text) for segment in result.segments)
    if letters > LONGEST:
        yield f"its texts are longer than {LONGEST} characters"


def _labels(said: Iterable[str], control: Control) -> Iterator[str]:
    for label in said:
        if label not in control.labels:
            yield f"{label[:80]!r} is none of its labels"


def _choices(control: Control, result: Result) -> Iterator[str]:
    yield from _labels(result.choices, control)
    if len(set(result.choices)) < len(result.choices):
        yield "a label is chosen twice"
    if not control.many and len(result.choices) > 1:
        yield "more than one label is chosen"
    if control.required and not control.many and not result.choices:
        yield "no label is chosen"


def _relations(control: Control, result: Result, spans: Result) -> Iterator[str]:
    yield from _labels((relation.label for relation in result.relations), control)
    known = {span.id for span in spans.spans if span.id}
    for relation in result.relations:
        for end in (relation.head, relation.tail):
            if end not in known:
                yield f"no span is named {end[:80]!r}"


def _names(regions: Iterable[Region]) -> Iterator[str]:
    named = [region.id for region in regions if region.id]
    if len(set(named)) < len(named):
        yield "two regions have the same id"


def _inside(region: Region, of: str | Media) -> str:
    """Return how a region lies outside of what it is about, "" if it does not."""
    if isinstance(region, TextSpan):
        length = len(of) if isinstance(of, str) else 0
        return "" if 0 <= region.start < region.end <= length else "is no stretch of the text"
    if isinstance(region, Segment):
        last = of.seconds if isinstance(of, Media) and of.seconds else math.inf
        held = 0.0 <= region.start < region.end <= last + _LATE and region.end < math.inf
        return "" if held else "is no stretch of the recording"
    if isinstance(region, Polygon):
        if len(region.points) < 3:
            return "has fewer than three corners"
        held = all(map(_fraction, (value for point in region.points for value in point)))
    elif isinstance(region, Point):
        held = _fraction(region.x) and _fraction(region.y)
    else:
        return _box(region)
    return "" if held else "lies outside of the image"


def _box(box: Box) -> str:
    if not (box.width > 0.0 and box.height > 0.0 and math.isfinite(box.rotation)):
        return "has no area"
    ends = (box.x, box.y) if box.rotation else (box.x, box.y, box.x + box.width, box.y + box.height)
    held = all(map(_fraction, (*ends, box.width, box.height)))
    return "" if held else "lies outside of the image"


def _fraction(value: float) -> bool:
    return -_SLACK <= value <= 1.0 + _SLACK
