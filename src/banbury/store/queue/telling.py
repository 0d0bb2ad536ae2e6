"""Telling: what the house hears of how well somebody worked, written with the work itself.

A row of the outbox says whose piece of work it was, in which skill, and how good it was found. It
says nothing of how fast or how cheaply it was done, and nothing in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from banbury import clock
from banbury.episode import Judgement
from banbury.store.queue.standing import Answered, Standing
from banbury.store.server import Connection

ACCEPTED, RETURNED = 1.0, 0.0
SCORES: Mapping[str, float] = {"mended": 0.5, "overruled": 0.0}
"""What a review makes of an answer that was not accepted as it stood."""


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is told of one piece of work.

    Attributes:
        person: pseudonym of whoever did it.
        skill: that the work shows: the one that its campaign names, else that of the task.
        score: in [0, 1].
        line: what somebody just good enough has on the average of such tasks.
        lease: under which it was done.
        by: pseudonym of who reviewed, "" for a judge or for others' answers.
        campaign: in which it was done.
        passed: the judge let it pass.
        of: what came of it, such as the name of a release, "" where nothing did.
    """

    person: str
    skill: str
    score: float
    line: float
    lease: str = ""
    by: str = ""
    campaign: str = ""
    passed: bool = False
    of: str = ""


_SAY = """
INSERT INTO outbox (episode, kind, body, created_ns) VALUES (%s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""
_VERDICT = """
SELECT id, judge, judge_hash, score, passed FROM judgement WHERE episode = %s
ORDER BY created_ns DESC, id DESC LIMIT 1
"""
_encode = msgspec.json.Encoder().encode


def say(link: Connection, episode: str, kind: str, told: Told) -> None:
    """Leave a row in the outbox, once for an episode and kind."""
    link.execute(_SAY, [episode, kind, _encode(told), clock.wall_ns()])


def verdict(link: Connection, episode: str) -> Judgement | None:
    """Return an episode's newest judgement, None if there is none."""
    row: Any = link.execute(_VERDICT, [episode]).fetchone()
    return None if row is None else Judgement(str(row[0]), episode, *row[1:])


def gold(link: Connection, after: Standing, verdict: Judgement | None) -> None:
    """Tell how a task was answered whose right answer is known; nothing if nobody judged it."""
    if verdict is None:
        return
    told = Told(
        after.lease.person, after.rules.skill, verdict.score, after.rules.line, after.lease.id,
        campaign=after.lease.campaign, passed=verdict.passed,
    )  # fmt: skip
    say(link, after.lease.episode, "gold", told)


def agreement(link: Connection, after: Standing, each: Mapping[str, float]) -> None:
    """Tell how alike each answer to a task is to the others, once they were compared."""
    if not each:
        return
    query = "SELECT id, person, episode FROM lease WHERE episode = ANY(%s::uuid[])"
    for lease, person, episode in link.execute(query, [list(each)]).fetchall():
        told = Told(
            person, after.rules.skill, each[str(episode)], after.rules.line, str(lease),
            campaign=after.lease.campaign,
        )  # fmt: skip
        say(link, str(episode), "agreement", told)


def reviews(link: Connection, after: Standing, answers: Sequence[Answered], score: float) -> None:
    """Tell what a reviewer, or a third person, made of answers; of gold, the judge knows better."""
    if after.rules.gold:
        return
    kind = "review" if after.lease.kind == "review" else "decision"
    for one in answers:
        told = Told(
            one.person, after.rules.skill, score, after.rules.line, one.lease,
            after.lease.person, after.lease.campaign,
        )  # fmt: skip
        say(link, one.episode, kind, told)


_MADE_BY = """
SELECT l.person, min(l.episode::text) FROM release_row r
    JOIN episode e ON e.id = r.episode JOIN lease l ON l.episode = e.id AND l.kind = 'work'
WHERE r.release = %(release)s AND (e.skill = %(skill)s OR starts_with(e.skill, %(skill)s || '.'))
GROUP BY l.person ORDER BY l.person
"""


def outcome(link: Connection, release: str, name: str, skill: str, closed: bool) -> int:
    """Tell everybody whose answers of a skill a release holds what came of it; return how many.

    A release says so once of each person and skill, however often what was trained on it is
    compared.
    """
    rows = link.execute(_MADE_BY, {"release": release, "skill": skill}).fetchall()
    for person, episode in rows:
        say(link, episode, "outcome", Told(person, skill, float(closed), 0.5, of=name))
    return len(rows)
