"""The course of one interview: which question comes, given how the ones before went."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np

from banbury.gyms.interview.bank import Criterion, Item, parameters
from banbury.statistics.response.choice import AdaptiveTest, Balance
from banbury.statistics.response.stopping import Rule

Stage = Literal["verifiable", "open", "defence"]

DEFENCE = Item(
    id="defence",
    kind="open",
    ask="Defend your answer as you would to a colleague who doubts it: why is it right, how would "
    "you check it, and what would make it wrong? If you have changed your mind, say so and why.",
    difficulty=0.0,
    seconds=150,
    rubric=(
        Criterion("reason", "Does the answer give a reason that fits the question and is sound?"),
        Criterion("check", "Does the answer name a way to check the result that would work?"),
        Criterion(
            "limit", "Does the answer say what would make the result wrong, or name its limits?"
        ),
    ),
    passes=2,
    example="It follows from the question step by step: I took each given fact once and used "
    "nothing else. I would check it by doing it on a small case by hand and comparing. It would be "
    "wrong if a fact that I took as given did not hold, such as an empty input.",
)


class Hidden(msgspec.Struct, frozen=True):
    """The secret of an interview: everything that may be asked, frozen with its keys and rubrics.

    Attributes:
        items: verifiable ones that this interview may use.
        open: asked after them, in this order.
        rule: when the adaptive part ends.
        lots: seed of the options' order.
        defence: how the defence is asked and graded.
        resume: whether a model may ask about the résumé at the end, which is not measured.
        tells: see `Bank.tells`.
    """

    items: tuple[Item, ...]
    open: tuple[Item, ...]
    rule: Rule
    lots: int
    defence: Item = DEFENCE
    resume: bool = False
    tells: Literal["question", "kind"] = "question"


class Course:
    """Gives the questions of one interview; the same answers give the same questions.

    Time is planned, not measured: each question counts the seconds that an honest answer takes.
    So nobody is asked otherwise for being slow, and a course cut off goes on as it was.
    """

    def __init__(self, hidden: Hidden) -> None:
        self._hidden = hidden
        kinds = [item.kind for item in hidden.items]
        self._test = AdaptiveTest(parameters(hidden.items), hidden.rule, balance=Balance(kinds))
        self._place = self._test.next()
        self._open = 0
        self.planned = 0
        self.stage: Stage = "verifiable"
        self.defended: Item | None = None
        self.over = False
        self._settle()

    @property
    def stopped(self) -> str:
        """Return why the adaptive part ended, "" while it goes on."""
        return self._test.stopped or ""

    @property
    def item(self) -> Item:
        """Return the question that stands."""
        if self.stage == "verifiable":
            assert self._place is not None
            return self._hidden.items[self._place]
        return self._hidden.open[self._open] if self.stage == "open" else self._hidden.defence

    def shown(self, item: Item) -> tuple[str, ...]:
        """Return the options of a choice in the order in which this interview shows them."""
        place = next(i for i, one in enumerate(self._hidden.items) if one.id == item.id)
        order = np.random.default_rng([self._hidden.lots, place]).permutation(len(item.options))
        return tuple(item.options[i] for i in order)

    def mark(self, right: bool | None) -> None:
        """Go on after the answer to what stands; None where nobody has graded it yet."""
        self.planned += self.item.seconds
        if self.stage == "verifiable":
            assert self._place is not None
            self._test.answered(self._place, bool(right))
            self._place = self._test.next(self.planned)
        elif self.stage == "open":
            self._open += 1
        else:
            self.over = True
        self._settle()

    def _settle(self) -> None:
        if self.stage == "verifiable" and self._place is None:
            self.stage = "open"
        if self.stage == "open" and self._open >= len(self._hidden.open):
            self.stage = "defence"
            self.defended = self._defended()
            self.over = self.defended is None

    def _defended(self) -> Item | None:
        """Return the item whose answer is to be defended: the hardest that was right, or the last.

        To defend a right answer tells whether it was understood; who had none right explains the
        last one.
        """
        asked = [self._hidden.items[i] for i in self._test.asked]
        held = [item for item, ok in zip(asked, self._test.right, strict=True) if ok]
        if held:
            return max(held, key=lambda item: item.difficulty)
        return asked[-1] if asked else None
