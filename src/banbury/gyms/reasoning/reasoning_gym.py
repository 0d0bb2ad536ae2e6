"""The adapter that makes the families of reasoning-gym (PyPI, Apache-2.0) skills `rg.<family>`.

Their own scorers judge, wrapped: what they raise on foreign text is a score of 0 with evidence,
and an answer that could make them run code or work without end never reaches them. The library is
optional and slow to import, so it is loaded when the first task is made, not when skills are
listed.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.metadata
import importlib.util
import io
import json
import re
import warnings
from collections.abc import Iterator, Mapping
from decimal import Decimal
from random import Random
from typing import Any

import msgspec

from banbury.episode import (
    Origin,
    Problem,
    Public,
    Secret,
    SkillWeight,
    Task,
    canonical,
    digest,
    identity,
)
from banbury.errors import GymError, SetupError, UnknownName
from banbury.gyms.answers import Word, answer_line, answer_lines, fragment
from banbury.gyms.contract import Phrasing, Skill
from banbury.gyms.family import ENDS_SEEN, ENDS_UNSEEN, Family, side, wording
from banbury.gyms.reasoning.frozen import freeze, thaw
from banbury.gyms.reasoning.rg_families import EXCLUDED, FAMILIES, Rg

PREFIX = "rg."
_PACKAGE = "reasoning-gym"
_CHUNK = 64
_PATIENCE = 200
_FAILURES = 20
_LONGEST_LOOSE = 2000
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_LINES_SEEN = (
    "End with 'Answer:' and put your result on the lines after it.",
    "Last, write 'Answer:' and below it nothing but the result.",
    "Finish with the line 'Answer:' followed by the result on new lines.",
)
_LINES_UNSEEN = (
    "Close with 'Answer:' on a line and the result beneath.",
    "At the very end put 'Answer:', then the result on the next lines.",
)


def installed() -> bool:
    """Return whether the library is there, without loading it."""
    return importlib.util.find_spec("reasoning_gym") is not None


def skills() -> list[Skill]:
    """Return a skill for each usable family, none where the library is not installed."""
    if not installed():
        return []
    return [
        Skill(PREFIX + name, name.replace("_", " "), _difficulties(rg), _PACKAGE)
        for name, rg in FAMILIES.items()
    ]


def missing() -> dict[str, str]:
    """Return the `rg.` skills that are not offered, each with the reason."""
    if not installed():
        return {PREFIX + "*": f"{_PACKAGE} is not installed: pip install 'banbury[local]'"}
    return {PREFIX + name: reason for name, reason in EXCLUDED.items()}


def _difficulties(rg: Rg) -> tuple[str, ...]:
    return ("easy", "standard") if rg.easy else ("standard",)


@functools.cache
def _library() -> Any:
    if not installed():
        raise SetupError(f"{_PACKAGE} is not installed", do="run: pip install 'banbury[local]'")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("reasoning_gym.factory")


@functools.cache
def _version() -> str:
    return importlib.metadata.version(_PACKAGE)


def family_of(skill: str) -> tuple[str, Rg]:
    """Return name and entry of the family behind a skill.

    Raises:
        UnknownName: there is no such family.
        GymError: the family is left out, with the reason.
        SetupError: the library is not installed.
    """
    name = skill.removeprefix(PREFIX)
    if name in EXCLUDED:
        raise GymError(f"skill {skill!r} is left out: {EXCLUDED[name]}", where=_PACKAGE)
    if name not in FAMILIES:
        raise UnknownName("skill", skill, [PREFIX + n for n in FAMILIES], where=_PACKAGE)
    _library()
    return name, FAMILIES[name]


@functools.cache
def _wordings(name: str) -> Family:
    lines = FAMILIES[name].lines
    return Family(
        skill=PREFIX + name,
        title=name,
        dials={},
        stream=lambda rng, dial, phrasing: iter(()),
        form=Word("X"),
        seen=("{question}\n",),
        unseen=("{question}\n",),
        ends={
            "seen": _LINES_SEEN if lines else ENDS_SEEN,
            "unseen": _LINES_UNSEEN if lines else ENDS_UNSEEN,
        },
    )


def _dataset(name: str, settings: Mapping[str, Any], seed: int) -> Any:
    """Return a data set of `_CHUNK` entries whose settings have taken effect."""
    where = f"{_PACKAGE} {_version()}, family {name}"
    try:
        with _quiet():
            made = _library().create_dataset(name, seed=seed, size=_CHUNK, **settings)
    except ImportError as error:
        raise SetupError(
            f"the family {name} needs a package that is not here: {error}",
            where=where,
            do="install that package",
        ) from error
    except Exception as error:
        raise GymError(f"the family cannot be made: {error}", where=where) from error
    for key, value in settings.items():
        if getattr(made.config, key, None) != value:
            raise GymError(
                f"the setting {key}={value!r} did not take effect",
                where=where,
                do="use a version of reasoning-gym from 0.1.25 on",
            )
    return made


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the library's warnings away from our own output, and from `-W error`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _entries(name: str, rg: Rg, difficulty: str, seed: int) -> Iterator[tuple[Any, str]]:
    """Yield entries with a line that says how to make them again.

    The library seeds entry i of a data set with seed + i, so neighbouring seeds share nearly all
    their entries; hashing the seed keeps ours apart. Entries that the library cannot make are
    passed over.
    """
    settings = _settings(rg, difficulty)
    rng = Random(f"{name}/{difficulty}/{seed}")
    failures = 0
    while True:
        start = rng.randrange(2**31)
        dataset = _dataset(name, settings, start)
        for index in range(_CHUNK):
            remake = f"{name} {difficulty}, seed {start}, index {index}"
            try:
                # The family bf prints a dot for each pass of its compiler.
                with _quiet(), contextlib.redirect_stdout(io.StringIO()):
                    entry = dataset[index]
            except Exception as error:
                failures += 1
                if failures == _FAILURES:
                    raise GymError(
                        f"the family cannot make a task: {error!r}",
                        where=f"{_PACKAGE} {_version()}, {remake}",
                    ) from error
                continue
            failures = 0
            yield entry, remake


def _answer(rg: Rg, entry: Any) -> str:
    gold = entry["metadata"][rg.reference] if rg.reference else entry["answer"]
    text = gold if isinstance(gold, str) else json.dumps(gold)
    return str(text).strip()


def tasks(
    gym: str, skill: str, *, seed: int, difficulty: str | None, phrasing: Phrasing
) -> Iterator[Problem]:
    """Yield distinct problems of an `rg.` skill; see `Gym.tasks` and `family_of` for errors."""
    name, rg = family_of(skill)
    offered = _difficulties(rg)
    setting = offered[0] if difficulty is None else difficulty
    if setting not in offered:
        raise UnknownName("difficulty", setting, offered, where=f"skill {skill}")
    return _problems(gym, name, rg, setting, seed, phrasing)


def _problems(
    gym: str, name: str, rg: Rg, difficulty: str, seed: int, phrasing: Phrasing
) -> Iterator[Problem]:
    words = _wordings(name)
    known: set[str] = set()
    stale = 0
    for entry, remake in _entries(name, rg, difficulty, seed):
        if stale >= _PATIENCE:
            return
        stale += 1
        content = {"question": entry["question"].strip()}
        gold = _answer(rg, entry)
        if not gold or not _admitted(rg, gold) or side(words, content) != phrasing:
            continue
        made = _problem(gym, name, rg, difficulty, phrasing, content, entry, gold, remake)
        if made.task.id not in known:
            known.add(made.task.id)
            stale = 0
            yield made


def _problem(
    gym: str,
    name: str,
    rg: Rg,
    difficulty: str,
    phrasing: Phrasing,
    content: Mapping[str, str],
    entry: Any,
    gold: str,
    remake: str,
) -> Problem:
    ending, instruction = wording(_wordings(name), content, phrasing)
    params = {
        "question": digest(content["question"].encode()),
        "difficulty": difficulty,
        "wording": ending,
    }
    skill = PREFIX + name
    task = Task(
        id=identity(gym, skill, "1", params),
        gym=gym,
        family=skill,
        version="1",
        params=canonical(params).decode(),
        public=Public(instruction, phrasing=ending),
        skills=(SkillWeight(skill),),
        origin=Origin("generated", f"{_PACKAGE} {_version()}", remake),
    )
    kept = {
        "gold": gold,
        "answer": freeze(entry["answer"]),
        "metadata": freeze(entry["metadata"]),
    }
    text = f"Answer:\n{gold}" if rg.lines else f"Answer: {gold}"
    return Problem(task, Secret(task.id, canonical(kept).decode(), canonical(text).decode()))


def gold_of(problem: Problem) -> str:
    """Return the reference answer of an `rg.` problem."""
    return str(msgspec.json.decode(problem.secret.answer)["gold"])


def score(problem: Problem, text: str) -> tuple[float, float, dict[str, Any]]:
    """Return (strict, lenient, evidence) of a text.

    Strict asks for the asked form and full marks of the library's scorer; lenient tries the text's
    result, last line, last number and whole.

    Raises:
        SetupError: the library is not installed.
    """
    name, rg = family_of(problem.task.family)
    kept = msgspec.json.decode(problem.secret.answer)
    kept["difficulty"] = msgspec.json.decode(problem.task.params)["difficulty"]
    value = answer_lines(text) if rg.lines else answer_line(text)
    evidence: dict[str, Any] = {
        "read": None if value is None else value[:200],
        "scorer": f"{_PACKAGE} {_version()}",
    }
    own = 0.0
    if value is not None:
        own, why = _own(name, rg, value, kept)
        evidence |= {"own": own, "why": why}
    strict = float(own == 1.0)
    lenient = strict
    for loose in _guesses(text) if not strict else ():
        found, _ = _own(name, rg, loose, kept)
        lenient = max(lenient, float(found == 1.0))
    return strict, lenient, evidence


def _entry(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return a fresh entry of the library, since some scorers write into theirs."""
    return {"answer": thaw(kept["answer"]), "metadata": thaw(kept["metadata"])}


def _guesses(text: str) -> list[str]:
    part = fragment(text)
    tail = text.strip()[-_LONGEST_LOOSE:]
    numbers = re.findall(r"-?\d+(?:\.\d+)?", part)[-1:]
    found = [part, part.strip("*`\"'. $"), *numbers]
    if len(text) <= _LONGEST_LOOSE:
        found.append(tail)
    return [g for g in dict.fromkeys(found) if g]


def _own(name: str, rg: Rg, value: str, kept: Mapping[str, Any]) -> tuple[float, str]:
    """Return the library's own score of an answer, and why it is 0 if the scorer did not run."""
    gold = kept["gold"]
    if not value.strip():
        return 0.0, "empty"
    if len(value) > 4 * len(gold) + 256:
        return 0.0, "much longer than a right answer"
    if not _admitted(rg, value):
        return 0.0, "not an answer of this kind"
    if rg.same_words and len(value.split()) != len(gold.split()):
        return 0.0, "not as many words as a right answer has"
    if rg.close is not None and not _near(value, gold, rg.close):
        return 0.0, "other numbers than the right answer has"
    try:
        with _quiet():
            scorer = _scorer(name, kept["difficulty"])
            found = float(scorer.score_answer(value.strip(), _entry(kept)))
    except Exception as error:
        return 0.0, f"the library's scorer raised {type(error).__name__}: {error}"[:200]
    if not 0.0 <= found <= 1.0:
        return 0.0, f"the library's scorer gave {found}, which is no score"
    return found, ""


def _near(value: str, gold: str, share: float) -> bool:
    said, want = ([Decimal(n) for n in _NUMBER.findall(text)] for text in (value, gold))
    limit = Decimal(share)
    return len(said) == len(want) and all(
        abs(s - w) <= limit * abs(w) for s, w in zip(said, want, strict=True)
    )


def _admitted(rg: Rg, value: str) -> bool:
    return not rg.gate or re.fullmatch(rg.gate, "".join(value.split())) is not None


@functools.cache
def _scorer(name: str, difficulty: str) -> Any:
    return _dataset(name, _settings(FAMILIES[name], difficulty), 0)


def _settings(rg: Rg, difficulty: str) -> Mapping[str, Any]:
    return rg.easy if difficulty == "easy" else {}
