"""Queue: a lab's work for people; got from `Lab.queue`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from banbury import clock
from banbury.episode import Judgement, Record
from banbury.store import boxes
from banbury.store.database import Database, raw
from banbury.store.queue import (
    campaign,
    claiming,
    count,
    ending,
    lease,
    left,
    mending,
    naming,
    removing,
    reviewing,
    sight,
    submitting,
    telling,
    undoing,
    work,
)
from banbury.store.queue.campaign import Campaign
from banbury.store.queue.count import Progress
from banbury.store.queue.gold import Gold
from banbury.store.queue.judging import Agree
from banbury.store.queue.lease import Kind, Lease
from banbury.store.queue.reviewing import Decision
from banbury.store.queue.sight import Sight
from banbury.store.queue.submitting import Submitted


class Queue:
    """Campaigns, and who does what in them.

    Every call is one transaction, or a batch of one, so that a process killed at any moment leaves
    nothing half-done; the same call again does it once.

    Attributes:
        gold: the tasks whose right answer is known.
        sight: what whoever runs a campaign sees of it.
    """

    def __init__(self, database: Database, lab: str) -> None:
        self._database = database
        self._lab = lab
        self.gold = Gold(database)
        self.sight = Sight(database, lab)

    def put(self, new: Campaign) -> Campaign:
        """Keep a new campaign and return it as it stands; the same again changes nothing.

        Raises:
            InputError: a rule makes no sense, or another campaign has this name.
        """
        return campaign.put(self._database, new)

    def campaign(self, name: str) -> Campaign:
        """Return a campaign.

        Raises:
            UnknownName: there is none of this name; the nearest are listed.
        """
        return campaign.get(self._database, name)

    def campaigns(self, after: str = "", limit: int = 50) -> list[Campaign]:
        """Return campaigns in the order of their names, from behind `after`."""
        return campaign.listed(self._database, after, limit)

    def change(self, name: str, **what: Any) -> Campaign:
        """Change a campaign's rules or words, by the names of `Campaign`'s attributes.

        A larger `overlap` opens more places of the tasks that are still worked on; what was
        settled stays.

        Raises:
            UnknownName: there is no such campaign.
            InputError: a rule cannot be changed, or makes no sense.
        """
        return campaign.change(self._database, name, what)

    def add(self, name: str, task_ids: Iterable[str]) -> int:
        """Put tasks into a campaign, each once, in constant memory; return how many were new.

        Raises:
            UnknownName: there is no such campaign, or the lab has no such task.
            InputError: a task is of another gym.
        """
        return work.add(self._database, name, task_ids)

    def add_all(self, name: str) -> int:
        """Put all tasks of the campaign's gym into it but reserved ones; return how many were new.

        Raises:
            UnknownName: there is no such campaign.
        """
        return work.add_all(self._database, name)

    def rank(self) -> int:
        """Return the rank of the task that was put in last: what comes later has a higher one."""
        return removing.rank(self._database)

    def remove(self, name: str, after: int, last: int) -> int:
        """Take tasks out that nobody has had, with ranks in (after, last]; return how many.

        Raises:
            UnknownName: there is no such campaign.
        """
        return removing.remove(self._database, name, after, last)

    def claim(
        self,
        name: str,
        person: str,
        grant: str = "",
        count: int = 1,
        kinds: Sequence[Kind] = ("work",),
        without: Sequence[str] = (),
        *,
        barred: Sequence[str] = (),
    ) -> list[Lease]:
        """Lease the next tasks to a person, at most `count`, the kinds in the order given.

        Nobody gets a task twice, or reviews their own answer, and no task goes to more people than
        its campaign says.

        Args:
            name: of the campaign.
            person: the lab's pseudonym of the person.
            grant: id of the house's grant for this person's hours.
            count: from 1 to 100; a campaign's `hold` limits how many one person has at once.
            kinds: what to look for: `work`, `review`, `third`.
            without: skills of which, and of whose parts, nothing is wanted.
            barred: tasks that this person may not have, such as what they made themselves.

        Returns:
            None where nothing is left for this person, or the campaign is not open.

        Raises:
            UnknownName: there is no such campaign.
            InputError: the count is out of range, or nobody is named.
        """
        found = claiming.claim(self._database, name, person, grant, count, kinds, without, barred)
        return self._all(found)

    def left(self, name: str, person: str, most: int = 1000, *, barred: Sequence[str] = ()) -> int:
        """Return how many tasks a person could still be given for work, counted up to `most`.

        Raises:
            UnknownName: there is no such campaign.
        """
        return left.left(self._database, name, person, most, barred)

    def has(self, name: str, skill: str) -> bool:
        """Say whether a campaign has open tasks of a skill or of a part of it.

        Raises:
            UnknownName: there is no such campaign.
        """
        return left.has(self._database, name, skill)

    def came_of(self, release: str, name: str, skill: str, closed: bool) -> int:
        """Tell the house what came of the answers that a release holds; return for how many people.

        Args:
            release: id of the release that something was trained on.
            name: of the release, as people read it.
            skill: that was measured.
            closed: whether the gap closed.
        """
        return self._database.run(lambda c: telling.outcome(raw(c), release, name, skill, closed))

    def lease(self, id: str) -> Lease:
        """Return a lease.

        Raises:
            UnknownName: there is none of this id.
        """
        return self._read(ending.lease_of(self._database, id))

    def held(self, person: str, campaign: str | None = None) -> list[Lease]:
        """Return a person's active leases, the oldest first."""
        return self._all(lease.held(self._database, person, campaign))

    def recent(self, person: str, limit: int = 20, before_ns: int = (1 << 63) - 1) -> list[Lease]:
        """Return a person's leases that have ended, the newest first."""
        return self._all(lease.recent(self._database, person, before_ns, limit))

    def leases(self, name: str, task: str) -> list[Lease]:
        """Return everybody's leases of one task, in the order in which they were taken first."""
        return self._all(lease.of_task(self._database, name, task))

    def leases_of(self, person: str, task: str) -> list[Lease]:
        """Return all leases that a person has or had of a task, in any campaign."""
        return self._all(lease.of_person(self._database, person, task))

    def names(self, person: str, sha256: str) -> bool:
        """Say whether a task that a person has on lease, or had lately, names a blob."""
        return naming.in_leases(self._database, person, sha256)

    def submit(
        self,
        lease: str,
        record: Record,
        judgements: Sequence[Judgement] = (),
        *,
        submission: str,
        agree: Agree | None = None,
    ) -> Submitted:
        """Keep an answer with its judgement, end the lease, and decide what comes next, at once.

        Args:
            lease: its id.
            record: the episode, done, in the campaign's run and of the lease's task and person;
                sample, parents and the tag `late` are set here.
            judgements: of it.
            submission: the client's id of this submission: the same again changes nothing.
            agree: the gym's measure of how alike two answers are, where it has one; asked only
                where several people have answered, and about answers that are not the same.

        Raises:
            UnknownName: there is no such lease.
            InputError: the episode is not done, or of another run, task or person.
        """
        return self._told(
            submitting.submit(
                self._database, self._lab, lease, record, judgements, submission, agree
            )
        )

    def close_live(self, lease: str, episode: str, *, agree: Agree | None = None) -> Submitted:
        """Take a journaled episode that is closed now as a lease's answer; see `submit`.

        One that failed, which is the machine's doing, ends the lease without an answer.

        Raises:
            UnknownName: there is no such lease, or no such episode.
            InputError: the episode is open or void, or of another run, task or person.
        """
        return self._told(submitting.close_live(self._database, self._lab, lease, episode, agree))

    def review(
        self,
        lease: str,
        decision: Decision,
        judgements: Sequence[Judgement] = (),
        *,
        submission: str,
    ) -> Submitted:
        """Keep what a second or a third person makes of an answer, and do what they decide.

        Args:
            lease: of the kind `review` or `third`.
            decision: with the episodes of the review and of the mended answer.
            judgements: of both.
            submission: the client's id: the same again changes nothing.

        Raises:
            UnknownName: there is no such lease.
            InputError: the lease is for work, the decision lacks what it needs, or its episodes
                are of another run, task or person.
        """
        return self._told(
            reviewing.review(self._database, self._lab, lease, decision, judgements, submission)
        )

    def dispute(self, lease: str, reasons: Sequence[str]) -> Lease:
        """Ask a third person to decide, since a reviewer changed one's answer, within 3 days.

        Raises:
            UnknownName: there is no such lease.
            InputError: nobody mended this answer, three days have passed, or no reason is given.
        """
        return self._read(reviewing.dispute(self._database, self._lab, lease, reasons))

    def renew(self, lease: str) -> Lease:
        """Let an active lease run its whole length again, from now; any other stays as it is.

        Raises:
            UnknownName: there is no such lease.
        """
        return self._read(ending.renew(self._database, lease))

    def give_back(self, lease: str) -> Lease:
        """Give a task back; its place is open again, at the end of the queue.

        Raises:
            UnknownName: there is no such lease.
        """
        return self._read(ending.give_back(self._database, lease))

    def broken(self, lease: str, reason: str) -> Lease:
        """Report that a task is broken: nobody else gets it until somebody has looked.

        Raises:
            UnknownName: there is no such lease.
            InputError: there is no reason, or it is longer than 2000 characters.
        """
        return self._read(ending.broken(self._database, self._lab, lease, reason))

    def reopen(self, name: str, task: str, person: str) -> None:
        """Give a task out again that was reported as broken.

        Raises:
            UnknownName: there is no such campaign.
            InputError: nobody reported this task.
        """
        mending.reopen(self._database, name, task, person)

    def undo(self, lease: str) -> Lease:
        """Take an answer back until somebody has looked at it; the next one supersedes it.

        Raises:
            UnknownName: there is no such lease.
            InputError: there is no answer, or somebody has looked at it.
        """
        return self._read(undoing.undo(self._database, lease))

    def expire(self, now_ns: int | None = None) -> int:
        """Let every active lease expire whose time is over; return how many did."""
        return ending.expire(self._database, clock.wall_ns() if now_ns is None else now_ns)

    def progress(self, name: str) -> Progress:
        """Return how far a campaign is; what it costs does not grow with its tasks.

        Raises:
            UnknownName: there is no such campaign.
        """
        return count.progress(self._database, name)

    def accepted(self, name: str) -> Iterator[str]:
        """Yield the episodes that were accepted, one a task: what a release takes.

        Raises:
            UnknownName: there is no such campaign.
        """
        return work.accepted(self._database, name)

    def taken(self, run: str) -> list[str] | None:
        """Return what stages take of a run: of a campaign's, the accepted episodes alone.

        Answers that were taken back, mended, came late, or wait for somebody are left out.

        Returns:
            None where the run is no campaign's, and all of it counts.
        """
        return work.taken(self._database, run)

    def mended(self, person: str, since_ns: int) -> list[tuple[Lease, str]]:
        """Return a person's answers that were mended since then, and what was accepted instead."""
        found = sight.mended(self._database, person, since_ns)
        return [(self._read(held), episode) for held, episode in found]

    def concede(self, lease: str) -> Lease:
        """Keep that an author agrees with what a reviewer made of an answer.

        Raises:
            UnknownName: there is no such lease.
        """
        return self._read(sight.concede(self._database, lease))

    def _read(self, held: Lease) -> Lease:
        """Return a lease with its reasons as they were written; within, they are boxes."""
        if not held.reasons:
            return held
        words = boxes.open_words(held.reasons, self._database.keyring)
        return msgspec.structs.replace(held, reasons=tuple(words))

    def _all(self, held: Iterable[Lease]) -> list[Lease]:
        return [self._read(one) for one in held]

    def _told(self, done: Submitted) -> Submitted:
        return msgspec.structs.replace(done, lease=self._read(done.lease))
