"""What a message says a change is: a repair, or something else; each sign with its weight."""

from __future__ import annotations

import re

import msgspec

Sign = tuple[float, str]
"""A weight (above 0 for a repair) and why, in a few words."""

_PREFIX = re.compile(r"^(\w+)(?:\([^)]*\))?!?:\s")
_PREFIXES = {
    "fix": 4.0, "bugfix": 4.0, "hotfix": 4.0, "bug": 4.0,
    "feat": -5.0, "feature": -5.0, "refactor": -6.0, "docs": -6.0, "doc": -6.0, "test": -5.0,
    "tests": -5.0, "chore": -4.0, "perf": -4.0, "style": -6.0, "ci": -6.0, "build": -5.0,
    "typing": -6.0, "types": -6.0, "deps": -6.0, "release": -6.0,
}  # fmt: skip


def _within(*words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.I)


def _first(*words: str) -> re.Pattern[str]:
    return re.compile(rf"^(?:{'|'.join(words)})\b", re.I)


_ANYWHERE: tuple[tuple[float, str, re.Pattern[str]], ...] = (
    (2.0, "speaks of a regression", _within("regress(?:ion|ed|es)?")),
    (2.0, "speaks of a bug", _within("bugs?", "buggy", "defect")),
    (
        2.0,
        "speaks of a crash",
        _within("crash(?:es|ed|ing)?", "traceback", "segfault", "deadlock"),
    ),
    (
        -6.0,
        "says that it changes no behaviour",
        _within(r"no (?:\w+ )?behaviou?r(?:al)? changes?", r"behaviou?rally a no-op",
            "no functional changes?",
        ),
    ),
    (
        -3.0,
        "says that it is about speed",
        _within("speed(?:s|ed)? up", "speedup", "performance improvements?"),
    ),
    (1.5, "names an error", re.compile(r"\b[A-Z]\w*(?:Error|Exception|Warning)\b")),
    (
        1.5,
        "says that something was wrong",
        _within(
            "wrong(?:ly)?", "incorrect(?:ly)?", "broken", "breaks?", "invalid", "unexpected(?:ly)?",
            "erroneous(?:ly)?", r"corrupt\w*", "inconsistent", "silently",
        ),
    ),
    (
        1.5,
        "says that something failed",
        _within(
            "fail(?:s|ed|ing|ure)?", "raise[sd]?", "leak(?:s|ed)?", "hangs?", "infinite", "lost",
            "loses", "missing", r"mishandl\w+", r"misbehav\w+",
        ),
    ),
    (
        1.0,
        "says what should hold",
        _within(
            "should(?:n't| not)?", "must(?: not)?", "no longer", "instead of", "prevent(?:s|ed)?",
            "avoid(?:s|ed)?",
            "correct(?:s|ed|ly)?", "proper(?:ly)?", "ensure[sd]?", "preserve[sd]?",
            "respect(?:s|ed)?", "honou?r(?:s|ed)?", "(?:do|does|did|ca|wo|was|is)n't",
            "(?:do|does|did|can|was|is) ?not",
        ),
    ),
    (
        1.0,
        "closes an issue",
        re.compile(r"\b(?:fix(?:es|ed)?|close[sd]?|resolve[sd]?)\b:?\s+"
                   r"(?:https?://\S+/issues/|[\w./-]*#)\d+", re.I),
    ),
)  # fmt: skip

_SUBJECT: tuple[tuple[float, str, re.Pattern[str]], ...] = (
    (3.0, "is called a fix", _within("fix(?:es|ed|ing)?", "bug-?fix(?:es)?", "repair(?:s|ed)?")),
    (
        2.0,
        "is called a correction",
        _first(
            "correct(?:ly)?", "properly", "prevent", "avoid", "handle", "ensure", "do(?:n't| not)",
            "never", "always", "make sure", "preserve", "respect", "honou?r", "restore", "reject",
            "raise", "catch", "stop", "work ?around", "escape", "validate", "check",
        ),
    ),
    (
        -3.0,
        "is called an addition",
        _first(
            "add(?:s|ed|ing)?", "implement(?:s|ed)?", "introduce[sd]?", "new", "feature",
            "support(?:s|ed)?", "enable[sd]?", "provide[sd]?", "expose[sd]?", "create[sd]?",
            "initial", "extend(?:s|ed)?",
        ),
    ),
    (
        -2.0,
        "adds support",
        _within("support (?:for|of)", "new (?:feature|option|parameter|argument|method|function)"),
    ),
    (
        -4.0,
        "is called a rearrangement",
        _within(
            r"refactor\w*", r"restructur\w*", r"reorgani[sz]\w*", "clean[- ]?up",
            "simplif(?:y|ies|ied)", "rewrite", "rework", r"moderni[sz]e", "rename[sd]?",
            "consolidate", "reformat", "migrate[sd]?", "port(?:s|ed)? to", "switch(?:es|ed)? to",
            "black", "isort", "ruff", "pyupgrade", r"lint\w*", "flake8",
        ),
    ),
    (
        -4.0,
        "is called a rearrangement",
        _first("move[sd]?", "clean", "extract", "inline", "eliminate", "convert"),
    ),
    (
        -4.0,
        "is about words or types",
        _within(
            "docstrings?", "documentation", "docs", "readme", "changelog", "type hints?",
            "typing", r"annotat\w*", "mypy", "pyright", "stubs?", "comments?",
        ),
    ),
    (
        -4.0,
        "is about speed",
        _within(
            r"optimi[sz]\w+", r"speed\w*", "faster", "performance", "perf", "lazy", "quadratic",
            "linear time", r"O\(\w+(?:\s*(?:\^|\*\*)\s*2)?(?=\))", "incrementally", "bulk", "once",
        ),
    ),
    (
        -3.0,
        "is about how something is done",
        _first("use", "using", "increase", "decrease", "raise the (?:default|minimum|maximum)"),
    ),
    (-2.0, "changes a default", _within("by default(?! again)", "as default", "default to")),
    (-4.0, "takes something away", _first("(?:remove|drop|delete|deprecate|retire)[sd]?")),
    (-4.0, "takes something away", _within(r"deprecat\w*", "drop support", "end of life")),
    (
        -4.0,
        "is about versions",
        re.compile(r"^(?:bump|upgrade"
                   r"|update (?:to|version|deps|dependenc\w*|requirements?|copyright)"
                   r"|release|version|pin|unpin|prepare|back to dev)"
                   r"|\bpython ?[23]\.\d+|\bpy(?:thon)?[23]\b", re.I),
    ),
    (-3.0, "is about the tests themselves", _first("tests?", "improve (?:the )?tests?")),
    (
        -3.0,
        "is about the tests themselves",
        _within(
            "coverage", "flaky", "test suite", "ci", "travis", "tox", "github actions", "workflow",
            "pre-commit",
        ),
    ),
    (
        -1.0,
        "is called an improvement",
        _within(
            "improve(?:s|d|ment)?", "enhance(?:s|d|ment)?", "allow(?:s|ed|ing)?",
            "accept(?:s|ed)?", "better", "nicer", "tweak", "change (?:the )?default", "update[sd]?",
        ),
    ),
    (-3.0, "takes something back", _first("revert", "back out")),
    (
        -6.0,
        "repairs something else than the source",
        _within(
            r"fix(?:e[sd]|ing)?(?: up)?(?: \w+){0,2} (?:tests?|ci|docs?|build|builds|lint|linting|"
            r"warnings?|types|typing|typos?|coverage|links?|formatting|mypy|tox|release|badges?)$",
        ),
    ),
)  # fmt: skip

_PULL = re.compile(r"^Merge (?:pull request|PR) #?\d+(?: from (?P<branch>\S+))?", re.I)
_JOIN = re.compile(
    r"^Merge (?:remote-tracking )?(?:branch(?:es)?|tag)\b|^Merge \S+ (?:in)?to ", re.I
)
_CLOSES = re.compile(
    r"\(?\b(?:fix(?:e[sd])?|close[sd]?|resolve[sd]?|see|refs?):?,?\s+(?:issue\s*)?#?\d+\b\)?[:,.;]*\s*",
    re.I,
)
_TOPIC = re.compile(r"^[`\w.()/-]+:\s+")
_ENTRY = re.compile(r"^\W*(?:bug-?)?fix(?:e[sd])?\b|^\W*bug\b", re.I)
_NUMBER = re.compile(r"\s*\(?(#|gh-|GH)\d+\)?")
_TRAILER = re.compile(r"^[A-Z][\w-]+-by:.*$|^-{3,}$|^\(cherry picked from.*$", re.M | re.I)


class Message(msgspec.Struct, frozen=True):
    """A unit's message, taken apart.

    Attributes:
        title: what the change is called; for a merged pull request its title, not "Merge ...".
        body: the rest, and the messages of the commits that a merge brought.
        branch: the name of the merged branch, or "".
        crowd: it joins whole branches, not one piece of work.
    """

    title: str
    body: str
    branch: str = ""
    crowd: bool = False


def apart(message: str, inside: tuple[str, ...] = ()) -> Message:
    """Return a message taken apart."""
    clean = _TRAILER.sub("", message).strip()
    first, _, rest = clean.partition("\n")
    found = _PULL.match(first)
    if _JOIN.match(first) and not found:
        return Message(first, "\n\n".join([rest.strip(), *inside]).strip(), "", True)
    if found:
        title, _, rest = rest.strip().partition("\n")
        titles = [text.split("\n", 1)[0] for text in inside]
        title = title.strip() or (titles[0] if len(titles) == 1 else "; ".join(titles[:3]))
        return Message(title, "\n\n".join([rest.strip(), *inside]).strip(), found["branch"] or "")
    return Message(first.strip(), "\n\n".join([rest.strip(), *inside]).strip())


def signs(message: Message, changelog: str = "") -> list[Sign]:
    """Return the signs in a message and in the lines that the unit adds to the list of changes."""
    closed = _CLOSES.sub("", message.title)
    title = _NUMBER.sub("", closed if len(closed.split()) > 2 else message.title).strip()
    found: list[Sign] = []
    prefix = _PREFIX.match(title)
    if prefix and prefix[1].lower() in _PREFIXES:
        found.append((_PREFIXES[prefix[1].lower()], f"is marked {prefix[1]!r}"))
        title = title[prefix.end() :]
    topic = _TOPIC.sub("", title)
    for weight, told, pattern in _SUBJECT:
        if pattern.search(title) or pattern.search(topic):
            found.append((weight, told))
    words = "\n".join((message.title, message.body, changelog))
    for weight, told, pattern in _ANYWHERE:
        if pattern.search(title):
            found.append((weight, told))
        elif pattern.search(words):
            found.append((weight / 2, told))
    if any(_ENTRY.match(line) for line in changelog.split("\n")):
        found.append((1.5, "is called a fix in the list of changes"))
    if re.search(r"(^|[/_-])(bug)?fix|bug|issue", message.branch, re.I):
        found.append((1.0, "comes from a branch named after a fix"))
    if re.search(
        r"[/_-](typ(es?|ing)|docs?|ci|lint|refactor\w*|feat(ure)?)\b", message.branch, re.I
    ):
        found.append((-3.0, "comes from a branch named after something else"))
    return found


def unmarked(title: str) -> str:
    """Return a title without its number and a mark such as `fix(parser):`."""
    clean = _NUMBER.sub("", title).strip()
    found = _PREFIX.match(clean)
    if found and found[1].lower() in _PREFIXES:
        rest = clean[found.end() :]
        return f"Fix {rest}" if _PREFIXES[found[1].lower()] > 0 else rest
    return clean


def title(message: Message, inside: tuple[str, ...]) -> str:
    """Return what a unit is called; for a merge without a title, what its commits are called."""
    if message.title:
        return message.title
    return inside[0].split("\n", 1)[0] if len(inside) == 1 else ""
