"""COCO files as drafts, one for each image."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from banbury.cycle.source.importing.drafts import Draft
from banbury.cycle.source.importing.files import File, Unfit, within
from banbury.cycle.source.importing.rows import Broken, Cursor, Row, Rows
from banbury.errors import InputError
from banbury.formats.coco import CocoAnnotation, CocoCategory, CocoFile, CocoImage, read_coco
from banbury.gyms.labelling.actions import Box, Point, Polygon, Result
from banbury.gyms.labelling.controls import Control

BOXES, OUTLINES, POINTS = "boxes", "outlines", "points"
"""Names of the controls that a COCO file amounts to."""
_FOLDERS = (".", "images")


class Coco:
    """One COCO file, held in memory: its annotations are not in the order of its images."""

    def __init__(self, path: Path) -> None:
        """Read a file.

        Raises:
            InputError: it is no COCO file of objects.
        """
        try:
            self.file: CocoFile = read_coco(path.read_bytes(), str(path))
        except OSError as error:
            raise InputError(f"the file cannot be read: {error}", where=str(path)) from None
        self._path = path
        self._of: Mapping[int, list[CocoAnnotation]] = defaultdict(list)
        for one in self.file.annotations:
            self._of[one.image_id].append(one)
        self._labels = {c.id: c for c in self.file.categories}
        self.controls = self._controls()

    def _controls(self) -> tuple[Control, ...]:
        """Return the controls for what the file holds; boxes where it holds nothing."""
        held = self.file.annotations
        outlined = any(a.segmentation and isinstance(a.segmentation, tuple) for a in held)
        pointed = any(a.keypoints for a in held)
        boxed = any(a.bbox for a in held) and not (outlined or pointed)
        names = tuple(dict.fromkeys(c.name for c in self.file.categories))
        points = tuple(
            dict.fromkeys(_point(c, name) for c in self.file.categories for name in c.keypoints)
        )
        found = []
        if names and (boxed or any(_only_box(a) for a in held) or not (outlined or pointed)):
            found.append(Control(BOXES, "boxes", "image", names))
        if outlined:
            found.append(Control(OUTLINES, "polygons", "image", names))
        if pointed and points:
            found.append(Control(POINTS, "points", "image", points))
        return tuple(found)

    def rows(self, after: Cursor) -> Rows:
        """Yield a row for each image; the cursor is [number of the image]."""
        for number, image in enumerate(self.file.images, start=1):
            if number > (int(after[0]) if after else 0):
                place = f"{self._path.name}, image {image.id}"
                yield Row(place, {"image": image}, [number], self._path.parent)
        known = {image.id for image in self.file.images}
        if lost := sorted(set(self._of) - known):
            why = f"{len(self._of[lost[0]])} annotations are of image {lost[0]}, which is not there"
            yield Broken(f"{self._path.name}, annotations", why, [len(self.file.images)])

    def draft(self, row: Row) -> Draft:
        """Return what the file says of one image.

        Raises:
            Unfit: the image is missing, has no size, or an annotation cannot be read.
        """
        image: CocoImage = row.values["image"]
        file = File(self._found(image.file_name), name=image.name)
        if image.width <= 0 or image.height <= 0:
            raise Unfit("the image's width or height is missing")
        parts: dict[str, list[Box | Polygon | Point]] = {c.name: [] for c in self.controls}
        for one in self._of.get(image.id, ()):
            self._add(one, image, parts)
        kinds = {c.name: c.kind for c in self.controls}
        # A file without any annotation asks for them; it does not say that there is nothing.
        gold = {n: Result(**{kinds[n]: tuple(v)}) for n, v in parts.items()}  # type: ignore[arg-type]
        meta = dict(image.meta) if image.meta else {"image_id": image.id}
        return Draft({"image": file}, gold if self.file.annotations else {}, meta)

    def _found(self, name: str) -> Path:
        for folder in _FOLDERS:
            try:
                return within(self._path.parent, f"{folder}/{name}")
            except Unfit as error:
                if "leads out" in str(error):
                    raise
        raise Unfit(f"there is no file {name[:200]!r} beside the COCO file or in images/")

    def _add(
        self,
        one: CocoAnnotation,
        image: CocoImage,
        parts: Mapping[str, list[Box | Polygon | Point]],
    ) -> None:
        if one.category_id not in self._labels:
            raise Unfit(f"annotation {one.id} is of category {one.category_id}, which is not there")
        category = self._labels[one.category_id]
        wide, high = image.width, image.height
        if isinstance(one.segmentation, dict) or one.iscrowd:
            raise Unfit(f"annotation {one.id} is a mask of run lengths; only outlines are read")
        for number, flat in enumerate(one.segmentation):
            if len(flat) < 6 or len(flat) % 2:
                raise Unfit(f"an outline of annotation {one.id} has {len(flat)} numbers")
            pairs = zip(flat[::2], flat[1::2], strict=True)
            corners = tuple((_part(x, wide), _part(y, high)) for x, y in pairs)
            parts[OUTLINES].append(Polygon(corners, category.name, _id(one, number)))
        if one.keypoints:
            self._points(one, category, image, parts)
        if _only_box(one):
            if len(one.bbox) != 4:
                raise Unfit(f"the box of annotation {one.id} has {len(one.bbox)} numbers")
            x, y, w, h = one.bbox
            left, top = _part(x, wide), _part(y, high)
            width, height = _side(x, w, wide), _side(y, h, high)
            parts[BOXES].append(Box(left, top, width, height, category.name, id=f"a{one.id}"))

    def _points(
        self,
        one: CocoAnnotation,
        category: CocoCategory,
        image: CocoImage,
        parts: Mapping[str, list[Box | Polygon | Point]],
    ) -> None:
        if len(one.keypoints) != 3 * len(category.keypoints):
            raise Unfit(f"annotation {one.id} has {len(one.keypoints)} numbers of key points")
        for number, name in enumerate(category.keypoints):
            x, y, seen = one.keypoints[3 * number : 3 * number + 3]
            if seen:
                at = _part(x, image.width), _part(y, image.height)
                parts[POINTS].append(Point(*at, _point(category, name), f"a{one.id}.{number}"))


def _id(one: CocoAnnotation, number: int) -> str:
    return f"a{one.id}.{number}" if number else f"a{one.id}"


def _side(start: float, length: float, whole: int) -> float:
    """Return a side as a fraction; one that ends over the edge by a pixel ends at it."""
    part = round(length / whole, 9)
    return 1.0 - _part(start, whole) if whole < start + length <= whole + 1.0 else part


def _only_box(one: CocoAnnotation) -> bool:
    return bool(one.bbox) and not one.segmentation and not one.keypoints


def _point(category: CocoCategory, name: str) -> str:
    return name if category.name == name else f"{category.name}: {name}"


def _part(value: float, whole: int) -> float:
    """Return a fraction of the image; what lies over its edge by a pixel lies on it."""
    part = round(value / whole, 9)
    return min(max(part, 0.0), 1.0) if -1.0 <= value <= whole + 1.0 else part
