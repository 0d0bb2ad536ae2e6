"""Form: what a stage may be told, read off the verb of the command line, and how it is checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from banbury.errors import InputError, UnknownName

Sort = Literal["text", "whole", "number", "flag", "list"]
LONGEST = 4000
MOST = 2000
WHOLE = 60_000
"""Bytes of all arguments as JSON: they travel as one word of a command line, at most 128 KiB."""
ALONE = frozenset({"train"})
"""Stages of which one runs at a time: they need the whole machine."""


class Field(msgspec.Struct, frozen=True):
    """One argument of a stage.

    Attributes:
        name: as the verb names it.
        sort: `text`, `whole` number, `number`, `flag` or `list` of texts.
        hint: what the verb's documentation says of it.
        default: what counts if nothing is given, None for nothing.
        required: whether something must be given.
    """

    name: str
    sort: Sort
    hint: str = ""
    default: Any = None
    required: bool = False

    @property
    def label(self) -> str:
        """Return the name as words."""
        words = self.name.replace("_", " ")
        return words[:1].upper() + words[1:]

    @property
    def option(self) -> str:
        """Return the option of the command line."""
        return "--" + self.name.replace("_", "-")

    def words(self, value: Any) -> list[str]:
        """Return the words of the command line that say this value; none for the default.

        Raises:
            InputError: the value is not of this sort.
        """
        if self.sort == "list":
            return [f"{self.option}={one}" for one in self._texts(value)]
        if self.sort == "flag":
            if not isinstance(value, bool):
                raise self._wrong("true or false", value)
            return [self.option] if value else []
        if self.sort == "text":
            [text] = self._texts([value])
            return [f"{self.option}={text}"]
        whole = self.sort == "whole"
        fits = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
        if not fits:
            raise self._wrong("a whole number" if whole else "a number", value)
        return [f"{self.option}={value!r}"]

    def _texts(self, value: Any) -> list[str]:
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            raise self._wrong("text", value)
        if len(value) > MOST or any(len(v) > LONGEST for v in value):
            raise InputError(f"{self.label}: this is too long", where=self.name)
        if any("\x00" in v or not v.strip() for v in value):
            raise InputError(f"{self.label}: there is an empty text", where=self.name)
        return [v.strip() for v in value]

    def _wrong(self, what: str, value: Any) -> InputError:
        return InputError(f"{self.label}: {what} is needed, not {value!r:.60}", where=self.name)


class Form(msgspec.Struct, frozen=True):
    """What a stage may be told.

    Attributes:
        verb: words of the verb, such as `skills propose`.
        help: what the stage does, one sentence.
        fields: its arguments; places and files of the machine are left out.
        folder: the argument that names a folder to write into, "" if it writes none.
    """

    verb: str
    help: str
    fields: tuple[Field, ...]
    folder: str = ""

    @property
    def slug(self) -> str:
        """Return the verb as a part of an address."""
        return self.verb.replace(" ", "-")

    @property
    def alone(self) -> bool:
        """Say whether only one of these runs at a time."""
        return self.verb in ALONE

    def checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return arguments without those that say nothing, each of its sort.

        Raises:
            InputError: one is not of its sort, or a required one is missing.
            UnknownName: the stage has no argument of this name.
        """
        known = {f.name: f for f in self.fields}
        for name in given:
            if name not in known:
                raise UnknownName("argument", str(name)[:60], known, where=self.verb)
        said = {n: v for n, v in given.items() if v not in (None, "", [], ()) and v is not False}
        for field in self.fields:
            if field.name in said:
                field.words(said[field.name])
            elif field.required:
                raise InputError(f"{field.label} is missing", where=self.verb, do=field.hint)
        if len(msgspec.json.encode(said)) > WHOLE:
            raise InputError(f"these are more than {WHOLE:,} bytes in all", where=self.verb)
        return said

    def words(self, given: Mapping[str, Any]) -> list[str]:
        """Return the command line of the verb with these arguments.

        A value never stands as a word of its own, so that none can be taken for an option.

        Raises:
            InputError: see `checked`.
        """
        said = self.checked(given)
        options = [w for f in self.fields if f.name in said for w in f.words(said[f.name])]
        return [*self.verb.split(), *options]
