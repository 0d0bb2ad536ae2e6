"""Proposals of new skills: what a probe's failures have in common and the taxonomy has no name for.

A proposal is a cluster of failures that comes back when some are left out, and whose kind of task
fails more than the rest of its skills on tasks that had no part in finding it. Nothing is named
here: a person does that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from banbury.cycle import skills
from banbury.cycle.diagnose.find import Candidate, Tried, find
from banbury.episode import Judgement, Record
from banbury.episode.definition import Terms
from banbury.errors import InputError, UnknownName
from banbury.gyms.contract import final_answer
from banbury.statistics.intervals import Interval
from banbury.store import Artifact, Lab, Taxonomy

KIND = "proposals"
EXAMPLES = 3
_CUT = 2000
"""Characters of an answer, and of a judge's note, that are looked at."""


class Shown(msgspec.Struct, frozen=True):
    """A failure to look at."""

    episode: str
    asked: str
    said: str


class Proposal(msgspec.Struct, frozen=True):
    """What may be a skill of its own.

    Attributes:
        name: `P1`, `P2`, ... within the artifact.
        suggestion: a name to begin with; a person finds a better one.
        skills: the skills in which it was found.
        words: terms that tell its tasks from the rest.
        terms: the classifier of its tasks.
        episodes: the failures in the cluster, the most typical first.
        examples: the first three.
        stability: mean Jaccard index over repeated clusterings; None for all failures of a skill.
        inside: pass rate of held-out tasks of this kind.
        outside: of the same skills' other held-out tasks.
        p: that tasks of this kind fail no more than the others, by Holm over all candidates.
        precision: share of held-out failures of this kind that lie nearest to the cluster.
    """

    name: str
    suggestion: str
    skills: tuple[str, ...]
    words: tuple[str, ...]
    terms: Terms
    episodes: tuple[str, ...]
    examples: tuple[Shown, ...]
    stability: float | None
    inside: Interval
    outside: Interval | None
    p: float
    precision: float | None


class Proposals(msgspec.Struct, frozen=True):
    """All that was proposed of one set of attempts.

    Attributes:
        actor: whose attempts, as their key names it.
        run: the run they were taken from, "" for all.
        skill: the skill or pattern they were taken from, "" for all.
        any_form: a right answer in the wrong form was no failure.
        across: the failures of all skills were clustered together.
        embedded: sentence embeddings were among the features.
        seed: of the halves.
        attempts: judged attempts, one for each task.
        failures: those that failed.
        first: attempts that were looked at for clusters.
        other: attempts that were held out for the figures.
        loose: failures of the first half in no cluster.
        rand: how alike repeated clusterings are.
        proposals: the lowest pass rate first, by its interval's upper end.
        unstable: candidates left out because they do not come back.
        alike: candidates left out because they fail no more than the rest.
        covered: candidates left out because they do so no more once the tasks of those proposed
            before are set aside.
    """

    actor: str
    run: str
    skill: str
    any_form: bool
    across: bool
    embedded: bool
    seed: int
    attempts: int
    failures: int
    first: int
    other: int
    loose: int
    rand: float
    proposals: tuple[Proposal, ...]
    unstable: int
    alike: int
    covered: int


def propose(
    lab: Lab,
    *,
    name: str,
    run: str | None = None,
    skill: str | None = None,
    actor: str | None = None,
    any_form: bool = False,
    across: bool = False,
    embedded: bool = False,
    least: int = 5,
    seed: int = 0,
    parents: Sequence[str] = (),
) -> Artifact:
    """Cluster failures and leave a `proposals` artifact; the same arguments find the same.

    Attempts that the infrastructure failed count nowhere.

    Args:
        lab: where the episodes are.
        name: name of the artifact.
        run: whose episodes; all if None.
        skill: name or pattern; all if None.
        actor: name of the actor, or its whole key; needed where several acted.
        any_form: only an answer that is wrong in every form is a failure.
        across: cluster the failures of all skills together, not of each by itself.
        embedded: add sentence embeddings to the features.
        least: fewest failures in a cluster.
        seed: of the halves.
        parents: artifacts that it follows from.

    Raises:
        InputError: there is no judged attempt, or several actors and none is named.
        UnknownName: no actor of that name.
        SetupError: embeddings are asked for and not installed.
    """
    held, key = _attempts(lab, run, skill, actor, any_form)
    found = find(held, least=least, across=across, embedded=embedded, seed=seed)
    verdicts = [c.verdict for c in found.candidates]
    chosen = [c for c in found.candidates if c.verdict == "proposed"]
    taxonomy = lab.taxonomy
    body = Proposals(
        actor=key,
        run=run or "",
        skill=skill or "",
        any_form=any_form,
        across=across,
        embedded=embedded,
        seed=seed,
        attempts=len(held),
        failures=sum(t.failed for t in held),
        first=found.first,
        other=found.other,
        loose=found.loose,
        rand=found.rand,
        proposals=tuple(_proposal(held, c, i, taxonomy) for i, c in enumerate(chosen, 1)),
        unstable=verdicts.count("unstable"),
        alike=verdicts.count("alike"),
        covered=verdicts.count("covered"),
    )
    return lab.put_artifact(KIND, name, msgspec.to_builtins(body), parents=list(parents))


def accepted(lab: Lab, words: Sequence[str]) -> list[tuple[str, Proposal]]:
    """Return proposals, each named as `NAME/P1`, with the ids of their artifacts.

    Raises:
        UnknownName: there is no such artifact, or it holds no such proposal.
        InputError: a word does not say of which artifact it is.
    """
    out: list[tuple[str, Proposal]] = []
    for word in words:
        of, _, short = word.rpartition("/")
        if not of:
            raise InputError(f"{word!r} does not say of which proposals it is", do="write NAME/P1")
        artifact = lab.artifact(KIND, of)
        held = {p.name: p for p in msgspec.convert(artifact.body, Proposals).proposals}
        if short not in held:
            raise UnknownName("proposal", short, held, where=f"proposals {artifact.name!r}")
        out.append((artifact.id, held[short]))
    return out


def accept(lab: Lab, word: str, new: str, *, title: str = "", who: str, why: str = "") -> Taxonomy:
    """Give a name to a proposal; the skills that it was found in stay as they are.

    Raises:
        UnknownName: there is no such proposal.
        InputError: the name cannot be given.
    """
    ((artifact, one),) = accepted(lab, [word])
    return skills.accept(
        lab, new, one.skills, one.terms, title=title, proposal=artifact, who=who, why=why
    )


def _attempts(
    lab: Lab, run: str | None, skill: str | None, actor: str | None, any_form: bool
) -> tuple[list[Tried], str]:
    """Return each task's first judged attempt, and the key of who made them."""
    where = f"run {run!r}" if run else f"skill {skill!r}" if skill else f"lab {lab.name!r}"
    keys = {o.actor for o in lab.outcomes(run=run, skill=skill, status="done")}
    if not keys:
        raise InputError("no attempt has come to a judgement", where=where, do="probe first")
    mine = {k for k in keys if actor is None or actor in (k, _short(k))}
    if not mine:
        raise UnknownName("actor", actor or "", keys, where=where)
    if len(mine) > 1:
        raise InputError(
            f"{len(mine)} actors tried these tasks: {', '.join(sorted(mine))}",
            where=where,
            do="name one with --actor",
        )
    (key,) = mine
    first: dict[str, tuple[Record, Judgement]] = {}
    for record, judgements in lab.records(run=run, skill=skill, actor=key, status="done"):
        if judgements:
            first.setdefault(record.episode.key.task, (record, judgements[-1]))
    return _tried(lab, first, any_form), key


def _tried(lab: Lab, first: Mapping[str, tuple[Record, Judgement]], any_form: bool) -> list[Tried]:
    problems = lab.problems(first)
    out: list[Tried] = []
    for task, (record, judgement) in first.items():
        right = judgement.passed
        if any_form:
            right |= judgement.components.get("lenient", 0.0) >= 1.0
        said = final_answer(record) or _last_action(record)
        out.append(
            Tried(
                episode=record.episode.id,
                task=problems[task].task,
                said=said[:_CUT],
                noted=judgement.evidence[:_CUT],
                failed=not right,
            )
        )
    return out


def _last_action(record: Record) -> str:
    """Return the last action as it stands, where it is no plain answer."""
    actions = [s for s in record.steps if s.kind == "action"]
    return bytes(actions[-1].payload).decode("utf-8", "replace") if actions else ""


def _proposal(
    held: Sequence[Tried], candidate: Candidate, number: int, taxonomy: Taxonomy
) -> Proposal:
    assert candidate.inside is not None, "a proposal without a rate"
    members = [held[i] for i in candidate.members]
    return Proposal(
        name=f"P{number}",
        suggestion=_suggestion(candidate, taxonomy),
        skills=candidate.skills,
        words=candidate.words,
        terms=candidate.terms,
        episodes=tuple(t.episode for t in members),
        examples=tuple(
            Shown(t.episode, t.task.public.instruction, t.said) for t in members[:EXAMPLES]
        ),
        stability=candidate.stability,
        inside=candidate.inside,
        outside=candidate.outside,
        p=candidate.p,
        precision=candidate.precision,
    )


def _suggestion(candidate: Candidate, taxonomy: Taxonomy) -> str:
    """Return a free name: the skills' common path and the strongest word of letters."""
    paths = [s.split(".") for s in candidate.skills]
    common = [level[0] for level in zip(*paths, strict=False) if len(set(level)) == 1]
    words = [w for t in candidate.words for w in t.split() if w.isascii() and w.isalpha()]
    stem = ".".join([*(common or ["mixed"]), words[0] if words else "unnamed"])
    given = {*skills.known(taxonomy), *taxonomy.names()}
    numbered = (f"{stem}_{i}" for i in range(2, len(given) + 3))
    return stem if stem not in given else next(n for n in numbered if n not in given)


def _short(key: str) -> str:
    """Return the actor's name of a key, at however many seats."""
    return key.split("+")[0].rsplit("@", 1)[0]
