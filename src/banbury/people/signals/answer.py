"""What signals are made from."""

from __future__ import annotations

from typing import Literal

import msgspec


class Answer(msgspec.Struct, frozen=True):
    """One answer of one person to one item, as the seat saw it.

    Attributes:
        person: account, or the pseudonym in a lab.
        item: what was asked; the same for everybody who was asked it.
        text: what was answered; for a closed item the option.
        seconds: active time.
        keys: characters that were typed; 0 where the item is closed.
        quoted: characters that were pasted from the task itself, which is nobody's fault.
        device: an opaque mark of the browser, "" if it is not known.
        right: whether it was right, None if nobody knows.
        gold: `circulated` if many have seen this gold item, `fresh` if nobody can have known it,
            "" if it is no gold item or not known to be either.
        open: whether the answer is the person's own words.
    """

    person: str
    item: str
    text: str
    seconds: float
    keys: int = 0
    quoted: int = 0
    device: str = ""
    right: bool | None = None
    gold: Literal["", "circulated", "fresh"] = ""
    open: bool = False
