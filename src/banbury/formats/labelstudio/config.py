"""The labelling configuration: which objects are shown, and the control tags on them.

Source: Label Studio's tag reference, https://labelstud.io/tags/.
"""

from __future__ import annotations

from xml.etree import ElementTree

import msgspec

from banbury.errors import InputError

OBJECTS = ("Text", "HyperText", "Image", "Audio", "AudioPlus", "Video")
CONTROLS = (
    "Choices",
    "Labels",
    "RectangleLabels",
    "PolygonLabels",
    "KeyPointLabels",
    "TimelineLabels",
    "TextArea",
    "Relations",
)
_LABELS = ("Label", "Choice", "Relation")
_LAYOUT = ("View", "Header", "Style", "Collapse", "Panel", *OBJECTS, *CONTROLS, *_LABELS)
_LONGEST = 1_000_000


class Object(msgspec.Struct, frozen=True):
    """What is shown: the tag, its name, the field of the task's data, other attributes."""

    tag: str
    name: str
    field: str
    more: dict[str, str] = {}


class Tag(msgspec.Struct, frozen=True):
    """A control tag: its name, the object that it is on, its labels with their attributes."""

    tag: str
    name: str
    to: str
    labels: tuple[dict[str, str], ...] = ()
    more: dict[str, str] = {}


class Config(msgspec.Struct, frozen=True):
    """A whole configuration: what is shown, what is asked, and the headers' words."""

    objects: tuple[Object, ...]
    controls: tuple[Tag, ...]
    headers: tuple[str, ...] = ()


def read_config(text: str, where: str = "configuration") -> Config:
    """Return what a configuration says.

    Raises:
        InputError: it is no XML, declares entities, or holds a tag that is not known here.
    """
    # Entities are what XML bombs are made of; no labelling configuration needs any.
    if "<!DOCTYPE" in text or "<!ENTITY" in text or len(text) > _LONGEST:
        raise InputError("this XML declares entities, or is too long", where=where)
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        raise InputError(f"this is no XML: {error}", where=where) from None
    objects, controls, headers = [], [], []
    for element in root.iter():
        if element.tag not in _LAYOUT:
            raise InputError(
                f"the tag <{element.tag}> is not known here",
                where=where,
                do=f"known are {', '.join(_LAYOUT)}",
            )
        if element.tag in OBJECTS:
            objects.append(_object(element, where))
        elif element.tag in CONTROLS:
            controls.append(_control(element, where))
        elif element.tag == "Header" and element.get("value"):
            headers.append(element.get("value", ""))
    return Config(tuple(objects), tuple(controls), tuple(headers))


def write_config(config: Config) -> str:
    """Return a configuration as XML; `read_config` reads it back as it was."""
    view = ElementTree.Element("View")
    for words in config.headers:
        ElementTree.SubElement(view, "Header", value=words)
    for shown in config.objects:
        more = {"name": shown.name, "value": f"${shown.field}", **shown.more}
        ElementTree.SubElement(view, shown.tag, more)
    for control in config.controls:
        on = {"toName": control.to} if control.to else {}
        named = {"name": control.name, **on, **control.more}
        tag = ElementTree.SubElement(view, control.tag, named)
        for label in control.labels:
            ElementTree.SubElement(tag, _label_tag(control.tag), label)
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"


def _label_tag(control: str) -> str:
    return {"Choices": "Choice", "Relations": "Relation"}.get(control, "Label")


def _object(element: ElementTree.Element, where: str) -> Object:
    given = dict(element.attrib)
    name, value = given.pop("name", ""), given.pop("value", "")
    if not name or not value.startswith("$") or len(value) < 2:
        raise InputError(f"<{element.tag}> needs a name and a value such as $text", where=where)
    return Object(element.tag, name, value[1:], given)


def _control(element: ElementTree.Element, where: str) -> Tag:
    given = dict(element.attrib)
    name, to = given.pop("name", ""), given.pop("toName", "")
    if element.tag != "Relations" and not (name and to):
        raise InputError(f"<{element.tag}> needs name and toName", where=where)
    labels = tuple(dict(inner.attrib) for inner in element.iter() if inner.tag in _LABELS)
    if any(not label.get("value") for label in labels):
        raise InputError("a label has no value", where=f"{where}, <{element.tag} name={name!r}>")
    return Tag(element.tag, name, to, labels, given)
