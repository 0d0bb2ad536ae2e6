"""Whether an answer is right, by the kind of its item."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from banbury.gyms import answers
from banbury.gyms.interview import arithmetic, running
from banbury.gyms.interview.bank import Item

LONGEST = 20_000
_NUMBER = re.compile(
    r"[~≈=]?\s{0,3}([-−+]?(?:\d{1,3}(?:[,\s'’]\d{3})+|\d+)?(?:\.\d+)?)"
    r"\s{0,3}(?:[^\W\d_]|[%°²³/ .]){0,30}"
)
_LETTER = re.compile(r"\(?([a-z])[).:]?")
LETTERS = "abcdefghij"


def value_of(text: str) -> str:
    """Return what an answer says: after a last line `Answer: X`, X; else all of it."""
    said = answers.answer_line(text)
    return (text if said is None else said).strip()


def right(item: Item, text: str, shown: Sequence[str] = ()) -> bool:
    """Return whether the answer to a verifiable item is right.

    Args:
        item: not an open one.
        text: as answered.
        shown: the options of a choice, in the order in which they were shown.

    Raises:
        SandboxError: it is code, and no box can be made here.
    """
    if len(text) > LONGEST:
        return False
    if item.kind == "code":
        cases = item.calls()
        return running.held(text, item.entry, cases) == len(cases)
    said = value_of(text)
    if item.kind == "number":
        return _number(said, item)
    if item.kind == "expression":
        bare = said.strip("`").strip()
        return arithmetic.same(bare, item.key, item.names, item.points)
    return _choice(said, item.options[0], shown)


def _number(said: str, item: Item) -> bool:
    found = _NUMBER.fullmatch(said[:100]) if len(said) <= 100 else None
    if found is None or not re.search(r"\d", found[1]):
        return False
    plain = re.sub(r"[,\s'’+]", "", found[1]).replace("−", "-")
    try:
        return abs(Decimal(plain) - Decimal(item.key)) <= Decimal(str(item.tolerance))
    except InvalidOperation:
        return False


def _choice(said: str, key: str, shown: Sequence[str]) -> bool:
    letter = _LETTER.fullmatch(said.casefold().strip("`* "))
    if letter:
        place = LETTERS.find(letter[1])
        return 0 <= place < len(shown) and shown[place] == key
    return _words(said) == _words(key)


def _words(text: str) -> str:
    return " ".join(text.casefold().strip("`* .").split())
