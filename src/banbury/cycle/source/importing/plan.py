"""Plan: what is asked of each row, and which of its columns are shown or known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from banbury.cycle.source.importing.studio import plan_fields
from banbury.episode import UNSTATED
from banbury.errors import InputError
from banbury.formats.labelstudio import read_config
from banbury.gyms.labelling.controls import Control, check_controls

KINDS: dict[str, dict[str, Any]] = {
    "choice": {"kind": "choice"},
    "choices": {"kind": "choice", "many": True},
    "captions": {"kind": "segments", "text": True},
    **{
        kind: {"kind": kind}
        for kind in (
            *("spans", "relations", "boxes", "polygons", "points", "segments", "transcription"),
        )
    },
}
_SPDX = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,99}")
_DO = "give JSON, a Label Studio <View>, or words such as 'choice mood: good, bad'"


class Plan(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What is asked of each row.

    Attributes:
        controls: what is asked; empty only where the source says it itself (COCO, our own JSONL).
        instruction: what to do, in words; made from the controls if "".
        item: the item's fields, each with the column that holds it; found by name if empty: `text`,
            `image`, `audio`, `video`, `file`, else the first column of text.
        sorts: `image`, `audio`, `video` or `text` by field, where neither its name nor a control on
            it tells.
        gold: controls whose right result is known, each with the column that holds it.
        meta: columns to keep beside the item; None keeps all that are not used.
        licence: SPDX id of the content, or `LicenseRef-...` for one of one's own.
        skill: what the tasks are of; the gym's own by the kinds of control if "".
    """

    controls: tuple[Control, ...] = ()
    instruction: str = ""
    item: dict[str, str] = {}
    sorts: dict[str, str] = {}
    gold: dict[str, str] = {}
    meta: tuple[str, ...] | None = None
    licence: str = UNSTATED
    skill: str = ""

    def words(self, controls: Sequence[Control] | None = None) -> str:
        """Return the instruction, made from the controls if there is none."""
        if self.instruction:
            return self.instruction
        asked = controls or self.controls
        return "Label the item. " + " ".join(_said(control) for control in asked)


def checked_licence(said: str) -> str:
    """Return a licence's id, `UNSTATED` for "".

    Raises:
        InputError: it has not the form of an SPDX id.
    """
    if said and not _SPDX.fullmatch(said):
        raise InputError(
            f"{said[:80]!r} is no SPDX id of a licence",
            where="licence",
            do="write an id such as CC-BY-4.0, or LicenseRef-NAME for a licence of your own",
        )
    return said or UNSTATED


def read_plan(text: str) -> Plan:
    """Return a plan from a file's name, or from the words themselves.

    - JSON: `Plan`, or a list of controls.
    - XML: a Label Studio configuration.
    - words: `KIND NAME: label, label; ...`, where a kind is one of `KINDS`.

    Raises:
        InputError: it is none of these, or the controls cannot be used.
    """
    where, said = "controls", text.strip()
    path = Path(said)
    if len(said) < 1000 and "\n" not in said and path.is_file():
        where = str(path)
        try:
            said = path.read_text(encoding="utf-8-sig").strip()
        except (OSError, UnicodeError) as error:
            raise InputError(f"the plan cannot be read: {error}", where=where) from None
    plan = _read(said, where)
    if plan.controls:
        check_controls(plan.controls, where)
    if unknown := sorted(set(plan.gold) - {control.name for control in plan.controls}):
        raise InputError(f"gold is named for {unknown[0]!r}, which is no control", where=where)
    return plan


def _read(said: str, where: str) -> Plan:
    if said.startswith("<"):
        return Plan(**plan_fields(read_config(said, where), where))
    try:
        if said.startswith("{"):
            return msgspec.json.decode(said, type=Plan)
        if said.startswith("["):
            return Plan(msgspec.json.decode(said, type=tuple[Control, ...]))
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise InputError(f"this is no plan: {error}", where=where, do=_DO) from None
    return Plan(tuple(_spoken(said, where)))


def _spoken(said: str, where: str) -> Iterator[Control]:
    for part in filter(None, (part.strip() for part in said.split(";"))):
        head, _, labels = part.partition(":")
        kind, _, name = head.strip().partition(" ")
        if kind not in KINDS or not name.strip():
            raise InputError(
                f"{part[:80]!r} asks nothing that is known here",
                where=where,
                do=f"{_DO}; the kinds are {', '.join(KINDS)}",
            )
        held = tuple(filter(None, (label.strip() for label in labels.split(","))))
        yield Control(name.strip(), labels=held, **KINDS[kind])


def _said(control: Control) -> str:
    title = control.title or control.name
    labels = f": {', '.join(control.labels)}" if control.labels else ""
    return f"{title[:1].upper()}{title[1:]}{labels}."
