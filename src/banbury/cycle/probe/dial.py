"""Turn each skill's difficulty to where some rollouts pass and some fail.

All skills walk at once, each over its own difficulties, on tasks of a run of their own: the probe
that follows draws others, since a rate that was chosen for its value would not be seen again.
"""

from __future__ import annotations

from collections.abc import Sequence

from banbury.cycle.probe.found import Dial, SettingRate
from banbury.cycle.probe.rollouts import Rollouts
from banbury.cycle.probe.tried import Round, Tried
from banbury.gyms.contract import Gym, Skill
from banbury.statistics.difficulty import Walk
from banbury.statistics.sequences import shared_alpha

MOST = 36
"""Most rollouts of one difficulty: about what shows 0 % to lie below 20 % among 20 skills."""


Named = tuple[str, Gym, Skill]


def turn(rollouts: Rollouts, skills: Sequence[Named], *, alpha: float, batch: int) -> list[Dial]:
    """Return the difficulty at which each skill's pass rate lies between 0.1 and 0.9, or nearest.

    `alpha` is shared by all difficulties of all skills.

    Raises:
        ActorError, GymError, DeadlineError: not one rollout of a whole round came to a judgement.
    """
    share = shared_alpha(alpha, sum(max(1, len(s.difficulties)) for _, _, s in skills))
    walking = [_Walking(s, share, min(batch, MOST)) for s in skills]
    while going := [one for one in walking if one.walk.next()]:
        for one, round_ in zip(going, rollouts.round([w.wanted() for w in going]), strict=True):
            one.look(round_)
    return [one.found() for one in walking]


class _Walking:
    """One skill's walk, and the tasks at each of its difficulties."""

    def __init__(self, named: Named, alpha: float, batch: int) -> None:
        self._named = named
        self._names = named[2].difficulties or ("",)
        self._tried: dict[int, Tried] = {}
        self.walk = Walk(len(self._names), alpha, batch=batch, most=MOST)

    def wanted(self) -> tuple[Tried, int]:
        index, count = self.walk.next() or (0, 0)
        return self._tried.setdefault(index, Tried(*self._named, self._names[index])), count

    def look(self, found: Round) -> None:
        self.walk.update(round(found.passes), found.judged, asked=found.asked)

    def found(self) -> Dial:
        tried = [
            SettingRate(self._names[t.index], t.n, t.passes, t.low, t.high, t.standing)
            for t in self.walk.tried
        ]
        chosen = self._names[self.walk.chosen]
        return Dial(chosen, len(self._names), self.walk.ordered, tuple(tried))
