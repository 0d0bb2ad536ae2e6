"""Tally: what a run has come to so far."""

from __future__ import annotations

import math
from statistics import NormalDist

import msgspec

from banbury.arena.fuse import error_of
from banbury.episode import GYM, Cost, Failure, Record

_Z = NormalDist().inv_cdf(0.975)


class Tally(msgspec.Struct):
    """Counts of a run as it goes.

    Attributes:
        total: episodes asked for; one that was asked for twice counts once.
        done: played, failed ones and those stored before included.
        passed: judged as passed.
        failed: failed by the infrastructure in this start.
        resumed: found in the store from an earlier start of the same run.
        cost: spent in this start.
        seconds: wall time of this start.
        failure: what failed first in this start.
        open: left open in this start, to be carried on; counted nowhere else.
        retried: attempts of this start that failed and were made again; counted nowhere else.
        skipped: not played, since what they need failed over and over; counted nowhere else.
        steps: recorded in this start.
        failures: attempts of this start that failed, by boundary.
        actor_s: seconds that episodes waited for actors, added up over all that ran at once.
        gym_s: seconds that they waited for gyms and for journals.
        store_s: seconds that finished ones waited for the store.
        unjudged: done, and not judged yet, since people grade them.
        phase: what is being done now, of work that has phases; "" of all else.
    """

    total: int = 0
    done: int = 0
    passed: int = 0
    failed: int = 0
    resumed: int = 0
    cost: Cost = Cost()
    seconds: float = 0.0
    failure: Failure | None = None
    open: int = 0
    retried: int = 0
    skipped: int = 0
    steps: int = 0
    failures: dict[str, int] = {}
    actor_s: float = 0.0
    gym_s: float = 0.0
    store_s: float = 0.0
    unjudged: int = 0
    phase: str = ""

    @property
    def judged(self) -> int:
        """Return how many came to a judgement."""
        return self.done - self.failed - self.unjudged

    @property
    def per_second(self) -> float:
        """Return episodes a second in this start."""
        return (self.done - self.resumed) / self.seconds if self.seconds > 0 else 0.0

    @property
    def tokens_per_second(self) -> float:
        """Return tokens read and written a second in this start."""
        tokens = self.cost.tokens_in + self.cost.tokens_out
        return tokens / self.seconds if self.seconds > 0 else 0.0

    @property
    def waiting(self) -> dict[str, float]:
        """Return the shares of the time that episodes waited for `actor`, `gym` and `store`."""
        spent = {"actor": self.actor_s, "gym": self.gym_s, "store": self.store_s}
        whole = sum(spent.values())
        return {name: part / whole if whole > 0 else 0.0 for name, part in spent.items()}

    def pass_rate(self) -> tuple[float, float, float] | None:
        """Return (rate, low, high), Wilson's interval at 95 %; None before the first judgement.

        It is right for a run of a fixed length, not for one that is stopped by looking at it.
        """
        if not self.judged:
            return None
        n, rate = self.judged, self.passed / self.judged
        # By hand: `statistics.intervals` brings scipy, which would slow down every verb's start.
        whole = 1 + _Z**2 / n
        centre = (rate + _Z**2 / (2 * n)) / whole
        half = _Z * math.sqrt(rate * (1 - rate) / n + _Z**2 / (4 * n * n)) / whole
        return rate, max(0.0, centre - half), min(1.0, centre + half)

    def check(self, name: str) -> None:
        """Do nothing, unless no episode at all of the run `name` came to a judgement.

        Also where some were not even tried, since what they need failed over and over.

        Raises:
            ActorError, GymError, DeadlineError: what failed first.
        """
        if self.failure is None or (not self.skipped and self.failed < self.total):
            return
        said = f"all {self.total} episodes failed"
        if self.skipped:
            said = f"{self.failed} episodes failed and {self.skipped} were not tried after them"
        raise error_of(
            self.failure.boundary,
            f"{said}; the first: {self.failure.what}",
            where=f"run {name!r}",
            do="mend that and start it again under the same name",
        )

    def add(self, record: Record, passed: bool, seconds: float, judged: bool = True) -> None:
        """Count an episode that was played now."""
        self.unjudged += record.episode.status == "done" and not judged
        self.done += 1
        self.passed += passed
        self.failed += record.episode.status == "failed"
        self.spent(record)
        self.seconds = seconds

    def again(self, record: Record) -> None:
        """Count an attempt that failed and is made again."""
        self.retried += 1
        self.spent(record)

    def spent(self, record: Record) -> None:
        """Count what an attempt cost, however it ended."""
        episode = record.episode
        self.cost += episode.cost
        self.steps += len(record.steps)
        asked = sum([s.end_ns - s.start_ns for s in record.steps if s.actor != GYM])
        self.actor_s += asked / 1e9
        self.gym_s += max(0, episode.length_ns - asked) / 1e9
        if episode.failure is not None:
            boundary = episode.failure.boundary
            self.failure = self.failure or episode.failure
            self.failures[boundary] = self.failures.get(boundary, 0) + 1

    def __add__(self, other: Tally) -> Tally:
        """Return the counts of two runs, one after the other."""
        both = Tally()
        for name in self.__struct_fields__:
            mine, theirs = getattr(self, name), getattr(other, name)
            if name in ("failure", "phase"):
                setattr(both, name, mine or theirs)
            elif name == "failures":
                names = {**mine, **theirs}
                both.failures = {n: mine.get(n, 0) + theirs.get(n, 0) for n in names}
            else:
                setattr(both, name, mine + theirs)
        return both
