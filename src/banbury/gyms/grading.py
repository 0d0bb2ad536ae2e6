"""Gyms whose episodes people can grade, beside or instead of a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from banbury.episode import Judgement, Problem, Record

PERSON = "person"
"""Part of the judge's name where a person graded, as in `messages/person`."""


@runtime_checkable
class Gradable(Protocol):
    """A gym whose judge leaves questions to whoever can say."""

    def questions(self, problem: Problem) -> Mapping[str, str]:
        """Return the questions that are open, by criterion; each is answered yes or no."""

    def graded(
        self, record: Record, problem: Problem, met: Mapping[str, bool], by: str
    ) -> Judgement:
        """Return a judgement named `GYM/person` by the answers to all questions.

        Args:
            record: the episode.
            problem: its task.
            met: whether each criterion is met.
            by: key of the person.
        """
