"""Forms of a text answer: what 'Answer: X' must look like, and what X was meant to be.

Every text gym of ours asks for a last line `Answer: X`. A form reads it twice. `exact` holds the
actor to the form that the instruction names; `loose` asks whether the right value was said at
all, in whatever form. The difference between the two is a gap of form, not of skill. Only `exact`
gives the score.
"""

from __future__ import annotations

import datetime
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

_WINDOW = 4000
_LINE = re.compile(r"[\s*_#>`]{0,8}answer\b[\s*_`]{0,4}:", re.IGNORECASE)
_MARK = re.compile(r"\b(?:answer|result|output)\b(?: is)?[ :=*]*", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:,\d{3})*(?:\.\d+)?(?!\w)")
_TOKEN = re.compile(r"(?:(?<![^\s,:=(\[])-(?=\d))?[^\W_]+(?:[.:'-][^\W_]+)*")
_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6,
    "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_DATES = (
    re.compile(r"\b(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})\b"),
    re.compile(r"\b(?P<d>\d{1,2})(?:st|nd|rd|th)?(?: of)? (?P<b>[A-Za-z]{3,9}),? (?P<y>\d{4})\b"),
    re.compile(r"\b(?P<b>[A-Za-z]{3,9})\.? (?P<d>\d{1,2})(?:st|nd|rd|th)?,? (?P<y>\d{4})\b"),
    re.compile(r"\b(?P<d>\d{1,2})[-/.](?P<m>\d{1,2})[-/.](?P<y>\d{4})\b"),
    re.compile(r"\b(?P<m>\d{1,2})[-/.](?P<d>\d{1,2})[-/.](?P<y>\d{4})\b"),
)


def answer_line(text: str) -> str | None:
    """Return X of the last non-empty line `Answer: X`, None if the text does not end so.

    A text with a second line that looks like an answer says two things and has no answer line.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or not lines[-1].startswith("Answer: "):
        return None
    if sum(1 for line in lines if _LINE.match(line)) != 1:
        return None
    return lines[-1].removeprefix("Answer: ").rstrip()


def answer_lines(text: str) -> str | None:
    """Return what follows the line `Answer:`, to the end of the text, None if it has none.

    The result may also begin on that line. Two such lines are none, as in `answer_line`.
    """
    lines = text.splitlines()
    at = [i for i, line in enumerate(lines) if _LINE.match(line)]
    if len(at) != 1 or not lines[at[0]].startswith("Answer:"):
        return None
    first = lines[at[0]].removeprefix("Answer:").strip()
    rest = "\n".join(line.rstrip() for line in lines[at[0] + 1 :])
    return (first + "\n" + rest if first else rest).strip("\n")


def fragment(text: str) -> str:
    """Return the part of a text that says its result, in whatever form.

    That is the line after the last 'answer', 'result' or 'output', else the last non-empty line.
    Only the last 4,000 characters are read, so the time does not grow with the text.
    """
    window = text[-_WINDOW:]
    marks = list(_MARK.finditer(window))
    if marks:
        rest = [line for line in window[marks[-1].end() :].splitlines() if line.strip()]
        if rest:
            return rest[0].strip()
    lines = [line for line in window.splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""


def words(text: str, *, fold: bool = True) -> list[str]:
    """Return the words and numbers of a text without punctuation, lower-cased unless told not."""
    return _TOKEN.findall(text.casefold() if fold else text)


class Form(ABC):
    """One shape of answer.

    Attributes:
        hint: what stands for the answer in an instruction, such as `<number>`.
    """

    hint: str = "<answer>"

    def exact(self, value: str, gold: str) -> bool:
        """Return whether `value`, taken from the answer line, is right and in the asked form."""
        return value == gold

    @abstractmethod
    def loose(self, text: str, gold: str) -> float:
        """Return how much of the right value the text says at its end, in [0, 1]."""

    def others(self, gold: str) -> tuple[str, ...]:
        """Return wrong values that look like answers; the cheats of a gym use them."""
        return tuple(w for w in ("0", "1", "yes", "no", "apple") if w != gold)

    def means(self, value: str, gold: str) -> bool:
        """Return whether a value is the gold one, in whatever notation; it decides no score."""
        return words(value) == words(gold)

    def same(self, gold: str) -> dict[str, str]:
        """Return named ways to write the value that `exact` takes as well as the gold itself."""
        return {"blanks after it": f"{gold}  "}

    def notations(self, gold: str) -> dict[str, str]:
        """Return named ways to write the value that are out of form, yet say it: for `loose`."""
        return {"a trailing period": f"{gold}.", "bold": f"**{gold}**"}


class Number(Form):
    """A number in plain digits."""

    def __init__(self, hint: str = "<number>") -> None:
        self.hint = hint

    def loose(self, text: str, gold: str) -> float:
        """Compare the last number of the result, else of the text's end."""
        found = _NUMBER.findall(fragment(text)) or _NUMBER.findall(text[-_WINDOW:])
        if not found:
            return 0.0
        try:
            return float(Decimal(found[-1].replace(",", "")) == Decimal(gold))
        except InvalidOperation:
            return 0.0

    def others(self, gold: str) -> tuple[str, ...]:
        """Return neighbouring numbers."""
        value = Decimal(gold)
        return tuple(str(value + step) for step in (-2, -1, 1, 2, 10))

    def notations(self, gold: str) -> dict[str, str]:
        """Return the number with separators, and with a decimal that adds nothing."""
        value = Decimal(gold)
        plain = {} if "." in gold else {"a decimal of nothing": f"{gold}.0"}
        grouped = {"separators": f"{value:,}"} if abs(value) >= 1000 else {}
        return {**super().notations(gold), **plain, **grouped}


class Word(Form):
    """A word or a few, compared as they stand; `fold` lets the loose reading ignore case."""

    def __init__(self, hint: str = "<word>", *, fold: bool = True) -> None:
        self.hint = hint
        self._fold = fold

    def loose(self, text: str, gold: str) -> float:
        """Compare the last words of the result, or the only thing in it that is quoted."""
        part = fragment(text)
        said = words(part, fold=self._fold)
        want = words(gold, fold=self._fold)
        if want and said[-len(want) :] == want:
            return 1.0
        quoted = re.findall(r"[\"“*`']{1,2}([^\"”*`']{1,80})[\"”*`']{1,2}", part)
        return float(len(quoted) == 1 and words(quoted[0], fold=self._fold) == want)

    def notations(self, gold: str) -> dict[str, str]:
        """Return the words in quotes, and in capitals where case does not matter."""
        capitals = {"capitals": gold.upper()} if self._fold else {}
        return {**super().notations(gold), "quotes": f'"{gold}"', **capitals}


class Choice(Form):
    """One of a few named options."""

    def __init__(self, options: Sequence[str], hint: str = "") -> None:
        self.options = tuple(options)
        self.hint = hint or "<" + " or ".join(self.options) + ">"

    def loose(self, text: str, gold: str) -> float:
        """Ask that the result, else the first line, names exactly one option, and the right one."""
        lines = [line for line in text[:_WINDOW].splitlines() if line.strip()]
        for part in (fragment(text), *lines[:1]):
            said = f" {' '.join(words(part))} "
            named = [o for o in self.options if f" {' '.join(words(o))} " in said]
            if named:
                return float(named == [gold])
        return 0.0

    def others(self, gold: str) -> tuple[str, ...]:
        """Return the other options."""
        return tuple(o for o in self.options if o != gold)

    def notations(self, gold: str) -> dict[str, str]:
        """Return the option in capitals and in quotes."""
        return {**super().notations(gold), "capitals": gold.upper(), "quotes": f"'{gold}'"}


class Items(Form):
    """Several values, separated by commas; `ordered` says whether their order counts."""

    def __init__(self, hint: str = "<a, b, ...>", *, ordered: bool = True) -> None:
        self.hint = hint
        self._ordered = ordered

    def _values(self, text: str) -> list[str]:
        values = [v.strip() for v in text.split(",")]
        return values if self._ordered else sorted(values)

    def exact(self, value: str, gold: str) -> bool:
        """Compare item by item; blanks around a comma do not matter."""
        return self._values(value) == self._values(gold)

    def loose(self, text: str, gold: str) -> float:
        """Compare the last values of the result, else of the text's end, however separated."""
        want = words(gold)
        for part in (fragment(text), text[-_WINDOW:]):
            said = [w for w in words(part) if w != "and"][-len(want) :]
            if said == want or (not self._ordered and sorted(said) == sorted(want)):
                return 1.0
        return 0.0

    def others(self, gold: str) -> tuple[str, ...]:
        """Return the values short of one, and with one too many."""
        values = [v.strip() for v in gold.split(",")]
        return tuple(w for w in (", ".join(values[:-1]), ", ".join([*values, "x"])) if w)

    def means(self, value: str, gold: str) -> bool:
        """Compare the items, sorted where their order does not count."""
        said, want = words(value), words(gold)
        return said == want if self._ordered else sorted(said) == sorted(want)

    def same(self, gold: str) -> dict[str, str]:
        """Return the items with other blanks, and in another order where it does not count."""
        values = [v.strip() for v in gold.split(",")]
        made = {"no blanks": ",".join(values), "more blanks": " , ".join(values)}
        if not self._ordered and len(values) > 1:
            made["another order"] = ", ".join(reversed(values))
        return {**super().same(gold), **made}

    def notations(self, gold: str) -> dict[str, str]:
        """Return the items in brackets, and without commas."""
        values = [v.strip() for v in gold.split(",")]
        return {"brackets": f"[{gold}]", "semicolons": "; ".join(values)}


class Day(Form):
    """A date as YYYY-MM-DD."""

    hint = "YYYY-MM-DD"

    def loose(self, text: str, gold: str) -> float:
        """Compare the dates of the result, else of the text's end, in any usual notation."""
        for part in (fragment(text), text[-_WINDOW:]):
            found = _dates(part)
            if found:
                return float(gold in found)
        return 0.0

    def others(self, gold: str) -> tuple[str, ...]:
        """Return the days around it."""
        day = datetime.date.fromisoformat(gold)
        return tuple(str(day + datetime.timedelta(days=n)) for n in (-1, 1, 7))

    def means(self, value: str, gold: str) -> bool:
        """Compare the days."""
        return gold in _dates(value)

    def notations(self, gold: str) -> dict[str, str]:
        """Return the day as it is written in letters, and with other marks."""
        day = datetime.date.fromisoformat(gold)
        return {
            **super().notations(gold),
            "day first": f"{day.day} {day:%B} {day.year}",
            "month first": f"{day:%B} {day.day}, {day.year}",
            "slashes": gold.replace("-", "/"),
        }


class Fields(Form):
    """A JSON object with exactly these keys."""

    def __init__(self, keys: Sequence[str]) -> None:
        self.keys = tuple(keys)
        self.hint = "{" + ", ".join(f'"{k}": ...' for k in keys) + "}"

    def exact(self, value: str, gold: str) -> bool:
        """Compare the objects: same keys, none twice, same values of the same types."""
        try:
            said = json.loads(value, object_pairs_hook=_once)
        except (ValueError, RecursionError):
            return False
        want = json.loads(gold)
        return isinstance(said, dict) and said.keys() == want.keys() and _right(said, want) == 1.0

    def loose(self, text: str, gold: str) -> float:
        """Return the share of right fields in the last JSON object of the text's end."""
        want = json.loads(gold)
        window = text[-_WINDOW:]
        decoder = json.JSONDecoder()
        starts = [i for i, c in enumerate(window) if c == "{"][-20:]
        for start in starts:
            try:
                said, _ = decoder.raw_decode(window, start)
            except (ValueError, RecursionError):
                continue
            if isinstance(said, dict):
                return _right(said, want)
        return 0.0

    def others(self, gold: str) -> tuple[str, ...]:
        """Return the object with one field missing, and with one changed."""
        want = json.loads(gold)
        first = next(iter(want))
        short = {k: v for k, v in want.items() if k != first}
        return (json.dumps(short), json.dumps({**want, first: None}), "{}")

    def same(self, gold: str) -> dict[str, str]:
        """Return the object with its keys in another order, and without blanks."""
        want = json.loads(gold)
        turned = dict(reversed(want.items()))
        return {
            **super().same(gold),
            "another order of keys": json.dumps(turned),
            "no blanks": json.dumps(want, separators=(",", ":")),
            "escaped letters": json.dumps(want, ensure_ascii=True),
        }

    def notations(self, gold: str) -> dict[str, str]:
        """Return the object in a code block, and with talk around it."""
        return {
            "a code block": f"\n```json\n{gold}\n```",
            "talk around it": f"it is {gold}, I think",
        }


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made


def _right(said: Mapping[str, Any], want: Mapping[str, Any]) -> float:
    hits = sum(1 for k, v in want.items() if type(said.get(k)) is type(v) and said.get(k) == v)
    return hits / len(want)


def _dates(text: str) -> set[str]:
    for pattern in _DATES[:3]:
        found = {day for m in pattern.finditer(text) if (day := _day(m.groupdict()))}
        if found:
            return found
    return {day for p in _DATES[3:] for m in p.finditer(text) if (day := _day(m.groupdict()))}


def _day(parts: Mapping[str, str]) -> str:
    month = _MONTHS.get(parts["b"][:3].casefold(), 0) if "b" in parts else int(parts["m"])
    try:
        return str(datetime.date(int(parts["y"]), month, int(parts["d"])))
    except ValueError:
        return ""
