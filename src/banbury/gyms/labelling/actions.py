"""Label: the one action, which holds a result for each control of the task.

Coordinates on images are fractions of width and height, from the upper left corner. Offsets in
text count Unicode code points, as Python does; JavaScript counts UTF-16 units, of which an emoji
is two. Times are seconds from the start of the sound or video.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from banbury.gyms.contract import Action

Fraction = Annotated[float, Meta(description="A fraction of the image, from 0 to 1.")]
Seconds = Annotated[float, Meta(description="Seconds from the start.")]
LabelName = Annotated[str, Meta(description="One of the control's labels.")]
Key = Annotated[str, Meta(description="A name of your choice, to which relations may point.")]
Vertex = tuple[Fraction, Fraction]
"""(x, y)."""


class TextSpan(msgspec.Struct, frozen=True, omit_defaults=True):
    """A stretch of text, [start, end) in Unicode code points."""

    start: Annotated[int, Meta(description="Code points before the span.")]
    end: Annotated[int, Meta(description="Code points before the first one behind the span.")]
    label: LabelName
    id: Key = ""


class Relation(msgspec.Struct, frozen=True, omit_defaults=True):
    """A relation from one span to another, both named by their `id`."""

    head: Annotated[str, Meta(description="The `id` of the span from which it goes.")]
    tail: Annotated[str, Meta(description="The `id` of the span to which it goes.")]
    label: LabelName


class Box(msgspec.Struct, frozen=True, omit_defaults=True):
    """A rectangle by its upper left corner, width and height; turned clockwise about that corner.

    `rotation` is in degrees. Only a box without rotation has its sides along the image's.
    """

    x: Fraction
    y: Fraction
    width: Fraction
    height: Fraction
    label: LabelName
    rotation: Annotated[float, Meta(description="Degrees, clockwise about the corner.")] = 0.0
    id: Key = ""


class Polygon(msgspec.Struct, frozen=True, omit_defaults=True):
    """A closed outline of at least three points (x, y)."""

    points: tuple[Vertex, ...]
    label: LabelName
    id: Key = ""


class Point(msgspec.Struct, frozen=True, omit_defaults=True):
    """A place on an image."""

    x: Fraction
    y: Fraction
    label: LabelName
    id: Key = ""


class Segment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A stretch of sound or video, [start, end), with its words where the control asks for them."""

    start: Seconds
    end: Seconds
    label: LabelName
    text: Annotated[str, Meta(description="What is said in it, if the control asks.")] = ""
    id: Key = ""


class Result(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one control holds; only the part of the control's kind is filled."""

    choices: tuple[str, ...] = ()
    spans: tuple[TextSpan, ...] = ()
    relations: tuple[Relation, ...] = ()
    boxes: tuple[Box, ...] = ()
    polygons: tuple[Polygon, ...] = ()
    points: tuple[Point, ...] = ()
    segments: tuple[Segment, ...] = ()
    text: str = ""


Results = dict[str, Result]
"""Results by the control's name."""


class Label(Action, frozen=True, tag="label"):
    """Label the item: one result for each control, by the control's name.

    A control that was looked at and holds nothing has an empty result; one without a result was
    not answered.
    """

    results: Annotated[Results, Meta(description="One result for each control, by its name.")]


class Gold(msgspec.Struct, frozen=True, omit_defaults=True):
    """The secret of a task: the right results by control.

    A control without one is judged only on form; so is a task whose secret holds none at all.
    """

    results: Results = {}
