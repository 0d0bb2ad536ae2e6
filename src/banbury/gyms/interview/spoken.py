"""Answers that were said aloud: a first line that names the recording, then its words, if any."""

from __future__ import annotations

import re
from typing import NamedTuple

_LINE = re.compile(r"\A\[spoken ([0-9a-f]{64}) (\d{1,5}) s\](?:\n|\Z)")


class Spoken(NamedTuple):
    """A recording and what is said in it.

    Attributes:
        recording: SHA-256 of the blob, 64 hex digits.
        seconds: how long it is.
        words: what is said, "" where nobody has written it down.
    """

    recording: str
    seconds: int
    words: str


def spoken(text: str) -> Spoken | None:
    """Return the recording that an answer names, None where it was written."""
    found = _LINE.match(text)
    return Spoken(found[1], int(found[2]), text[found.end() :].strip()) if found else None


def words(text: str) -> str:
    """Return what an answer says, written or spoken."""
    said = spoken(text)
    return text if said is None else said.words


def told(text: str) -> str:
    """Return an answer as people read it: of a recording how long it is, and its words."""
    said = spoken(text)
    return text if said is None else f"(said aloud, {said.seconds} s) {said.words}".strip()


def line(recording: str, seconds: int) -> str:
    """Return the first line of an answer that was said aloud."""
    return f"[spoken {recording} {seconds} s]"
