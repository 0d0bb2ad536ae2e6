"""Interviews as a person sees them: what there is, the seat, what came of it."""

from __future__ import annotations

import msgspec

from banbury.accounts import Caller
from banbury.arena.ask import Answers
from banbury.arena.live import How, Place, View
from banbury.episode import Actor, Problem, RunKey, Span
from banbury.errors import InputError, UnknownName
from banbury.gyms.contract import Observation
from banbury.gyms.interview.gym import hidden_of, reference
from banbury.gyms.interview.spoken import spoken
from banbury.people.interviews import Appeal, Appeals, Banks, Interview, Interviews, Offered
from banbury.people.interviews.grading import conclude
from banbury.people.interviews.interviews import GYM
from banbury.people.interviews.results import Result, result
from banbury.people.interviews.room import RUN
from banbury.people.offers import Profiles
from banbury.store import House, Lab
from banbury.web.views import held
from banbury.web.views.live import Done, Exchanged, Scene, plain

MEASURED = (
    "The interview measures one skill: how likely you are to get questions of known difficulty "
    "right. How fast you answer, how you write and who you are do not count."
)
KEPT = (
    "Every answer is kept as one step of a record, under a key of your own; so is how long you "
    "took, how many keys you pressed (not which), and how long each pasted text was (not the "
    "text). The result is one source of what is believed of your skill, with its error, and fades "
    "with time. Labs see the belief under a pseudonym, never your answers; where the questions are "
    "a lab's own, those who grade for that lab read your answers there, under a pseudonym."
)
AFTER = (
    "Whether open answers are right is decided by a rubric, by a person or by a model that people "
    "can overrule. You see what was measured and why, may appeal to a person, and have up to three "
    "tries, which share no question."
)
KINDS = {
    "number": "A number",
    "expression": "An expression",
    "code": "Code",
    "choice": "A choice",
    "open": "In your own words",
}
ENDS = {
    "sure": "when the estimate was sure enough",
    "items": "after its ten questions",
    "time": "when its 20 minutes were planned",
    "none left": "where its questions ended",
}
VOICE = "Record my voice for open answers where I choose to speak. People who grade listen to it."


def agreement() -> str:
    """Return the words to which a person agrees."""
    return "\n\n".join((MEASURED, KEPT, AFTER))


def offered(house: House, caller: Caller) -> list[Offered]:
    """Return the skills in which the caller can be interviewed."""
    return Interviews(house).offered(caller.account, tuple(caller.roles))


class Outcome(msgspec.Struct, frozen=True):
    """What came of an interview, and the appeal against it, if there is one.

    Attributes:
        result: what was measured; None where the machine failed.
        appeal: None if nobody appealed.
        scale: a picture of the estimate with its interval, as SVG.
        offers: whether the person says that they look for work.
    """

    result: Result | None
    appeal: Appeal | None
    scale: str
    offers: bool


class Case(msgspec.Struct, frozen=True):
    """An appeal for whoever decides it.

    Attributes:
        appeal: what the person says.
        interview: which; the account is not shown.
        title: of the skill.
        result: every question, answer and outcome.
        keys: what is right, by item.
    """

    appeal: Appeal
    interview: Interview
    title: str
    result: Result
    keys: dict[str, str]


class Waiting(msgspec.Struct, frozen=True):
    """An appeal in a list."""

    interview: Interview
    appeal: Appeal
    title: str


def title(house: House, interview: Interview) -> str:
    """Return a few words about the skill of an interview."""
    held = Banks(house).all().get(interview.skill)
    return held.bank.title if held else interview.skill


def outcome(house: House, interview: Interview) -> Outcome:
    """Return what came of an interview that is over, after what people graded since is taken in."""
    conclude(house, interview)
    found = result(house, interview)
    said = Profiles(house).get(interview.account)
    return Outcome(
        found,
        Appeals(house).get(interview),
        scale(found) if found else "",
        said is not None and said.looking,
    )


def scale(found: Result) -> str:
    """Return the estimate and its interval on the scale of ability, from -3 to 3, as SVG."""

    def x(value: float) -> float:
        return 50 + 100 * max(-3.0, min(3.0, value)) / 6

    low, mean, high = x(found.low), x(found.ability), x(found.high)
    words = f"Estimate {found.ability:+.1f}, 95 % interval {found.low:+.1f} to {found.high:+.1f}"
    return (
        f'<svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{words}">'
        '<line class="rule" x1="0" x2="100" y1="5" y2="5" vector-effect="non-scaling-stroke"/>'
        '<line class="rule" x1="50" x2="50" y1="1" y2="9" vector-effect="non-scaling-stroke"/>'
        f'<rect class="stretch" x="{low:.1f}" width="{high - low:.1f}" y="3.5" height="3"/>'
        f'<line class="curve" x1="{mean:.1f}" x2="{mean:.1f}" y1="1" y2="9"/></svg>'
    )


def appeals(house: House, lab: str) -> list[Waiting]:
    """Return the appeals in a lab, those that wait first."""
    interviews = Interviews(house)
    found = [(a, interviews.get(a.interview)) for a in Appeals(house).of_lab(lab)]
    return [Waiting(i, a, title(house, i)) for a, i in found]


def case(house: House, lab: str, id: str) -> Case:
    """Return an appeal with everything that whoever decides it needs.

    Raises:
        UnknownName: there is none in this lab.
    """
    interview = Interviews(house).get(id)
    made = Appeals(house).get(interview) if interview.lab == lab else None
    found = result(house, interview, all_told=True) if made else None
    if made is None or found is None:
        raise UnknownName("appeal", id[:64], ())
    hidden = hidden_of(house.lab(lab, create=False).problem(interview.task))
    items = (*hidden.items, *hidden.open, hidden.defence)
    keys = {i.id: reference(i) for i in items}
    return Case(made, interview, title(house, interview), found, keys)


def place(house: House, interview: Interview, ask: Answers | None = None) -> Place:
    """Return what is needed to open the seat of an interview.

    Raises:
        InputError: it is over, or the person may see what is asked by now.
    """
    fit(house, interview)
    if interview.ended_ns is not None:
        raise InputError("this interview is over", where=interview.id, do="look at its result")
    lab = house.lab(interview.lab, create=False)
    problem = lab.problem(interview.task)
    i = interview
    return Place(i.id, lab, GYM, problem, RUN, i.pseudonym, i.attempt, i.began_ns, ask)


def fit(house: House, interview: Interview) -> None:
    """See that an interview that goes on still measures whose it is.

    Raises:
        InputError: they may see what is asked by now.
    """
    if why := Interviews(house).unfit(interview):
        raise InputError(why, where=interview.id)


def settled(
    house: House, interview: Interview, there: Place, shown: View, since: int, how: How | str
) -> Scene:
    """Return a view as the page gets it, and keep that it is over where it is."""
    over, why = shown.over, shown.why
    if over:
        failed = shown.over == "failed"
        episode = shown.episode or there.lab.at(_key(there)) or ""
        ended = Interviews(house).over(interview, episode, failed=failed or not episode)
        conclude(house, ended)
        over = "failed" if failed else "done"
    seen = tuple(
        Exchanged(tuple(_seen(interview.id, o) for o in one.observations), plain(one.action))
        for one in shown.exchanges
    )
    return Scene(shown.number, max(since, 0), seen, how, over, why)  # type: ignore[arg-type]


def finished(house: House, interview: Interview, done: Done) -> Scene | None:
    """Return the end of an interview to whoever sends its last answer again; else None."""
    if not interview.episode:
        return None
    lab = house.lab(interview.lab, create=False)
    count = len(lab.read(interview.episode).actions())
    return Scene(count, count, (), "again", "done") if done.number == count - 1 else None


def sound(lab: Lab, interview: Interview, text: str) -> None:
    """Let an answer pass that was written, or names a recording of the person's own.

    Raises:
        InputError: it names another one, or they did not agree to be recorded.
    """
    said = spoken(text)
    if said is None:
        return
    mine = lab.uploads.listed(person=interview.pseudonym, sha256=said.recording, limit=1)
    if not interview.voice or not mine:
        raise InputError("there is no such recording of yours", where="$.text")


def samples(problem: Problem, entry: str) -> tuple[str, ...]:
    """Return the cases of a function that its question shows, none where there is no such one."""
    items = hidden_of(problem).items
    return next((i.samples() for i in items if i.kind == "code" and i.entry == entry), ())


def media(lab: Lab, interview: Interview, sha256: str) -> Span:
    """Return what an item of this interview shows, or a recording of the person's own.

    Raises:
        UnknownName: there is no such file.
    """
    from_items = lab.problem(interview.task).secret.answer
    blob = lab.blobs.find(sha256)
    if blob is not None and (
        f"blob:{sha256}:" in from_items
        or lab.uploads.listed(person=interview.pseudonym, sha256=sha256, limit=1)
    ):
        return Span(blob, "media", 0, 0)
    raise UnknownName("file", sha256[:64], ())


def _key(there: Place) -> RunKey:
    actor = Actor("person", there.person).key
    return RunKey(there.run, there.problem.task.id, actor, there.attempt)


def _seen(id: str, shown: Observation) -> held.Seen:
    spans = tuple(_media(id, s) for s in shown.media)
    return held.Seen(shown.text, shown.role, shown.data, spans)


def _media(id: str, span: Span) -> held.Media:
    b = span.blob
    blob = {"sha256": b.sha256, "size": b.size, "media": b.media}
    url = f"/api/interviews/{id}/media/{b.sha256}"
    return held.Media(blob, span.track, span.start, span.end, span.base_num, span.base_den, url)
