"""Proposals: what a model said of a task, shown to the person who does it.

A proposal is an ordinary episode of a model, in the run `proposals:CAMPAIGN` (`proposals` where the
tasks are in no campaign). The person's episode names it as a parent.
"""

from __future__ import annotations

from typing import Any

import msgspec

from banbury.episode import Parent, Record
from banbury.gyms import registry
from banbury.store import Lab


class Proposal(msgspec.Struct, frozen=True):
    """What a model proposes.

    Attributes:
        episode: in which it said so.
        model: its name.
        action: JSON of the action.
    """

    episode: str
    model: str
    action: msgspec.Raw


def run_of(campaign: str) -> str:
    """Return the run that holds the proposals for a campaign."""
    return f"proposals:{campaign}" if campaign else "proposals"


def proposed(lab: Lab, campaign: str) -> bool:
    """Return whether a model has said anything of any task of a campaign."""
    return next(lab.episodes(run=run_of(campaign), limit=1), None) is not None


def proposal(lab: Lab, campaign: str, task: str) -> Proposal | None:
    """Return the newest proposal for a task of a campaign that has the right form.

    None where no model said anything that could be an answer.
    """
    held = [e.id for e in lab.episodes(run=run_of(campaign), task=task, status="done")]
    verdicts = lab.judgements(held) if held else {}
    for id in reversed(held):
        if any(faulty(verdict.evidence) for verdict in verdicts.get(id, ())[-1:]):
            continue
        record = lab.read(id)
        if record.answer:
            return Proposal(id, record.episode.actors[0].name, msgspec.Raw(record.answer))
    return None


def changed(proposed: Proposal, action: bytes | msgspec.Raw, actions: Any) -> bool:
    """Return whether a person's answer, as JSON, says something else than the proposal.

    Args:
        proposed: the proposal.
        action: the answer.
        actions: the gym's action type: what is left out counts as its default.
    """
    read = msgspec.json.Decoder(actions).decode
    try:
        return bool(read(proposed.action) != read(action))
    except msgspec.MsgspecError:
        return True


def with_proposal(lab: Lab, campaign: str, record: Record) -> Record:
    """Return a person's record with the proposal that they were shown as its parent, if any.

    The relation is `corrected` where they changed it, else `reviewed`.
    """
    found = proposal(lab, campaign, record.episode.key.task)
    if found is None or not record.answer:
        return record
    other = changed(found, record.answer, registry.gym(record.episode.gym).actions)
    parent = Parent(found.episode, "corrected" if other else "reviewed")
    parents = (*record.episode.parents, parent)
    return msgspec.structs.replace(
        record, episode=msgspec.structs.replace(record.episode, parents=parents)
    )


def faulty(evidence: str) -> bool:
    """Return whether a judge found an answer's form wrong, which it says under `faults`."""
    try:
        said = msgspec.json.decode(evidence)
    except msgspec.DecodeError:
        return False
    return isinstance(said, dict) and bool(said.get("faults"))
