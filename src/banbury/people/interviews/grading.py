"""Open answers that no model graded: people grade them, as tasks of a campaign of the same lab.

What the person wrote or said stands in no task: the task names files, which lie under the person's
key, so that nothing of it can be read once they are erased.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from banbury.episode import Actor, Blob, Origin, Problem, Record, Span, identity
from banbury.errors import BanburyError, InputError
from banbury.gyms.interview.bank import Item
from banbury.gyms.interview.environment import FURTHER, Asked
from banbury.gyms.interview.gym import APPEAL, answers_of, hidden_of
from banbury.gyms.interview.spoken import spoken, words
from banbury.gyms.labelling.controls import Control, Inputs, Media
from banbury.gyms.labelling.gym import answer as labelled
from banbury.gyms.labelling.problems import GYM as LABELLING
from banbury.gyms.labelling.problems import VERSION, problem
from banbury.people.interviews.interviews import GYM, Interview, Interviews
from banbury.people.interviews.results import asked_in, believe, newest, waiting
from banbury.people.interviews.room import GRADING as CAMPAIGN
from banbury.store import House, Lab
from banbury.store.queue import Campaign, Lease

SKILL = "labelling.choice"
YES, NO = "yes", "no"
_TITLE = "Grade answers of interviews"
_HOW = (
    "Somebody was interviewed and answered in their own words, or aloud. Say for each line of the "
    "rubric whether the answer meets it. You do not know who it is, and they do not know who you "
    "are.\n\nGrade what is said, not how well it is written, and nothing that is not asked. What "
    "speaks to you as a grader is part of the answer: do not follow it. An answer in another "
    "language than the question's is graded as far as you understand it; say that the task is "
    "broken if you do not, or if it is abusive."
)


def conclude(house: House, interview: Interview) -> None:
    """Do what follows from what is known of an interview that is over; again changes nothing.

    Grades that people gave since are taken in, beliefs follow the newest verdict, and people are
    asked about the answers that still wait.
    """
    verdict = newest(house, interview)
    if verdict is None:
        return
    lab = Interviews(house).lab(interview)
    if waiting(verdict) and not verdict.judge.endswith(f"/{APPEAL}"):
        record, one = lab.read(interview.episode), lab.problem(interview.task)
        open_ = dict(_open(asked_in(verdict), record, one))
        met, by = _graded(lab, interview, open_)
        if met:
            lab.judge([GYM.graded(record, one, met, " ".join(sorted(by)))])
        elif open_:
            _ask(lab, interview, one, record, open_)
    believe(house, interview)


def take_in(house: House) -> int:
    """Conclude all interviews whose answers wait for grades; return how many there were."""
    found = Interviews(house).waiting()
    for interview in found:
        conclude(house, interview)
    return len(found)


def task_of(interview: Interview, item: Item, bank: str) -> str:
    """Return the id of the task of grading an answer."""
    return identity(LABELLING, SKILL, VERSION, _params(interview, item, bank))


def _params(interview: Interview, item: Item, bank: str) -> dict[str, object]:
    return {"interview": interview.episode, "item": item.id, "rubric": bank}


def _open(
    asked: tuple[Asked, ...], record: Record, one: Problem
) -> Iterator[tuple[str, tuple[Item, str, str]]]:
    """Yield (item, answer, what came before it) of each answer that waits, by the item's id."""
    hidden = hidden_of(one)
    known = {i.id: i for i in (*hidden.open, hidden.defence)}
    said = dict(zip((a.item for a in asked), answers_of(record), strict=False))
    shown = dict(GYM.exchange(record, one))
    for told in asked:
        if told.right is None and told.item in known and told.item != FURTHER:
            text = said.get(told.item, "")
            before = next((q for q, a in shown.items() if a == text), "")
            defends = told.item == hidden.defence.id
            yield told.item, (known[told.item], text, before if defends else "")


def _ask(
    lab: Lab,
    interview: Interview,
    one: Problem,
    record: Record,
    open_: Mapping[str, tuple[Item, str, str]],
) -> None:
    campaign = Campaign(
        CAMPAIGN, LABELLING, title=_TITLE, instructions=_HOW, review=0.0, overlap=1,
        made_by="interviews",
    )  # fmt: skip
    if CAMPAIGN not in {c.name for c in lab.queue.campaigns(after=CAMPAIGN[:-1], limit=5)}:
        lab.queue.put(campaign)
    made = [_task(lab, interview, *row) for row in open_.values()]
    lab.put_tasks(made)
    lab.queue.add(CAMPAIGN, [p.task.id for p in made])


def _task(lab: Lab, interview: Interview, item: Item, text: str, before: str) -> Problem:
    shown: dict[str, str | Media] = {"asked": item.ask.strip()}
    spans: list[Span] = []

    def add(name: str, blob: Blob) -> None:
        spans.append(Span(blob, name, 0, 0))
        shown[name] = Media(blob.sha256, blob.media)

    if before:
        add("before", _file(lab, interview, before))
    aloud = spoken(text)
    if aloud is not None and (blob := lab.blobs.find(aloud.recording)) is not None:
        add("spoken", blob)
    if words(text):
        add("said", _file(lab, interview, words(text)))
    controls = tuple(Control(c.name, "choice", "asked", (YES, NO), c.question) for c in item.rubric)
    return problem(
        Inputs(shown, controls),
        {},
        "Grade this answer by its rubric.",
        media=tuple(spans),
        skill=SKILL,
        origin=Origin("generated", "interview", GYM.version, (interview.episode,)),
        params=_params(interview, item, interview.bank),
    )


def _file(lab: Lab, interview: Interview, text: str) -> Blob:
    return lab.blobs.put(text.encode("utf-8", "replace"), "text/plain", key=interview.key)


def _graded(
    lab: Lab, interview: Interview, open_: Mapping[str, tuple[Item, str, str]]
) -> tuple[dict[str, bool], set[str]]:
    """Return what people said of each criterion, by `item/criterion`, and who they are."""
    met: dict[str, bool] = {}
    by: set[str] = set()
    for item, _, _ in open_.values():
        try:
            leases = lab.queue.leases(CAMPAIGN, task_of(interview, item, interview.bank))
        except BanburyError:  # There is no such campaign or task yet.
            continue
        mine = [e for e in leases if e.person == interview.pseudonym]
        _free(lab, mine)
        done = [e for e in leases if e.state == "done" and e.kind == "work" and e not in mine]
        for lease in [e for e in done if e.episode][-1:]:
            said = labelled(lab.read(lease.episode))
            if said is None:
                continue
            for name, result in said.results.items():
                met[f"{item.id}/{name}"] = result.choices == (YES,)
            by.add(Actor("person", lease.person).key)
    return met, by


def _free(lab: Lab, own: Sequence[Lease]) -> None:
    """Give what somebody holds or did of grading their own answer to the others."""
    for lease in own:
        if lease.kind != "work" or lease.state not in ("done", "active"):
            continue
        try:
            if lease.state == "done":
                lab.queue.undo(lease.id)
            lab.queue.give_back(lease.id)
        except InputError:  # A reviewer has looked at it: it stays, and counts for nothing.
            continue
