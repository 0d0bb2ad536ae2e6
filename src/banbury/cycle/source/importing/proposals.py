"""Proposals: what a model said of a task, shown to the person who does it.

A proposal is an ordinary episode of the model, in the run `proposals:CAMPAIGN` (`proposals` where
the tasks are in no campaign). The person's episode names it as its parent.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from banbury import clock
from banbury.cycle.source.importing.drafts import Guess
from banbury.cycle.source.importing.making import Made
from banbury.episode import (
    Actor,
    Episode,
    Judgement,
    Parent,
    Record,
    RunKey,
    Seat,
    Step,
    canonical,
    new_id,
)
from banbury.gyms import registry
from banbury.gyms.labelling.actions import Label
from banbury.gyms.labelling.gym import answer
from banbury.gyms.labelling.problems import GYM
from banbury.store import Lab
from banbury.store.queue import Campaign


class Proposal(msgspec.Struct, frozen=True):
    """What a model proposes: the episode that says so, its model, the action."""

    episode: str
    model: str
    action: Label


def run_of(campaign: str) -> str:
    """Return the run that holds the proposals for a campaign."""
    return f"proposals:{campaign}" if campaign else "proposals"


def proposal(lab: Lab, campaign: str, task: str) -> Proposal | None:
    """Return the newest proposal for a task of a campaign, None if there is none."""
    held = [e.id for e in lab.episodes(run=run_of(campaign), task=task, status="done")]
    for id in reversed(held):
        record = lab.read(id)
        label = answer(record)
        if label is not None:
            return Proposal(id, record.episode.actors[0].name, label)
    return None


def changed(proposed: Proposal, action: msgspec.Struct) -> bool:
    """Return whether a person's answer is another one than the proposal."""
    return canonical(proposed.action) != canonical(action)


def parent(proposed: Proposal, action: msgspec.Struct) -> Parent:
    """Return the parent that a person's episode has if a proposal was shown.

    `corrected` where the person changed it, else `reviewed`.
    """
    return Parent(proposed.episode, "corrected" if changed(proposed, action) else "reviewed")


def put_guesses(lab: Lab, campaign: Campaign | None, made: Sequence[Made]) -> int:
    """Keep what models said of tasks, as imported with them; return how many were new."""
    held = [(one, guess, k) for one in made for k, guess in enumerate(one.guesses)]
    if not held:
        return 0
    gym = registry.gym(GYM)
    records: list[Record] = []
    verdicts: list[Judgement] = []
    for one, guess, number in held:
        record = _record(lab, one, guess, number, campaign.name if campaign else "", gym.version)
        records.append(record)
        verdicts.append(gym.judge(record, one.problem))
    return sum(written.new for written in lab.write(records, verdicts))


def _record(lab: Lab, one: Made, guess: Guess, number: int, campaign: str, version: str) -> Record:
    task = one.problem.task
    actor = Actor("model", guess.model or "imported")
    episode = Episode(
        id=new_id(),
        lab=lab.name,
        key=RunKey(run_of(campaign), task.id, actor.key, number),
        gym=task.gym,
        gym_version=version,
        skill=task.skill,
        anchor_ns=clock.wall_ns(),
        status="done",
        actors=(actor,),
        seats=(Seat("solver", (0,)),),
        tags=("imported",),
    )
    payload = msgspec.json.encode(Label(guess.results))
    return Record(episode, (Step(0, "action", 0, "solver", "main", 0, 0, payload),))
