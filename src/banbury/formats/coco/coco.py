"""The structs of a COCO file of objects in images."""

from __future__ import annotations

from typing import Any

import msgspec

from banbury.errors import InputError

Number = int | float


class CocoImage(msgspec.Struct, frozen=True, omit_defaults=True):
    """One image; sizes in pixels."""

    id: int
    file_name: str
    width: int = 0
    height: int = 0
    name: str = ""
    meta: dict[str, Any] = {}


class CocoCategory(msgspec.Struct, frozen=True, omit_defaults=True):
    """A label, with the names of its key points."""

    id: int
    name: str
    supercategory: str = ""
    keypoints: tuple[str, ...] = ()
    skeleton: tuple[tuple[int, int], ...] = ()


class CocoAnnotation(msgspec.Struct, frozen=True, omit_defaults=True):
    """One object; `segmentation` is a list of outlines, or a mask as run lengths."""

    id: int
    image_id: int
    category_id: int
    bbox: tuple[Number, ...] = ()
    area: Number = 0
    segmentation: tuple[tuple[Number, ...], ...] | dict[str, Any] = ()
    iscrowd: int = msgspec.field(default_factory=int)
    keypoints: tuple[Number, ...] = ()
    num_keypoints: int = 0


class CocoFile(msgspec.Struct, frozen=True):
    """A whole file."""

    images: tuple[CocoImage, ...]
    annotations: tuple[CocoAnnotation, ...] = ()
    categories: tuple[CocoCategory, ...] = ()
    info: dict[str, Any] = {}


_decode = msgspec.json.Decoder(CocoFile).decode


def read_coco(data: bytes, where: str = "COCO file") -> CocoFile:
    """Return what a file holds.

    Raises:
        InputError: it is no COCO file of objects.
    """
    try:
        return _decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise InputError(f"this is no COCO file: {error}", where=where) from None
