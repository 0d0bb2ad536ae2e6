"""How well each control's result fits the gold one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from banbury.gyms.labelling import matching, words
from banbury.gyms.labelling.actions import Box, Point, Polygon, Result, Segment, TextSpan
from banbury.gyms.labelling.controls import Control, Inputs, Media, subject
from banbury.gyms.labelling.shapes import distances, overlaps

NEAR = 0.5
"""The least IoU of a shape or segment that counts as found."""
NEAR_POINT = 0.03
"""The largest distance of a point that counts as found, as a fraction of the image."""

Scores = dict[str, float]
"""By name: "" for the score itself, others for what else is measured; each in [0, 1]."""


def score(
    control: Control,
    inputs: Inputs,
    results: Mapping[str, Result],
    gold: Mapping[str, Result],
) -> Scores:
    """Return the score of one control, with what else was measured of it.

    - `choice`: 1 where exactly the gold labels are chosen, else 0; `jaccard`.
    - `spans`: F1 of spans with the gold's ends and label; `overlap`: F1 of those that share at
      least one code point with one of the same label.
    - `relations`: F1 of relations with the gold's label and ends.
    - `boxes`, `polygons`, `segments`: F1 of those matched one to one with an IoU of at least
      `near`; `iou`: mean of the matched ones. With words asked for, the score is at most 1 minus
      their word error rate; `words`.
    - `points`: F1 of those matched within `near`; `distance`: mean of the matched ones.
    - `transcription`: 1 minus the word error rate.
    """
    found, there = results.get(control.name, Result()), gold[control.name]
    if control.kind == "choice":
        return _choice(found.choices, there.choices)
    if control.kind == "spans":
        return _spans(found.spans, there.spans)
    if control.kind == "relations":
        of = subject(control, inputs)
        ends = [
            _joined(one, many.get(of, Result())) for one, many in ((found, results), (there, gold))
        ]
        hits = matching.same(*ends)
        return {"": matching.f1(hits, len(ends[0]), len(ends[1]))}
    if control.kind == "segments":
        return _segments(control, found.segments, there.segments)
    if control.kind == "points":
        return _points(control, found.points, there.points)
    if control.kind == "transcription":
        return {"": 1.0 - words.error_rate(found.text, there.text)}
    aspect = _aspect(inputs.item.get(subject(control, inputs), ""))
    if control.kind == "boxes":
        return _shapes(control, found.boxes, there.boxes, aspect)
    return _shapes(control, found.polygons, there.polygons, aspect)


def _choice(found: Sequence[str], there: Sequence[str]) -> Scores:
    a, b = set(found), set(there)
    jaccard = len(a & b) / len(a | b) if a | b else 1.0
    return {"": float(a == b), "jaccard": jaccard}


def _spans(found: Sequence[TextSpan], there: Sequence[TextSpan]) -> Scores:
    strict = [[(s.start, s.end, s.label) for s in spans] for spans in (found, there)]
    hits = matching.same(*strict)
    alike = matching.stretches([(s.start, s.end) for s in found], [(s.start, s.end) for s in there])
    alike = matching.labelled(alike, [s.label for s in found], [s.label for s in there])
    shared = len(matching.best((alike > 0).astype(np.float64), 1.0).pairs)
    return {
        "": matching.f1(hits, len(found), len(there)),
        "overlap": matching.f1(shared, len(found), len(there)),
    }


def _joined(result: Result, spans: Result) -> list[tuple[object, ...]]:
    """Return relations with the spans themselves in the place of their ids."""
    held = {s.id: (s.start, s.end, s.label) for s in spans.spans if s.id}
    return [(held.get(r.head), held.get(r.tail), r.label) for r in result.relations]


def _shapes(
    control: Control,
    found: Sequence[Box | Polygon],
    there: Sequence[Box | Polygon],
    aspect: float,
) -> Scores:
    alike = overlaps(found, there, aspect)
    alike = matching.labelled(alike, [s.label for s in found], [s.label for s in there])
    match = matching.best(alike, control.near or NEAR)
    return {
        "": matching.f1(len(match.pairs), len(found), len(there)),
        "iou": float(np.mean(match.alike)) if match.alike else 0.0,
    }


def _points(control: Control, found: Sequence[Point], there: Sequence[Point]) -> Scores:
    near = control.near or NEAR_POINT
    apart = distances(found, there)
    alike = np.where(apart <= near, 1.0 - apart / (2.0 * near), 0.0)
    alike = matching.labelled(alike, [p.label for p in found], [p.label for p in there])
    pairs = matching.best(alike, 0.5).pairs
    return {
        "": matching.f1(len(pairs), len(found), len(there)),
        "distance": float(np.mean([apart[pair] for pair in pairs])) if pairs else 1.0,
    }


def _segments(control: Control, found: Sequence[Segment], there: Sequence[Segment]) -> Scores:
    alike = matching.stretches([(s.start, s.end) for s in found], [(s.start, s.end) for s in there])
    alike = matching.labelled(alike, [s.label for s in found], [s.label for s in there])
    match = matching.best(alike, control.near or NEAR)
    f1 = matching.f1(len(match.pairs), len(found), len(there))
    out = {"": f1, "iou": float(np.mean(match.alike)) if match.alike else 0.0}
    if control.text:
        out["words"] = _spoken(found, there, match)
        out[""] = min(f1, out["words"])
    return out


def _spoken(found: Sequence[Segment], there: Sequence[Segment], match: matching.Match) -> float:
    """Return 1 minus the word error rate over all gold segments; an unmatched one is all wrong."""
    said = {there_: found[found_].text for found_, there_ in match.pairs}
    counts = [max(1, len(words.plain(segment.text).split())) for segment in there]
    wrong = [
        words.error_rate(said[i], segment.text) * count if i in said else count
        for i, (segment, count) in enumerate(zip(there, counts, strict=True))
    ]
    return max(0.0, 1.0 - sum(wrong) / sum(counts)) if counts else 1.0


def _aspect(of: str | Media) -> float:
    held = isinstance(of, Media) and of.width > 0 and of.height > 0
    return of.height / of.width if isinstance(of, Media) and held else 1.0
