"""Item banks: what is asked, what is right, how hard it is thought to be."""

from __future__ import annotations

import functools
import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from banbury.episode import digest
from banbury.errors import GymError, InputError
from banbury.gyms.interview.running import ARROW
from banbury.statistics.response.items import Items, items

FOLDER = Path(__file__).parent / "banks"
Kind = Literal["number", "expression", "code", "choice", "open"]
VERIFIABLE: tuple[Kind, ...] = ("number", "expression", "code", "choice")


class Criterion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One yes-or-no question about an open answer.

    Attributes:
        name: a word.
        question: what a grader is asked; yes is good.
    """

    name: str
    question: str


class Item(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One question of a bank.

    Attributes:
        id: stable name; it never comes back with another question.
        kind: how it is answered and graded.
        ask: the question.
        difficulty: b of the 2PL model: the author's estimate until calibration corrects it.
        discrimination: a, likewise.
        seconds: that an honest answer takes; what the 20 minutes are filled with.
        key: the number, the expression, the function that is right.
        tolerance: how far a number may be off.
        options: of a choice, the right one first; they are shown in another order.
        entry: of code, the function's name.
        broken: of code, what is to be repaired.
        cases: of code, `[arguments] -> result` in JSON; the first one is shown where there are
            three or more, the others never.
        names: of an expression, its variables.
        points: of an expression, values of the variables at which it must equal the key.
        rubric: of an open question.
        passes: how many criteria must be met.
        example: of an open question, an answer that meets all of them.
        proof: a program that prints the key, run by the tests.
        why: why the key is right, for people.
        media: an image, sound or video to look at: a file beside the bank, and once the bank is
            kept, `blob:SHA256:SIZE:TYPE`.
        retired: it is asked no more; it stays in its place, so that tries still share no item.
    """

    id: str
    kind: Kind
    ask: str
    difficulty: float
    discrimination: float = 1.0
    seconds: int = 60
    key: str = ""
    tolerance: float = 0.0
    options: tuple[str, ...] = ()
    entry: str = ""
    broken: str = ""
    cases: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    points: tuple[tuple[float, ...], ...] = ()
    rubric: tuple[Criterion, ...] = ()
    passes: int = 0
    example: str = ""
    proof: str = ""
    why: str = ""
    media: str = ""
    retired: bool = False

    @property
    def guess(self) -> float:
        """Return what a guess brings."""
        return 1 / len(self.options) if self.kind == "choice" else 0.0

    def calls(self) -> list[tuple[list[Any], Any]]:
        """Return (arguments, result) of each case of code."""
        parts = [case.partition(ARROW) for case in self.cases]
        return [(json.loads(given), json.loads(wanted)) for given, _, wanted in parts]

    def samples(self) -> tuple[str, ...]:
        """Return the cases of code that are shown, so that one can try a repair."""
        return self.cases[:1] if len(self.cases) >= 3 else ()


class Bank(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The items of one skill.

    Attributes:
        skill: dotted path, such as `interview.python_repair`.
        title: a few words for people.
        version: raise it when an item changes.
        about: what the interview is about, for who is interviewed.
        items: at least one.
        language: in which open questions are answered.
        tells: what whoever was interviewed is told afterwards: how each `question` went, or only
            how each `kind` of question did, so that keys cannot be gathered.
    """

    skill: str
    title: str
    version: str
    about: str
    items: tuple[Item, ...]
    language: str = "English"
    tells: Literal["question", "kind"] = "question"

    @property
    def hash(self) -> str:
        """Return the hash of everything that is asked and how it is graded, 64 hex digits."""
        return digest(msgspec.json.encode(self))


def parameters(asked: Sequence[Item]) -> Items:
    """Return the items' parameters for the response model."""
    return items(
        [i.discrimination for i in asked], [i.difficulty for i in asked], [i.guess for i in asked]
    )


def read(path: Path) -> Bank:
    """Return the bank of a file in TOML.

    Raises:
        InputError: it cannot be read, or an item lacks what its kind needs; the item is named.
    """
    try:
        bank = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Bank)
    except (OSError, UnicodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InputError(f"an item bank cannot be read: {error}", where=path.name) from error
    names = [item.id for item in bank.items]
    twice = sorted({n for n in names if names.count(n) > 1})
    wrong = [f"{item.id}: {said}" for item in bank.items if (said := lacking(item))]
    if twice or wrong or not names:
        said = "; ".join([*(f"{n}: comes twice" for n in twice), *wrong]) or "it has no items"
        raise InputError(f"an item bank cannot be used: {said}", where=path.name)
    return bank


def lacking(item: Item) -> str:
    """Return what an item lacks for its kind, "" if nothing."""
    if not item.ask.strip() or item.seconds <= 0:
        return "needs a question and its seconds"
    if item.kind == "choice":
        alike = len(set(item.options)) < len(item.options)
        return "needs two options or more, all different" if len(item.options) < 2 or alike else ""
    if item.kind == "open":
        enough = item.rubric and item.example and 0 < item.passes <= len(item.rubric)
        return "" if enough else "needs a rubric, how much of it passes, and an example"
    if not item.key.strip():
        return "needs a key"
    if item.kind == "code" and not (item.entry and item.broken and item.cases):
        return "needs entry, broken and cases"
    if item.kind == "expression" and not (item.names and item.points):
        return "needs names and points"
    return ""


@functools.cache
def banks() -> dict[str, Bank]:
    """Return the banks that come with the gym, by skill.

    Raises:
        GymError: one of them cannot be used.
    """
    try:
        found = [read(path) for path in sorted(FOLDER.glob("*.toml"))]
    except InputError as error:
        raise GymError(str(error), where="interview") from error
    return {bank.skill: bank for bank in found}
