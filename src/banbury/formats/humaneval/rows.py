"""Rows of HumanEval and MBPP, as their files have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from banbury.errors import InputError


class HumanEvalRow(msgspec.Struct, frozen=True):
    """One function of HumanEval.

    Attributes:
        task_id: such as `HumanEval/0`.
        prompt: imports and helpers, then signature and docstring of the function.
        entry_point: its name.
        canonical_solution: its body.
        test: code that defines `check(candidate)`.
    """

    task_id: str
    prompt: str
    entry_point: str
    canonical_solution: str
    test: str


class MbppRow(msgspec.Struct, frozen=True):
    """One function of MBPP, full or sanitized.

    Attributes:
        task_id: a number.
        text: what it does, in a sentence; the sanitized file calls it `prompt`.
        code: the reference.
        test_list: assertions, as code; they are shown to whoever writes the function.
        test_setup_code: code before the assertions.
        challenge_test_list: further assertions.
        test_imports: import lines before the assertions; only in the sanitized file.
    """

    task_id: int
    text: str
    code: str
    test_list: tuple[str, ...]
    test_setup_code: str = ""
    challenge_test_list: tuple[str, ...] = ()
    test_imports: tuple[str, ...] = ()


def read_row(values: Mapping[str, Any], where: str = "row") -> HumanEvalRow | MbppRow:
    """Return a row as what it is.

    Raises:
        InputError: it is of neither format, or a field is missing or of another type.
    """
    kind: type[HumanEvalRow | MbppRow]
    if "entry_point" in values:
        kind = HumanEvalRow
    elif "test_list" in values:
        kind = MbppRow
        if "text" not in values and "prompt" in values:
            values = {**values, "text": values["prompt"]}
    else:
        raise InputError(
            "this is a row of neither HumanEval nor MBPP",
            where=where,
            do="HumanEval has entry_point, prompt, test; MBPP has text, code, test_list",
        )
    try:
        return msgspec.convert(dict(values), kind)
    except msgspec.ValidationError as error:
        raise InputError(f"this is no row of {kind.__name__[:-3]}: {error}", where=where) from None
