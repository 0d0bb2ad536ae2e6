"""What an actor without a screen is shown of a task, in words."""

from __future__ import annotations

from collections.abc import Iterator

from banbury.gyms.labelling.controls import Control, Inputs, Kind, Media, subject

_HOW: dict[Kind, str] = {
    "choice": '{"choices": [...]}',
    "spans": '{"spans": [{"start": 0, "end": 4, "label": "..."}]}, in code points',
    "relations": '{"relations": [{"head": id, "tail": id, "label": "..."}]}, ids of spans',
    "boxes": '{"boxes": [{"x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4, "label": "..."}]}',
    "polygons": '{"polygons": [{"points": [[0.1, 0.1], ...], "label": "..."}]}',
    "points": '{"points": [{"x": 0.5, "y": 0.5, "label": "..."}]}',
    "segments": '{"segments": [{"start": 0.0, "end": 1.5, "label": "..."}]}, in seconds',
    "transcription": '{"text": "..."}',
}


def words(instruction: str, inputs: Inputs) -> str:
    """Return instruction, item and controls as one text."""
    return "\n".join([instruction, "", *_item(inputs), "", *_controls(inputs)])


def _item(inputs: Inputs) -> Iterator[str]:
    for name, value in inputs.item.items():
        if isinstance(value, Media):
            size = f", {value.width} x {value.height} pixels" if value.width else ""
            length = f", {value.seconds:g} s" if value.seconds else ""
            yield f"{name}: {value.name or value.mime}{size}{length}"
        else:
            yield f"{name}: {value}"


def _controls(inputs: Inputs) -> Iterator[str]:
    yield 'Give one JSON object {"do": "label", "results": {NAME: RESULT, ...}} with these results:'
    for control in inputs.controls:
        yield f"- {control.name}: {_asked(control, subject(control, inputs))}"


def _asked(control: Control, of: str) -> str:
    many = "any number of the labels" if control.many else "one of the labels"
    about = f"{control.title or control.kind} (of {of})" if of else control.title or control.kind
    labels = f"; {many if control.kind == 'choice' else 'labels'}: {', '.join(control.labels)}"
    said = about + (labels if control.labels else "")
    text = '; with "text", its words' if control.text else ""
    return f"{said}; as {_HOW[control.kind]}{text}" + ("" if control.required else "; may be left")
