"""What was tried of one skill at one difficulty: its tasks, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from banbury.actors.policy import Policy
from banbury.arena import Job, draw, jobs_of
from banbury.gyms.contract import Gym, Skill
from banbury.statistics.intervals import Interval, clustered_rate
from banbury.statistics.passk import mean_pass_at_k
from banbury.store import Lab, Outcome


class Round(NamedTuple):
    """A round of one skill, in tasks: the sum of their pass rates, how many were judged, asked."""

    passes: float
    judged: int
    asked: int


class Tried:
    """The tasks of one skill at one difficulty, in the order drawn, each played `repeats` times.

    `usual` is the difficulty at which the skill is drawn if None is given.
    """

    def __init__(
        self,
        name: str,
        gym: Gym,
        skill: Skill,
        difficulty: str | None = None,
        repeats: int = 1,
        usual: str = "",
    ) -> None:
        self.name, self.gym, self.skill = name, gym, skill
        self.difficulty = difficulty or usual
        self._named = difficulty
        self.repeats = repeats
        self.tasks: list[str] = []
        self._fresh: list[str] = []
        self.done: dict[str, list[Outcome]] = {}

    def draw(self, lab: Lab, policy: Policy, count: int, seed: int) -> list[Job]:
        """Make and return the jobs of `count` more tasks."""
        upto = len(self.tasks) + count
        drawn = draw(lab, self.name, upto, "probe", seed=seed, difficulty=self._named)
        once = jobs_of(drawn[len(self.tasks) :], policy)
        self._fresh = [job.problem.task.id for job in once]
        return [msgspec.structs.replace(j, sample=i) for i in range(self.repeats) for j in once]

    def look(self, held: Sequence[Mapping[str, Outcome]]) -> Round:
        """Take in the newest tasks from what the run holds of them, a mapping for each repeat."""
        asked, self._fresh = self._fresh, []
        self.tasks += asked
        shares = []
        for task in asked:
            outcomes = [h[task] for h in held if task in h and h[task].status == "done"]
            if outcomes:
                self.done[task] = outcomes
                shares.append(sum(bool(o.passed) for o in outcomes) / len(outcomes))
        return Round(sum(shares), len(shares), len(asked))

    @property
    def outcomes(self) -> list[Outcome]:
        """All rollouts that came to a judgement."""
        return [o for found in self.done.values() for o in found]

    @property
    def failed(self) -> int:
        """Rollouts that the infrastructure failed."""
        return len(self.tasks) * self.repeats - len(self.outcomes)

    def lenient(self) -> float:
        """Return the share of rollouts with the right answer in any form, 0 where there is none."""
        own = self.outcomes
        marks = [o.components.get("lenient", float(bool(o.passed))) for o in own]
        return sum(marks) / len(marks) if marks else 0.0

    def rate(self) -> Interval | None:
        """Return the pass rate clustered by task, None without repeats or with one task."""
        if self.repeats == 1 or len(self.done) < 2:
            return None
        of = [i for i, found in enumerate(self.done.values()) for _ in found]
        return clustered_rate([float(bool(o.passed)) for o in self.outcomes], of)

    def pass_at(self, k: int) -> Interval | None:
        """Return the mean pass@k of the tasks with at least k judged attempts, if two have them."""
        whole = [found for found in self.done.values() if len(found) >= k]
        if len(whole) < 2:
            return None
        passes = [sum(bool(o.passed) for o in found) for found in whole]
        return mean_pass_at_k([len(found) for found in whole], passes, k)
