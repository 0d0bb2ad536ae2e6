"""Lists of episodes: what is asked, a page of it, and counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args
from urllib.parse import urlencode

import msgspec
from litestar.params import FromQuery

from banbury.accounts import Caller
from banbury.episode import Episode, Status
from banbury.errors import InputError, UnknownName
from banbury.store import Lab
from banbury.store.browsing import Listed
from banbury.store.reading import Where
from banbury.web.views.briefs import briefs

PAGE = 50
_PASSED = {"": None, "yes": True, "no": False}
_FORM = "only its form"
"""What the evidence of a verdict says that knew no right answer."""
_ORDERS = ("", "newest", "oldest")


class Asked(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which episodes a list shows; what is empty does not matter.

    Attributes:
        skill: a name, or `office.*` for all below.
        gym: name of the gym.
        actor: name, with `@` and a hash for one with certain settings.
        run: name of the run.
        task: id of the task.
        status: open, done, void or failed.
        passed: yes or no, by the newest judgement.
        order: newest or oldest first.
        after: id of the last episode of the page before.
    """

    skill: str = ""
    gym: str = ""
    actor: str = ""
    run: str = ""
    task: str = ""
    status: str = ""
    passed: str = ""
    order: str = ""
    after: str = ""

    def where(self) -> Where:
        """Return it as the store takes it.

        Raises:
            InputError: a value is none of those that are possible.
        """
        if self.status and self.status not in get_args(Status):
            raise InputError(f"there is no status {self.status[:40]!r}", do="use open or done")
        if self.passed not in _PASSED:
            raise InputError(f"passed is yes or no, not {self.passed[:40]!r}")
        if self.order not in _ORDERS:
            raise InputError(f"the order is newest or oldest, not {self.order[:40]!r}")
        skill = self.skill.strip()
        if skill.endswith("*"):
            skill = skill.rstrip("*").rstrip(".") + ".*" if skill.strip("*.") else ""
        return {
            "skill": skill or None,
            "gym": self.gym.strip() or None,
            "actor": self.actor.strip() or None,
            "run": self.run.strip() or None,
            "task": self.task.strip() or None,
            "status": self.status or None,  # type: ignore[typeddict-item]
            "passed": _PASSED[self.passed],
        }

    def query(self, **changed: str) -> str:
        """Return it as the query of an address, with some of it changed."""
        said = {**msgspec.structs.asdict(self), "after": "", **changed}
        return urlencode({key: value for key, value in said.items() if value})


def asked(
    skill: FromQuery[str] = "",
    gym: FromQuery[str] = "",
    actor: FromQuery[str] = "",
    run: FromQuery[str] = "",
    task: FromQuery[str] = "",
    status: FromQuery[str] = "",
    passed: FromQuery[str] = "",
    order: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Asked:
    """Return what a request's query asks for."""
    return Asked(skill, gym, actor, run, task, status, passed, order, after)


class EpisodeLine(msgspec.Struct, frozen=True):
    """One episode of a list.

    Attributes:
        id: UUIDv7.
        skill: the task's heaviest skill when it ran.
        gym: name of the gym.
        run: name of the run.
        task: id of the task.
        actor: names of those who acted.
        who: person, model or script: the kind of the first who acted.
        status: see `Status`.
        score: of the newest judgement, None without one.
        passed: likewise.
        created_ns: UTC nanoseconds.
        seconds: length.
        steps: in the sealed body; 0 while the episode is open.
        route: which adapter a router chose, "" where nothing was routed.
        relation: how it comes from another episode, "" if it does not.
        tags: free words.
        brief: the beginning of the task's item, or of what it says; "" where nobody asked.
        form: that it passed says only that the answer has the right form: no right one is known.
    """

    id: str
    skill: str
    gym: str
    run: str
    task: str
    actor: str
    who: str
    status: str
    score: float | None
    passed: bool | None
    created_ns: int
    seconds: float
    steps: int
    route: str
    relation: str
    tags: tuple[str, ...]
    brief: str = ""
    form: bool = False


class EpisodeList(msgspec.Struct, frozen=True):
    """A page of a list of episodes.

    Attributes:
        rows: in order.
        next: what `after` is for the next page, None at the end.
        looked: whether the page ends since enough episodes were looked at, not since it is full:
            go on with `next`.
    """

    rows: tuple[EpisodeLine, ...]
    next: str | None
    looked: bool


class EpisodeCounts(msgspec.Struct, frozen=True):
    """How many episodes fit, and how many of those that were judged passed."""

    episodes: int
    judged: int
    passed: int


def listing(lab: Lab, what: Asked, caller: Caller, mine: bool, limit: int = PAGE) -> EpisodeList:
    """Return a page of a list; of all, or only of the caller's own.

    Nobody is told how their own answers were judged: one could take an answer back and try
    until it is the expected one.

    Raises:
        InputError: what is asked cannot be.
    """
    where = what.where()
    if mine:
        where |= {"actor": own_name(lab, caller), "passed": None}
    found = lab.pages.episodes(
        limit=limit, after=what.after or None, newest=what.order != "oldest", **where
    )
    tasks = lab.pages.tasks_of({row.episode.key.task for row in found.rows})
    words = briefs(lab, tasks.values())
    form = set() if mine else by_form(lab, found.rows)
    rows = tuple(
        line(row, not mine, words.get(row.episode.key.task, ""), form=row.episode.id in form)
        for row in found.rows
    )
    return EpisodeList(rows, found.next, found.looked)


def by_form(lab: Lab, rows: Sequence[Listed]) -> set[str]:
    """Return the ids of episodes whose newest judgement passed them by their form alone."""
    passed = [r.episode for r in rows if r.passed]
    ids = [e.id for e in passed if e.gym == "labelling"]
    newest = {id: held[-1] for id, held in lab.judgements(ids).items() if held} if ids else {}
    reviews = {e.id for e in passed if e.gym == "review"}
    return reviews | {id for id, verdict in newest.items() if _FORM in verdict.evidence}


def counts(lab: Lab, what: Asked, caller: Caller, mine: bool) -> EpisodeCounts:
    """Return how many episodes fit; counted, so that a million take part of a second.

    Raises:
        InputError: what is asked cannot be.
    """
    where = what.where()
    if mine:
        where["passed"] = None
    name = own_name(lab, caller) if mine else where.get("actor")
    whole = bool(name) and "@" in str(name)
    where["actor"] = name if whole else None
    rates = lab.rates(by=("actor",), **where)
    fit = [r for r in rates if not name or whole or r.of[0].startswith(f"{name}@")]
    episodes = sum(r.episodes for r in fit)
    if mine:
        return EpisodeCounts(episodes, 0, 0)
    return EpisodeCounts(episodes, sum(r.judged for r in fit), sum(r.passed for r in fit))


def line(
    listed: Listed, scores: bool = True, brief: str = "", *, form: bool = False
) -> EpisodeLine:
    """Return one episode as a list shows it, without its score if not `scores`."""
    e = listed.episode
    judged = scores and e.status == "done"
    return EpisodeLine(
        e.id,
        e.skill,
        e.gym,
        e.key.run,
        e.key.task,
        ", ".join(dict.fromkeys(a.name for a in e.actors)),
        e.actors[0].kind if e.actors else "script",
        e.status,
        listed.score if judged else None,
        listed.passed if judged else None,
        e.anchor_ns,
        e.length_ns / 1e9,
        sum(s.count for s in e.segments),
        e.route,
        e.parents[0].relation if e.parents else "",
        e.tags,
        brief,
        form,
    )


def own_name(lab: Lab, caller: Caller) -> str:
    """Return what the caller is called in the lab, as the actor of their episodes."""
    pseudonyms: Mapping[str, str] = caller.pseudonyms
    return pseudonyms.get(lab.name) or "nobody"


def reachable(lab: Lab, id: str, caller: Caller, mine: bool) -> Episode:
    """Return an episode's header if the caller reaches it.

    Whoever reaches only their own sees what they made, and what reviews or corrects it.

    Raises:
        UnknownName: there is none, or it is another's.
    """
    episode = lab.episode(id)
    if mine and not _is_own(lab, episode, own_name(lab, caller)):
        raise UnknownName("episode", id, (), where=f"lab {lab.name}")
    return episode


def _is_own(lab: Lab, episode: Episode, name: str) -> bool:
    if _made_by(episode, name):
        return True
    told = [p.episode for p in episode.parents if p.relation in ("reviewed", "corrected")]
    return any(_made_by(lab.episode(parent), name) for parent in told)


def _made_by(episode: Episode, name: str) -> bool:
    return any(a.kind == "person" and a.name == name for a in episode.actors)
