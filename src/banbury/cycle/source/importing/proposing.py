"""Pre-annotation: a model does a campaign's tasks first, and people correct what it proposes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice

import msgspec

from banbury.actors.policy import Policy
from banbury.arena.proposals import faulty, run_of
from banbury.arena.run import jobs_of, results, run
from banbury.episode import Problem
from banbury.store import Lab, Outcome

PAGE = 1_000


class Proposed(msgspec.Struct):
    """What became of a model's proposals.

    Attributes:
        tasks: of the campaign that nobody's answer was accepted for.
        done: tasks that the model has answered, in this start or before.
        shown: those of which the answer has the right form; only these are shown to people.
        failed: tasks for which it could not be asked.
        unread: tasks that show files, which a model that reads words cannot see; left to people.
    """

    tasks: int = 0
    done: int = 0
    shown: int = 0
    failed: int = 0
    unread: int = 0


def propose(
    lab: Lab,
    campaign: str,
    policy: Policy,
    progress: Callable[[int, int], None] | None = None,
) -> Proposed:
    """Let a model answer a campaign's open tasks; its episodes become proposals.

    What it has answered before is not asked again. An answer whose form is wrong is kept as an
    episode and shown to nobody.

    Args:
        lab: where the campaign is.
        campaign: its name.
        policy: the model; it is shown words, not pictures or sound.
        progress: called with (tasks done, tasks in all).

    Raises:
        UnknownName: there is no such campaign.
        ActorError: the model cannot be asked at all.
    """
    total = lab.queue.campaign(campaign).tasks
    said = Proposed()
    for page in _pages(_open(lab, campaign)):
        said.tasks += len(page)
        readable = [problem for problem in page if not shows_files(problem)]
        said.unread += len(page) - len(readable)
        jobs = jobs_of(readable, policy)
        tally = run(lab, run_of(campaign), jobs, tags=("proposal",))
        said.done += tally.done - tally.failed
        said.shown += _shown(lab, results(lab, run_of(campaign), jobs))
        said.failed += tally.failed + tally.skipped
        if progress:
            progress(said.tasks, total)
    return said


def shows_files(problem: Problem) -> bool:
    """Return whether a task shows anything but words."""
    return bool(problem.task.public.media) or '"data":"data:' in problem.task.public.inputs


def _shown(lab: Lab, found: Mapping[str, Outcome]) -> int:
    verdicts = lab.judgements([outcome.episode for outcome in found.values()]) if found else {}
    return sum(not any(faulty(v.evidence) for v in all_[-1:]) for all_ in verdicts.values())


def _open(lab: Lab, campaign: str) -> Iterator[Problem]:
    for one in lab.answered(campaign=campaign):
        if one.record is None:
            yield one.problem


def _pages(problems: Iterator[Problem]) -> Iterator[list[Problem]]:
    while page := list(islice(problems, PAGE)):
        yield page
