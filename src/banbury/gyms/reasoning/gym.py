"""The reasoning gym: short problems with computed answers, ours and reasoning-gym's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from banbury.episode import Judgement, Problem, Record
from banbury.gyms.answers import Form, Word
from banbury.gyms.contract import Action, Answer, Phrasing, Skill, final_answer
from banbury.gyms.family import Family, FamilyGym, text_cheats
from banbury.gyms.reasoning import reasoning_gym as rg
from banbury.gyms.reasoning.families import dates, lists, logic, meaning, numbers, strings

_ROOMS = (numbers, strings, lists, dates, logic, meaning)
_FAMILIES: dict[str, Family] = {f.skill: f for room in _ROOMS for f in room.FAMILIES}


class ReasoningGym(FamilyGym):
    """Families of our own, and each usable family of reasoning-gym as `rg.<family>`."""

    name = "reasoning"
    version = "1"

    def families(self) -> Mapping[str, Family]:
        """Return our own families by skill."""
        return _FAMILIES

    def skills(self) -> Sequence[Skill]:
        """Return our own skills, then those of reasoning-gym if it is installed."""
        return [*super().skills(), *rg.skills()]

    def missing(self) -> Mapping[str, str]:
        """Return what reasoning-gym has and this gym does not offer, with the reasons."""
        return rg.missing()

    def tasks(
        self,
        skill: str,
        *,
        seed: int,
        difficulty: str | None = None,
        phrasing: Phrasing = "seen",
    ) -> Iterator[Problem]:
        """Yield distinct problems of a skill; see `Gym.tasks`."""
        if skill.startswith(rg.PREFIX):
            return rg.tasks(self.name, skill, seed=seed, difficulty=difficulty, phrasing=phrasing)
        return super().tasks(skill, seed=seed, difficulty=difficulty, phrasing=phrasing)

    def judge(self, record: Record, problem: Problem) -> Judgement:
        """Score 1 for a right answer in the asked form; see `FamilyGym.judge` and `rg.score`."""
        if not problem.task.family.startswith(rg.PREFIX):
            return super().judge(record, problem)
        strict, lenient, evidence = rg.score(problem, final_answer(record))
        components = {"strict": strict, "lenient": lenient}
        return self.verdict(record, strict, components=components, evidence=evidence)

    def cheats(self, problem: Problem) -> Mapping[str, Sequence[Action]]:
        """Return the ways to cheat that `text_cheats` knows."""
        if not problem.task.family.startswith(rg.PREFIX):
            return super().cheats(problem)
        gold = rg.gold_of(problem)
        made = text_cheats(problem.task.public.instruction, gold, Word("X"))
        return {name: (Answer(text),) for name, text in made.items()}

    def unique(self, problem: Problem) -> bool:
        """Return whether every other value is wrong; of reasoning-gym's families nobody knows."""
        return not problem.task.family.startswith(rg.PREFIX)

    def _answered(
        self, problem: Problem, values: Callable[[Form, str], Mapping[str, str]]
    ) -> Mapping[str, Sequence[Action]]:
        theirs = problem.task.family.startswith(rg.PREFIX)
        return {} if theirs else super()._answered(problem, values)
