"""Drawn pictures of shapes, outlines, dots and words, whose truth is what was drawn."""

from __future__ import annotations

import base64
import io
from random import Random

from PIL import Image, ImageDraw, ImageFont

from banbury.gyms.labelling.actions import Box, Point, Polygon, Result
from banbury.gyms.labelling.controls import Control, Media
from banbury.gyms.labelling.samples.sample import Sample, Samples

SIZE = (240, 180)
"""Width and height in pixels."""
SHAPES = ("circle", "square", "triangle")
COLOURS = {"red": "#c0392b", "green": "#1e8449", "blue": "#2455a4"}
WORDS = (
    "amber", "basin", "cedar", "delta", "ember", "fable", "grain", "hazel", "ivory", "joint",
    "kiosk", "lemon", "maple", "north", "olive", "pearl", "quiet", "river", "stone", "table",
    "under", "valve", "wheat", "yield",
)  # fmt: skip
_COLUMNS, _ROWS = 4, 3
_CELL = 60


def _blank(rng: Random) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", SIZE, "#f4f1ea")
    pen = ImageDraw.Draw(image)
    for _ in range(6):
        ends = [(rng.randrange(SIZE[0]), rng.randrange(SIZE[1])) for _ in range(2)]
        pen.line(ends, fill="#ddd6c8", width=2)
    return image, pen


def media(image: Image.Image) -> Media:
    """Return a drawn picture as a file that the task itself holds."""
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    data = base64.b64encode(file.getvalue()).decode()
    return Media(
        mime="image/png",
        data=f"data:image/png;base64,{data}",
        width=image.width,
        height=image.height,
    )


def _places(rng: Random, count: int) -> list[tuple[int, int]]:
    """Return upper left corners of cells that do not overlap, by rows."""
    cells = [(x * _CELL, y * _CELL) for y in range(_ROWS) for x in range(_COLUMNS)]
    return sorted(rng.sample(cells, count))


def _count(rng: Random, many: bool) -> int:
    return rng.randint(5, 9) if many else rng.randint(1, 3)


def _boxes(rng: Random, many: bool) -> Sample:
    image, pen = _blank(rng)
    boxes = []
    for x, y in _places(rng, _count(rng, many)):
        side = rng.randint(24, 50)
        left, top = x + rng.randint(2, 56 - side), y + rng.randint(2, 56 - side)
        label = rng.choice(SHAPES)
        right, bottom = left + side, top + side
        fill = rng.choice(list(COLOURS.values()))
        if label == "circle":
            pen.ellipse((left, top, right, bottom), fill=fill)
        elif label == "square":
            pen.rectangle((left, top, right, bottom), fill=fill)
        else:
            pen.polygon([((left + right) / 2, top), (right, bottom), (left, bottom)], fill=fill)
        # Pillow's lower right corner is the last pixel that is drawn.
        boxes.append(Box(*_fraction(left, top), *_fraction(side + 1, side + 1), label))
    return Sample({"image": media(image)}, {"shapes": Result(boxes=tuple(boxes))})


def _polygons(rng: Random, many: bool) -> Sample:
    image, pen = _blank(rng)
    polygons = []
    for x, y in _places(rng, _count(rng, many)):
        label = rng.choice(list(COLOURS))
        near, far = (4, 20), (36, 54)
        corners = [
            (x + rng.randint(*near), y + rng.randint(*near)),
            (x + rng.randint(*far), y + rng.randint(*near)),
            (x + rng.randint(*far), y + rng.randint(*far)),
            (x + rng.randint(*near), y + rng.randint(*far)),
        ][: rng.choice((3, 4))]
        pen.polygon(corners, fill=COLOURS[label])
        polygons.append(Polygon(tuple(_fraction(*corner) for corner in corners), label))
    return Sample({"image": media(image)}, {"patches": Result(polygons=tuple(polygons))})


def _points(rng: Random, many: bool) -> Sample:
    image, pen = _blank(rng)
    points = []
    for x, y in _places(rng, _count(rng, many)):
        label = rng.choice(list(COLOURS))
        centre = x + rng.randint(8, 52), y + rng.randint(8, 52)
        pen.circle(centre, 4, fill=COLOURS[label])
        points.append(Point(*_fraction(*centre), label))
    return Sample({"image": media(image)}, {"dots": Result(points=tuple(points))})


def _transcription(rng: Random, many: bool) -> Sample:
    image, pen = _blank(rng)
    words = rng.sample(WORDS, 8 if many else 3)
    lines = [" ".join(words[i : i + 2]) for i in range(0, len(words), 2)]
    font = ImageFont.load_default(size=24)
    for number, line in enumerate(lines):
        pen.text((12 + rng.randint(0, 20), 10 + 40 * number), line, fill="#222222", font=font)
    return Sample({"image": media(image)}, {"words": Result(text=" ".join(words))})


def _fraction(x: float, y: float) -> tuple[float, float]:
    return round(x / SIZE[0], 6), round(y / SIZE[1], 6)


_PAINT = dict(COLOURS)

IMAGES = (
    Samples(
        skill="labelling.boxes",
        title="boxes on an image",
        controls=(Control("shapes", "boxes", labels=SHAPES, title="Shapes"),),
        draw=_boxes,
        seen=("Draw a tight box around each shape: {labels}.",),
        unseen=("Enclose every shape as closely as you can, as {labels}.",),
    ),
    Samples(
        skill="labelling.polygons",
        title="outlines on an image",
        controls=(
            Control("patches", "polygons", labels=tuple(COLOURS), title="Patches", colours=_PAINT),
        ),
        draw=_polygons,
        seen=("Outline each patch of colour: {labels}.",),
        unseen=("Trace the corners of every patch, as {labels}.",),
    ),
    Samples(
        skill="labelling.points",
        title="points on an image",
        controls=(Control("dots", "points", labels=tuple(COLOURS), title="Dots", colours=_PAINT),),
        draw=_points,
        seen=("Put a point on the middle of each dot: {labels}.",),
        unseen=("Hit the centre of every dot, as {labels}.",),
    ),
    Samples(
        skill="labelling.transcription",
        title="what is written or said",
        controls=(Control("words", "transcription", title="Words"),),
        draw=_transcription,
        seen=("Write down the words in the picture, line by line.",),
        unseen=("Type what the picture says, from top to bottom.",),
    ),
)
