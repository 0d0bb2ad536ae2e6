"""A rubric: criteria with weights, some checked by code, some asked of a model.

A model is asked while the episode runs, through the arena's `ask`, and what it said becomes part
of the record; so the judge reads only the record, and can judge again years later. Where no model
can be asked the episode fails and stays unjudged: nobody's 0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from banbury.episode import GYM, Record, Task
from banbury.errors import Unjudged
from banbury.gyms.contract import Action, Answer, Ask, Environment, OneAnswer, Turn
from banbury.gyms.grading import Grade, asked
from banbury.gyms.table.settings import Criterion, TableSkill

_LONGEST = 20_000
"""Characters of an answer that a pattern is tried on, and that a grader is shown."""


class Graded(Environment):
    """Shows the instruction, takes one answer, and has a model grade what only a model can."""

    def __init__(self, task: Task, skill: TableSkill, ask: Ask | None, seat: str) -> None:
        self._inner = OneAnswer(task, seat)
        self._task = task
        self._skill = skill
        self._ask = ask
        self._grades: dict[str, Grade] = {}

    def opening(self) -> Turn:
        """Show the instruction."""
        return self._inner.opening()

    def step(self, seat: str, action: Action) -> Turn:
        """End the task; ask for the grades that need a model."""
        if isinstance(action, Answer) and self._ask is not None:
            for one in self._skill.criteria:
                if one.ask is not None:
                    self._grades[one.name] = self._graded(self._ask, one.ask, action.text)
        return self._inner.step(seat, action)

    def evidence(self) -> str:
        """Return the grades by criterion, "" where none needed a model."""
        return msgspec.json.encode({"grades": self._grades}).decode() if self._grades else ""

    def _graded(self, ask: Ask, question: str, answer: str) -> Grade:
        shown = self._task.public.instruction
        wanted = filled(question, content_of(self._task))
        return asked(ask, self._skill.model, shown, answer[:_LONGEST], wanted)


def questions(skill: TableSkill, task: Task) -> dict[str, str]:
    """Return the questions of a rubric that code cannot answer, by criterion."""
    content = content_of(task)
    return {one.name: filled(one.ask, content) for one in skill.criteria if one.ask is not None}


def content_of(task: Task) -> dict[str, object]:
    """Return the columns that a task of a table shows."""
    params: dict[str, dict[str, object]] = msgspec.json.decode(task.params)
    return params["content"]


def filled(text: str, content: Mapping[str, object]) -> str:
    """Return a text with `{column}` replaced by the row's values."""
    return text.format(**content)


def grades_of(record: Record) -> dict[str, Grade]:
    """Return the grades that the gym recorded, none if there are none."""
    for step in reversed(record.steps):
        if step.kind == "note" and step.actor == GYM and step.track == "state":
            try:
                return msgspec.json.decode(step.payload, type=dict[str, dict[str, Grade]])["grades"]
            except (msgspec.MsgspecError, KeyError):
                return {}
    return {}


def own_words(text: str, instruction: str) -> str:
    """Return an answer without a repetition of the whole instruction."""
    return text.replace(instruction.strip(), " ").strip()


def met(one: Criterion, answer: str, task: Task, grades: Mapping[str, Grade]) -> bool:
    """Return whether an answer meets a criterion.

    Raises:
        Unjudged: only a model or a person can say, and none was asked.
    """
    content = content_of(task)
    if one.contains is not None:
        return filled(one.contains, content).casefold() in answer.casefold()
    if one.lacks is not None:
        return filled(one.lacks, content).casefold() not in answer.casefold()
    if one.regex is not None:
        return re.search(one.regex, answer[:_LONGEST]) is not None
    words = len(answer.split())
    if one.max_words is not None:
        return words <= one.max_words
    if one.min_words is not None:
        return words >= one.min_words
    if one.name not in grades:
        raise Unjudged(
            f"nobody graded {one.name!r}, so the episode stays unjudged",
            where=f"skill {task.skill}",
            do="give the run a model to ask, or let a person grade: banbury gym grade",
        )
    return grades[one.name].met


def score(skill: TableSkill, answer: str, task: Task, grades: Mapping[str, Grade]) -> tuple[
    float, dict[str, float]
]:  # fmt: skip
    """Return (score, components) of an answer: the weighted share of criteria that are met.

    An answer that meets nothing but what an empty page meets too (few words, nothing forbidden),
    or fails a required criterion, scores 0. Raises Unjudged as `met` does.
    """
    answer = own_words(answer, task.public.instruction)
    if not re.search(r"\w", answer):
        return 0.0, {one.name: 0.0 for one in skill.criteria}
    held = {one.name: met(one, answer, task, grades) for one in skill.criteria}
    parts = {name: float(value) for name, value in held.items()}
    lacking = any(one.required and not held[one.name] for one in skill.criteria)
    if lacking or not any(one.positive and held[one.name] for one in skill.criteria):
        return 0.0, parts
    total = sum(one.weight for one in skill.criteria)
    return min(1.0, sum(o.weight for o in skill.criteria if held[o.name]) / total), parts
