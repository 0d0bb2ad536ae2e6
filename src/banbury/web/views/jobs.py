"""Jobs as pages and API show them: started, listed, watched, stopped."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec

from banbury.accounts.caller import Caller
from banbury.errors import BanburyError
from banbury.gyms.capture.film import brief_of
from banbury.store import Lab
from banbury.store.artifacts import Header
from banbury.store.jobs import Job, Log, State
from banbury.web.jobs.due import VERB as CHECK
from banbury.web.jobs.forms import Forms
from banbury.web.rendering import when

PAGE = 20


class JobList(msgspec.Struct, frozen=True):
    """A page of jobs, the newest first; `next` asks for the next page, "" at the end."""

    jobs: list[Job]
    next: str = ""


class JobSight(msgspec.Struct, frozen=True):
    """One job with the end of its log, and the artifact that it made, if it made one."""

    job: Job
    log: Log
    made: Header | None = None


class Argument(msgspec.Struct, frozen=True):
    """What a job was told, as a person reads it; `known` where it is said by name, not as typed."""

    name: str
    said: str
    known: bool = False


def told(lab: Lab, job: Job) -> list[Argument]:
    """Return what a job was told: scenes by what is done in them, answers by their people."""
    given = job.arguments
    if job.verb == CHECK:  # the store sorts by name, which puts the answers first
        given = {name: given[name] for name in sorted(given, key=lambda name: name == "answers")}
    return [_argument(lab, job.verb, name, value) for name, value in given.items()]


def _argument(lab: Lab, verb: str, name: str, value: Any) -> Argument:
    if verb == CHECK and name == "task" and (scene := _scene(lab, str(value))):
        return Argument("scene", scene, True)
    if verb == CHECK and name == "answers" and value:
        return Argument("footage of", "; ".join(_answer(lab, str(id)) for id in value), True)
    listed = isinstance(value, list | tuple)
    return Argument(name.replace("_", " "), " ".join(map(str, value)) if listed else str(value))


def _scene(lab: Lab, task: str) -> str:
    """Return what is done in a scene and by which trade, "" where the lab cannot say it."""
    with suppress(BanburyError):
        brief = brief_of(lab.problem(task))
        return ", ".join(filter(None, (brief.action, brief.trade, brief.place)))
    return ""


def _answer(lab: Lab, id: str) -> str:
    """Return who gave an answer and when, or its id where the lab cannot say it."""
    with suppress(BanburyError):
        episode = lab.episode(id)
        return f"{episode.actors[0].name}, {when(episode.anchor_ns + episode.length_ns)}"
    return id[:12]


def start(lab: Lab, caller: Caller, forms: Forms, verb: str, given: dict[str, Any]) -> Job:
    """Start a stage; the same one that waits or runs already is returned instead.

    Raises:
        UnknownName: there is no such stage, or it has no such argument.
        InputError: an argument is missing, or not of its sort.
    """
    form = forms.form(verb)
    said = form.checked(given)
    return lab.jobs.add(form.verb, said, by=caller.pseudonyms.get(lab.name, ""), alone=form.alone)


def again(lab: Lab, caller: Caller, forms: Forms, id: str) -> Job:
    """Start a job that is over once more.

    Raises:
        UnknownName: there is no such job.
        InputError: it is not over, or its stage takes these arguments no more.
    """
    form = forms.form(lab.jobs.job(id).verb)
    form.checked(lab.jobs.job(id).arguments)
    return lab.jobs.retry(id, by=caller.pseudonyms.get(lab.name, ""), alone=form.alone)


def listed(
    lab: Lab, verb: str | None = None, state: State | None = None, before: str | None = None
) -> JobList:
    """Return a page of jobs."""
    named = verb.replace("-", " ") if verb else None
    found = lab.jobs.listed(verb=named, state=state, before=before, limit=PAGE + 1)
    return JobList(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else "")


def sight(lab: Lab, id: str) -> JobSight:
    """Return one job.

    Raises:
        UnknownName: there is none of this id.
    """
    job = lab.jobs.job(id)
    made = str(job.result.get("id", ""))
    return JobSight(job, lab.jobs.log(id), lab.artifacts_named([made]).get(made))
