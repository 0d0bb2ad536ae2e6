"""Proposals: what a model said of a task, shown to the person who does it.

A proposal is an ordinary episode of a model, in the run `proposals:CAMPAIGN` (`proposals` where the
tasks are in no campaign). The person's episode names it as a parent.
"""

from __future__ import annotations

import msgspec

from banbury.episode import Parent, Record
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


def proposal(lab: Lab, campaign: str, task: str) -> Proposal | None:
    """Return the newest proposal for a task of a campaign that has the right form.

    None where no model said anything that could be an answer.
    """
    held = [e.id for e in lab.episodes(run=run_of(campaign), task=task, status="done")]
    verdicts = lab.judgements(held) if held else {}
    for id in reversed(held):
        if any(_faulty(verdict.evidence) for verdict in verdicts.get(id, ())[-1:]):
            continue
        record = lab.read(id)
        if record.answer:
            return Proposal(id, record.episode.actors[0].name, msgspec.Raw(record.answer))
    return None


def changed(proposed: Proposal, action: bytes | msgspec.Raw) -> bool:
    """Return whether a person's answer, as JSON, says something else than the proposal."""
    return _plain(proposed.action) != _plain(action)


def parent(proposed: Proposal, action: bytes | msgspec.Raw) -> Parent:
    """Return the parent of a person's episode to whom a proposal was shown.

    `corrected` where they changed it, else `reviewed`.
    """
    return Parent(proposed.episode, "corrected" if changed(proposed, action) else "reviewed")


def with_proposal(lab: Lab, campaign: str, record: Record) -> Record:
    """Return a person's record with the proposal that they were shown as its parent, if any."""
    found = proposal(lab, campaign, record.episode.key.task)
    if found is None or not record.answer:
        return record
    parents = (*record.episode.parents, parent(found, record.answer))
    return msgspec.structs.replace(
        record, episode=msgspec.structs.replace(record.episode, parents=parents)
    )


def _faulty(evidence: str) -> bool:
    """Return whether a judge found an answer's form wrong, which it says under `faults`."""
    try:
        said = msgspec.json.decode(evidence)
    except msgspec.DecodeError:
        return False
    return isinstance(said, dict) and bool(said.get("faults"))


def _plain(action: bytes | msgspec.Raw) -> object:
    return msgspec.json.decode(action)
