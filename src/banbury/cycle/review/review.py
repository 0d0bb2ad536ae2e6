"""Run the checks over a run's episodes, and keep what they say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import msgspec

from banbury import clock
from banbury.cycle.review.candidate import Candidate, candidate
from banbury.cycle.review.checks import CHECKS, Check, Finding, Limits
from banbury.episode import Judgement, Record, canonical, digest
from banbury.errors import InputError
from banbury.store import Lab, Review

REVIEW = "review"
"""The check's name of the row that sums all checks up; the newest one of an episode counts."""
_PAGE = 500


class Rejected(msgspec.Struct, frozen=True):
    """An episode that may not be trained on, and why."""

    episode: str
    skill: str
    reasons: tuple[str, ...]


class Reviewed(msgspec.Struct, frozen=True):
    """What a review found.

    Attributes:
        accepted: ids of episodes that may be released, in the order of their ids.
        rejected: the others, with their reasons.
        reasons: how many episodes were rejected for each reason.
        notes: how many accepted ones bear each note.
        by_skill: accepted and rejected episodes of each skill, in this order.
        checks: the hash of every check that ran, 16 hex digits.
        reserved: reserved tasks that were compared with.
        seconds: wall time.
        artifact: id of the `review` artifact that keeps this, "" if there is none.
    """

    accepted: tuple[str, ...]
    rejected: tuple[Rejected, ...]
    reasons: dict[str, int]
    notes: dict[str, int]
    by_skill: dict[str, tuple[int, int]]
    checks: dict[str, str]
    reserved: int
    seconds: float
    artifact: str = ""


def review(
    lab: Lab,
    *,
    run: str | None = None,
    episodes: Sequence[str] | None = None,
    checks: Sequence[Check] = CHECKS,
    limits: Limits | None = None,
    seat: str | None = None,
    name: str | None = None,
    parents: Sequence[str] = (),
) -> Reviewed:
    """Check episodes and keep a row for each finding, and one for each episode's verdict.

    Checks that look at an episode alone run first; only what they leave is compared with one
    another, so that a bad copy never displaces a good one. The words of all candidates are held
    in memory, their bodies are not.

    Args:
        lab: where the episodes are.
        run: the run whose episodes are reviewed; of `campaign:NAME`, those that people accepted.
        episodes: ids, instead of a run.
        checks: which to run.
        limits: their settings.
        seat: whose words are to be trained on; the first seat's if None.
        name: of the `review` artifact that is left; the run's if None. Of single episodes none
            is left unless it is named.
        parents: artifacts that it follows from.

    Raises:
        InputError: neither or both of `run` and `episodes`, or no episode at all.
        UnknownName: an episode, or its task, is not in the lab.
    """
    begun = clock.mono_ns()
    limits = limits or Limits()
    candidates = list(_candidates(lab, run, episodes, seat))
    if not candidates:
        raise InputError(
            "there is no episode to review", where=f"run {run!r}", do="see `banbury episodes`"
        )
    gyms = sorted({c.task.gym for c in candidates})
    held = [t for gym in gyms for t in lab.tasks(gym=gym, split="reserved")]
    found: list[tuple[Check, Finding]] = []
    out: set[str] = set()
    for scope in ("each", "set"):
        left = [c for c in candidates if c.id not in out]
        for check in (c for c in checks if c.scope == scope):
            found += [(check, finding) for finding in check.look(left, held, limits)]
        out = {f.episode for _, f in found if f.rejects}
    hashes = {c.name: c.hash(limits)[:16] for c in checks}
    evidence = canonical({"checks": hashes, "overlap": [limits.words, limits.overlap]}).decode()
    made = [*_rows(found, hashes), *_verdicts(candidates, found, hashes, evidence)]
    lab.put_reviews(_unsaid(lab, made))
    result = _summary(candidates, found, hashes, len(held), begun)
    called = run if name is None else name
    if not called:
        return result
    body = msgspec.to_builtins(result)
    kept = lab.put_artifact(
        REVIEW, called, {**body, "run": run or ""}, parents=list(parents), same_but=("seconds",)
    )
    return msgspec.structs.replace(result, artifact=kept.id)


def _candidates(
    lab: Lab, run: str | None, episodes: Sequence[str] | None, seat: str | None
) -> Iterator[Candidate]:
    if (run is None) == (episodes is None):
        raise InputError("a review needs a run or episodes", do="give one of the two")
    if run is not None:
        episodes = lab.queue.taken(run)
    records = lab.records(run=run) if episodes is None else _read(lab, episodes)
    pages = iter(records)
    while page := list(islice(pages, _PAGE)):
        problems = lab.problems({r.episode.key.task for r, _ in page})
        for record, judgements in page:
            yield candidate(record, problems[record.episode.key.task], judgements, seat)


def _read(lab: Lab, ids: Sequence[str]) -> Iterator[tuple[Record, tuple[Judgement, ...]]]:
    judgements = lab.judgements(ids)
    for record in lab.readable(sorted(set(ids))):
        yield record, judgements.get(record.episode.id, ())


def _rows(found: Iterable[tuple[Check, Finding]], hashes: dict[str, str]) -> Iterator[Review]:
    for check, finding in found:
        yield Review(
            finding.episode,
            check.name,
            hashes[check.name],
            "reject" if finding.rejects else "accept",
            (finding.reason,),
            canonical({"detail": finding.detail}).decode(),
        )


def _unsaid(lab: Lab, made: Sequence[Review]) -> list[Review]:
    """Return the rows of episodes of which the last review said something else, or nothing.

    So a review that was killed before it left its artifact says nothing twice.
    """
    by_episode: dict[str, list[Review]] = {}
    for row in made:
        by_episode.setdefault(row.episode, []).append(row)
    stored = lab.reviews(list(by_episode))
    fresh: list[Review] = []
    for id, rows in by_episode.items():
        if [_words(r) for r in _last(stored.get(id, ()))] != [_words(r) for r in rows]:
            fresh += rows
    return fresh


def _last(rows: Sequence[Review]) -> Sequence[Review]:
    """Return the rows of the newest review: those behind the verdict of the one before."""
    ends = [i + 1 for i, row in enumerate(rows) if row.check == REVIEW]
    return rows[ends[-2] :] if len(ends) > 1 else rows


def _words(r: Review) -> tuple[object, ...]:
    return r.check, r.check_hash, r.verdict, r.reasons, r.evidence


def _verdicts(
    candidates: Sequence[Candidate],
    found: Sequence[tuple[Check, Finding]],
    hashes: dict[str, str],
    evidence: str,
) -> Iterator[Review]:
    whole = digest(canonical(hashes))
    reasons = _reasons(found)
    for c in candidates:
        why = reasons.get(c.id, ())
        yield Review(c.id, REVIEW, whole, "reject" if why else "accept", why, evidence)


def _reasons(found: Sequence[tuple[Check, Finding]]) -> dict[str, tuple[str, ...]]:
    """Return the reasons for which each rejected episode was, each once, in order."""
    out: dict[str, tuple[str, ...]] = {}
    for _, f in found:
        if f.rejects and f.reason not in out.get(f.episode, ()):
            out[f.episode] = (*out.get(f.episode, ()), f.reason)
    return out


def _summary(
    candidates: Sequence[Candidate],
    found: Sequence[tuple[Check, Finding]],
    hashes: dict[str, str],
    held: int,
    begun: int,
) -> Reviewed:
    reasons = _reasons(found)
    counts = Counter(why for all_of_them in reasons.values() for why in all_of_them)
    notes = Counter(r for _, r in {(f.episode, f.reason) for _, f in found
                                   if not f.rejects and f.episode not in reasons})  # fmt: skip
    by_skill: dict[str, tuple[int, int]] = {}
    for c in candidates:
        good, bad = by_skill.get(c.episode.skill, (0, 0))
        by_skill[c.episode.skill] = (good, bad + 1) if c.id in reasons else (good + 1, bad)
    return Reviewed(
        accepted=tuple(c.id for c in candidates if c.id not in reasons),
        rejected=tuple(
            Rejected(c.id, c.episode.skill, reasons[c.id]) for c in candidates if c.id in reasons
        ),
        reasons=dict(sorted(counts.items())),
        notes=dict(sorted(notes.items())),
        by_skill=dict(sorted(by_skill.items())),
        checks=hashes,
        reserved=held,
        seconds=(clock.mono_ns() - begun) / 1e9,
    )
