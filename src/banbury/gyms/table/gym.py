"""TableGym: the rows of a table as tasks, judged by a form or by a rubric."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

import msgspec

from banbury.episode import Judgement, Origin, Problem, Record, digest
from banbury.gyms import grading
from banbury.gyms.answers import Form
from banbury.gyms.contract import (
    Action,
    Answer,
    Ask,
    Environment,
    Gym,
    Needs,
    Phrasing,
    final_answer,
)
from banbury.gyms.family import Dial, Family, FamilyGym, Item, side
from banbury.gyms.grading import PERSON
from banbury.gyms.table import rubric
from banbury.gyms.table.rows import Row, read_rows
from banbury.gyms.table.settings import SETTINGS, Settings, TableSkill, read_settings

_NO_END: Mapping[Phrasing, tuple[str, ...]] = {"seen": ("",), "unseen": ("",)}


def table_gym(folder: Path) -> Gym:
    """Return the gym that a folder holds.

    Raises:
        InputError: its settings or its table cannot be used; file, row and column are named.
    """
    settings = read_settings(folder)
    asks = any(skill.asks() for skill in settings.skills.values())
    named = {"name": settings.name, "version": settings.version, "needs": Needs(model=asks)}
    made: Gym = type("TableGym", (TableGym,), named)(folder, settings)
    return made


class TableGym(FamilyGym):
    """A gym made of `gym.toml` and a table; `table_gym` gives it name and version."""

    judged_with = (*FamilyGym.judged_with, grading.__file__)

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self._settings = settings
        rows = read_rows(folder, settings)
        self._families = {
            f"{settings.name}.{key}": _family(settings, key, [r for r in rows if r.skill == key])
            for key in settings.skills
        }
        self._hash = digest(super().judge_hash.encode(), (folder / SETTINGS).read_bytes())

    def families(self) -> Mapping[str, Family]:
        """Return one family for each skill of the settings."""
        return self._families

    @property
    def judge_hash(self) -> str:
        """Return the hash of the code that judges and of the settings that it follows."""
        return self._hash

    def _skill(self, problem: Problem) -> TableSkill:
        self.family(problem.task.family)
        return self._settings.skills[problem.task.family.removeprefix(f"{self.name}.")]

    def start(self, problem: Problem, *, seed: int = 0, ask: Ask | None = None) -> Environment:
        """Return the environment that shows the instruction and takes one answer."""
        skill = self._skill(problem)
        if skill.asks():
            return rubric.Graded(problem.task, skill, ask, self.seats[0])
        return super().start(problem, seed=seed, ask=ask)

    def judge(self, record: Record, problem: Problem) -> Judgement:
        """Judge by the form (see `FamilyGym.judge`), or by the rubric (`rubric.score`).

        Raises:
            Unjudged: the rubric asks a model and none was asked.
        """
        if self._skill(problem).form != "rubric":
            return super().judge(record, problem)
        grades, by = rubric.grades_of(record), grading.graders(record)
        return self._scored(record, problem, grades, by, "judge")

    def questions(self, problem: Problem) -> Mapping[str, str]:
        """Return what only a model or a person can say, by criterion; none without a rubric."""
        return rubric.questions(self._skill(problem), problem.task)

    def graded(
        self, record: Record, problem: Problem, met: Mapping[str, bool], by: str
    ) -> Judgement:
        """Return the judgement of an episode by a person's grades."""
        grades = {name: grading.Grade(yes, "yes" if yes else "no") for name, yes in met.items()}
        return self._scored(record, problem, grades, [by], PERSON)

    def _scored(
        self,
        record: Record,
        problem: Problem,
        grades: Mapping[str, grading.Grade],
        by: Sequence[str],
        judge: str,
    ) -> Judgement:
        skill, text = self._skill(problem), final_answer(record)
        score, parts = rubric.score(skill, text, problem.task, grades)
        evidence = {"length": len(text), "grades": grades, "graded_by": by}
        passed = score >= skill.passes
        return self.verdict(
            record, score, passed=passed, components=parts, evidence=evidence, judge=judge
        )

    def solution(self, problem: Problem) -> Sequence[Action]:
        """Return the gold answer in the asked form; of a rubric, the row's own answer."""
        if self._skill(problem).form != "rubric":
            return super().solution(problem)
        return (Answer(msgspec.json.decode(problem.secret.answer, type=str)),)

    def cheats(self, problem: Problem) -> Mapping[str, Sequence[Action]]:
        """Return the ways to cheat that `text_cheats` knows, or those that no rubric may pay."""
        if self._skill(problem).form != "rubric":
            return super().cheats(problem)
        shown = problem.task.public.instruction
        texts = {
            "echo the prompt": shown,
            "echo the prompt twice": f"{shown}\n{shown}",
            "nothing but marks": "... !!! ---",
        }
        return {name: (Answer(text),) for name, text in texts.items()}

    def unique(self, problem: Problem) -> bool:
        """Return whether every other value is wrong: not where a rubric judges."""
        return self._skill(problem).form != "rubric"

    def _answered(
        self, problem: Problem, values: Callable[[Form, str], Mapping[str, str]]
    ) -> Mapping[str, Sequence[Action]]:
        rubric_judges = self._skill(problem).form == "rubric"
        return {} if rubric_judges else super()._answered(problem, values)


def _family(settings: Settings, key: str, rows: Sequence[Row]) -> Family:
    skill = settings.skills[key]
    levels = [d for d in settings.difficulties if any(r.difficulty == d for r in rows)]
    by_level: dict[str, Dial] = {
        level: {"rows": [r for r in rows if r.difficulty == level]} for level in levels
    }

    def stream(rng: Random, dial: Dial, phrasing: Phrasing) -> Iterator[Item]:
        held: list[Row] = list(dial["rows"])
        rng.shuffle(held)
        for row in held:
            if side(made, row.content) == phrasing:
                origin = Origin(settings.made, f"{settings.source}: {settings.tasks}")
                yield Item(row.content, row.answer, row.steps, origin)

    ends = {"ends": _NO_END} if skill.form == "rubric" else {}
    made = Family(
        skill=f"{settings.name}.{key}",
        title=skill.title,
        dials=by_level,
        stream=stream,
        form=skill.shape(),
        seen=skill.seen,
        unseen=skill.unseen,
        version=settings.version,
        told=skill.told,
        licence=settings.licence,
        source=settings.source,
        chance=skill.chance,
        **ends,
    )
    return made
