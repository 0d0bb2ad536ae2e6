"""A case as the accused sees it: others without names, test tasks not told apart from the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from banbury.people.cases.evidence import Evidence, Seen
from banbury.people.signals import Case, Suspicion

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def heard(case: Case, kept: Evidence) -> tuple[Case, Evidence]:
    """Return a case and its evidence as the person whom it is about sees them.

    Others in it are `somebody else (A)`, `(B)`, in this case alone: a pseudonym is the same in a
    whole lab. Which tasks have a known answer is not said, nor which answers were right by it; how
    many were, and what follows from it, stands in the words of the evidence.
    """
    names = _names(kept)
    suspicion = _told(kept.suspicion, names)
    moves = tuple(msgspec.structs.replace(m, words=_words(m.words, names)) for m in case.moves)
    rows = sorted((_seen(row, names) for row in kept.answers), key=lambda r: (not r.same, r.task))
    return (
        msgspec.structs.replace(case, suspicion=suspicion, moves=moves),
        msgspec.structs.replace(kept, suspicion=suspicion, answers=tuple(rows)),
    )


def _names(kept: Evidence) -> dict[str, str]:
    """Return what each other person is called, the first one first."""
    others = [
        *(o for s in kept.suspicion.signals for o in s.others),
        *(o for row in kept.answers for o in row.same),
    ]
    known = dict.fromkeys(others)
    return {name: f"somebody else ({_letter(n)})" for n, name in enumerate(known)}


def _letter(n: int) -> str:
    rest, last = divmod(n, len(_LETTERS))
    return (_letter(rest - 1) if rest else "") + _LETTERS[last]


def _told(suspicion: Suspicion, names: Mapping[str, str]) -> Suspicion:
    signals = tuple(
        msgspec.structs.replace(
            s, words=_words(s.words, names), others=tuple(names[o] for o in s.others)
        )
        for s in suspicion.signals
    )
    return msgspec.structs.replace(suspicion, signals=signals)


def _seen(row: Seen, names: Mapping[str, str]) -> Seen:
    same = tuple(sorted(names[o] for o in row.same))
    return msgspec.structs.replace(row, right=None, gold="", same=same)


def _words(words: str, names: Mapping[str, str]) -> str:
    """Return words with others named as in this case."""
    if not names:
        return words
    known = "|".join(re.escape(n) for n in sorted(names, key=len, reverse=True))
    return re.sub(rf"(?<![\w-])(?:{known})(?![\w-])", lambda m: names[m[0]], words)
