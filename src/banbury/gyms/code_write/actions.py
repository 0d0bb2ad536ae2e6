"""What can be done: try a function on the examples, and answer with its code."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from banbury.gyms.contract import Action, Answer


class Try(Action, frozen=True, tag="try"):
    """Run your code on the examples of the task, or on one call of yours, and see what comes."""

    code: Annotated[str, Meta(description="The whole code, with the function in it.")]
    call: Annotated[
        str, Meta(description="A call with plain values, such as f([1, 2]); none for the examples.")
    ] = ""


WriteAction = Answer | Try
"""An answer is the code: all of the text, or the last fenced block that defines the function."""
