"""Candidates for new skills, from tried tasks: what do those that failed have in common?

Half of the tasks is looked at to find candidates, and only the other half says how they fare, so
that nothing is chosen and reported on the same items. Within the first half, a term of the task
counts by how strongly it goes with failing, skill by skill; failures are clustered by these terms
and by what was said and noted; and a sparse linear classifier learns to tell a cluster's tasks
from all others by their words alone, since a skill must be known before anybody tries it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from banbury.cycle.diagnose.contrast import fails_more, leaning
from banbury.episode import Task, digest
from banbury.episode.definition import Terms, terms, text_of
from banbury.errors import SetupError
from banbury.similar.cluster import clusters
from banbury.similar.embed import embed
from banbury.statistics.intervals import Interval, wilson
from banbury.statistics.multiple import holm

try:
    from scipy.sparse import csr_matrix, diags, hstack
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import normalize
except ImportError as error:
    raise SetupError("scikit-learn is missing", do="pip install 'banbury[local]'") from error

_SAID = 0.3
"""Weight of what was said beside what was asked; the task must stay what holds a cluster."""

_LEAN = 1.0
_STRENGTHS = (0.1, 0.2, 0.4, 0.8, 1.6)
_TAKEN = 0.8
"""The sparsest classifier is taken that takes in this share of the cluster."""

_DIMENSIONS = 24
Verdict = Literal["proposed", "unstable", "alike", "covered"]
ALPHA = 0.05
STABLE = 0.6
"""Least mean Jaccard index of a cluster that is proposed; below, Hennig advises against trust."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rows = NDArray[np.intp]


class Tried(msgspec.Struct, frozen=True):
    """One attempt: the task, what the actor said, what the judge noted, and how it ended."""

    episode: str
    task: Task
    said: str
    noted: str
    failed: bool


class Candidate(msgspec.Struct, frozen=True):
    """A cluster of failures.

    Attributes:
        members: indices of failures of the first half, the medoid first, then by distance from it.
        stability: mean Jaccard index over repeated clusterings, see `similar.cluster`; None for
            all failures of a skill, which are no cluster.
        terms: the classifier of its tasks.
        words: the terms that tell it from the rest, the strongest first.
        skills: skills of which the classifier accepts tasks that failed.
        inside: pass rate of the other half's tasks that the classifier accepts; None if it
            accepts none.
        outside: of the same skills' others; None if there are none.
        p: that those inside fail no more than the others, by Holm over all stable candidates;
            1 for one that is not stable.
        verdict: `proposed`; `unstable`, where it does not come back when failures are left out;
            `alike`, where it fails no more than the rest; `covered`, where it does so no more once
            the tasks of those proposed before are set aside.
        precision: share of the other half's failures that the classifier accepts which lie
            nearest to members of the cluster; None if it accepts none.
    """

    members: tuple[int, ...]
    stability: float | None
    terms: Terms
    words: tuple[str, ...]
    skills: tuple[str, ...]
    inside: Interval | None
    outside: Interval | None
    p: float
    precision: float | None
    verdict: Verdict = "alike"

    @property
    def stable(self) -> bool:
        """Say whether it comes back when some failures are left out."""
        return self.stability is None or self.stability >= STABLE


class Found(msgspec.Struct, frozen=True):
    """What was found, and how much of the failures it leaves out.

    Attributes:
        candidates: the lowest pass rate first, by its interval's upper end.
        rand: how alike repeated clusterings are on average, 1 for the same each time.
        first: attempts in the half that was looked at.
        other: attempts in the half that was held out.
        loose: failures of the first half in no cluster.
    """

    candidates: tuple[Candidate, ...]
    rand: float
    first: int
    other: int
    loose: int


def find(
    tried: Sequence[Tried],
    *,
    least: int = 5,
    across: bool = False,
    embedded: bool = False,
    seed: int = 0,
) -> Found:
    """Find candidates among the failures of attempts, each of a task of its own.

    Args:
        tried: the attempts.
        least: fewest failures in a cluster.
        across: cluster the failures of all skills together, not of each by itself.
        embedded: add sentence embeddings to the features.
        seed: of the halves and of all else that is drawn.

    Raises:
        SetupError: embeddings are asked for and not installed.
    """
    half = _halves(tried, seed)
    failed = np.array([t.failed for t in tried], dtype=bool)
    names = sorted({t.task.skill for t in tried})
    strata = np.array([names.index(t.task.skill) for t in tried], dtype=np.int64)
    vectors = _centred(embed([text_of(t.task) for t in tried]), strata) if embedded else None
    groups: list[tuple[Floats, Rows, float | None]] = []
    rands: list[float] = []
    loose = 0
    for among in (
        [np.ones(len(tried), dtype=bool)] if across else [strata == s for s in np.unique(strata)]
    ):
        one = np.flatnonzero(half & failed & among)
        if len(one) < least:
            loose += len(one)
            continue
        points = _points(tried, half & among, failed, strata, vectors, seed)
        grouped = clusters(points[one], least=least, seed=seed)
        groups += [(points, one[list(c.members)], c.jaccard) for c in grouped.clusters]
        groups += [(points, g, None) for g in _lumps(half & among, failed, strata, least)]
        rands += [grouped.rand] if grouped.clusters else []
        loose += grouped.loose
    made = [_candidate(tried, p, half, failed, strata, g, s, seed) for p, g, s in groups]
    chosen = _choose(made, ~half, failed, strata)
    first, other = int(half.sum()), int((~half).sum())
    return Found(tuple(chosen), float(np.mean(rands)) if rands else 0.0, first, other, loose)


def _choose(
    made: Sequence[tuple[Candidate, Bools]], other: Bools, failed: Bools, strata: NDArray[np.int64]
) -> list[Candidate]:
    """Give each candidate its verdict by the other half alone; the lowest pass rate comes first."""
    ps = iter(holm([c.p for c, _ in made if c.stable]))
    tested = [
        (replace(c, p=float(next(ps))) if c.stable else replace(c, p=1.0, verdict="unstable"), a)
        for c, a in made
    ]
    tested.sort(key=lambda t: (t[0].inside.high if t[0].inside else 1.0, t[0].p, t[0].members))
    out: list[Candidate] = []
    taken = np.zeros(len(failed), dtype=bool)
    for candidate, accepted in tested:
        if candidate.p <= ALPHA:
            among = np.isin(strata, np.unique(strata[accepted & other]))
            rows = other & among & ~taken
            again = fails_more(accepted[rows], failed[rows], strata[rows])
            verdict: Verdict = "proposed" if again <= ALPHA else "covered"
            candidate = replace(candidate, verdict=verdict)
            if verdict == "proposed":
                taken |= accepted
        out.append(candidate)
    return out


def _lumps(half: Bools, failed: Bools, strata: NDArray[np.int64], least: int) -> list[Rows]:
    """Return all failures of each skill that has passes too, in case they are all of one kind."""
    own = [half & (strata == s) for s in np.unique(strata)]
    return [
        np.flatnonzero(rows & failed)
        for rows in own
        if int((rows & failed).sum()) >= least and (rows & ~failed).any()
    ]


def _halves(tried: Sequence[Tried], seed: int) -> Bools:
    """Return the first half: every other task of each skill, in the order of a seeded hash."""
    order = sorted(
        range(len(tried)), key=lambda i: (tried[i].task.skill, _mixed(tried[i].task.id, seed))
    )
    half = np.zeros(len(tried), dtype=bool)
    half[order[::2]] = True
    return half


def _mixed(task: str, seed: int) -> str:
    return digest(task.encode(), str(seed).encode())


def _present(tried: Sequence[Tried], rows: Rows) -> tuple[csr_matrix, list[str], csr_matrix]:
    """Return which terms stand where: (of the rows, the terms, of all); each stands in two rows."""
    held = [terms(text_of(t.task)) for t in tried]
    counts = Counter(t for i in rows for t in held[i])
    names = sorted(t for t, n in counts.items() if n >= 2)
    column = {t: c for c, t in enumerate(names)}
    places = [(i, column[t]) for i, own in enumerate(held) for t in own if t in column]
    at = np.array(places, dtype=np.int64).reshape(-1, 2).T
    every = csr_matrix((np.ones(len(places)), (at[0], at[1])), shape=(len(held), len(names)))
    return every[rows], names, every


def _points(
    tried: Sequence[Tried],
    half: Bools,
    failed: Bools,
    strata: NDArray[np.int64],
    vectors: Floats | None,
    seed: int,
) -> Floats:
    """Return a point for each attempt, made from the first half alone."""
    rows = np.flatnonzero(half)
    mine, _, every = _present(tried, rows)
    lean = np.maximum(0.0, leaning(mine, failed[rows], strata[rows]) - _LEAN)
    asked = normalize(every @ diags(lean))
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    words = TfidfVectorizer(token_pattern=r"\w+", ngram_range=(1, 2), sublinear_tf=True)
    said = [f"said {t.said}\nnoted {t.noted}" for t in tried]
    fit = [text for text, known in zip(said, half & failed, strict=True) if known]
    parts = [asked]
    for vectorizer in (words, characters):
        vectorizer.fit(fit)
        parts.append(_SAID * vectorizer.transform(said))
    whole = hstack(parts).tocsr()
    size = min(_DIMENSIONS, whole.shape[1] - 1, len(rows) - 1)
    svd = TruncatedSVD(size, random_state=seed)
    with np.errstate(divide="ignore", invalid="ignore"):  # of the variance, where all are alike
        svd.fit(whole[np.flatnonzero(half & failed)])
    points = svd.transform(whole)
    if vectors is not None:
        points = np.hstack([points, vectors])
    return np.asarray(points, dtype=np.float64)


def _centred(vectors: Floats, strata: NDArray[np.int64]) -> Floats:
    out = vectors.copy()
    for s in np.unique(strata):
        out[strata == s] -= out[strata == s].mean(axis=0)
    return out


def _candidate(
    tried: Sequence[Tried],
    points: Floats,
    half: Bools,
    failed: Bools,
    strata: NDArray[np.int64],
    group: Rows,
    stability: float | None,
    seed: int,
) -> tuple[Candidate, Bools]:
    """Return a candidate before any verdict, and which attempts its classifier accepts."""
    centre = points[group].mean(axis=0)
    medoid = points[group[np.argmin(np.linalg.norm(points[group] - centre, axis=1))]]
    order = np.argsort(np.linalg.norm(points[group] - medoid, axis=1), kind="stable")
    skills = sorted({int(s) for s in strata[group]})
    # A skill of which it holds a stray failure or two is not its own.
    skills = [s for s in skills if (strata[group] == s).sum() >= max(2, 0.1 * len(group))]
    among = np.isin(strata, skills)
    classifier, words = _classifier(tried, np.flatnonzero(half & among), group, seed)
    accepted = np.array([classifier.holds(t.task) for t in tried], dtype=bool)
    held = ~half & among
    inside, outside = held & accepted, held & ~accepted
    made = Candidate(
        members=tuple(int(i) for i in group[order] if among[i]),
        stability=stability,
        terms=classifier,
        words=words,
        skills=tuple(sorted({tried[i].task.skill for i in group if strata[i] in skills})),
        inside=_rate(failed, inside),
        outside=_rate(failed, outside),
        p=fails_more(accepted[held], failed[held], strata[held]) if held.any() else 1.0,
        precision=_precision(points, half & failed, group, inside & failed),
    )
    return made, accepted & among


def _rate(failed: Bools, rows: Bools) -> Interval | None:
    n = int(rows.sum())
    return wilson(n - int(failed[rows].sum()), n) if n else None


def _classifier(
    tried: Sequence[Tried], rows: Rows, group: Rows, seed: int
) -> tuple[Terms, tuple[str, ...]]:
    """Return the classifier of a cluster's tasks among others, and its strongest terms."""
    mine, names, _ = _present(tried, rows)
    member = np.isin(rows, group)
    if member.all() or not names:
        return Terms({}, 1.0 if member.all() else -1.0), ()
    for strength in _STRENGTHS:
        fit = LogisticRegression(
            solver="liblinear", l1_ratio=1.0, C=strength, class_weight="balanced", random_state=seed
        ).fit(mine, member)
        if fit.predict(mine)[member].mean() >= _TAKEN:
            break
    weights = {n: float(w) for n, w in zip(names, fit.coef_[0], strict=True) if w != 0.0}
    strongest = sorted((n for n, w in weights.items() if w > 0), key=lambda n: (-weights[n], n))
    return Terms(weights, float(fit.intercept_[0])), tuple(strongest[:6])


def _precision(points: Floats, known: Bools, group: Rows, asked: Bools) -> float | None:
    """Return the share of `asked` of whose five nearest known failures most are in the group."""
    rows, base = np.flatnonzero(asked), np.flatnonzero(known)
    if not len(rows):
        return None
    mine = np.isin(base, group)
    hits = 0
    for i in rows:
        near = np.argsort(np.linalg.norm(points[base] - points[i], axis=1), kind="stable")[:5]
        hits += int(2 * mine[near].sum() > len(near))
    return hits / len(rows)
