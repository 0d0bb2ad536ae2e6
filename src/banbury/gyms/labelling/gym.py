"""The labelling gym: an item is shown once, and labelled once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random

import msgspec

from banbury.episode import Judgement, Origin, Problem, Record, canonical, digest
from banbury.errors import GymError, UnknownName
from banbury.gyms import wording
from banbury.gyms.contract import (
    Action,
    Ask,
    Environment,
    Gym,
    Needs,
    Observation,
    OneAnswer,
    Phrasing,
    Skill,
    Turn,
)
from banbury.gyms.labelling import agreement, variants
from banbury.gyms.labelling.actions import Gold, Label
from banbury.gyms.labelling.cheats import cheats
from banbury.gyms.labelling.controls import Inputs, read_inputs
from banbury.gyms.labelling.problems import GYM, VERSION, problem
from banbury.gyms.labelling.samples.images import IMAGES
from banbury.gyms.labelling.samples.sample import Sample, Samples
from banbury.gyms.labelling.samples.sounds import SOUNDS
from banbury.gyms.labelling.samples.texts import TEXTS
from banbury.gyms.labelling.shown import words
from banbury.gyms.labelling.verdicts import judged

_KINDS: dict[str, Samples] = {kind.skill: kind for kind in (*TEXTS, *IMAGES, *SOUNDS)}
_PATIENCE = 500
"""So many draws in a row without a new task mean that the kind has no more."""

_gold = msgspec.json.Decoder(Gold).decode
_label = msgspec.json.Decoder(Label).decode


class Labelling(OneAnswer):
    """One item, shown and labelled once."""

    def opening(self) -> Turn:
        """Show instruction, item and controls; the media as they are."""
        public = self._task.public
        said = words(public.instruction, inputs_of(public.inputs, self._task.id))
        return Turn({self._seat: (Observation(said, media=public.media),)})


class LabellingGym(Gym):
    """Choices, spans, relations, shapes, segments and transcriptions, alone or together.

    The gym's own tasks are samples with known truth; real ones come by `banbury tasks import`.
    """

    name = GYM
    version = VERSION
    actions = Label
    needs = Needs(screen=True)
    stateless = True

    def skills(self) -> Sequence[Skill]:
        """Return one skill for each kind of label."""
        return [
            Skill(kind.skill, kind.title, kind.levels, chance=kind.chance)
            for kind in _KINDS.values()
        ]

    def tasks(
        self,
        skill: str,
        *,
        seed: int,
        difficulty: str | None = None,
        phrasing: Phrasing = "seen",
    ) -> Iterator[Problem]:
        """Yield distinct sample problems of a skill; see `Gym.tasks`."""
        if skill not in _KINDS:
            raise UnknownName("skill", skill, _KINDS, where=f"gym {self.name}")
        kind = _KINDS[skill]
        level = kind.levels[0] if difficulty is None else difficulty
        if level not in kind.levels:
            raise UnknownName("difficulty", level, kind.levels, where=f"skill {skill}")
        return self._draw(kind, level, seed, phrasing)

    def _draw(self, kind: Samples, level: str, seed: int, phrasing: Phrasing) -> Iterator[Problem]:
        rng = Random(f"{kind.skill}/{VERSION}/{level}/{seed}/{phrasing}")
        known: set[str] = set()
        stale = 0
        while stale < _PATIENCE:
            stale += 1
            sample = kind.draw(rng, level != kind.levels[0])
            content = {"scene": _scene(sample)}
            if wording.side(kind.skill, content) != phrasing:
                continue
            made = _made(kind, sample, content, level, phrasing)
            if made.task.id not in known:
                known.add(made.task.id)
                stale = 0
                yield made

    def start(self, problem: Problem, *, seed: int = 0, ask: Ask | None = None) -> Environment:
        """Return the environment that shows the item and takes one answer."""
        return Labelling(problem.task, self.seats[0])

    def judge(self, record: Record, problem: Problem) -> Judgement:
        """Score the mean of the controls' scores if each of them passes, else 0.

        Where no gold is known only the form is judged, and the evidence says so. The components
        are the controls' scores and what else was measured; see `scores.score`.
        """
        label = answer(record)
        inputs = inputs_of(problem.task.public.inputs, problem.task.id)
        if label is None:
            evidence = {"faults": {"": "no answer can be read"}}
            return self.verdict(record, 0.0, evidence=evidence)
        got = judged(label.results, inputs, gold_of(problem).results)
        return self.verdict(
            record, got.score, passed=got.passed, components=got.components, evidence=got.evidence
        )

    def solution(self, problem: Problem) -> Sequence[Action]:
        """Return the gold answer; none where nobody knows it."""
        gold = gold_of(problem).results
        return (Label(gold),) if gold else ()

    def cheats(self, problem: Problem) -> Mapping[str, Sequence[Action]]:
        """Return ways to cheat: nothing, one over everything, everything everywhere."""
        return cheats(inputs_of(problem.task.public.inputs, problem.task.id))

    def agreement(self, first: Record, second: Record) -> float:
        """Return how alike two answers to one task are, in [0, 1]: 1 minus the largest distance.

        Two records without an answer that can be read do not agree; see `agreement.distances`.
        """
        a, b = answer(first), answer(second)
        if a is None or b is None:
            return 0.0
        return 1.0 - max(agreement.distances(a, b).values(), default=0.0)

    def distances(self, a: Label, b: Label) -> Mapping[str, float]:
        """Return how far two answers lie apart, by control; see `agreement.distances`."""
        return agreement.distances(a, b)

    def outcome(self, record: Record) -> object:
        """Return the final answer, which is all that counts."""
        return answer(record)

    def equivalents(self, problem: Problem) -> Mapping[str, Sequence[Action]]:
        """Return the gold answer said in other ways that are as right."""
        return variants.equivalents(gold_of(problem).results)

    def wrongs(self, problem: Problem) -> Mapping[str, Sequence[Action]]:
        """Return answers near the gold one that are wrong."""
        inputs = inputs_of(problem.task.public.inputs, problem.task.id)
        return variants.wrongs(gold_of(problem).results, inputs)


def inputs_of(text: str, where: str) -> Inputs:
    """Return what a task shows.

    Raises:
        GymError: the text is no `Inputs`.
    """
    try:
        return read_inputs(text)
    except msgspec.MsgspecError as error:
        raise GymError(
            f"the task shows nothing that can be labelled: {error}",
            where=f"task {where}",
            do="import it again with `banbury tasks import`",
        ) from error


def gold_of(problem: Problem) -> Gold:
    """Return the right results of a task.

    Raises:
        GymError: its secret is of another kind.
    """
    try:
        return _gold(problem.secret.answer or "{}")
    except msgspec.MsgspecError as error:
        raise GymError(
            f"the secret holds no results: {error}", where=f"task {problem.task.id}"
        ) from error


def answer(record: Record) -> Label | None:
    """Return the last label of a record, None if there is none that can be read."""
    for step in reversed(record.steps):
        if step.kind == "action":
            try:
                return _label(step.payload)
            except (msgspec.MsgspecError, UnicodeError, RecursionError):
                return None
    return None


def _scene(sample: Sample) -> str:
    """Return a hash of an item by its truth, not by the bytes of a picture of it."""
    texts = {name: value for name, value in sample.item.items() if isinstance(value, str)}
    return digest(canonical([texts, sample.gold]))[:24]


def _made(
    kind: Samples, sample: Sample, content: Mapping[str, str], level: str, phrasing: Phrasing
) -> Problem:
    wordings = kind.seen if phrasing == "seen" else kind.unseen
    (number,) = wording.choose(kind.skill, content, wordings)
    labels = [label for control in kind.controls for label in control.labels]
    name = f"{phrasing}-{number}"
    return problem(
        Inputs(dict(sample.item), kind.controls),
        sample.gold,
        wording.fill(wordings[number], {"labels": labels}),
        skill=kind.skill,
        origin=Origin("generated", f"{GYM} {VERSION}"),
        params={"content": content, "difficulty": level, "wording": name},
        phrasing=name,
    )
