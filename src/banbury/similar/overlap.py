"""Overlap: does a task repeat a text that must stay unseen, such as a benchmark or a held-out set?

Two rules, each enough. A run of 13 words that is in both (Brown et al. 2020, GPT-3, appendix C)
finds long passages wherever they stand. It cannot find short tasks, nor passages with a word
changed every dozen; so a text also overlaps if most of its pieces, eight characters long, are
in one reference: a share of the text, not of both, so that a short question is found inside a
long page.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from banbury.errors import InputError
from banbury.similar.exact import normalise
from banbury.similar.match import Match, check_share, check_texts
from banbury.similar.near import pieces

PIECE = 8
"""Characters in a piece."""

_WORD = re.compile(r"\w+")


def overlaps(
    texts: Iterable[str],
    references: Iterable[str],
    words: int = 13,
    share: float = 0.8,
) -> list[Match]:
    """Match each text to the reference that it repeats most, by either rule.

    `words` is the length of a run that counts, `share` the least share of the text's pieces
    that must be in one reference. References are read once and not kept, so they may be a stream.
    A text of fewer than eight characters has no piece of its own and is never reported: use
    `exact_duplicates` for such. The score is the share of the text's pieces that are in that
    reference. At most one match a text, in the order of the texts. Raises InputError.
    """
    check_share(share, "overlaps", "share")
    if words < 2:
        raise InputError(f"runs of {words} words", where="overlaps", do="give at least 2 words")
    mine = check_texts(texts, "overlaps")
    if isinstance(references, str):
        raise InputError("a single string", where="overlaps, references", do="give a list of texts")
    by_piece, by_run, sizes = _index(mine, words)
    best: dict[int, tuple[bool, float, int, str]] = {}
    for r, reference in enumerate(references):
        shared = Counter(t for p in pieces(reference, PIECE) for t in by_piece.get(p, ()))
        ran = _shared_runs(reference, words, by_run)
        for t in shared.keys() | ran.keys():
            score = shared[t] / sizes[t]
            if t not in ran and score < share:
                continue
            reason = f"{score:.0%} of its {PIECE}-character pieces are in it"
            if t in ran:
                reason = f'{words} words in a row are in both: "{ran[t]}"'
            # A run of words is the stronger sign; among equals the first reference stays.
            if t not in best or (t in ran, score) > best[t][:2]:
                best[t] = (t in ran, score, r, reason)
    return [
        Match(t, r, score, "overlap", reason) for t, (_, score, r, reason) in sorted(best.items())
    ]


def _index(
    texts: Sequence[str], words: int
) -> tuple[dict[str, list[int]], dict[str, list[int]], list[int]]:
    """Which texts hold each piece and each run of words, and how many pieces each text has."""
    by_piece: dict[str, list[int]] = defaultdict(list)
    by_run: dict[str, list[int]] = defaultdict(list)
    sizes = []
    for t, text in enumerate(texts):
        own = pieces(text, PIECE)
        sizes.append(len(own))
        if len(normalise(text)) >= PIECE:
            for piece in own:
                by_piece[piece].append(t)
        for run in set(_runs(text, words)):
            by_run[run].append(t)
    return by_piece, by_run, sizes


def _shared_runs(reference: str, words: int, by_run: Mapping[str, Sequence[int]]) -> dict[int, str]:
    """For each text that shares a run of words with the reference, the first such run."""
    found: dict[int, str] = {}
    for run in _runs(reference, words):
        for t in by_run.get(run, ()):
            found.setdefault(t, run)
    return found


def _runs(text: str, words: int) -> Iterator[str]:
    plain = _WORD.findall(normalise(text))
    return (" ".join(plain[i : i + words]) for i in range(len(plain) - words + 1))
