"""Proposals that come with imported tasks, kept as episodes of who made them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from banbury import clock
from banbury.arena.proposals import run_of
from banbury.cycle.source.importing.drafts import Guess
from banbury.cycle.source.importing.making import Made
from banbury.episode import (
    Actor,
    Episode,
    Judgement,
    Record,
    RunKey,
    Seat,
    Step,
    new_id,
)
from banbury.gyms import registry
from banbury.gyms.labelling.actions import Label
from banbury.gyms.labelling.problems import GYM
from banbury.store import Lab
from banbury.store.queue import Campaign


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
