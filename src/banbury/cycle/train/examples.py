"""From a release to what is trained on: its rows, by skill."""

from __future__ import annotations

import io

import pyarrow.parquet as pq

from banbury.cycle.train.lora import Example
from banbury.errors import ReleaseError
from banbury.store import Artifact, Lab


def released(lab: Lab, release: Artifact, part: str = "train") -> dict[str, list[Example]]:
    """Return the examples of one part of a release, by skill, in the release's order.

    Raises:
        ReleaseError: the release has no such rows.
        CorruptBlob: a shard's bytes are not what they were.
    """
    found: dict[str, list[Example]] = {}
    for name in sorted(release.blobs):
        if not name.endswith(".parquet") or part not in name:
            continue
        data = lab.blobs.read(release.blobs[name].sha256)
        columns = ["skill", "task", "prompt", "completion"]
        for row in pq.read_table(io.BytesIO(data), columns=columns).to_pylist():
            messages = [{"role": m["role"], "content": m["content"]} for m in row["prompt"]]
            answer = "".join(m["content"] for m in row["completion"])
            found.setdefault(row["skill"], []).append(Example(messages, answer, task=row["task"]))
    if not found:
        raise ReleaseError(
            f"the release has no rows for {part!r}",
            where=f"{release.name} v{release.version}",
            do="see its card",
        )
    return found
