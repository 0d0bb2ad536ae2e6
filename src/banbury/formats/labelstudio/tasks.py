"""Tasks with annotations and predictions, as Label Studio imports and exports them.

Source: https://labelstud.io/guide/export#Label-Studio-JSON-format-of-annotated-tasks. Positions on
images are per cent of width and height; times are seconds.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Region(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry of a result: a region, a choice, a text, or a relation between two regions."""

    type: str
    id: str = ""
    from_name: str = ""
    to_name: str = ""
    value: dict[str, Any] = {}
    from_id: str = ""
    to_id: str = ""
    direction: str = ""
    labels: tuple[str, ...] | None = None
    original_width: int | None = None
    original_height: int | None = None
    original_length: float | None = None
    image_rotation: float | None = None


class Annotation(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one person said of a task."""

    result: tuple[Region, ...]
    id: int | str | None = None
    ground_truth: bool = False
    was_cancelled: bool = False
    lead_time: float | None = None
    completed_by: int | str | dict[str, Any] | None = None


class Prediction(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a model said of a task."""

    result: tuple[Region, ...]
    model_version: str | None = ""
    score: float | None = None


class LabelTask(msgspec.Struct, frozen=True, omit_defaults=True):
    """One task: its data by field, with what was said of it."""

    data: dict[str, Any]
    id: int | str | None = None
    annotations: tuple[Annotation, ...] = ()
    predictions: tuple[Prediction, ...] = ()
    meta: dict[str, Any] | None = None
