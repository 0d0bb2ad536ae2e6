"""What a report is made of: one plain structure, which JSON holds as well.

Rates are shares in [0, 1], differences are after minus before in [-1, 1], times are seconds from
the start of the loop.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Verdict = Literal["safe", "harmed", "not shown safe"]
Kind = Literal["form", "skill", "knowledge"]


class Rate(msgspec.Struct, frozen=True):
    """Passes of n, with the interval of the pass rate."""

    n: int
    passes: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Return the pass rate, 0 of 0 being 0."""
        return self.passes / self.n if self.n else 0.0


class Difference(msgspec.Struct, frozen=True):
    """A paired difference of pass rates with its 95 % interval."""

    value: float
    low: float
    high: float


class SkillRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One probed skill.

    Attributes:
        skill: dotted path; its first part is the domain.
        title: a few words for people.
        gym: its gym.
        source: `ours`, `reasoning-gym`, `real mail`, or wherever the tasks come from.
        before: on the reserved items where it was worked on, else in the probe.
        after: on the same reserved items; None where it was not worked on.
        kind: kind of gap, None if it is none.
        worked_on: data was made for it.
        difference: paired, on the reserved items.
        closed: by the rule in `ReportData.closed_rule`.
        unseen_before: the reserved items in wordings that training never saw, apart.
        unseen_after: the same items after.
    """

    skill: str
    title: str
    gym: str
    source: str
    before: Rate
    after: Rate | None = None
    kind: Kind | None = None
    worked_on: bool = False
    difference: Difference | None = None
    closed: bool = False
    unseen_before: Rate | None = None
    unseen_after: Rate | None = None


class Failure(msgspec.Struct, frozen=True):
    """A task that was failed: what was asked, what would have been right, what was said."""

    asked: str
    right: str
    said: str
    episode: str = ""


class GapRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One gap, in the order of the ranking.

    Attributes:
        skill: dotted path.
        title: a few words for people.
        kind: form, skill or knowledge.
        n: rollouts of the probe.
        strict: share passed as asked.
        lenient: share right in any form.
        few_shot: share passed after being shown solved examples.
        few_shot_n: rollouts with examples.
        worked_on: data was made for it.
        examples: up to three failures.
    """

    skill: str
    title: str
    kind: Kind
    n: int
    strict: float
    lenient: float
    few_shot: float
    few_shot_n: int
    worked_on: bool = False
    examples: tuple[Failure, ...] = ()


class SourcedRow(msgspec.Struct, frozen=True):
    """What was made for one skill.

    Attributes:
        skill: dotted path.
        title: a few words for people.
        reserved: items held back for the measurement.
        reserved_unseen: how many of these are in wordings that training never saw.
        made: training episodes made.
        accepted: of these, accepted by the review.
        rejected: of these, rejected, by reason.
    """

    skill: str
    title: str
    reserved: int
    reserved_unseen: int
    made: int
    accepted: int
    rejected: dict[str, int]


class Curve(msgspec.Struct, frozen=True):
    """Values over steps."""

    steps: tuple[float, ...] = ()
    values: tuple[float, ...] = ()


class Training(msgspec.Struct, frozen=True, omit_defaults=True):
    """One training run: a gap's adapter, or the joint one."""

    name: str
    method: Literal["sft", "grpo"]
    examples: int
    steps: int
    seconds: float
    loss: Curve = Curve()
    reward: Curve = Curve()


class Confusion(msgspec.Struct, frozen=True):
    """A router on prompts that it never saw.

    Attributes:
        labels: adapters and `base`, in the order of rows and columns.
        counts: prompts by where they belong (row) and where they went (column).
    """

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


class GuardRow(msgspec.Struct, frozen=True):
    """One skill that was not worked on, or all of them pooled, before and after.

    Attributes:
        skill: dotted path, or "" for all pooled.
        title: a few words for people.
        n: items.
        routed_away: items that the router did not leave to the base.
        gained: items that failed before and pass after.
        lost: items that passed before and fail after.
        difference: paired.
        low: its one-sided 95 % lower bound.
        verdict: of this row.
        dropped: a drop, of whatever size, is shown.
    """

    skill: str
    title: str
    n: int
    routed_away: int
    gained: int
    lost: int
    difference: float
    low: float
    verdict: Verdict
    dropped: bool = False


class GuardTable(msgspec.Struct, frozen=True):
    """The guard gate: may this checkpoint be released?

    Attributes:
        margin: the drop that is still called harmless, in (0, 1).
        verdict: over all: `harmed` if any row is.
        pooled: all items together.
        rows: by skill.
    """

    margin: float
    verdict: Verdict
    pooled: GuardRow
    rows: tuple[GuardRow, ...]


class JointRow(msgspec.Struct, frozen=True):
    """One skill under the joint adapter."""

    skill: str
    title: str
    difference: Difference
    closed: bool


class Joint(msgspec.Struct, frozen=True):
    """The plain alternative: one adapter trained on everything, no router."""

    rows: tuple[JointRow, ...]
    guard: GuardTable | None = None


class Stage(msgspec.Struct, frozen=True, omit_defaults=True):
    """One stage on the timeline; `tokens_in` and `tokens_out` are those of its episodes."""

    name: str
    start: float
    end: float
    tokens_in: int = 0
    tokens_out: int = 0
    note: str = ""


class Pair(msgspec.Struct, frozen=True):
    """One reserved task as it was answered before and after."""

    skill: str
    title: str
    asked: str
    right: str
    before: str
    after: str
    before_passed: bool
    after_passed: bool


class ReleaseRow(msgspec.Struct, frozen=True):
    """The released data."""

    name: str
    version: int
    sha256: str
    rows: int
    train: int
    validation: int


class PersonRow(msgspec.Struct, frozen=True):
    """What a person did: tasks answered, passed, and released to be trained on."""

    answered: int
    passed: int
    released: int


class ReportData(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything that a report shows.

    Attributes:
        model: name of the model.
        revision: hash of its weights.
        made: when, as a date and time in UTC.
        threshold: pass rate below which a skill is a gap.
        skills: all probed skills.
        gaps: ranked.
        closed_rule: the rule by which a gap counts as closed, in words.
        sourced: by skill worked on.
        training: runs, in order.
        router: on prompts it never saw.
        guard: the gate over the skills not worked on.
        joint: the plain alternative.
        stages: the timeline.
        cycle_seconds: from the first rollout to the measured result.
        rollouts: episodes that a model acted in.
        episodes: all episodes stored.
        pairs: tasks before and after, side by side.
        release: the data released.
        settings: name and value of every setting that matters.
        seeds: of the run.
        command: makes it again.
        notes: what a reader ought to know; shown as they are.
        person: what a person did, None where nobody took part.
    """

    model: str
    revision: str
    made: str
    threshold: float
    skills: tuple[SkillRow, ...]
    gaps: tuple[GapRow, ...] = ()
    closed_rule: str = "the 95 % interval of the paired difference lies above 30 points"
    sourced: tuple[SourcedRow, ...] = ()
    training: tuple[Training, ...] = ()
    router: Confusion | None = None
    guard: GuardTable | None = None
    joint: Joint | None = None
    stages: tuple[Stage, ...] = ()
    cycle_seconds: float = 0.0
    rollouts: int = 0
    episodes: int = 0
    pairs: tuple[Pair, ...] = ()
    release: ReleaseRow | None = None
    settings: dict[str, str] = {}
    seeds: tuple[int, ...] = ()
    command: str = ""
    notes: tuple[str, ...] = ()
    person: PersonRow | None = None
