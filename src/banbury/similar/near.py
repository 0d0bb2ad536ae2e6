"""Near duplicates: copies that were edited here and there.

Texts are compared as sets of pieces, five characters long, taken at every place of the
normalised text; their similarity is the Jaccard index, the share of the pieces of either that are
in both. On paragraphs of real text, 99 of 100 copies with a tenth of their words edited score
above 0.6 and unrelated ones below 0.3, so the threshold stands at 0.5. (With pieces of three
words, which are often used, such copies score from 0.4 on, and the usual threshold of 0.7
misses most of them.) Tasks made from one template that differ only in a few numbers are near
duplicates by this measure; ask for exact duplicates there.

Candidates come from MinHash and locality-sensitive hashing (Broder 1997; the library rensa),
with so many bands that a pair at the threshold is missed at most once in 200; each candidate is
then checked by its true similarity, so nothing is reported on the strength of a hash.
"""

import math
from collections.abc import Iterable, Sequence

from rensa import RMinHash, RMinHashLSH

from banbury.similar.exact import digest, normalise
from banbury.similar.match import Match, check_share, check_texts

PIECE = 5
"""Characters in a piece."""

_MISSED = 0.005  # of the pairs at the threshold, by the choice of bands
_MOST_HASHES = 256  # of one text
_SEED = 20


def pieces(text: str, size: int = PIECE) -> frozenset[str]:
    """The pieces of `size` characters of the normalised text; a shorter text is its own piece."""
    plain = normalise(text)
    return frozenset(plain[i : i + size] for i in range(max(1, len(plain) - size + 1)))


def jaccard(first: frozenset[str], second: frozenset[str]) -> float:
    """The share of the pieces of either set that are in both; 1 for two empty sets."""
    shared = len(first & second)
    together = len(first) + len(second) - shared
    return shared / together if together else 1.0


def near_duplicates(
    texts: Iterable[str],
    references: Iterable[str] | None = None,
    threshold: float = 0.5,
) -> list[Match]:
    """Match each text to the most similar of `references` at or above `threshold`.

    Without references, to the most similar of the texts before it, so dropping all that are in
    the result keeps the first of each kind. Exact duplicates are in the result, as kind `exact`,
    and cost no comparison. At most one match a text, in the order of the texts. Raises
    InputError for a threshold outside (0, 1].
    """
    check_share(threshold, "near_duplicates", "threshold")
    mine = check_texts(texts, "near_duplicates")
    if references is None:
        return _within(mine, threshold)
    return _against(mine, check_texts(references, "near_duplicates, references"), threshold)


def _within(texts: Sequence[str], threshold: float) -> list[Match]:
    first: dict[str, int] = {}
    owner = [first.setdefault(digest(text), i) for i, text in enumerate(texts)]
    firsts = list(first.values())
    sets = [pieces(texts[i]) for i in firsts]
    candidates = _candidates(sets, sets, threshold)
    best = {}
    for i, others in enumerate(candidates):
        score, j = _closest(sets[i], [j for j in others if j < i], sets)
        if score >= threshold:
            best[firsts[i]] = _near(firsts[i], firsts[j], score)
    return [
        _exact(i, owner[i]) if owner[i] != i else best[i]
        for i in range(len(texts))
        if owner[i] != i or i in best
    ]


def _against(texts: Sequence[str], references: Sequence[str], threshold: float) -> list[Match]:
    first: dict[str, int] = {}
    for i, text in enumerate(references):
        first.setdefault(digest(text), i)
    firsts = list(first.values())
    sets = [pieces(references[i]) for i in firsts]
    mine = [pieces(text) for text in texts]
    matches = []
    for i, others in enumerate(_candidates(mine, sets, threshold)):
        same = first.get(digest(texts[i]))
        if same is not None:
            matches.append(_exact(i, same))
            continue
        score, j = _closest(mine[i], others, sets)
        if score >= threshold:
            matches.append(_near(i, firsts[j], score))
    return matches


def _closest(
    mine: frozenset[str], others: Iterable[int], sets: Sequence[frozenset[str]]
) -> tuple[float, int]:
    """The highest similarity and the first index that has it; (0, 0) if there is no other."""
    score, other = max(((jaccard(mine, sets[j]), -j) for j in others), default=(0.0, 0))
    return score, -other


def _candidates(
    asked: Sequence[frozenset[str]], indexed: Sequence[frozenset[str]], threshold: float
) -> list[list[int]]:
    """For each asked set, the indices of the indexed ones that share a band with it."""
    if not asked or not indexed:
        return [[] for _ in asked]
    rows, bands = _bands(threshold)
    index = RMinHashLSH(threshold=threshold, num_perm=rows * bands, num_bands=bands)
    index.insert_many(_sketches(indexed, rows * bands), start_key=0)
    found = index.query_all(_sketches(asked, rows * bands))
    return [sorted(set(keys)) for keys in found]


def _sketches(sets: Sequence[frozenset[str]], hashes: int) -> list[RMinHash]:
    # Sorted, so that the sketch does not hang on Python's random order of strings in a set.
    return list(RMinHash.from_token_sets([sorted(s) for s in sets], num_perm=hashes, seed=_SEED))


def _bands(threshold: float) -> tuple[int, int]:
    """The most rows a band, and the bands for them, that miss few enough pairs."""
    chosen = (1, _MOST_HASHES)
    for rows in range(1, _MOST_HASHES + 1):
        bands = _MOST_HASHES // rows
        if (1 - threshold**rows) ** bands > _MISSED:
            break
        needed = 1 if threshold == 1 else math.log(_MISSED) / math.log1p(-(threshold**rows))
        chosen = (rows, math.ceil(needed))
    return chosen


def _exact(text: int, other: int) -> Match:
    return Match(text, other, 1.0, "exact", "the same but for case and spacing")


def _near(text: int, other: int, score: float) -> Match:
    reason = f"{score:.0%} of the {PIECE}-character pieces of the two are shared"
    return Match(text, other, score, "near", reason)
