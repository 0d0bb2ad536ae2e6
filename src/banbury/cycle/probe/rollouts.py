"""One round of rollouts after the other, under one run's name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from banbury.actors.policy import Policy
from banbury.arena import Limits, Tally, results, run
from banbury.cycle.probe.tried import Round, Tried
from banbury.store import Lab

Progress = Callable[[Tally], None]


class Rollouts:
    """Plays rounds of a run; one that is stored already is read instead.

    Args:
        lab: where tasks and episodes are kept.
        policy: who is probed.
        name: name of the run.
        seed: of the tasks.
        limits: of one episode.
        progress: called after each episode, with the tally of all rounds.
        before: the tally of what was played before this run.
    """

    def __init__(
        self,
        lab: Lab,
        policy: Policy,
        name: str,
        *,
        seed: int,
        limits: Limits | None = None,
        progress: Progress | None = None,
        before: Tally | None = None,
    ) -> None:
        self._lab, self._policy, self._name, self._seed = lab, policy, name, seed
        self._limits, self._progress = limits, progress
        self.so_far = before or Tally()

    def round(self, wanted: Sequence[tuple[Tried, int]]) -> list[Round]:
        """Try that many more tasks of each, and return what came of them, in the same order.

        Raises:
            ActorError, GymError, DeadlineError: not one rollout came to a judgement.
        """
        jobs = [
            job for one, count in wanted if count
            for job in one.draw(self._lab, self._policy, count, self._seed)
        ]  # fmt: skip
        tally = run(
            self._lab,
            self._name,
            jobs,
            limits=self._limits,
            tags=("probe",),
            progress=self._show,
        )
        tally.check(self._name)
        self.so_far += tally
        repeats = max(one.repeats for one, _ in wanted)
        held = [
            results(self._lab, self._name, [j for j in jobs if j.sample == i])
            for i in range(repeats)
        ]
        return [one.look(held) for one, _ in wanted]

    def _show(self, tally: Tally) -> None:
        if self._progress:
            self._progress(self.so_far + tally)
