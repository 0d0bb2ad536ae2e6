"""Label Studio's configuration and results, as our controls and results, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from banbury.errors import InputError
from banbury.formats.labelstudio import Config, Object, Region, Tag
from banbury.gyms.labelling.actions import (
    Box,
    Point,
    Polygon,
    Relation,
    Result,
    Segment,
    TextSpan,
)
from banbury.gyms.labelling.controls import Control, Inputs, Media, subject

_KINDS = {
    "Choices": "choice",
    "RectangleLabels": "boxes",
    "PolygonLabels": "polygons",
    "KeyPointLabels": "points",
    "TimelineLabels": "segments",
    "TextArea": "transcription",
    "Relations": "relations",
}
_SOUND = ("Audio", "AudioPlus", "Video")
_SORTS = {
    "Text": "text",
    "HyperText": "text",
    "Image": "image",
    "Audio": "audio",
    "AudioPlus": "audio",
    "Video": "video",
}
_RELATED = "related"
"""The label of a relation that Label Studio leaves without one."""
_FRAMES = 24.0
"""Frames a second that Label Studio takes a video to have where nobody says."""


def plan_fields(config: Config, where: str) -> dict[str, Any]:
    """Return the fields of a plan that a configuration amounts to.

    A `TextArea` for each region becomes the words of the segments on the same object.

    Raises:
        InputError: a control is on nothing that is shown, or of a sort that is not known here.
    """
    shown = {one.name: one for one in config.objects}
    worded = {tag.to for tag in config.controls if _each_region(tag)}
    controls = []
    for tag in config.controls:
        if _each_region(tag):
            continue
        if tag.more.get("perRegion") == "true":
            raise InputError(
                f"{tag.name!r} asks something of each region, which is not known here",
                where=where,
                do="leave it out; only the words of segments (TextArea) can be asked for each",
            )
        if tag.tag != "Relations" and tag.to not in shown:
            raise InputError(f"{tag.name!r} is on {tag.to!r}, which is not shown", where=where)
        controls.append(_control(tag, shown, worded))
    # One field may be shown under one name only: results name objects, tasks name fields.
    item = {one.field: one.field for one in config.objects}
    return {
        "controls": tuple(controls),
        "item": item,
        "sorts": {one.field: _SORTS[one.tag] for one in config.objects},
        "instruction": " ".join(config.headers),
    }


def _each_region(tag: Tag) -> bool:
    return tag.tag == "TextArea" and tag.more.get("perRegion") == "true"


def _control(tag: Tag, shown: Mapping[str, Object], worded: Iterable[str]) -> Control:
    if tag.tag == "Labels":
        kind: Any = "segments" if shown[tag.to].tag in _SOUND else "spans"
    else:
        kind = _KINDS[tag.tag]
    labels = tuple(label["value"] for label in tag.labels)
    of = shown[tag.to].field if tag.to in shown else tag.to
    return Control(
        name=tag.name or "relations",
        kind=kind,
        of=of,
        labels=labels or ((_RELATED,) if kind == "relations" else ()),
        title=tag.more.get("title", ""),
        many=kind == "choice" and tag.more.get("choice", "single") == "multiple",
        required=tag.more.get("required", _required(kind)) == "true",
        text=kind == "segments" and tag.to in worded,
        passes=float(tag.more.get("passes", 0)),
        near=float(tag.more.get("near", 0)),
        colours={x["value"]: x["background"] for x in tag.labels if "background" in x},
        keys={x["value"]: x["hotkey"] for x in tag.labels if "hotkey" in x},
    )


def _required(kind: str) -> str:
    """Return what `required` means where it is not said: a region control was looked at."""
    return "false" if kind in ("choice", "transcription") else "true"


def config_of(inputs: Inputs, instruction: str = "") -> Config:
    """Return the configuration under which tasks like this one are shown in Label Studio."""
    objects = tuple(Object(_object(value), name, name) for name, value in inputs.item.items())
    tags: list[Tag] = []
    for control in inputs.controls:
        tags += _tags(control, inputs)
    return Config(objects, tuple(tags), (instruction,) if instruction else ())


def _object(value: str | Media) -> str:
    if isinstance(value, str):
        return "Text"
    return {"image": "Image", "audio": "Audio", "video": "Video"}[value.mime.split("/", 1)[0]]


def _tags(control: Control, inputs: Inputs) -> Iterator[Tag]:
    of = subject(control, inputs)
    names = {kind: tag for tag, kind in _KINDS.items() if tag != "TimelineLabels"}
    tag = names.get(control.kind, "Labels")
    if control.kind == "segments" and _object(inputs.item[of]) == "Video":
        tag = "TimelineLabels"
    more = {"required": str(control.required).lower()}
    more |= {"choice": "multiple"} if control.many else {}
    more |= {"title": control.title} if control.title else {}
    more |= {"passes": f"{control.passes:g}"} if control.passes else {}
    more |= {"near": f"{control.near:g}"} if control.near else {}
    labels = tuple(
        {
            "value": label,
            **({"background": control.colours[label]} if label in control.colours else {}),
            **({"hotkey": control.keys[label]} if label in control.keys else {}),
        }
        for label in control.labels
    )
    yield Tag(tag, control.name, of, labels, more)
    if control.text:
        yield Tag("TextArea", f"{control.name}_text", of, (), {"perRegion": "true"})


def results_of(
    regions: Iterable[Region], inputs: Inputs, fps: float = _FRAMES
) -> dict[str, Result]:
    """Return results by control.

    Args:
        regions: of one annotation or prediction.
        inputs: of the task.
        fps: frames a second of a video, in which Label Studio counts its stretches.

    Raises:
        ValueError: a region is on no control of the task, or of a sort that is not known here.
    """
    controls = {control.name: control for control in inputs.controls}
    held: dict[str, dict[str, list[Any]]] = {}
    words: dict[str, str] = {}
    related: list[Region] = []
    for region in regions:
        if region.type == "relation":
            related.append(region)
        elif region.type == "textarea" and region.from_name not in controls:
            words[region.id] = "\n".join(map(str, region.value.get("text", ())))
        elif region.from_name not in controls:
            raise ValueError(f"a result is of {region.from_name[:80]!r}, which is no control")
        else:
            control = controls[region.from_name]
            of = inputs.item.get(subject(control, inputs), "")
            parts = held.setdefault(control.name, {})
            for part, value in _values(region, control, of, fps):
                parts.setdefault(part, []).append(value)
    out = {name: _result(parts, words) for name, parts in held.items()}
    for region in related:
        name = _relations_control(region, inputs)
        before = out.get(name, Result())
        label = next(iter(region.labels or ()), _RELATED)
        new = Relation(region.from_id, region.to_id, label)
        out[name] = Result(relations=(*before.relations, new))
    return out


def _relations_control(region: Region, inputs: Inputs) -> str:
    for control in inputs.controls:
        if (
            control.kind == "relations"
            and next(iter(region.labels or ()), _RELATED) in control.labels
        ):
            return control.name
    raise ValueError(f"a relation {region.labels} is of no control")


def _result(parts: Mapping[str, list[Any]], words: Mapping[str, str]) -> Result:
    made: dict[str, Any] = {name: tuple(values) for name, values in parts.items() if name != "text"}
    if "text" in parts:
        made["text"] = "\n".join(parts["text"])
    if words and "segments" in made:
        made["segments"] = tuple(
            Segment(s.start, s.end, s.label, words.get(s.id, s.text), s.id)
            for s in made["segments"]
        )
    return Result(**made)


def _values(
    region: Region, control: Control, of: str | Media, fps: float
) -> Iterator[tuple[str, Any]]:
    """Yield (part, value) of one region."""
    value, id = region.value, region.id
    if control.kind == "choice":
        yield from (("choices", choice) for choice in value["choices"])
        return
    if control.kind == "transcription":
        said = value.get("text", "")
        yield from (("text", text) for text in ([said] if isinstance(said, str) else said))
        return
    labels: list[str] = next((v for k, v in value.items() if k.endswith("labels")), [])
    if len(labels) != 1:
        raise ValueError(f"a region of {control.name!r} has {len(labels)} labels, not one")
    label = labels[0]
    if control.kind == "spans":
        start, end = _offsets(value, of if isinstance(of, str) else "")
        yield "spans", TextSpan(start, end, label, id)
    elif control.kind == "boxes":
        x, y, width, height = (_part(value[k]) for k in ("x", "y", "width", "height"))
        yield "boxes", Box(x, y, width, height, label, float(value.get("rotation", 0.0)), id)
    elif control.kind == "polygons":
        corners = tuple((_part(x), _part(y)) for x, y in value["points"])
        yield "polygons", Polygon(corners, label, id)
    elif control.kind == "points":
        yield "points", Point(_part(value["x"]), _part(value["y"]), label, id)
    elif control.kind == "segments" and "ranges" in value:
        for one in value["ranges"]:
            begin, last = (float(one["start"]) - 1.0) / fps, float(one["end"]) / fps
            yield "segments", Segment(round(begin, 6), round(last, 6), label, "", id)
    elif control.kind == "segments":
        yield "segments", Segment(float(value["start"]), float(value["end"]), label, "", id)
    else:
        raise ValueError(f"a region of {control.name!r} is of a sort that is not known here")


def _part(percent: float) -> float:
    """Return a fraction from per cent, without the dust of a division."""
    return round(float(percent) / 100.0, 12)


def _percent(part: float) -> float:
    return round(part * 100.0, 10)


def _offsets(value: Mapping[str, Any], text: str) -> tuple[int, int]:
    """Return offsets in code points; those of older versions count UTF-16, as the text tells."""
    start, end = int(value["start"]), int(value["end"])
    said = value.get("text")
    if isinstance(said, str) and text[start:end] != said and not text.isascii():
        units = text.encode("utf-16-le", "surrogatepass")
        parts = [units[: 2 * at].decode("utf-16-le", "ignore") for at in (start, end)]
        if text[len(parts[0]) : len(parts[1])] == said:
            return len(parts[0]), len(parts[1])
    return start, end


def regions_of(
    results: Mapping[str, Result], inputs: Inputs, fps: float = _FRAMES
) -> Iterator[Region]:
    """Yield the entries of one annotation."""
    for control in inputs.controls:
        result = results.get(control.name)
        if result is None:
            continue
        of = subject(control, inputs)
        for number, (kind, value, id, more) in enumerate(_entries(control, result, inputs, fps)):
            yield Region(
                type=kind,
                id=id or f"{control.name}-{number}",
                from_name=control.name,
                to_name=of,
                value=value,
                **more,
            )
            if control.text and (said := result.segments[number].text):
                name = f"{control.name}_text"
                same = id or f"{control.name}-{number}"
                yield Region("textarea", same, name, of, {**value, "text": [said]}, **more)
        for relation in result.relations:
            yield Region(
                "relation",
                from_id=relation.head,
                to_id=relation.tail,
                direction="right",
                labels=(relation.label,),
            )


_Entry = tuple[str, dict[str, Any], str, dict[str, Any]]
"""(type, value, id, further fields)."""


def _entries(control: Control, result: Result, inputs: Inputs, fps: float) -> Iterator[_Entry]:
    of = inputs.item.get(subject(control, inputs), "")
    size: dict[str, Any] = {}
    if isinstance(of, Media) and of.width:
        size = {"original_width": of.width, "original_height": of.height, "image_rotation": 0.0}
    if control.kind == "choice":
        yield "choices", {"choices": list(result.choices)}, "", {}
    elif control.kind == "transcription":
        yield "textarea", {"text": [result.text]}, "", {}
    for span in result.spans:
        text = of[span.start : span.end] if isinstance(of, str) else ""
        ends = {"start": span.start, "end": span.end, "text": text}
        yield "labels", {**ends, "labels": [span.label]}, span.id, {}
    for box in result.boxes:
        sides: dict[str, Any] = {
            k: _percent(getattr(box, k)) for k in ("x", "y", "width", "height")
        }
        value = {**sides, "rotation": box.rotation, "rectanglelabels": [box.label]}
        yield "rectanglelabels", value, box.id, size
    for outline in result.polygons:
        corners = [[_percent(x), _percent(y)] for x, y in outline.points]
        value = {"points": corners, "closed": True, "polygonlabels": [outline.label]}
        yield "polygonlabels", value, outline.id, size
    for point in result.points:
        at = {"x": _percent(point.x), "y": _percent(point.y), "width": 0.5}
        yield "keypointlabels", {**at, "keypointlabels": [point.label]}, point.id, size
    for segment in result.segments:
        yield _stretch(segment, of, fps)


def _stretch(segment: Segment, of: str | Media, fps: float) -> _Entry:
    if isinstance(of, Media) and of.mime.startswith("video/"):
        frames = {"start": segment.start * fps + 1.0, "end": segment.end * fps}
        value = {"ranges": [frames], "timelinelabels": [segment.label]}
        return "timelinelabels", value, segment.id, {}
    length = of.seconds if isinstance(of, Media) else 0.0
    ends = {"start": segment.start, "end": segment.end, "channel": 0}
    return "labels", {**ends, "labels": [segment.label]}, segment.id, {"original_length": length}
