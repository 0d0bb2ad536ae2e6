"""What is kept of a suspicion: all of its evidence, as the accused and a person who decides see it.

People stand in it by their pseudonyms in the lab.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from banbury.people.cases.records import Gathered
from banbury.people.signals import Answer, Suspicion

_ROWS = 200
_TEXT = 400
_ASKED = 160


class Seen(msgspec.Struct, frozen=True, omit_defaults=True):
    """One answer of the accused.

    Attributes:
        task: id.
        asked: how the task begins.
        text: the answer, its beginning.
        seconds: active time.
        usual: the median of others' time for the same task.
        length: characters of the answer where it is the person's own words, else 0.
        keys: characters that were typed.
        quoted: characters that are the task's own.
        right: whether it is known to be right.
        gold: `circulated`, `fresh` or "".
        same: others with the same answer.
        share: share of all others who answered the same.
    """

    task: str
    asked: str
    text: str
    seconds: float
    usual: float
    length: int = 0
    keys: int = 0
    quoted: int = 0
    right: bool | None = None
    gold: str = ""
    same: tuple[str, ...] = ()
    share: float = 0.0


class Evidence(msgspec.Struct, frozen=True):
    """What is kept of a case.

    Attributes:
        suspicion: what was found.
        answers: of the accused, those that say most first: alike and wrong, then the newest.
        count: how many answers there are in all.
        rate: share of honest people who are brought to a person at most.
        skills: of the tasks, in which a decision can pause work.
    """

    suspicion: Suspicion
    answers: tuple[Seen, ...]
    count: int
    rate: float
    skills: tuple[str, ...]


def evidence(found: Gathered, suspicion: Suspicion, rate: float) -> Evidence:
    """Return what is kept of a suspicion."""
    who = suspicion.person
    others = {o for s in suspicion.signals for o in s.others}
    by_task: Mapping[str, list[Answer]] = defaultdict(list)
    for one in found.answers:
        by_task[one.item].append(one)
    mine = [one for one in found.answers if one.person == who]
    rows = [_seen(one, by_task[one.item], others, found.words) for one in reversed(mine)]
    rows.sort(key=lambda row: (not (row.same and row.right is False), not row.same))
    skills = tuple(found.skills.get(who, ()))
    return Evidence(suspicion, tuple(rows[:_ROWS]), len(mine), rate, skills)


def _seen(
    mine: Answer, every: Sequence[Answer], others: set[str], words: Mapping[str, str]
) -> Seen:
    rest = [a for a in every if a.person != mine.person]
    alike = Counter(a.person for a in rest if a.text == mine.text)
    return Seen(
        mine.item, words.get(mine.item, "")[:_ASKED], mine.text[:_TEXT], mine.seconds,
        statistics.median([a.seconds for a in rest]) if rest else mine.seconds,
        len(mine.text) if mine.open else 0, mine.keys, mine.quoted, mine.right, mine.gold,
        tuple(sorted(others & alike.keys())), len(alike) / len(rest) if rest else 0.0,
    )  # fmt: skip
