"""The statement of the problem: what a unit's messages say, cleared of how it was solved."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import msgspec

from banbury.cycle.source.mine.history import words
from banbury.cycle.source.mine.history.candidate import Candidate
from banbury.cycle.source.mine.history.given_away import Secrets, secrets

THIN = 9
"""Fewest words of a statement that may stand."""
SPARE = 25
"""With fewer words than these, what the failing tests say is told too."""

Ask = Callable[[str], str]
"""Ask a model: prompt in, answer out."""

_SENTENCE = re.compile(
    r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)\s+(?=[A-Z`\"'(])|\n\s*\n|\n(?=\s*[-*+]\s)"
)
_MARKS = re.compile(
    r"https?://\S+|[\w.+-]+@[\w-]+\.[\w.]+"
    r"|\(?\b(?:gh-|GH-|PR ?#?|issue ?#?|pull request ?#?)\d+\)?"
    r"|\(#\d+\)|\[#\d+\]|#\d+|\b(?=\w*\d)[0-9a-f]{7,40}\b"
    r"|[:{](?:issue|pr|pull|user|gh|bug|ghissue)[:}]`[^`]*`",
)
_CLOSING = re.compile(
    r"^\W*(?:(?:fix(?:es|ed)?|close[sd]?|resolve[sd]?|refs?|references|reverts?|reproduces|follows?"
    r"|supersedes?|see|also|related|to|up|on|part|of|and|in|issues?|bugs?|prs?|tickets?|via|from)"
    r"\b[\s\W]*)+$",
    re.I,
)
_BY = re.compile(r",?\s+(?:by|through|via)\s+(?:\w+ly\s+)?\w+ing\b.*$", re.S)
_SOLUTION = re.compile(
    r"^\W*(?:this (?:commit|pr|patch|change|fix|pull request)|we|i|i'm|let's|let us|the fix|now|"
    r"instead,?|us(?:e|ing)|add(?:s|ed|ing)?|remov(?:e|es|ed|ing)|mov(?:e|es|ed)|renam(?:e|es|ed)|"
    r"replac(?:e|es|ed|ing)|refactor\w*|simplif\w+|extract\w*|chang(?:e|es|ed|ing)|introduc\w+|"
    r"updat(?:e|es|ed)|implement\w*|switch\w*|convert\w*|wrap\w*|pass(?:es)?|merg\w+|bump\w*|"
    r"clean\w*|apply|drop\w*|call\w*|tests?|changelog|docs?|lint\w*|format\w*|typo|black|review|"
    r"address|link|revert|deprecat\w*|co-authored|signed-off|suggest\w*|tweak\w*|minor|small|\[?pre-commit|skip|also|todo|"
    r"guard|store|track|set|build|compute|delegate|normali[sz]e|strip|split|copy|reuse|cache|close|"
    r"override|catch|return|make|move|let|do|put|defer|check|create|define|include|insert)\b",
    re.I,
)
_ORDER = re.compile(
    r"^(?:do(?:n't| not)|raise|reject|ignore|keep|preserve|avoid|ensure|handle|escape|allow|return|"
    r"use|make|prevent|respect|delete|parse|render|clear|treat|support|restore|validate|accept|"
    r"propagate|only|never|always|stop|add|remove|set|include|exclude|show|hide)\b",
    re.I,
)
_FIXED = re.compile(
    r"^(?:bug-?)?fix(?:e[sd]|ing)?(?:\s+(?:up|for))?:?\s+"
    r"(?:(?:an?|the|some)?\s*(?:bugs?|issues?|problems?|regressions?|errors?)"
    r"\s+(?:where(?:by)?|when|with|in which|that|in|causing|of)\s+)?",
    re.I,
)
_CODE = re.compile(r"(?:^|\n)(?:```.*?```|(?: {4}|\t).*)", re.S)


_PROBLEM = re.compile(
    r"\b(?:when|where|if|whenever|only|always|never|still|even|without|again|already|currently|"
    r"previously|expected|should|must|would|wrong\w*|incorrect\w*|broken|breaks?|invalid|bugs?|"
    r"unexpected\w*|fail\w*|rais\w+|crash\w*|regress\w*|leak\w*|hang\w*|los[et]\w*|missing|"
    r"silently|instead|no longer|not|cannot|\w+n't|ignor\w+|causes?d?|result\w*|issue|problem|"
    r"fix\w*|prevent\w*|\w+(?:Error|Exception|Warning))\b",
    re.I,
)


class Sentence(msgspec.Struct, frozen=True):
    """One sentence of a statement and where it comes from.

    Attributes:
        text: the sentence.
        origin: `title`, `message`, `merged commit`, `list of changes`, `tests`, `failure`,
            `model`, `person`.
    """

    text: str
    origin: str


class Statement(msgspec.Struct, frozen=True):
    """The statement of a problem.

    Attributes:
        text: as it is shown.
        source: each of its sentences, with where it comes from.
        trouble: what is wrong with it, empty where nothing is.
    """

    text: str
    source: tuple[Sentence, ...]
    trouble: tuple[str, ...] = ()


def statement(candidate: Candidate, failures: Mapping[str, str] | None = None) -> Statement:
    """Return the statement of a candidate's problem.

    Args:
        candidate: the repair.
        failures: by test, what it said when it failed at the base; used where the messages are
            too thin. Known only after a run.
    """
    known = secrets(candidate)
    found = _told(candidate, known)
    thin = sum(len(s.text.split()) for s in found) < SPARE
    if thin and failures:
        found.extend(_observed(failures, known))
    found.extend(_interface(known))
    text = _written(found)
    return Statement(text, tuple(found), tuple(checked(text, candidate)))


def checked(text: str, candidate: Candidate, names: tuple[str, ...] = ()) -> list[str]:
    """Return what is wrong with a statement, by rule; nothing where it may stand.

    It must name what the hidden tests need and cannot be known from the base, and must not give
    the solution away.

    Args:
        text: the statement.
        candidate: the repair.
        names: more names that the tests need.
    """
    known = secrets(candidate)
    found: list[str] = []
    if len(text.split()) < THIN:
        found.append("it is too thin: fewer words than a sentence")
    unsaid = [n for n in (*known.names, *names) if not re.search(rf"\b{re.escape(n)}\b", text)]
    found += [f"the tests need the name {name!r}, which it does not say" for name in unsaid]
    missing = [wanted for wanted in known.texts if _flat(wanted) not in _flat(text)]
    found += [f"the tests need the text {wanted!r}, which it does not say" for wanted in missing]
    found.extend(f"it gives away {told}" for told in known.given_away(text))
    return found


def rewritten(given: Statement, candidate: Candidate, ask: Ask) -> Statement:
    """Return a statement as a model rewrites it, or the given one where the model's is worse.

    Args:
        given: the statement by rule.
        candidate: the repair.
        ask: asks a model.
    """
    text = ask(_prompt(given, candidate)).strip()
    trouble = checked(text, candidate) if text else ["the model said nothing"]
    if len(trouble) > len(given.trouble) or not text:
        return given
    return Statement(text, (Sentence(text, "model"),), tuple(trouble))


def _prompt(given: Statement, candidate: Candidate) -> str:
    wrong = "\n".join(f"- {told}" for told in given.trouble) or "- nothing"
    return (
        "Rewrite this description of a software bug so that an engineer who has the repository "
        "but not the fix can understand what goes wrong and what is expected. Say only what can "
        "be observed; never say how to fix it, and name no file. Keep every quoted name and text."
        f"\n\nFound wrong with it by rule:\n{wrong}\n\nDescription:\n{given.text}\n\nTests that "
        f"will be run are called: {', '.join(candidate.cases[:10])}\n\nAnswer with the new "
        "description alone."
    )


def _told(candidate: Candidate, known: Secrets) -> list[Sentence]:
    message = words.apart(candidate.unit.message)
    pieces = [(words.title(message, candidate.inside), "title")]
    pieces += [(text, "message") for text in _sentences(message.body)]
    pieces += [(t, "merged commit") for m in candidate.inside for t in _sentences(m)]
    pieces += [(t, "list of changes") for e in candidate.entries for t in _sentences(e)]
    found: list[Sentence] = []
    seen: set[str] = set()
    for raw, origin in pieces:
        text = cleared(raw, known, title=origin == "title")
        key = re.sub(r"\W+", " ", text.lower()).strip()
        if key and not any(_alike(key, other) for other in seen):
            seen.add(key)
            found.append(Sentence(text, origin))
        if len(found) >= 12:
            break
    return found


def _alike(one: str, other: str) -> bool:
    first, second = set(one.split()), set(other.split())
    return len(first & second) >= 0.7 * min(len(first), len(second))


def _sentences(text: str) -> list[str]:
    prose = _CODE.sub("\n\n", text)
    parts = _SENTENCE.split(prose)
    return [" ".join(part.split()).lstrip("-*+ ") for part in parts if part and part.strip()]


def cleared(text: str, known: Secrets, *, title: bool = False) -> str:
    """Return a sentence without its marks and without the solution; "" where nothing is left."""
    text = words.unmarked(text) if title else text
    if _CLOSING.match(_MARKS.sub("", text)):
        return ""
    if not title and (_SOLUTION.match(text) or not _PROBLEM.search(text)):
        return ""
    text = _BY.sub("", _MARKS.sub("", text))
    text = re.sub(r"(?<!\w)(?:\(\W*\)|\[\W*\])", "", text)
    text = re.sub(r"\s+([.,;])(?=\s|$)", r"\1", " ".join(text.split())).strip(" -*:;,")
    if known.given_away(text) or len(text.split()) < 3:
        return ""
    if title or _FIXED.match(text):
        return _turned(text)
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."


def _turned(text: str) -> str:
    """Turn the name of a change into what is wrong or what should hold."""
    text = text.rstrip(".")
    rest = _FIXED.sub("", text, count=1)
    ordered = rest == text or _ORDER.match(rest)
    return f"{'Expected' if ordered else 'There is a bug'}: {_lowered(rest)}."


def _lowered(text: str) -> str:
    first = text.split(" ", 1)[0]
    return text[:1].lower() + text[1:] if re.fullmatch(r"[A-Z][a-z']*", first) else text


def _observed(failures: Mapping[str, str], known: Secrets) -> list[Sentence]:
    found: list[Sentence] = []
    for test, said in list(failures.items())[:5]:
        name = re.sub(r"\[.*", "", test.rsplit("::", 1)[-1]).removeprefix("test_")
        spoken = " ".join(re.sub(r"([a-z])([A-Z])", r"\1 \2", name).replace("_", " ").split())
        line = next((row.strip() for row in said.splitlines() if row.strip()), "")[:300]
        short = f"What is tested under the name '{spoken}' fails"
        texts = [f"{short}: {line}", f"{short}."] if line else [f"{short}."]
        safe = [text for text in texts if not known.given_away(text)]
        found += [Sentence(safe[0], "failure")] if safe else []
    return found


def _interface(known: Secrets) -> list[Sentence]:
    found = [
        Sentence(f"The name `{name}` is part of the interface.", "tests") for name in known.names
    ]
    return found + [
        Sentence(f"This text is expected to appear: {text!r}", "tests") for text in known.texts
    ]


def _written(found: list[Sentence]) -> str:
    return "\n".join(sentence.text for sentence in found)


def _flat(text: str) -> str:
    return " ".join(re.sub(r"[\\`'\"]", "", text).split()).lower()
