"""The gym of functions: written to a specification, judged by hidden cases in a box."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random

from banbury.episode import Judgement, Origin, Problem, Record
from banbury.errors import UnknownName
from banbury.gyms.code_write import cheats
from banbury.gyms.code_write.actions import WriteAction
from banbury.gyms.code_write.code import LONGEST, code_of
from banbury.gyms.code_write.environment import Writing
from banbury.gyms.code_write.families import (
    algorithms,
    arithmetic,
    dates,
    intervals,
    numbers,
    records,
    texts,
)
from banbury.gyms.code_write.layouts import Layout, benchmarks, made, side
from banbury.gyms.code_write.problems import GYM, asked_of, key_of, solution_of
from banbury.gyms.code_write.running import Marks, examined, judged
from banbury.gyms.contract import (
    Action,
    Answer,
    Ask,
    Environment,
    Gym,
    Needs,
    Phrasing,
    Skill,
    final_answer,
)

DOMAINS = (
    texts.DOMAIN,
    numbers.DOMAIN,
    records.RECORDS_DOMAIN,
    arithmetic.DOMAIN,
    records.PARSING_DOMAIN,
    dates.DOMAIN,
    intervals.DOMAIN,
    algorithms.DOMAIN,
)
_SKILLS: dict[str, Layout] = {
    **{domain.skill: Layout(domain.skill, domain.title, "steps", (domain,)) for domain in DOMAINS},
    **{layout.skill: layout for layout in benchmarks(DOMAINS)},
}
_PATIENCE = 500
"""So many draws in a row without a new task mean that there are no more."""


class CodeWriteGym(Gym):
    """Functions to write: generated ones, and those imported from HumanEval and MBPP files."""

    name = GYM
    version = "1"
    actions = WriteAction
    needs = Needs(box=True, slow=True)

    def skills(self) -> Sequence[Skill]:
        """Return one skill for each domain, then those for the two usual layouts."""
        levels = ("easy", "medium", "hard")
        return [Skill(one.skill, one.title, levels) for one in _SKILLS.values()]

    def tasks(
        self,
        skill: str,
        *,
        seed: int,
        difficulty: str | None = None,
        phrasing: Phrasing = "seen",
    ) -> Iterator[Problem]:
        """Yield distinct problems of a skill; see `Gym.tasks`."""
        if skill not in _SKILLS:
            raise UnknownName("skill", skill, _SKILLS, where=f"gym {self.name}")
        level = "easy" if difficulty is None else difficulty
        if level not in ("easy", "medium", "hard"):
            known = ("easy", "medium", "hard")
            raise UnknownName("difficulty", level, known, where=f"skill {skill}")
        return self._drawn(_SKILLS[skill], level, seed, phrasing)

    def _drawn(
        self, layout: Layout, level: str, seed: int, phrasing: Phrasing
    ) -> Iterator[Problem]:
        rng = Random(f"{layout.skill}/{layout.version}/{level}/{seed}/{phrasing}")
        origin = Origin("generated", f"{self.name} {self.version}")
        known: set[str] = set()
        stale = 0
        for plan, shown, hidden in layout.plans(level, rng):
            stale += 1
            if stale > _PATIENCE:
                return
            if side(layout, plan) != phrasing:
                continue
            problem = made(layout, plan, shown, hidden, level, phrasing, origin)
            if problem.task.id not in known:
                known.add(problem.task.id)
                stale = 0
                yield problem

    def start(self, problem: Problem, *, seed: int = 0, ask: Ask | None = None) -> Environment:
        """Return the environment that shows the statement and runs tries in boxes."""
        return Writing(problem.task, self.seats[0])

    def judge(self, record: Record, problem: Problem) -> Judgement:
        """Score 1 if every case holds; the component `cases` is the share that does."""
        asked = asked_of(problem.task)
        text = final_answer(record)
        code = code_of(text, asked.entry) if len(text) <= LONGEST else ""
        marks = self._marked(code, problem) if asked.entry in code else Marks(0, 1, "no function")
        share = marks.held / marks.all
        return self.verdict(
            record,
            float(marks.held == marks.all and not marks.why),
            components={"cases": share},
            evidence={"held": marks.held, "of": marks.all, "why": marks.why, "length": len(text)},
        )

    def _marked(self, code: str, problem: Problem) -> Marks:
        asked, key = asked_of(problem.task), key_of(problem)
        if key.exam is not None:
            return examined(code, asked, key.exam)
        return judged(code, asked, key.cases)

    def solution(self, problem: Problem) -> Sequence[Action]:
        """Return the reference as one answer."""
        return (Answer(f"```python\n{solution_of(problem)}```"),)

    def cheats(self, problem: Problem) -> Mapping[str, Sequence[Action]]:
        """Return some of the ways in `cheats.every`, others for another task."""
        return {name: (Answer(text),) for name, text in cheats.some(problem).items()}
