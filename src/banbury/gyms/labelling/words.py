"""Texts compared: word error rate and normalised edit distance."""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Sequence

from rapidfuzz.distance import Levenshtein

_LETTERS = 20_000
"""Longer texts are compared word by word, not letter by letter."""
_STEPS = 1_000_000_000
"""Length times edits that are counted in one comparison: 0.3 s."""


def plain(text: str) -> str:
    """Return a text in NFC and in small letters, with single blanks."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def error_rate(said: str, there: str) -> float:
    """Return the word error rate, in [0, 1]: edits of words for each word that is there.

    Case, Unicode form and white space do not count; punctuation does. A rate above 1 counts as 1,
    so an answer twice as long as the reference costs no time. Of texts of more than some 30,000
    words each only the nearer answers are counted out, to a fifth of a text of 70,000; the others
    count as all wrong.
    """
    found, gold = plain(said).split(), plain(there).split()
    if not gold:
        return float(bool(found))
    if abs(len(found) - len(gold)) >= len(gold):
        return 1.0
    most = max(1, _STEPS // max(len(found), len(gold)))
    wrong = edits(found, gold, most)
    return 1.0 if wrong > most else min(1.0, wrong / len(gold))


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


def edits(a: Sequence[Hashable], b: Sequence[Hashable], most: int | None = None) -> int:
    """Return the Levenshtein distance: insertions, deletions, substitutions; `most` + 1 if more.

    Its time grows with the product of the lengths: 0.04 s for two texts of 20,000. With `most`, it
    grows with the longer length times `most`.
    """
    codes: dict[Hashable, int] = {}
    return int(
        Levenshtein.distance(
            [codes.setdefault(x, len(codes)) for x in a],
            [codes.setdefault(x, len(codes)) for x in b],
            score_cutoff=most,
        )
    )
