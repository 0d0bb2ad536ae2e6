"""What a task asks: the item that is labelled, and the controls by which one labels it.

A task's `public.inputs` is the JSON of `Inputs`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from banbury.errors import InputError

Kind = Literal[
    "choice", "spans", "relations", "boxes", "polygons", "points", "segments", "transcription"
]
"""`segments` are stretches of sound or video; `transcription` is one text on the whole item."""

PASSES: Mapping[Kind, float] = {
    "choice": 1.0,
    "spans": 0.8,
    "relations": 0.8,
    "boxes": 0.8,
    "polygons": 0.8,
    "points": 0.8,
    "segments": 0.8,
    "transcription": 0.9,
}
"""From which score a control counts as passed, where it does not say."""

_LABELLED: frozenset[Kind] = frozenset(PASSES) - {"transcription"}


class Media(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file of the item.

    Attributes:
        media: SHA-256 of a blob of the lab, which `public.media` holds too; "" where `data` is
            given.
        mime: media type, such as `image/png`.
        data: the file itself as a `data:` URL with base64; only of small samples.
        width: pixels, 0 where it is no image or video.
        height: pixels.
        seconds: length, 0 where it is no sound or video, or nobody has measured it.
        name: the name that the file came by.
    """

    media: str = ""
    mime: str = "application/octet-stream"
    data: str = ""
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    name: str = ""


class Control(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One thing that is asked of the item.

    Attributes:
        name: of the control; unique in the task. Results are kept under it.
        kind: see `Kind`.
        of: the item's field that it is about; of `relations` the control whose spans it joins. ""
            means the first field (or spans control) that fits.
        labels: what may be said, shown as they stand.
        title: the question, "" for the name.
        many: of `choice`: several labels may be chosen, or none.
        required: whether it must be answered; see `Label`.
        text: of `segments`: the words of each segment are asked for.
        passes: the score from which it passes, in (0, 1], 0 for the kind's own; see `PASSES`.
        near: how near counts as found: the least IoU of boxes, polygons and segments (0 for 0.5),
            the largest distance of points as a fraction of the image (0 for 0.03).
        colours: colours by label, as #rrggbb.
        keys: keys by label, one character each.
    """

    name: str
    kind: Kind
    of: str = ""
    labels: tuple[str, ...] = ()
    title: str = ""
    many: bool = False
    required: bool = True
    text: bool = False
    passes: float = 0.0
    near: float = 0.0
    colours: dict[str, str] = {}
    keys: dict[str, str] = {}

    @property
    def threshold(self) -> float:
        """Return the score from which it passes."""
        return self.passes or PASSES[self.kind]


class Inputs(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a task shows.

    Attributes:
        item: texts and media by field.
        controls: what is asked, in the order in which it is shown.
        meta: what came with the item and is only shown, such as its id and folder.
    """

    item: dict[str, str | Media]
    controls: tuple[Control, ...]
    meta: dict[str, Any] = {}


read_inputs = msgspec.json.Decoder(Inputs).decode
_read_controls = msgspec.json.Decoder(tuple[Control, ...]).decode


def read_controls(text: str | bytes, where: str = "controls") -> tuple[Control, ...]:
    """Return checked controls from JSON: a list of `Control`.

    Raises:
        InputError: it is no such list, or the controls cannot be used.
    """
    try:
        controls = _read_controls(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise InputError(
            f"these are no controls: {error}",
            where=where,
            do='give a list such as [{"name": "mood", "kind": "choice", "labels": ["a", "b"]}]',
        ) from None
    check_controls(controls, where)
    return controls


def check_controls(controls: Sequence[Control], where: str = "controls") -> None:
    """Refuse controls that nobody could answer.

    Raises:
        InputError: there is none, a name is there twice, a control lacks labels or its spans.
    """
    if not controls:
        raise InputError("there is no control", where=where)
    names = [control.name for control in controls]
    for control in controls:
        if wrong := _wrong(control, names, controls):
            raise InputError(wrong, where=f"{where}, control {control.name!r}")


def _wrong(control: Control, names: list[str], controls: Sequence[Control]) -> str:
    if not control.name:
        return "a control has no name"
    if names.count(control.name) > 1:
        return "two controls have this name"
    if control.kind in _LABELLED and not control.labels:
        return f"a control of kind {control.kind} needs labels"
    if len(set(control.labels)) < len(control.labels) or "" in control.labels:
        return "a label is empty, or there twice"
    if not (0.0 <= control.passes <= 1.0 and 0.0 <= control.near <= 1.0):
        return "`passes` and `near` lie in [0, 1]"
    if control.kind == "relations":
        spans = [c.name for c in controls if c.kind == "spans"]
        if not spans or control.of not in ("", *spans):
            return "relations join the spans of another control; name it in `of`"
    return ""


def subject(control: Control, inputs: Inputs) -> str:
    """Return the item's field, or for relations the spans control, that a control is about.

    "" if there is none that fits.
    """
    if control.kind == "relations":
        spans = [c.name for c in inputs.controls if c.kind == "spans"]
        return control.of if control.of in spans else next(iter(spans), "")
    fitting = [name for name, value in inputs.item.items() if fits(control.kind, value)]
    if control.of:
        return control.of if control.of in fitting else ""
    return next(iter(fitting), "")


def fits(kind: Kind, value: str | Media) -> bool:
    """Return whether a control of this kind can be about this value."""
    if isinstance(value, str):
        return kind in ("choice", "spans", "transcription")
    sort = value.mime.split("/", 1)[0]
    if kind in ("boxes", "polygons", "points"):
        return sort == "image"
    if kind == "segments":
        return sort in ("audio", "video")
    return kind in ("choice", "transcription")
