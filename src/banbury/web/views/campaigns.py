"""Campaigns as pages and API show them: the list, one with its progress, what waits in it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from banbury.arena import draw
from banbury.arena.gold import mark_gold
from banbury.errors import InputError
from banbury.store import Lab
from banbury.store.queue import Campaign, Day, Late, Progress, Share, Waiting, Waits
from banbury.web.views.gyms import offered

PAGE = 50
MOST_DRAWN = 5_000
"""Tasks that a gym makes while one request waits."""
_TRIES = 20


class Line(msgspec.Struct, frozen=True):
    """A campaign in a list: what it is, how far it is."""

    campaign: Campaign
    progress: Progress


class Lines(msgspec.Struct, frozen=True):
    """A page of campaigns; `after` asks for the next page, "" at the end."""

    campaigns: list[Line]
    after: str = ""


class Bands(msgspec.Struct, frozen=True):
    """Where a campaign's tasks are; the parts sum up to all of them.

    Attributes:
        accepted: settled with an answer.
        review: an answer waits for a second person, or is with one.
        third: people differ, a third decides.
        out: people work on it.
        open: nobody has it.
        broken: reported as broken.
    """

    accepted: int
    review: int
    third: int
    out: int
    open: int
    broken: int


class Sight(msgspec.Struct, frozen=True):
    """How far a campaign is at this moment."""

    campaign: Campaign
    progress: Progress
    bands: Bands


class Worker(msgspec.Struct, frozen=True):
    """What one person did in a campaign, under the pseudonym; in no order of merit.

    Attributes:
        person: pseudonym.
        work: answers that count.
        review: reviews and decisions.
        active: leases held now.
        late: answers that came late.
        returned: tasks given back.
        broken: tasks reported.
    """

    person: str
    work: int
    review: int
    active: int
    late: int
    returned: int
    broken: int


class Rows(msgspec.Struct, frozen=True):
    """Tasks that wait; `after` is the rank behind which the next page begins, 0 at the end."""

    rows: list[Waiting]
    after: int = 0


class Drawing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Tasks to be made by the campaign's gym: how many, of which skill and difficulty."""

    skill: str
    count: int
    difficulty: str = ""


class OfTasks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A share of a campaign's tasks, in (0, 1]."""

    share: float


class Marked(msgspec.Struct, frozen=True):
    """How many tasks are gold, how many of them newly, and of how many the answer is known."""

    gold: int
    new: int
    known: int


class Added(msgspec.Struct, frozen=True):
    """How many tasks were new in the campaign."""

    added: int


def mark(lab: Lab, name: str, share: float) -> Marked:
    """Mark a share of a campaign's tasks with a known answer as gold; see `mark_gold`."""
    new, known = mark_gold(lab, name, share)
    return Marked(lab.queue.gold.count(name), new, known)


def lines(lab: Lab, after: str = "") -> Lines:
    """Return a page of campaigns by name, each with how far it is."""
    found = lab.queue.campaigns(after, PAGE + 1)
    shown = [Line(c, lab.queue.progress(c.name)) for c in found[:PAGE]]
    return Lines(shown, found[PAGE - 1].name if len(found) > PAGE else "")


def sight(lab: Lab, name: str) -> Sight:
    """Return how far a campaign is.

    Raises:
        UnknownName: there is no such campaign.
    """
    campaign, progress = lab.queue.campaign(name), lab.queue.progress(name)
    held = sum(s.active for s in lab.queue.sight.shares(name) if s.kind == "work")
    return Sight(campaign, progress, bands(progress, held))


def bands(p: Progress, held: int) -> Bands:
    """Return where the tasks are.

    Args:
        p: the counts.
        held: leases on work that people hold now; several may be on one task.
    """
    out = min(p.waiting, held)
    return Bands(p.settled, p.review, p.third, out, p.waiting - out, p.broken)


def workers(lab: Lab, name: str) -> list[Worker]:
    """Return what each person did in a campaign, by pseudonym.

    Raises:
        UnknownName: there is no such campaign.
    """
    held: dict[str, list[Share]] = {}
    for share in lab.queue.sight.shares(name):
        held.setdefault(share.person, []).append(share)
    return [_worker(person, shares) for person, shares in held.items()]


def _worker(person: str, shares: Sequence[Share]) -> Worker:
    own = [s for s in shares if s.kind == "work"]
    return Worker(
        person,
        sum(s.done for s in own),
        sum(s.done for s in shares) - sum(s.done for s in own),
        sum(s.active for s in shares),
        sum(s.late for s in shares),
        sum(s.returned for s in shares),
        sum(s.broken for s in shares),
    )


def waiting(lab: Lab, name: str, waits: Waits, after: int = 0) -> Rows:
    """Return a page of the tasks that wait for somebody.

    Raises:
        UnknownName: there is no such campaign.
    """
    found = lab.queue.sight.waiting(name, waits, after, PAGE + 1)
    return Rows(found[:PAGE], found[PAGE - 1].rank if len(found) > PAGE else 0)


def late(lab: Lab, name: str) -> list[Late]:
    """Return the newest late answers.

    Raises:
        UnknownName: there is no such campaign.
    """
    return lab.queue.sight.late(name, PAGE)


def days(lab: Lab, name: str) -> list[Day]:
    """Return what was done on each day.

    Raises:
        UnknownName: there is no such campaign.
    """
    return lab.queue.sight.days(name)


def add_drawn(lab: Lab, name: str, asked: Drawing) -> Added:
    """Let the campaign's gym make new tasks and put them in.

    Raises:
        UnknownName: there is no such campaign, skill or difficulty.
        InputError: the count is out of range, the skill is another gym's, or no more are left.
    """
    campaign = lab.queue.campaign(name)
    if not 1 <= asked.count <= MOST_DRAWN:
        raise InputError(
            f"{asked.count} tasks cannot be made at once", do=f"ask for 1 to {MOST_DRAWN}"
        )
    known = {s.name for g in offered() if g.name == campaign.gym for s in g.skills}
    if asked.skill not in known:
        files = "; give a file instead" if campaign.gym == "labelling" else ""
        raise InputError(
            f"the gym {campaign.gym!r} makes no tasks of {asked.skill[:100]!r}",
            do="known: " + (", ".join(sorted(known)[:12]) or f"none{files}"),
        )
    added = 0
    for seed in range(campaign.tasks, campaign.tasks + _TRIES):
        wanted, level = asked.count - added, asked.difficulty or None
        made = draw(lab, asked.skill, wanted, "train", seed=seed, difficulty=level)
        added += lab.queue.add(name, [p.task.id for p in made])
        if added == asked.count:
            break
    return Added(added)


def add_known(lab: Lab, name: str) -> Added:
    """Put all of the lab's tasks of the campaign's gym into it, but reserved ones.

    Raises:
        UnknownName: there is no such campaign.
    """
    return Added(lab.queue.add_all(name))
