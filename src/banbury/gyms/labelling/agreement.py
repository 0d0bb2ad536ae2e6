"""How far two answers to one task lie apart, by control."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from banbury.gyms.labelling import matching, words
from banbury.gyms.labelling.actions import Label, Point, Result
from banbury.gyms.labelling.form import comparable
from banbury.gyms.labelling.matching import Matrix
from banbury.gyms.labelling.scores import NEAR_POINT
from banbury.gyms.labelling.shapes import distances as apart
from banbury.gyms.labelling.shapes import overlaps


def distances(a: Label, b: Label) -> dict[str, float]:
    """Return the distance of two answers by control, in [0, 1].

    Choices are nominal: 0 where the same labels are chosen, else 1. For relations it is 1 minus
    the F1 of those with equal ends and label. Spans, boxes, polygons and segments: 1 minus the
    mean IoU of regions with equal labels, matched one to one, where an unmatched one counts 0;
    points likewise, where nearness falls from 1 to 0 at a distance of 0.06. Texts: the normalised
    edit distance. Of several parts, the largest counts. Answers that hold more than any form
    allows are not looked into: they are the same, or as far apart as can be.
    """
    names = sorted({*a.results, *b.results})
    if not (comparable(a.results) and comparable(b.results)):
        return {name: float(a.results.get(name) != b.results.get(name)) for name in names}
    return {
        name: _distance(a.results.get(name), b.results.get(name), a.results, b.results)
        for name in names
    }


def _distance(
    a: Result | None, b: Result | None, all_a: Mapping[str, Result], all_b: Mapping[str, Result]
) -> float:
    if a is None or b is None:
        return 1.0
    texts = [" ".join(s.text for s in sorted(r.segments, key=_begin)) for r in (a, b)]
    return max(
        float(set(a.choices) != set(b.choices)),
        1.0 - _related(a, b, all_a, all_b),
        1.0 - _regions(a, b),
        words.distance(a.text, b.text),
        words.distance(*texts),
    )


def _begin(segment: object) -> float:
    return float(getattr(segment, "start", 0.0))


def _related(
    a: Result, b: Result, all_a: Mapping[str, Result], all_b: Mapping[str, Result]
) -> float:
    ends = []
    for result, results in ((a, all_a), (b, all_b)):
        held = {s.id: (s.start, s.end, s.label) for r in results.values() for s in r.spans if s.id}
        ends.append([(held.get(r.head), held.get(r.tail), r.label) for r in result.relations])
    return matching.f1(matching.same(*ends), len(ends[0]), len(ends[1]))


def _regions(a: Result, b: Result) -> float:
    """Return how alike the regions are, over all parts."""
    matched, count = 0.0, 0
    shown = [
        (a.spans, b.spans, _stretched(a.spans, b.spans)),
        (a.segments, b.segments, _stretched(a.segments, b.segments)),
        (a.boxes, b.boxes, overlaps(a.boxes, b.boxes)),
        (a.polygons, b.polygons, overlaps(a.polygons, b.polygons)),
        (a.points, b.points, _near(a.points, b.points)),
    ]
    for first, second, alike in shown:
        labels = [[str(getattr(region, "label", "")) for region in r] for r in (first, second)]
        matched += sum(matching.best(matching.labelled(alike, *labels), 0.0).alike)
        count += max(len(first), len(second))
    return matched / count if count else 1.0


def _stretched(a: Sequence[object], b: Sequence[object]) -> Matrix:
    ends = [[(getattr(r, "start", 0), getattr(r, "end", 0)) for r in regions] for regions in (a, b)]
    return matching.stretches(*ends)


def _near(a: Sequence[Point], b: Sequence[Point]) -> Matrix:
    away = apart(a, b) / (2.0 * NEAR_POINT)
    return 1.0 - away.clip(0.0, 1.0)
