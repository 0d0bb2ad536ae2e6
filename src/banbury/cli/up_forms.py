"""What verbs may be told, a line of JSON each: `python -m banbury.cli.up_forms VERB...`.

The workbench makes its forms of it, so that a form cannot differ from its verb.
"""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import msgspec
from cyclopts import App

from banbury.cli import app
from banbury.web.jobs.form import Field, Form, Sort

_OURS = ("store", "lab", "json")
_APART = {
    "mine": ("local", "jobs", "cpu", "memory", "rewrite", "show", "candidates", "dropped", "table")
}
"""Arguments of a verb that are the machine's own, or that only print."""
_SORTS: dict[type, Sort] = {str: "text", bool: "flag", int: "whole", float: "number"}


def form_of(verb: str) -> Form:
    """Return what a verb may be told: all that is no place and no file of this machine."""
    found: App = app
    for word in verb.split():
        found = found[word]
    fields: list[Field] = []
    folder = ""
    for argument in found.assemble_argument_collection(parse_docstring=True):
        hint, name = argument.hint, argument.name.removeprefix("--").replace("-", "_")
        if not argument.parse or name in ("*", *_OURS, *_APART.get(verb, ())):
            continue
        if _plain(hint) is Path:
            folder = name if name == "out_dir" else folder
            continue
        sort = _sort(hint)
        if sort is None:
            continue
        help = " ".join((argument.parameter.help or "").split())
        default = argument.field_info.default
        plain = default if isinstance(default, str | int | float | bool) else None
        fields.append(Field(name, sort, help, plain, argument.required))
    said = found.help or (found.default_command.__doc__ if found.default_command else "") or ""
    return Form(verb, said.strip().split("\n")[0], tuple(fields), folder)


def _sort(hint: Any) -> Sort | None:
    plain = _plain(hint)
    if plain in _SORTS:
        return _SORTS[plain]
    if get_origin(plain) is Literal and all(isinstance(one, str) for one in get_args(plain)):
        return "text"
    many = get_origin(plain) in (Sequence, tuple, list) and get_args(plain)[0] is str
    return "list" if many else None


def _plain(hint: Any) -> Any:
    """Return a type without `| None`."""
    if get_origin(hint) in (Union, types.UnionType):
        rest = [a for a in get_args(hint) if a is not type(None)]
        return rest[0] if len(rest) == 1 else hint
    return hint


def tell(verbs: Sequence[str]) -> None:
    """Print what verbs may be told, until nobody listens any more."""
    os.nice(5)
    for verb in verbs:
        try:
            sys.stdout.write(msgspec.json.encode(form_of(verb)).decode() + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return


if __name__ == "__main__":
    tell(sys.argv[1:])
