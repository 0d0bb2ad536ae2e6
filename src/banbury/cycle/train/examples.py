"""From a release to what is trained on: its rows, by skill.

A model in this process has no tool calls of its own. So the rows of an episode with tools become
what such a model sees and writes when it acts: the tools in a system message, an action as its
JSON object, and what a tool said as a user's message.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow.parquet as pq

from banbury.actors.conversation import opening
from banbury.cycle.train.lora import Example
from banbury.errors import ReleaseError
from banbury.formats import chat
from banbury.gyms import registry
from banbury.gyms.tools import only_answers, toolbox
from banbury.store import Artifact, Lab


def released(lab: Lab, release: Artifact, part: str = "train") -> dict[str, list[Example]]:
    """Return the examples of one part of a release, by skill, in the release's order.

    A task that was sourced for a skill that the lab named stands under that name, and so does one
    that somebody did in the same run.

    Raises:
        ReleaseError: the release has no such rows.
        CorruptBlob: a shard's bytes are not what they were.
        UnknownName: the gym of an episode with tools is not installed.
    """
    found: dict[str, list[Example]] = {}
    sourced, names = _sourced(lab), _names(lab)
    for name in sorted(release.blobs):
        if not name.endswith(".parquet") or part not in name:
            continue
        data = lab.blobs.read(release.blobs[name].sha256)
        columns = ["skill", "task", "gym", "run", "prompt", "completion"]
        for row in pq.read_table(io.BytesIO(data), columns=columns).to_pylist():
            skill = sourced.get((row["run"], row["task"]))
            skill = skill or _covering(lab, names.get(row["run"], ()), row)
            found.setdefault(skill, []).append(_example(row))
    if not found:
        raise ReleaseError(
            f"the release has no rows for {part!r}",
            where=f"{release.name} v{release.version}",
            do="see its card",
        )
    return found


def told_of(lab: Lab, release: Artifact, name: str) -> str:
    """Write down among the copies that left that a checkpoint is about to be trained on a release.

    Nobody's work can be taken out of weights again. The row's id is returned; whoever has trained
    adds the checkpoint's revision as its hash.
    """
    ids = (row.episode for row in lab.release_rows(release.id))
    return lab.deliveries.training(release.name, release.version, f"checkpoint {name}", ids)


def _sourced(lab: Lab) -> dict[tuple[str, str], str]:
    """Return the skill that each task was sourced for, by run and task."""
    return {
        (artifact.body["run"], task): made["skill"]
        for artifact in lab.artifacts("source")
        for made in artifact.body["skills"]
        for task in made["train"]
    }


def _names(lab: Lab) -> dict[str, list[str]]:
    """Return the skills that were sourced, by run."""
    return {
        artifact.body["run"]: [made["skill"] for made in artifact.body["skills"]]
        for artifact in lab.artifacts("source")
    }


def _covering(lab: Lab, names: Sequence[str], row: Mapping[str, Any]) -> str:
    """Return the name that covers a row's task; the row's own skill if none does, or it is one."""
    own: str = row["skill"]
    if own in names or not names:
        return own
    task, taxonomy = lab.task(row["task"]), lab.taxonomy
    covers = (n for n in names if any(p.covers(task) for p in taxonomy.parts(n)))
    return next(covers, own)


def asked(example: Example) -> str:
    """Return the request of an example: what the user said first."""
    return next(m["content"] for m in example.messages if m["role"] == "user")


def says_only(lab: Lab, example: Example) -> bool:
    """Return whether an example comes from a gym in which all there is to do is to say a text."""
    return only_answers(registry.gym(lab.task(example.task).gym).actions)


def _example(row: dict[str, Any]) -> Example:
    prompt, completion = chat.load(row["prompt"]), chat.load(row["completion"])
    messages = chat.plain(prompt)
    if any(m.tool_calls for m in completion):
        tools = opening(toolbox(registry.gym(row["gym"]).actions), "")
        messages.insert(0, {"role": "system", "content": tools})
    answer = "".join(m["content"] for m in chat.plain(completion))
    return Example(messages, answer, task=row["task"])
