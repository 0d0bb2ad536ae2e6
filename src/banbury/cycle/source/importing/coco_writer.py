"""Images with boxes, outlines and points as one COCO file."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from banbury.cycle.source.importing.writer import Line, Writer
from banbury.errors import InputError
from banbury.formats.coco import CocoAnnotation, CocoCategory, CocoImage
from banbury.gyms.labelling.actions import Box, Point, Polygon
from banbury.gyms.labelling.controls import Media
from banbury.gyms.labelling.shapes import outline

_encode = msgspec.json.Encoder().encode
Shape = Box | Polygon | Point


class CocoWriter(Writer):
    """A COCO file; a turned box becomes its outline, and each point a key point of its label."""

    def write(self, line: Line) -> None:
        """Write one image with its annotations.

        Raises:
            InputError: the task shows no image, or nothing on it is asked for.
        """
        media = [(n, v) for n, v in line.inputs.item.items() if isinstance(v, Media) and v.width]
        if len(media) != 1:
            raise InputError(
                f"the task shows {len(media)} images, and COCO knows one",
                where=f"task {line.task.id}",
                do="export it with --to labelstudio or jsonl",
            )
        ((field, image),) = media
        number = int(self.said.get("images", "0")) + 1
        self.said["images"] = str(number)
        meta = line.inputs.meta
        held = meta.get("image_id") if list(meta) == ["image_id"] else None
        id = held if isinstance(held, int) and not isinstance(held, bool) else number
        kept = {} if held is not None else {**meta, "task": line.task.id}
        made = CocoImage(id, line.files[field], image.width, image.height, image.name, kept)
        self._add("images", made)
        for shape in self._shapes(line):
            self._add("annotations", self._annotation(shape, id, image))

    def _shapes(self, line: Line) -> Iterator[Shape]:
        results = line.results if line.results is not None else line.gold
        for control in line.inputs.controls:
            if control.kind in ("boxes", "polygons", "points"):
                for label in control.labels:
                    self._category(label, control.kind == "points")
                result = results.get(control.name)
                if result is not None:
                    yield from result.boxes
                    yield from result.polygons
                    yield from result.points

    def _category(self, label: str, point: bool) -> int:
        key = f"{'point' if point else 'shape'} {label}"
        number = self.said.get(key)
        if number is None:
            number = str(sum(k.startswith(("point ", "shape ")) for k in self.said) + 1)
            self.said[key] = number
        return int(number)

    def _annotation(self, shape: Shape, image: int, size: Media) -> CocoAnnotation:
        number = int(self.said.get("annotations", "0")) + 1
        self.said["annotations"] = str(number)
        wide, high = size.width, size.height
        category = self._category(shape.label, isinstance(shape, Point))
        if isinstance(shape, Point):
            triple = (shape.x * wide, shape.y * high, 2)
            return CocoAnnotation(number, image, category, keypoints=triple, num_keypoints=1)
        corners = [(x * wide, y * high) for x, y in outline(shape, high / wide)]
        xs, ys = zip(*corners, strict=True)
        if isinstance(shape, Box) and not shape.rotation:
            box = shape.x * wide, shape.y * high, shape.width * wide, shape.height * high
            return CocoAnnotation(number, image, category, box, box[2] * box[3])
        frame = min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)
        flat = tuple(value for corner in corners for value in corner)
        return CocoAnnotation(number, image, category, frame, _area(corners), (flat,))

    def _add(self, name: str, value: msgspec.Struct) -> None:
        part = self.part(name)
        part.write((b",\n" if part.tell() else b"") + _encode(value))

    def finish(self) -> None:
        """Put the file into its place."""
        categories = []
        for key, number in self.said.items():
            sort, _, label = key.partition(" ")
            if sort in ("point", "shape") and label:
                points = (label,) if sort == "point" else ()
                categories.append(CocoCategory(int(number), label, keypoints=points))
        self.join(
            [
                b'{"info":{"description":"exported by Banbury"},"images":[',
                self.part("images"),
                b'],"annotations":[',
                self.part("annotations"),
                b'],"categories":' + _encode(categories) + b"}\n",
            ]
        )


def _area(corners: list[tuple[float, float]]) -> float:
    """Return the area of an outline by the shoelace formula."""
    turned = zip(corners, [*corners[1:], corners[0]], strict=True)
    return abs(sum(x * v - u * y for (x, y), (u, v) in turned)) / 2.0
