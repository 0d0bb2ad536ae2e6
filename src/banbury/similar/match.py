"""A match: one text found to repeat another, with the measure and the reason."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from banbury.errors import InputError


class Match(msgspec.Struct, frozen=True):
    """`texts[text]` repeats `other`, an index into the references or, without them, into `texts`.

    `score` lies in (0, 1]; what it measures is the `kind`'s: 1 for exact, the Jaccard similarity
    for near, the share of the text's pieces that are in the other for overlap. `reason` is a
    clause for a reader.
    """

    text: int
    other: int
    score: float
    kind: Literal["exact", "near", "overlap"]
    reason: str


def check_texts(texts: Iterable[str], where: str) -> list[str]:
    """Return the texts as a list. Raises InputError for a bare string or anything not text."""
    if isinstance(texts, str):
        raise InputError("a single string", where=where, do="give a list of texts")
    listed = list(texts)
    for i, text in enumerate(listed):
        if not isinstance(text, str):
            raise InputError(
                f"item {i} is {type(text).__name__}, not text", where=where, do="give strings"
            )
    return listed


def check_share(share: float, where: str, name: str) -> float:
    """Return `share` if it lies in (0, 1], else raise InputError."""
    if not 0.0 < share <= 1.0:
        raise InputError(
            f"{name} is {share!r}", where=where, do=f"give a {name} above 0 and at most 1"
        )
    return share
