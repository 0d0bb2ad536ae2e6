"""Texts compared: word error rate and normalised edit distance."""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Sequence

import numpy as np

_LETTERS = 20_000
"""Longer texts are compared word by word, not letter by letter."""


def plain(text: str) -> str:
    """Return a text in NFC and in small letters, with single blanks."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def error_rate(said: str, there: str) -> float:
    """Return the word error rate, in [0, 1]: edits of words for each word that is there.

    Case, Unicode form and white space do not count; punctuation does. A rate above 1 counts as 1,
    so an answer twice as long as the reference costs no time.
    """
    found, gold = plain(said).split(), plain(there).split()
    if not gold:
        return float(bool(found))
    if abs(len(found) - len(gold)) >= len(gold):
        return 1.0
    return min(1.0, edits(found, gold) / len(gold))


def distance(first: str, second: str) -> float:
    """Return the normalised edit distance of two texts, in [0, 1]; see `plain`."""
    a, b = plain(first), plain(second)
    if a == b:
        return 0.0
    if max(len(a), len(b)) > _LETTERS:
        return _relative(a.split(), b.split())
    return _relative(a, b)


def _relative(a: Sequence[Hashable], b: Sequence[Hashable]) -> float:
    longest = max(len(a), len(b))
    if longest > _LETTERS:
        return float(a != b)
    return edits(a, b) / longest


def edits(a: Sequence[Hashable], b: Sequence[Hashable]) -> int:
    """Return the Levenshtein distance: insertions, deletions, substitutions.

    Source: Wagner & Fischer 1974, a row at a time; insertions by a running minimum.
    """
    codes: dict[Hashable, int] = {}
    first = [codes.setdefault(x, len(codes)) for x in a]
    second = np.array([codes.setdefault(x, len(codes)) for x in b], dtype=np.int64)
    places = np.arange(len(second) + 1)
    row = places.copy()
    for number, code in enumerate(first, start=1):
        new = np.empty_like(row)
        new[0] = number
        new[1:] = np.minimum(row[1:] + 1, row[:-1] + (second != code))
        row = np.minimum.accumulate(new - places) + places
    return int(row[-1])
