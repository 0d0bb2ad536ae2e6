"""An expert's inbox, over all labs: what they hold, what came back, what was mended, what is open.

Opened often by many, so the counts of a campaign are those of the last few seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from banbury import clock
from banbury.accounts.caller import Caller
from banbury.accounts.permissions import allowed
from banbury.errors import UnknownName
from banbury.people.interviews.room import GRADING
from banbury.store import House, Lab
from banbury.store.queue import Campaign, Lease, Progress
from banbury.web.views.mends import Change, changes, words
from banbury.web.views.theirs import barred

FRESH_NS = 3 * 10**9
"""How old the counts may be."""
DAYS_NS = 3 * 86_400 * 10**9
"""How long a mend may be disputed."""
_LABS = 50
_CAMPAIGNS = 50
_TOLD = 20
"""Mended answers of a lab whose changes are told; each is two episodes to read."""


class Held(msgspec.Struct, frozen=True):
    """Tasks of one campaign that the person holds, or that came back to them.

    Attributes:
        lab: name of the lab.
        campaign: name of the campaign.
        title: what people call it.
        kind: `work`, or `review` for reviews and decisions.
        tasks: how many.
        expires_ns: when the first of them goes to somebody else.
        other: what else waits there: answers to review beside `work`, tasks beside `review`.
    """

    lab: str
    campaign: str
    title: str
    kind: str
    tasks: int
    expires_ns: int
    other: int = 0


class Back(msgspec.Struct, frozen=True):
    """An answer that a reviewer returned: mend it before its time is over."""

    lab: str
    campaign: str
    title: str
    lease: str
    reasons: tuple[str, ...]
    expires_ns: int


class Mended(msgspec.Struct, frozen=True):
    """An answer that a reviewer mended, which its author may dispute until then.

    Attributes:
        lab: name of the lab.
        campaign: its name.
        title: what people call it.
        task: the task's own words, shortened.
        changes: what differs, for a task that is answered once.
        lease: by whose id it is agreed with or disputed.
        episode: the answer.
        accepted: what was made of it, "" if nothing is accepted yet.
        reasons: what the reviewer said.
        until_ns: when it can no longer be disputed.
    """

    lab: str
    campaign: str
    title: str
    task: str
    changes: tuple[Change, ...]
    lease: str
    episode: str
    accepted: str
    reasons: tuple[str, ...]
    until_ns: int


class Open(msgspec.Struct, frozen=True):
    """A campaign in which something may be left for the person.

    Attributes:
        lab: name of the lab.
        campaign: its name.
        title: what people call it.
        gym: the kind of work.
        begins: how its instructions begin.
        tasks: that the person could be given; of more than a thousand, at least as many.
        review: answers that wait for a second or third person; 0 for whoever may not review.
        own: tasks that wait for somebody else, since the person filmed what is looked at.
    """

    lab: str
    campaign: str
    title: str
    gym: str
    begins: str
    tasks: int
    review: int
    own: int = 0


class Inbox(msgspec.Struct, frozen=True):
    """What waits for one person in all their labs; the most pressing first.

    Attributes:
        held: what they hold.
        back: answers that came back.
        mended: answers that somebody mended.
        open: where work is left.
        labs: how many labs they are a member of.
        worked_ns: nanoseconds at work today (UTC), over all labs.
        left_ns: what is left of the day's hours.
        at_work: the lab in which they are at work now; for a while no other gives them any.
        filming: labs in which people film, so that there may be hours of theirs to see.
    """

    held: list[Held]
    back: list[Back]
    mended: list[Mended]
    open: list[Open]
    labs: int
    worked_ns: int
    left_ns: int
    at_work: str
    filming: list[str]


class Counts:
    """The progress of campaigns, each asked for once in a few seconds."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[int, Progress]] = {}

    def progress(self, lab: Lab, campaign: str) -> Progress:
        """Return how far a campaign was a moment ago."""
        key, now = (lab.name, campaign), clock.mono_ns()
        found = self._known.get(key)
        if found is None or now - found[0] > FRESH_NS:
            if found is not None:
                self._known[key] = (now, found[1])  # the others take the old one meanwhile
            found = (now, lab.queue.progress(campaign))
            self._known[key] = found
        return found[1]


def inbox(house: House, caller: Caller, counts: Counts, only: str = "") -> Inbox:
    """Return what waits for a person, in all their labs or in one."""
    worked, left = house.grants.today(caller.account)
    grant = house.grants.current(caller.account)
    at_work = grant.lab if grant else ""
    found = Inbox([], [], [], [], len(caller.roles), worked, left, at_work, [])
    for name in [only] if only else sorted(caller.roles)[:_LABS]:
        try:
            lab = house.lab(name, create=False)
        except UnknownName:
            continue
        _look(house, lab, caller, counts, found)
    found.back.sort(key=lambda b: b.expires_ns)
    found.mended.sort(key=lambda m: m.until_ns)
    return found


def _look(house: House, lab: Lab, caller: Caller, counts: Counts, found: Inbox) -> None:
    person = caller.pseudonyms[lab.name]
    campaigns = {c.name: c for c in lab.queue.campaigns(limit=_CAMPAIGNS)}
    if any(c.gym == "capture" for c in campaigns.values()):
        found.filming.append(lab.name)
    held = lab.queue.held(person)
    for lease in held:
        if lease.campaign not in campaigns:
            campaigns[lease.campaign] = lab.queue.campaign(lease.campaign)
    returned = [lease for lease in held if lease.outcome == "returned" and lease.kind == "work"]
    found.back.extend(_back(lab.name, campaigns[e.campaign], e) for e in returned)
    holds = _held(lab.name, campaigns, [e for e in held if e not in returned])
    found.mended.extend(_mended(lab, campaigns, person))
    reviews = allowed(caller, "review", "reviews", lab.name)
    works = allowed(caller, "work", "seat", lab.name, own=True)
    for campaign in campaigns.values():
        if campaign.state == "open" and campaign.tasks:
            far = counts.progress(lab, campaign.name)
            line = _open(house, lab, campaign, far, person if works else "", reviews)
            if any(h.campaign == campaign.name for h in holds):
                holds = [_beside(h, line, holds) for h in holds]
            elif line.tasks or line.review or line.own:
                found.open.append(line)
    found.held.extend(holds)


def _beside(held: Held, line: Open, holds: Sequence[Held]) -> Held:
    """Return what is held with what else waits in its campaign, which is listed once."""
    both = sum(h.campaign == line.campaign for h in holds) > 1
    if held.campaign != line.campaign or both:
        return held
    other = line.review if held.kind == "work" else line.tasks
    return msgspec.structs.replace(held, other=other)


def _held(lab: str, campaigns: dict[str, Campaign], leases: Sequence[Lease]) -> list[Held]:
    parts: dict[tuple[str, str], list[Lease]] = {}
    for lease in leases:
        kind = "work" if lease.kind == "work" else "review"
        parts.setdefault((lease.campaign, kind), []).append(lease)
    return [
        Held(lab, c, _title(campaigns[c]), kind, len(held), min(e.expires_ns for e in held))
        for (c, kind), held in parts.items()
    ]


def _back(lab: str, campaign: Campaign, lease: Lease) -> Back:
    title = _title(campaign)
    return Back(lab, campaign.name, title, lease.id, lease.reasons, lease.expires_ns)


def _mended(lab: Lab, campaigns: dict[str, Campaign], person: str) -> list[Mended]:
    found = lab.queue.mended(person, clock.wall_ns() - DAYS_NS)
    return [
        Mended(
            lab=lab.name,
            campaign=e.campaign,
            title=_title(campaigns.get(e.campaign), e.campaign),
            task=words(lab, e.task) if n < _TOLD else "",
            changes=changes(lab, e, accepted) if n < _TOLD else (),
            lease=e.id,
            episode=e.episode,
            accepted=accepted,
            reasons=e.reasons,
            until_ns=e.outcome_ns + DAYS_NS,
        )
        for n, (e, accepted) in enumerate(found)
    ]


def _open(
    house: House, lab: Lab, campaign: Campaign, p: Progress, person: str, reviews: bool
) -> Open:
    begins = campaign.instructions.strip().split("\n\n")[0][:200]
    # Where one answer a task is enough, a task in somebody's hands is not open to others; where
    # several are asked, what waits may wait for others alone.
    free = max(p.waiting - p.working, 0) if campaign.overlap == 1 else p.waiting
    own, none = barred(house, lab, campaign, person) if person and free else ([], "")
    if person and free and (campaign.overlap > 1 or own or none):
        free = 0 if none else lab.queue.left(campaign.name, person, barred=own)
    left, waits = free * bool(person), (p.review + p.third) * reviews
    title = _title(campaign)
    filmed = 0 if campaign.name == GRADING else len(own)
    return Open(lab.name, campaign.name, title, campaign.gym, begins, left, waits, filmed)


def _title(campaign: Campaign | None, name: str = "") -> str:
    return (campaign.title or campaign.name) if campaign else name
