"""What a `gym.toml` says, and what is wrong with one."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from banbury.errors import InputError
from banbury.gyms.answers import Choice, Day, Fields, Form, Items, Number, Word

SETTINGS = "gym.toml"
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
RESERVED = ("skill", "difficulty", "answer", "steps")
"""Columns with a meaning of their own; all others can be shown in a wording."""

_POSITIVE = {"contains", "regex", "ask"}

Kind = Literal["text", "choice", "number", "date", "json", "items", "rubric"]


class Criterion(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One line of a rubric; exactly one of the checks is given.

    Attributes:
        name: a few words, unique within the rubric.
        weight: its share of the score.
        required: the whole answer scores 0 where it is not met.
        contains: text that must stand in the answer, case aside; `{column}` takes the row's value.
        lacks: text that must not.
        regex: pattern that must be found in the answer.
        max_words: the most words.
        min_words: the fewest words.
        ask: question to a model, answered yes where the criterion is met.
    """

    name: str
    weight: float = 1.0
    required: bool = False
    contains: str | None = None
    lacks: str | None = None
    regex: str | None = None
    max_words: int | None = None
    min_words: int | None = None
    ask: str | None = None

    @property
    def positive(self) -> bool:
        """Return whether it asks for something, where the others only forbid or measure."""
        return bool(set(self.given()) & _POSITIVE)

    def given(self) -> list[str]:
        """Return the names of the checks that are given."""
        checks = ("contains", "lacks", "regex", "max_words", "min_words", "ask")
        return [name for name in checks if getattr(self, name) is not None]


class TableSkill(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One skill of a table gym: `[skills.NAME]`.

    Attributes:
        title: a few words for people.
        form: shape of the answer.
        seen: wordings that may be trained on, with `{column}` where a row's value goes.
        unseen: wordings kept for reserved items.
        options: of a choice.
        keys: of a JSON object.
        ordered: whether the order of items counts.
        hint: what stands for the answer in the instruction, if not the form's own words.
        chance: pass rate of a guess; 1 / number of options for a choice if not given.
        told: false where the answers rest on private knowledge.
        criteria: of a rubric.
        passes: score from which a rubric counts as passed.
        model: which model a rubric's `ask` goes to; handed to the arena's `ask`.
    """

    title: str
    form: Kind
    seen: tuple[str, ...]
    unseen: tuple[str, ...]
    options: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    ordered: bool = True
    hint: str = ""
    chance: float | None = None
    told: bool = True
    criteria: tuple[Criterion, ...] = ()
    passes: float = 1.0
    model: str = "judge"

    def shape(self) -> Form:
        """Return the form of the answer; a rubric has none, and its reference is a text."""
        made: Form
        if self.form == "choice":
            return Choice(self.options, self.hint)
        if self.form == "json":
            return Fields(self.keys)
        if self.form == "number":
            made = Number()
        elif self.form == "date":
            made = Day()
        elif self.form == "items":
            made = Items(ordered=self.ordered)
        else:
            made = Word("<answer>")
        made.hint = self.hint or made.hint
        return made

    def columns(self) -> list[str]:
        """Return the columns that the wordings show, in order of appearance."""
        return list(slots(self.seen[0]))

    def asks(self) -> bool:
        """Return whether a model grades part of it."""
        return any(c.ask is not None for c in self.criteria)


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A whole `gym.toml`.

    Attributes:
        name: of the gym; its skills are `NAME.SKILL`.
        version: part of every task's identity; raise it when tasks or answers change.
        licence: SPDX id of the table's content.
        skills: by name.
        tasks: file of the rows: .csv, .jsonl or .parquet.
        source: what lists show as the source of the tasks.
        made: `written` by people, `imported`, or `generated` by a program; generated rows are
            not compared for near copies.
        difficulties: the values of the column `difficulty`, the easiest first.
    """

    name: str
    version: str
    licence: str
    skills: dict[str, TableSkill]
    tasks: str = "tasks.csv"
    source: str = "a table"
    made: Literal["written", "imported", "generated"] = "written"
    difficulties: tuple[str, ...] = ("default",)


def read_settings(folder: Path) -> Settings:
    """Return a folder's settings.

    Raises:
        InputError: the file is missing, is no TOML, or says something that cannot be used.
    """
    path = folder / SETTINGS
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        made = msgspec.convert(said, Settings)
    except msgspec.ValidationError as error:
        raise _misfit(path, said, error) from None
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(
            f"there is no {SETTINGS}",
            where=str(folder),
            do="write one with `banbury gym new NAME --table`",
        ) from None
    except (OSError, ValueError) as error:  # msgspec's and TOML's errors are ValueErrors
        raise InputError(f"{SETTINGS} cannot be used: {error}", where=str(path)) from None
    for place, wrong in _faults(made):
        raise InputError(wrong, where=f"{path}, {place}")
    return made


def _misfit(path: Path, said: dict[str, Any], error: msgspec.ValidationError) -> InputError:
    """Return what does not fit, where in the file, and what could stand there."""
    skills = said.get("skills")
    for key, table in skills.items() if isinstance(skills, dict) else ():
        try:
            msgspec.convert(table, TableSkill)
        except msgspec.ValidationError as wrong:
            fields = TableSkill.__struct_fields__
            return _misfitting(f"{path}, skills.{key}", str(wrong), fields)
    return _misfitting(str(path), str(error), Settings.__struct_fields__)


def _misfitting(where: str, wrong: str, fields: tuple[str, ...]) -> InputError:
    what, _, at = wrong.partition(" - at `$")
    place = at.strip("`.")
    if place == "form":
        do = f"give one of {', '.join(get_args(Kind))}"
    elif "unknown field" in what and not place:
        do = f"known are {', '.join(fields)}"
    else:
        do = ""
    what = what[0].lower() + what[1:]
    where = f"{where}, {place}" if place else where
    return InputError(f"{SETTINGS} cannot be used: {what}", where=where, do=do)


def _faults(made: Settings) -> Iterator[tuple[str, str]]:
    if not NAME.fullmatch(made.name):
        yield "name", f"{made.name!r} is no name: small letters, digits and _, a letter first"
    if not made.skills:
        yield "skills", "there is no skill"
    if not made.version or not made.licence.strip():
        yield "version, licence", "neither may be empty"
    if not made.difficulties or len(set(made.difficulties)) != len(made.difficulties):
        yield "difficulties", "name each once, and at least one"
    for key, skill in made.skills.items():
        place = f"skills.{key}"
        if not NAME.fullmatch(key):
            yield place, f"{key!r} is no name: small letters, digits and _, a letter first"
        yield from ((f"{place}.{where}", wrong) for where, wrong in _skill_faults(skill))


def _skill_faults(skill: TableSkill) -> Iterator[tuple[str, str]]:
    for name, wordings in (("seen", skill.seen), ("unseen", skill.unseen)):
        if not wordings:
            yield name, "give at least one wording: reserved items come in unseen ones too"
        for i, text in enumerate(wordings):
            yield from ((f"{name}[{i}]", wrong) for wrong in _wording_faults(text))
    if both := set(skill.seen) & set(skill.unseen):
        yield "unseen", f"{min(both)!r} is among the seen ones too"
    if not slots(skill.seen[0]):
        yield "seen[0]", "it shows no column, so all its tasks would be one"
    for name, wordings in (("seen", skill.seen), ("unseen", skill.unseen)):
        for i, text in enumerate(wordings):
            if lacking := set(slots(skill.seen[0])) ^ set(slots(text)):
                yield (
                    f"{name}[{i}]",
                    f"{{{min(lacking)}}} is in only one of this wording and seen[0]",
                )
    if (skill.form == "choice") != bool(skill.options) or len(skill.options) == 1:
        yield "options", "a choice needs at least two options, no other form has any"
    if (skill.form == "json") != bool(skill.keys):
        yield "keys", "JSON needs its keys, no other form has any"
    if skill.chance is not None and not 0 <= skill.chance < 1:
        yield "chance", f"{skill.chance} does not lie in [0, 1)"
    yield from _rubric_faults(skill)


def _wording_faults(text: str) -> Iterator[str]:
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError as error:
        yield f"{text!r} is no wording: {error}; write {{{{ and }}}} for braces"
        return
    for _, field, spec, conversion in fields:
        if field is not None and (not field.isidentifier() or spec or conversion):
            yield f"{{{field}}} is no plain column name"
        elif field in RESERVED:
            yield f"{{{field}}} is not shown: {', '.join(RESERVED)} are the gym's own columns"


def _rubric_faults(skill: TableSkill) -> Iterator[tuple[str, str]]:
    if (skill.form == "rubric") != bool(skill.criteria):
        yield "criteria", "a rubric needs criteria, no other form has any"
    if skill.criteria and not any(c.positive for c in skill.criteria):
        yield "criteria", "nothing asks for what a right answer has: add contains, regex or ask"
    if not 0 < skill.passes <= 1:
        yield "passes", f"{skill.passes} does not lie in (0, 1]"
    names = [c.name for c in skill.criteria]
    for i, one in enumerate(skill.criteria):
        place = f"criteria[{i}]"
        if len(one.given()) != 1:
            yield place, f"{one.name!r} has {len(one.given())} checks; give exactly one"
        if not one.weight > 0:
            yield place, f"{one.name!r} needs a weight above 0"
        if names.count(one.name) > 1:
            yield place, f"{one.name!r} is there twice"
        if one.regex is not None:
            try:
                re.compile(one.regex)
            except re.error as error:
                yield place, f"{one.regex!r} is no pattern: {error}"
        for text in (one.contains, one.lacks, one.ask):
            yield from ((place, wrong) for wrong in _wording_faults(text or ""))
            if unknown := set(slots(text or "")) - set(skill.columns()):
                yield place, f"{{{min(unknown)}}} is not among the columns that the wordings show"


def slots(text: str) -> dict[str, None]:
    """Return the columns that a wording names, in order."""
    try:
        return {f: None for _, f, _, _ in string.Formatter().parse(text) if f is not None}
    except ValueError:
        return {}
