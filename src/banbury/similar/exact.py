"""Exact duplicates: the same text but for case, spacing and the way its characters are encoded."""

import hashlib
import unicodedata
from collections.abc import Iterable

from banbury.similar.match import Match, check_texts


def normalise(text: str) -> str:
    """The text in Unicode form NFKC, case folded, every run of white space one space.

    Punctuation and digits stay, since two tasks may differ in nothing else. Normalising twice
    changes nothing more.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    # Folding can make characters that are not composed, and composing ones that fold again.
    return " ".join(unicodedata.normalize("NFKC", folded).casefold().split())


def digest(text: str) -> str:
    """The SHA-256 of the normalised text, as 64 hexadecimal digits.

    Text that is not valid Unicode (a lone surrogate) is hashed too, never refused.
    """
    return hashlib.sha256(normalise(text).encode("utf-8", "surrogatepass")).hexdigest()


def exact_duplicates(texts: Iterable[str], references: Iterable[str] | None = None) -> list[Match]:
    """Match each text to the first of `references` that is the same after `normalise`.

    Without references, to the first of the texts themselves; that first one is not in the result,
    so dropping all that are leaves one of each. One match a text, in the order of the texts.
    Takes time in proportion to the texts' length. Raises InputError.
    """
    mine = [digest(text) for text in check_texts(texts, "exact_duplicates")]
    known: dict[str, int] = {}
    if references is not None:
        for i, text in enumerate(check_texts(references, "exact_duplicates, references")):
            known.setdefault(digest(text), i)
    matches = []
    for i, key in enumerate(mine):
        first = known.get(key) if references is not None else known.setdefault(key, i)
        if first is not None and (references is not None or first != i):
            matches.append(Match(i, first, 1.0, "exact", "the same but for case and spacing"))
    return matches
