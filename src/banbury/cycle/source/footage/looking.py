"""Looking at what was handed in for one task of a campaign, and keeping what was found.

Everything is keyed by what it was made from, and the task's row is written last: a process that is
killed at any moment, or one that does the same again, leaves nothing twice. What costs hours (how
good a recording is, its playing copy) is kept for each recording as soon as it is known.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from banbury.cycle.source.footage import confirming, sidecar, verdicts, worded
from banbury.cycle.source.footage.checking import Checked, Report, check, scene_of
from banbury.cycle.source.footage.earlier import KIND, Earlier, name_of_prints, packed
from banbury.cycle.source.footage.kept import Copies, Kept
from banbury.cycle.source.footage.measuring import Found
from banbury.cycle.source.footage.recordings import Recording
from banbury.cycle.source.footage.shares import shares_of
from banbury.cycle.source.footage.sidecar import FORMAT, VERSION, Sidecar
from banbury.cycle.source.footage.views import view_of
from banbury.episode import digest
from banbury.errors import InputError
from banbury.gyms import registry
from banbury.gyms.capture import film
from banbury.gyms.capture.brief import Brief
from banbury.gyms.capture.problems import GYM
from banbury.gyms.capture.quality import Quality
from banbury.store import Artifact, Lab
from banbury.store.footage import Scene, Standing, State

MEASURES = "measures.json"
CHECKED = 0.8
"""Share of the work that is done before the playing copies are made."""


def look(
    lab: Lab, campaign: str, task: str, *, incomplete: bool = False, report: Report | None = None
) -> Standing:
    """Look at a task's footage as far as nobody has, and return how it stands.

    Views that are in are read, synchronized and measured; what people confirmed is taken over.

    Args:
        lab: the lab.
        campaign: name of the campaign that asked for the footage.
        task: id of its task.
        incomplete: read what is in, though views are missing.
        report: told how far it is.

    Raises:
        UnknownName: there is no such campaign or task.
        InputError: not all views are in.
    """
    views = lab.queue.campaign(campaign).overlap
    answers = lab.footage.answers(campaign, task)
    standing = lab.footage.standing(campaign, task)
    if len(answers) < views and not incomplete:
        raise InputError(
            f"{len(answers)} of {views} views are handed in",
            where=f"task {task[:12]} of {campaign!r}",
            do="wait for the others, or add --incomplete",
        )
    if standing is None or standing.episodes != tuple(answers):
        standing = _examined(lab, campaign, task, answers, report)
    return confirming.settle(lab, standing, _judge_hash())


def name_of(campaign: str, task: str) -> str:
    """Return the name of the artifacts that hold a task's sidecars."""
    return f"{campaign}/{task[:16]}"


def _examined(
    lab: Lab, campaign: str, task: str, answers: Sequence[str], report: Report | None
) -> Standing:
    brief = film.brief_of(lab.problem(task))
    if brief.practice:
        return _exercise(lab, campaign, task, answers, brief)
    before = lab.footage.standing(campaign, task)
    records = list(lab.readable(answers))
    views = [view_of(lab, record, brief, n) for n, record in enumerate(records)]
    kept = Kept(lab)
    earlier = Earlier(lab, name_of(campaign, task), answers)

    def looks(read: Sequence[Recording], tell: Callable[[float], object]) -> list[Found]:
        found = kept.qualities(read, tell)
        return [earlier.marked(one) if isinstance(one, Quality) else one for one in found]

    say: Report = report or (lambda what, done: None)
    checked = check(views, brief, report=lambda what, done: say(what, CHECKED * done), looks=looks)
    played = _played(kept, checked.recordings, say)
    made = _artifact(lab, kept, campaign, task, checked, answers)
    confirms = confirming.ask(lab, campaign, made, brief, played)
    standing = _standing(campaign, task, checked, answers, made, brief, confirms)
    shares = shares_of(sidecar.read(made.body))
    verdicts.give(lab, made, standing, shares, _judge_hash())
    lab.footage.put(standing, shares)
    if before is not None and (old := set(before.confirms) - set(confirms)):
        lab.footage.withdraw(before.confirm_campaign, sorted(old))
    return standing


def _played(kept: Kept, recordings: Sequence[Recording], say: Report) -> list[Copies]:
    """Return the playing copies of all recordings, made where they are not there yet."""
    found = []
    for place, one in enumerate(recordings):
        what = f"making the playing copy of recording {place + 1}"
        begun = place / len(recordings)

        def told(done: float, what: str = what, begun: float = begun) -> None:
            say(what, CHECKED + (1 - CHECKED) * (begun + done / len(recordings)))

        told(0.0)
        found.append(kept.copies(one, told))
    say("", 1.0)
    return found


def _exercise(lab: Lab, campaign: str, task: str, answers: Sequence[str], brief: Brief) -> Standing:
    """Note that an exercise was handed in: it was judged then, and no hour of it counts."""
    empty = Sidecar(FORMAT, VERSION, campaign, task, scene_of(brief))
    body = sidecar.body(empty)
    made = lab.put_artifact(KIND, name_of(campaign, task), body, {}, [*answers, task])
    standing = Standing(
        *(campaign, task, "refused", tuple(answers), made.id, Scene(**scene_of(brief))),
        reason="an exercise, whose footage does not count",
    )
    lab.footage.put(standing, [])
    return standing


def _artifact(
    lab: Lab, kept: Kept, campaign: str, task: str, checked: Checked, answers: Sequence[str]
) -> Artifact:
    found = msgspec.structs.replace(checked.sidecar, campaign=campaign, task=task)
    measures = [q.segments for q in checked.qualities]
    blob = lab.blobs.put(msgspec.json.encode(measures), "application/json")
    prints = {
        name_of_prints(n): lab.blobs.put(packed(q), "application/json", kept.key(one))
        for n, (one, q) in enumerate(zip(checked.recordings, checked.qualities, strict=True))
    }
    name = name_of(campaign, task)
    parents = [*answers, task]
    body = worded.body(lab, found)
    return lab.put_artifact(KIND, name, body, {MEASURES: blob, **prints}, parents, same_but=("by",))


def _standing(
    campaign: str,
    task: str,
    checked: Checked,
    answers: Sequence[str],
    made: Artifact,
    brief: Brief,
    confirms: Sequence[str],
) -> Standing:
    state, reason = _state(checked, bool(confirms))
    return Standing(
        campaign,
        task,
        state,
        tuple(answers),
        made.id,
        Scene(**scene_of(brief)),
        good_ms=_ms(checked.sidecar.good_s),
        confirm_campaign=confirming.campaign_of(campaign) if confirms else "",
        confirms=tuple(confirms),
        answers=("",) * len(confirms),
        reason=reason,
    )


def _state(checked: Checked, asked: bool) -> tuple[State, str]:
    found = checked.sidecar
    if asked:
        return "waiting", "a person confirms that the views are in step"
    views = {t.view for t in found.troubles if not t.file}
    if found.troubles and len(found.views) - len(views) < 2:
        first = found.troubles[0]
        return "unreadable", f"{first.file + ': ' if first.file else ''}{first.what}"
    if not found.groups:
        return "unreadable", "there are not two views that can be read"
    if any(g.verdict == "synchronized" for g in found.groups):
        return "refused", "no second is synchronized and good in two views"
    reasons = [r for g in found.groups for r in (*g.reasons, *_pair_reasons(g))]
    return "refused", reasons[0] if reasons else "the views cannot be synchronized"


def _pair_reasons(group: sidecar.Group) -> list[str]:
    return [reason for pair in group.pairs for reason in pair.found.reasons]


def _ms(seconds: float) -> int:
    return max(0, round(seconds * 1000))


@functools.cache
def _judge_hash() -> str:
    """Return the hash of what judges: the gym's code and this stage's."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return digest(registry.gym(GYM).judge_hash.encode(), *(f.read_bytes() for f in files))
