"""The statement of the problem: what a unit's messages say, cleared of how it was solved."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import msgspec

from banbury.cycle.source.mine.history import prose, wording, words
from banbury.cycle.source.mine.history.calls import calls
from banbury.cycle.source.mine.history.candidate import Candidate
from banbury.cycle.source.mine.history.given_away import Secrets, secrets, tests_of
from banbury.cycle.source.mine.history.observed import observed, spoken

THIN = 9
"""Fewest words of a statement that may stand."""
MOST = 8
"""Sentences taken from messages at most."""

Ask = Callable[[str], str]
"""Ask a model: prompt in, answer out."""


class Sentence(msgspec.Struct, frozen=True):
    """One sentence of a statement and where it comes from.

    Attributes:
        text: the sentence.
        origin: `title`, `message`, `merged commit`, `list of changes`, `list of fixes`, `tests`,
            `failure`, `model`, `person`.
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
        failures: by test, what it said when it failed at the base; known only after a run.
    """
    known = secrets(candidate)
    told = _told(candidate, known)
    seen = [Sentence(row, "failure") for row in observed(failures or {}, known)]
    if not told or told[0].origin != "title":
        told[:0] = [Sentence(_untitled(candidate, failures or {}, known), "title")]
    needs = _interface(candidate, known)
    text = _written(told, seen, needs)
    return Statement(text, (*told, *seen, *needs), tuple(checked(text, candidate)))


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
    """Return a statement as a model rewrites it; the given one where rules object to the model's.

    The rows of what fails and of the interface stay as they were found.

    Args:
        given: the statement by rule.
        candidate: the repair.
        ask: asks a model.
    """
    said = ask(_prompt(given)).strip()
    kept = [row for row in given.source if row.origin in ("failure", "tests")]
    seen, needs = ([r for r in kept if r.origin == origin] for origin in ("failure", "tests"))
    text = _written([Sentence(said, "model")], seen, needs)
    trouble = checked(text, candidate)
    if len(said.split()) < THIN or trouble:
        return given
    return Statement(text, (Sentence(said, "model"), *kept))


def _prompt(given: Statement) -> str:
    wrong = "\n".join(f"- {told}" for told in given.trouble) or "- nothing"
    return (
        "Rewrite this description of a software bug so that an engineer who has the repository "
        "but not the fix can understand what goes wrong and what is expected. Say only what can "
        "be observed; never say how to fix it, and name no file. Begin with a title line. Say "
        "nothing that the description does not. The lists of what fails and of the interface "
        "are added to your words, so do not repeat them."
        f"\n\nFound wrong with it by rule:\n{wrong}\n\nDescription:\n{given.text}\n\n"
        "Answer with the new description alone."
    )


def _told(candidate: Candidate, known: Secrets) -> list[Sentence]:
    """Return the title, where there is one, and what the messages say of behaviour."""
    found: list[Sentence] = []
    if text := _title(candidate, known):
        found.append(Sentence(text, "title"))
    pieces = (p for p in _pieces(candidate) if not known.given_away(p.text))
    for piece in pieces:
        if len(found) <= MOST and not any(_told_by(piece.text, f) for f in found):
            found.append(piece)
    return found


def _says(text: str) -> int:
    """Return how many words a title has."""
    return len(re.findall(r"[^\W\d_]{2,}", text))


def _title(candidate: Candidate, known: Secrets) -> str:
    """Return the title: of the unit, else of a merged commit; of the list of changes if thin."""
    message = words.apart(candidate.unit.message)
    named = [words.title(message, candidate.inside)]
    named += [one.split("\n", 1)[0] for one in candidate.inside]
    firsts = [next(iter(prose.sentences(entry)), "") for entry in candidate.entries]
    listed = [one for one in firsts if wording.sentence(prose.plain(one), listed=True)]
    own, other = (
        [t for raw in group if _says(t := _titled(raw)) >= 3 and not known.given_away(t)]
        for group in (named, listed)
    )
    if own and (_says(own[0]) >= 5 or not other):
        return own[0]
    return next(iter([*other, *own]), "")


def _titled(raw: str) -> str:
    return wording.title(words.unmarked(prose.plain(raw)))


def _pieces(candidate: Candidate) -> Iterator[Sentence]:
    """Yield the sentences that tell behaviour: of the list of changes, then of the messages."""
    message = words.apart(candidate.unit.message)
    texts = [(entry, "list of changes") for entry in candidate.entries]
    texts += [(message.body, "message")]
    texts += [(inside, "merged commit") for inside in candidate.inside]
    for text, origin in texts:
        broken = False
        for raw in prose.sentences(text):
            plain = prose.plain(raw)
            said = wording.sentence(plain, listed=origin == "list of changes")
            if said and not (broken and wording.leans(plain)):
                listed = origin == "list of changes" and wording.fault(plain)
                yield Sentence(said, "list of fixes" if listed else origin)
                broken = False
            elif plain:
                broken = True


def _untitled(candidate: Candidate, failures: Mapping[str, str], known: Secrets) -> str:
    """Return a title for a problem whose messages name the change alone: its first test."""
    tests = list(failures) or [case.replace(".", "::") for case in candidate.cases]
    for test in tests:
        text = f'Unexpected behaviour in "{spoken(test)}"'
        if not known.given_away(text):
            return text
    return "Unexpected behaviour"


_EMPTY = frozenset(("it", "shoul", "be", "the", "a", "an", "of", "with", "probl", "is", "are"))


def _told_by(text: str, other: Sentence) -> bool:
    """Say whether a sentence says little that another one does not."""
    first, second = (
        {word[:5] for word in re.findall(r"\w+", t.lower())} - _EMPTY for t in (text, other.text)
    )
    least = len(first) if other.origin == "title" else min(len(first), len(second))
    return len(first & second) >= 0.75 * least


def _interface(candidate: Candidate, known: Secrets) -> list[Sentence]:
    tests = tests_of(candidate)
    found = []
    for name in known.names:
        call = calls(name, tests)
        safe = name if known.given_away(call) else call
        found.append(Sentence(f"- It is to be called `{safe}`.", "tests"))
    return found + [
        Sentence(f'- This text is expected to appear: "{" ".join(text.split())}"', "tests")
        for text in known.texts
    ]


def _written(told: list[Sentence], seen: list[Sentence], needs: list[Sentence]) -> str:
    """Return the statement: title, what is wrong, what is expected, what fails, interface."""
    title, *rest = told
    wrong = [s.text for s in rest if not _expected(s)]
    wanted = [s.text for s in rest if _expected(s)]
    parts = [title.text, " ".join(wrong)]
    parts += ["Expected behaviour: " + " ".join(wanted)] if wanted else []
    parts += ["What fails now:\n" + "\n".join(s.text for s in seen)] if seen else []
    parts += ["Interface:\n" + "\n".join(s.text for s in needs)] if needs else []
    return "\n\n".join(part for part in parts if part)


def _expected(told: Sentence) -> bool:
    return told.origin == "list of changes" and wording.wanted(told.text)


def _flat(text: str) -> str:
    return " ".join(re.sub(r"[\\`'\"]", "", text).split()).lower()
