"""Shapes on images: how much two of them overlap, and how far two points lie apart."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from banbury.gyms.labelling.actions import Box, Point, Polygon, Vertex
from banbury.gyms.labelling.matching import Matrix

GRID = 512
"""Cells along each side of the field on which two outlines are compared."""
_COARSE = 32
_CELLS = 500_000_000
"""Cells that one answer may cost; where thousands of pairs meet, the grid is coarser."""

Outline = tuple[Vertex, ...]


def overlaps(
    found: Sequence[Box | Polygon], there: Sequence[Box | Polygon], aspect: float = 1.0
) -> Matrix:
    """Return the IoU of each pair, shape (found, there).

    That of upright boxes is exact, that of other shapes is counted on a grid of 512 by 512 cells
    over both, which is within 1 % for shapes that are not slivers.

    Args:
        found: shapes.
        there: shapes.
        aspect: height / width of the image, by which rotated boxes turn.
    """
    if all(isinstance(shape, Box) and not shape.rotation for shape in (*found, *there)):
        return _upright(_frames(found, aspect), _frames(there, aspect))
    meet = np.nonzero(_inner(_frames(found, aspect), _frames(there, aspect)))
    first = [outline(shape, aspect) for shape in found]
    second = [outline(shape, aspect) for shape in there]
    grid = int(np.clip(math.sqrt(_CELLS / max(1, len(meet[0]))), _COARSE, GRID))
    out = np.zeros((len(found), len(there)))
    for r, c in zip(*meet, strict=True):
        out[r, c] = _counted(first[r], second[c], grid)
    return out


def distances(found: Sequence[Point], there: Sequence[Point]) -> Matrix:
    """Return the distance of each pair of points, in fractions of the image."""
    a = np.array([(p.x, p.y) for p in found], dtype=np.float64).reshape(-1, 1, 2)
    b = np.array([(p.x, p.y) for p in there], dtype=np.float64).reshape(1, -1, 2)
    return np.asarray(np.hypot(a[..., 0] - b[..., 0], a[..., 1] - b[..., 1]), dtype=np.float64)


def outline(shape: Box | Polygon, aspect: float = 1.0) -> Outline:
    """Return the corners of a shape."""
    if isinstance(shape, Polygon):
        return shape.points
    turn = math.radians(shape.rotation)
    corners = []
    for right, down in ((0, 0), (1, 0), (1, 1), (0, 1)):
        x, y = right * shape.width, down * shape.height * aspect
        corners.append(
            (
                shape.x + x * math.cos(turn) - y * math.sin(turn),
                shape.y + (x * math.sin(turn) + y * math.cos(turn)) / aspect,
            )
        )
    return tuple(corners)


def _frames(shapes: Sequence[Box | Polygon], aspect: float) -> Matrix:
    """Return (left, top, right, bottom) of each shape, shape (n, 4)."""
    out = np.zeros((len(shapes), 4))
    for i, shape in enumerate(shapes):
        if isinstance(shape, Box) and not shape.rotation:
            out[i] = shape.x, shape.y, shape.x + shape.width, shape.y + shape.height
        else:
            xs, ys = zip(*outline(shape, aspect), strict=True)
            out[i] = min(xs), min(ys), max(xs), max(ys)
    return out


def _inner(a: Matrix, b: Matrix) -> Matrix:
    left = np.maximum(a[:, None, :2], b[None, :, :2])
    right = np.minimum(a[:, None, 2:], b[None, :, 2:])
    return np.asarray(np.prod(np.clip(right - left, 0.0, None), axis=2), dtype=np.float64)


def _upright(a: Matrix, b: Matrix) -> Matrix:
    inner = _inner(a, b)
    areas = [np.prod(one[:, 2:] - one[:, :2], axis=1) for one in (a, b)]
    union = areas[0][:, None] + areas[1][None, :] - inner
    iou = np.divide(inner, union, out=np.zeros_like(inner), where=union > 0)
    # The same box is the same, whatever the last bit of a sum says.
    return np.where((a[:, None] == b[None, :]).all(axis=2) & (inner > 0), 1.0, iou)


def _counted(a: Outline, b: Outline, grid: int) -> float:
    if a == b:
        return 1.0
    points = np.array([*a, *b], dtype=np.float64)
    low = points.min(axis=0)
    span = np.maximum(points.max(axis=0) - low, 1e-12)
    first, second = (_filled(one, low, span, grid) for one in (a, b))
    union = np.count_nonzero(first | second)
    return float(np.count_nonzero(first & second) / union) if union else 0.0


def _filled(corners: Outline, low: Matrix, span: Matrix, grid: int) -> NDArray[np.bool_]:
    scaled = (np.array(corners, dtype=np.float64) - low) / span * (grid - 1)
    image = Image.new("1", (grid, grid))
    ImageDraw.Draw(image).polygon([(float(x), float(y)) for x, y in scaled], fill=1)
    return np.asarray(image, dtype=np.bool_)
