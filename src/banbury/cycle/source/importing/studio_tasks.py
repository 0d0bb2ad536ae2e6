"""Tasks of Label Studio as drafts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from banbury.cycle.source.importing.drafts import Draft, Guess, shown
from banbury.cycle.source.importing.files import File, Unfit
from banbury.cycle.source.importing.plan import Plan
from banbury.cycle.source.importing.rows import Row
from banbury.cycle.source.importing.studio import results_of
from banbury.formats.labelstudio import Annotation, LabelTask, Region
from banbury.gyms.labelling.actions import Result
from banbury.gyms.labelling.controls import Control, Inputs, Media

_STAND_IN = {"image": "image/png", "audio": "audio/wav", "video": "video/mp4"}


def is_task(values: Mapping[str, Any]) -> bool:
    """Return whether a JSON object looks like a task of Label Studio."""
    held = ("annotations", "predictions", "completions")
    return isinstance(values.get("data"), dict) and (
        any(k in values for k in held) or len(values) < 4
    )


def studio_draft(row: Row, plan: Plan) -> Draft:
    """Return what a task of Label Studio says.

    An annotation that is marked as ground truth is the known result; another one, that was not
    cancelled, a proposal, as predictions are.

    Raises:
        Unfit: the task is not of this plan.
    """
    try:
        task = msgspec.convert(row.values, LabelTask, strict=False)
    except msgspec.ValidationError as error:
        raise Unfit(f"this is no task of Label Studio: {error}") from None
    item: dict[str, str | File] = {}
    for name, field in plan.item.items():
        if field not in task.data:
            raise Unfit(f"the task's data has no {field!r}")
        sort = _sort(plan, name)
        value = task.data[field]
        if sort in _STAND_IN and isinstance(value, str):
            value = _local(value, row.root)
        item[name] = shown(sort, field, value, row.root)
    inputs = Inputs({n: _stand_in(n, v, plan) for n, v in item.items()}, plan.controls)
    said = [a for a in task.annotations if not a.was_cancelled]
    gold = next((a for a in said if a.ground_truth), None)
    guesses = [
        Guess(_author(a), _results(a.result, inputs, plan.controls))
        for a in said
        if not a.ground_truth
    ]
    for one in task.predictions:
        model = one.model_version or "prediction"
        guesses.append(Guess(model, _results(one.result, inputs, ())))
    more = (task.meta or {}).get("banbury", {})
    meta = {k: v for k, v in (task.meta or {}).items() if k != "banbury"}
    rest = {k: v for k, v in task.data.items() if k not in plan.item.values() and v is not None}
    known = {} if gold is None else _results(gold.result, inputs, plan.controls)
    names = more.get("names", {}) if isinstance(more, dict) else {}
    for name, file in item.items():
        if isinstance(file, File) and names.get(name):
            item[name] = File(file.path, file.data, str(names[name]))
    return Draft(item, known, {**rest, **meta}, tuple(guesses))


def _local(value: str, root: Path) -> str:
    """Return a file's place beside the export, which names where Label Studio's server has it."""
    parts = urlsplit(value)
    if parts.scheme or not parts.path.startswith("/"):
        return value
    local = parse_qs(parts.query).get("d", [""])[0]
    upload = unquote(parts.path)
    name = local or upload.lstrip("/")
    short = PurePosixPath(name).name
    places = (name, short, f"images/{short}", f"media/{short}")
    return next((place for place in places if (root / place).is_file()), short)


def _sort(plan: Plan, name: str) -> str:
    """Return the sort of what a field shows, by the plan or by its name."""
    return plan.sorts.get(name, name)


def _stand_in(name: str, value: str | File, plan: Plan) -> str | Media:
    """Return a text as it is, and a file by its sort alone: nobody has looked at it yet."""
    if isinstance(value, str):
        return value
    sort = _sort(plan, name)
    return Media(mime=_STAND_IN.get(sort, "image/png"))


def _results(
    regions: tuple[Region, ...], inputs: Inputs, whole: tuple[Control, ...]
) -> dict[str, Result]:
    """Return results by control; in a `whole` one, what holds no region was looked at too."""
    try:
        found = results_of(regions, inputs)
    except (ValueError, KeyError, TypeError, IndexError, StopIteration) as error:
        raise Unfit(f"a result cannot be read: {error!r}"[:200]) from None
    for control in whole:
        if control.kind not in ("choice", "transcription"):
            found.setdefault(control.name, Result())
    return found


def _author(annotation: Annotation) -> str:
    by = annotation.completed_by
    who = by.get("id", "") if isinstance(by, dict) else by
    return f"annotator {who}" if who not in (None, "") else "annotator"
