"""Answers near the gold one, as right or wrong, by which the audit tries the judge."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from banbury.gyms.labelling.actions import Label, Result, Results
from banbury.gyms.labelling.controls import Control, Inputs, subject

_PARTS = ("spans", "relations", "boxes", "polygons", "points", "segments")
_NUDGE = 0.002
_AWAY = 0.4

Change = Callable[[Any], Any]


def equivalents(gold: Mapping[str, Result]) -> Mapping[str, Sequence[Label]]:
    """Return the gold answer in another order, with other ids, nudged by less than anyone sees."""
    return {
        "the other way round": (Label({n: _reversed(r) for n, r in gold.items()}),),
        "other ids": (Label({n: _renamed(r) for n, r in gold.items()}),),
        "nudged": (Label({n: _regions(r, _nudged) for n, r in gold.items()}),),
        "other blanks and case": (
            Label({n: replace(r, text=r.text and f" {r.text.upper()}\n") for n, r in gold.items()}),
        ),
    }


def wrongs(gold: Mapping[str, Result], inputs: Inputs) -> Mapping[str, Sequence[Label]]:
    """Return the gold answer with one control's labels turned, moved away, or left out."""
    out: dict[str, Sequence[Label]] = {}
    for control in inputs.controls:
        result = gold.get(control.name)
        if result is None:
            continue
        changed = {
            "labels turned": _turned(result, control),
            "left out": Result(),
            "moved": _moved(result, inputs, control),
            "another text": replace(result, text=result.text and f"not {result.text[::-1]}"),
        }
        for name, other in changed.items():
            if other != result:
                results: Results = {**gold, control.name: other}
                out[f"{control.name}: {name}"] = (Label(results),)
    return out


@dataclass(frozen=True)
class _Turn:
    """Each label's next one."""

    labels: tuple[str, ...]

    def __call__(self, label: str) -> str:
        if label not in self.labels:
            return label
        return self.labels[(self.labels.index(label) + 1) % len(self.labels)]


def _regions(result: Result, change: Change) -> Result:
    return replace(
        result,
        **{part: tuple(change(region) for region in getattr(result, part)) for part in _PARTS},
    )


def _reversed(result: Result) -> Result:
    parts = {part: getattr(result, part)[::-1] for part in (*_PARTS, "choices")}
    return replace(result, **parts)


def _renamed(result: Result) -> Result:
    def change(region: Any) -> Any:
        if hasattr(region, "head"):
            return replace(region, head=f"x-{region.head}", tail=f"x-{region.tail}")
        return replace(region, id=f"x-{region.id}") if region.id else region

    return _regions(result, change)


def _nudged(region: Any) -> Any:
    if hasattr(region, "x"):
        return replace(region, x=min(region.x + _NUDGE, 1.0 - getattr(region, "width", 0.0)))
    if hasattr(region, "points"):
        return replace(region, points=tuple((min(x + _NUDGE, 1.0), y) for x, y in region.points))
    if isinstance(getattr(region, "start", 0), float) and hasattr(region, "end"):
        return replace(region, start=max(0.0, region.start - _NUDGE))
    return region


def _turned(result: Result, control: Control) -> Result:
    turn = _Turn(control.labels)

    def change(region: Any) -> Any:
        return replace(region, label=turn(region.label))

    return replace(_regions(result, change), choices=tuple(map(turn, result.choices)))


def _moved(result: Result, inputs: Inputs, control: Control) -> Result:
    of = inputs.item.get(subject(control, inputs), "")

    def change(region: Any) -> Any:
        if hasattr(region, "points"):
            return replace(region, points=tuple((_shift(x), y) for x, y in region.points))
        if hasattr(region, "width"):
            return replace(region, x=0.0 if region.x > _AWAY else 1.0 - region.width)
        if hasattr(region, "x"):
            return replace(region, x=_shift(region.x))
        if isinstance(getattr(region, "start", None), float):
            half = (region.end - region.start) / 2
            return replace(region, start=region.end - half / 2, end=region.end + half / 4)
        if isinstance(of, str) and hasattr(region, "end"):
            return replace(region, end=region.end + (1 if region.end < len(of) else -1))
        return region

    return _regions(result, change)


def _shift(x: float) -> float:
    return x - _AWAY if x > _AWAY else x + _AWAY
