"""What a probe leaves: the body of its artifact."""

from __future__ import annotations

import msgspec

from banbury.episode import Actor
from banbury.statistics.difficulty import Standing
from banbury.statistics.intervals import Interval
from banbury.statistics.sequences import Decision


class SettingRate(msgspec.Struct, frozen=True):
    """What the dial found at one difficulty; the interval is a confidence sequence."""

    difficulty: str
    n: int
    passes: int
    low: float
    high: float
    standing: Standing


class Dial(msgspec.Struct, frozen=True):
    """How a skill's difficulty was chosen.

    Attributes:
        chosen: the difficulty that was probed then.
        of: how many difficulties the skill has; with one there is nothing to turn.
        ordered: False where an easier one is shown to pass less often than a harder one.
        tried: what was tried, the easiest first.
    """

    chosen: str
    of: int
    ordered: bool
    tried: tuple[SettingRate, ...]


class SkillRate(msgspec.Struct, frozen=True):
    """What the probe found of one skill.

    Attributes:
        skill: dotted path.
        gym: its gym.
        title: a few words for people.
        source: `ours`, or where the tasks come from.
        n: rollouts judged.
        passes: rollouts that passed.
        low: lower end of the confidence sequence.
        high: upper end.
        decision: `below` or `above` the threshold, or `undecided` when the rollouts ended.
        lenient: share in which the right answer stood in some other form.
        failed: rollouts that the infrastructure failed; they count nowhere else.
        tasks: ids of the tasks, in the order in which they were tried.
        difficulty: of the tasks; "" where a skill that the lab named has several.
        leaning: chance that the rate lies below the threshold, by the hierarchical prior: a guess
            for those that are undecided, not a finding.
        rate: with repeats, the mean pass rate, clustered by task; None without.
        pass_at_k: with repeats, the chance that one of k attempts passes, clustered by task.
        dial: how the difficulty was chosen, None if it was given.
    """

    skill: str
    gym: str
    title: str
    source: str
    n: int
    passes: int
    low: float
    high: float
    decision: Decision
    lenient: float
    failed: int
    tasks: tuple[str, ...]
    difficulty: str = ""
    leaning: float = 0.5
    rate: Interval | None = None
    pass_at_k: Interval | None = None
    dial: Dial | None = None


class Probe(msgspec.Struct, frozen=True):
    """A probe of one actor over a set of skills; `Rule` says what its numbers mean.

    `rollouts` counts those of the dial too. `k` is that of pass@k, None without repeats.
    """

    run: str
    actor: Actor
    threshold: float
    alpha: float
    batch: int
    most: int
    seed: int
    rollouts: int
    seconds: float
    skills: tuple[SkillRate, ...]
    zone: float = 0.0
    budget: int | None = None
    uniform: bool = False
    repeats: int = 1
    k: int | None = None
