"""What a unit adds to the project's list of changes, and under which heading."""

from __future__ import annotations

import difflib
import re
from typing import Literal

import msgspec

Section = Literal["fixed", "added", "changed", ""]

_FIXED = re.compile(r"\b(bug ?-?fix(es)?|fix(ed|es)?|bugs?)\b", re.I)
_ADDED = re.compile(r"\b(added|features?|new|enhancements?|additions?)\b", re.I)
_CHANGED = re.compile(
    r"\b(changed|changes|removed|deprecat\w*|improve\w*|performance|other|breaking|internal|misc\w*)\b",
    re.I,
)
_HEADING = re.compile(
    r"^(#{1,6}\s+(?P<a>.+?)|\*\*(?P<b>.+?)\*\*:?|(?P<c>[A-Z][\w ,/&-]{2,40}):?)\s*$"
)
_BULLET = re.compile(r"^\s*[-*+]\s+")


class Entries(msgspec.Struct, frozen=True):
    """What a unit adds to a list of changes.

    Attributes:
        text: the added entries, a paragraph each.
        section: what the heading above the first of them says.
    """

    text: tuple[str, ...] = ()
    section: Section = ""


def added(before: str, after: str) -> Entries:
    """Return the entries that are in `after` alone, and the heading that they stand under."""
    old, new = before.splitlines(), after.splitlines()
    if len(old) + len(new) > 100_000:
        return Entries()
    fresh = _fresh(old, new)
    entries = _paragraphs([new[at] for at in fresh])
    return Entries(tuple(entries), _section(new, fresh[0]) if fresh else "")


def _fresh(old: list[str], new: list[str]) -> list[int]:
    """Return the numbers of the lines of `new` that are not in `old`."""
    first, last = 0, 0
    short = min(len(old), len(new))
    while first < short and old[first] == new[first]:
        first += 1
    while last < short - first and old[-1 - last] == new[-1 - last]:
        last += 1
    old, inner = old[first : len(old) - last], new[first : len(new) - last]
    matcher = difflib.SequenceMatcher(None, old, inner, autojunk=len(old) + len(inner) > 2000)
    spans = [code[3:] for code in matcher.get_opcodes() if code[0] in ("insert", "replace")]
    return [first + at for low, high in spans for at in range(low, high)]


def _paragraphs(lines: list[str]) -> list[str]:
    found: list[str] = []
    for line in lines:
        if not line.strip() or set(line.strip()) <= set("-=~^*"):
            continue
        if _BULLET.match(line) or not found or _HEADING.match(line):
            found.append(_BULLET.sub("", line).strip())
        else:
            found[-1] += " " + line.strip()
    return [text for text in found if len(text) > 12 and " " in text]


def _section(lines: list[str], at: int) -> Section:
    for index in range(min(at, len(lines) - 1), max(-1, at - 200), -1):
        found = _HEADING.match(lines[index])
        if not found:
            continue
        words = found["a"] or found["b"] or found["c"]
        if re.search(r"\d+\.\d+|unreleased", words, re.I):
            return ""
        for section, pattern in _SECTIONS:
            if pattern.search(words):
                return section
    return ""


_SECTIONS: tuple[tuple[Section, re.Pattern[str]], ...] = (
    ("fixed", _FIXED),
    ("added", _ADDED),
    ("changed", _CHANGED),
)


def by_name(path: str) -> Section:
    """Return the section that a news fragment's file name tells, such as `123.bugfix.rst`."""
    parts = path.rsplit("/", 1)[-1].lower().split(".")[1:]
    if any(part in ("bugfix", "fix", "bug") for part in parts):
        return "fixed"
    if any(part in ("feature", "feat", "new") for part in parts):
        return "added"
    return "changed" if any(part in ("change", "removal", "misc", "doc") for part in parts) else ""
