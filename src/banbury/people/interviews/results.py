"""What an interview measured: for the person, and for what is believed of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa
from scipy import special

from banbury.episode import Judgement, Problem, Record
from banbury.gyms.grading import UNGRADED
from banbury.gyms.interview.bank import Item
from banbury.gyms.interview.course import Course
from banbury.gyms.interview.environment import FURTHER, Asked
from banbury.gyms.interview.gym import TRIES, answers_of, hidden_of
from banbury.gyms.interview.marking import LETTERS
from banbury.people.ability import tries as rules
from banbury.people.evidence import Ledger
from banbury.people.interviews.interviews import Interview, Interviews
from banbury.statistics.response.ability import Estimate
from banbury.store import House

Z = 1.96


class Told(msgspec.Struct, frozen=True):
    """One question, as far as the bank lets it be told.

    Attributes:
        item: its name.
        number: from 1.
        kind: how it was answered.
        ask: the question, "" where the bank tells only kinds.
        answer: what the person said.
        right: whether it was right, None where it waits for a grader or is not told.
        waits: whether it waits for a grader.
        measured: whether it counts.
        level: how hard it is thought to be.
        criteria: of an open answer, each question of the rubric and whether it is met.
        signals: what in the answer a person should look at; no verdict.
    """

    item: str
    number: int
    kind: str
    ask: str
    answer: str
    right: bool | None
    waits: bool
    measured: bool
    level: str
    criteria: Mapping[str, bool]
    signals: tuple[str, ...]


class Result(msgspec.Struct, frozen=True):
    """What an interview measured.

    Attributes:
        ability: estimated, people having mean 0 and deviation 1.
        error: its standard error.
        low: lower end of the 95 % interval.
        high: upper end.
        below: share of people expected below the estimate.
        passed: whether the ability more likely lies above 0 than below.
        waits: answers that wait for a grader; the estimate leaves them out.
        stopped: why the adaptive part ended.
        by: who graded or decided last.
        bank: hash of the bank as it was asked.
        kinds: by kind of question, how many were right of how many.
        told: every question, in order.
        judgement: id of the verdict that this is.
    """

    ability: float
    error: float
    low: float
    high: float
    below: float
    passed: bool
    waits: int
    stopped: str
    by: tuple[str, ...]
    bank: str
    kinds: Mapping[str, tuple[int, int]]
    told: tuple[Told, ...]
    judgement: str


class _Evidence(msgspec.Struct):
    ability: Estimate
    asked: tuple[Asked, ...] = ()
    stopped: str = ""
    rubric: str = ""
    graded_by: tuple[str, ...] = ()


def result(house: House, interview: Interview, *, all_told: bool = False) -> Result | None:
    """Return what an interview measured, by its newest verdict; None while it goes on.

    Args:
        house: the house.
        interview: which.
        all_told: for whoever decides an appeal: each question, whatever the bank tells.
    """
    verdict = newest(house, interview)
    if verdict is None:
        return None
    lab = Interviews(house).lab(interview)
    problem, record = lab.problem(interview.task), lab.read(interview.episode)
    return shown(verdict, problem, record, all_told=all_told)


def shown(
    verdict: Judgement, problem: Problem, record: Record, *, all_told: bool = False
) -> Result:
    """Return a verdict as a person reads it."""
    evidence = msgspec.json.decode(verdict.evidence, type=_Evidence)
    hidden = hidden_of(problem)
    known = {i.id: i for i in (*hidden.items, *hidden.open, hidden.defence)}
    said = dict(zip((a.item for a in evidence.asked), answers_of(record), strict=False))
    course = Course(hidden)
    for id, answer in said.items():
        if id in known and known[id].kind == "choice":
            said[id] = _chosen(answer, course.shown(known[id]))
    each = all_told or hidden.tells == "question"
    told = tuple(
        _told(n, one, known.get(one.item), said.get(one.item, ""), each)
        for n, one in enumerate(evidence.asked, start=1)
    )
    mean, error = evidence.ability.mean, evidence.ability.error
    return Result(
        mean, error, mean - Z * error, mean + Z * error, float(special.ndtr(mean)), verdict.passed,
        sum(t.waits for t in told), evidence.stopped, evidence.graded_by, evidence.rubric,
        _kinds(evidence.asked, known), told, verdict.id,
    )  # fmt: skip


def newest(house: House, interview: Interview) -> Judgement | None:
    """Return the newest verdict on an interview, None while it goes on."""
    if not interview.episode:
        return None
    lab = Interviews(house).lab(interview)
    found = lab.judgements([interview.episode]).get(interview.episode, ())
    return found[-1] if found else None


def believe(house: House, interview: Interview) -> None:
    """Keep what the newest verdict on a try says of the skill; again changes nothing.

    All tries count, none is picked: see `ability.tries`.
    """
    verdict = newest(house, interview)
    if verdict is None or verdict.id == interview.believed:
        return
    found = msgspec.json.decode(verdict.evidence, type=_Evidence).ability
    if found.error < 1.0:
        [measured] = rules.evidence([(found, interview.ended_ns or 0, interview.episode)])
        Ledger(house).measured(interview.account, interview.skill, measured)
    query = sa.text("UPDATE interview SET believed = :v, waits = :w WHERE id = CAST(:id AS uuid)")
    given = {"v": verdict.id, "w": waiting(verdict), "id": interview.id}
    house.run(lambda c: c.execute(query, given))


def waiting(verdict: Judgement) -> bool:
    """Return whether answers wait for a grader."""
    return verdict.components.get(UNGRADED, 0.0) > 0


def asked_in(verdict: Judgement) -> tuple[Asked, ...]:
    """Return what became of each question, by a verdict."""
    return msgspec.json.decode(verdict.evidence, type=_Evidence).asked


def try_of(number: int) -> str:
    """Return the name of a try."""
    return TRIES[number - 1]


def _told(number: int, one: Asked, item: Item | None, answer: str, each: bool) -> Told:
    measured = one.item != FURTHER
    questions = {c.name: c.question for c in item.rubric} if item else {}
    criteria = {questions.get(n, n): g.met for n, g in one.grades.items()}
    return Told(
        one.item, number, item.kind if item and measured else "open",
        item.ask if item and measured and each else "", answer,
        one.right if each and measured else None, measured and one.right is None, measured,
        _level(item.difficulty) if item and measured and item.kind != "open" else "",
        criteria if each else {}, one.signals,
    )  # fmt: skip


def _chosen(answer: str, options: Sequence[str]) -> str:
    """Return an answer with the words of the option that it names by its letter."""
    letter = answer.strip().casefold()
    place = LETTERS.find(letter) if len(letter) == 1 else -1
    return f"{letter}) {options[place]}" if 0 <= place < len(options) else answer


def _level(difficulty: float) -> str:
    if difficulty < -0.75:
        return "easier"
    return "harder" if difficulty > 0.75 else "middling"


def _kinds(asked: Sequence[Asked], known: Mapping[str, Item]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for one in asked:
        if one.item in known and one.right is not None:
            kind = known[one.item].kind
            right, of = found.get(kind, (0, 0))
            found[kind] = (right + one.right, of + 1)
    return found
