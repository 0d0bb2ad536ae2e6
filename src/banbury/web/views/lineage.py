"""Lineage of a release: from origins, gaps and runs to the release, and on to what it trained."""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from urllib.parse import quote, urlencode

import msgspec
import pyarrow.parquet as pq

from banbury.charts.lineage import Edge, Node
from banbury.episode import Source
from banbury.errors import Erased
from banbury.store import Artifact, Lab
from banbury.store.artifacts import Kin

_DEEP = 6
_ROWS = 1_000
_COLUMNS = ("run", "origin_kind", "origin_source")
_STAGE = {
    "probe": "probe",
    "map": "gaps",
    "source": "source",
    "review": "review",
    "checkpoint": "train",
    "adapter": "train",
    "comparison": "compare",
    "guard": "compare",
}
_WORDS = {"map": "gaps", "adapter": "adapter"}
_CAMPAIGN = "campaign:"


class Lineage(msgspec.Struct, frozen=True):
    """A graph: nodes in columns from left to right, and edges between them.

    Attributes:
        nodes: with the address of each one's page.
        edges: from what something was made of to it.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def lineage(lab: Lab, release: Artifact) -> Lineage:
    """Return the lineage of a release; runs and origins are counted from its own rows."""
    base = f"/labs/{lab.name}"
    above = _walk(lab, release.parents)
    below = _children(lab, release.id)
    nodes = [_release(release, base)]
    nodes += [_artifact(k, base, -_distance(k, above, release)) for k in above.values()]
    nodes += [_artifact(k, base, depth) for k, depth in below]
    edges = [Edge(p, k.id) for k in above.values() for p in k.parents if p in above]
    edges += [Edge(p, release.id) for p in release.parents if p in above]
    known = {k.id for k, _ in below} | {release.id}
    edges += [Edge(p, k.id) for k, _ in below for p in k.parents if p in known]
    runs, origins, pairs = _counted(lab, release)
    for run, count in runs.most_common(_ROWS):
        nodes.append(_run(run, count, base))
        edges.append(Edge(f"run {run}", release.id))
    for (kind, source), count in origins.most_common(_ROWS):
        name = f"origin {kind} {source}"
        query = urlencode({"origin": source or kind})
        nodes.append(Node(name, "origin", source or kind, _of(count), -2, f"{base}/tasks?{query}"))
    kept = {n.id for n in nodes}
    edges += [
        Edge(f"origin {k} {s}", f"run {run}")
        for (k, s, run) in pairs
        if f"origin {k} {s}" in kept and f"run {run}" in kept
    ]
    return Lineage(tuple(nodes), tuple(edges))


def _walk(lab: Lab, ids: tuple[str, ...]) -> dict[str, Kin]:
    found: dict[str, Kin] = {}
    front = ids
    for _ in range(_DEEP):
        kin = lab.pages.kin([i for i in front if i not in found]) if front else []
        found |= {k.id: k for k in kin}
        front = tuple(p for k in kin for p in k.parents)
    return found


def _children(lab: Lab, release: str) -> list[tuple[Kin, int]]:
    found: dict[str, tuple[Kin, int]] = {}
    front, depth = [release], 1
    while front and depth <= 3:
        kin = lab.pages.kin(front, children=True)
        fresh = [k for k in kin if k.kind != "release"]
        found |= {k.id: (k, depth) for k in fresh}
        front, depth = [k.id for k in fresh], depth + 1
    return list(found.values())


def _distance(kin: Kin, above: dict[str, Kin], release: Artifact) -> int:
    """Return the longest way from an artifact to the release."""
    children: dict[str, list[str]] = defaultdict(list)
    for other in above.values():
        for parent in other.parents:
            children[parent].append(other.id)

    def steps(id: str, left: int) -> int:
        if left == 0:
            return 1
        return 1 + max((steps(c, left - 1) for c in children[id]), default=0)

    return min(steps(kin.id, _DEEP), _DEEP)


def _release(release: Artifact, base: str) -> Node:
    rows = int(release.body.get("rows", 0))
    label = f"{release.name} {release.version}"
    return Node(release.id, "release", label, _of(rows), 0, f"{base}/releases/{release.id}")


def _artifact(kin: Kin, base: str, column: int) -> Node:
    stage = _STAGE.get(kin.kind)
    if kin.kind == "release":
        link = f"{base}/releases/{kin.id}"
    else:
        link = f"{base}/stages/{stage}" if stage else ""
    word = _WORDS.get(kin.kind, kin.kind)
    return Node(kin.id, kin.kind, f"{kin.name} {kin.version}", word, column, link)


def _run(run: str, count: int, base: str) -> Node:
    if run.startswith(_CAMPAIGN):
        name = run.removeprefix(_CAMPAIGN)
        link = f"{base}/campaigns/{quote(name, safe='')}"
        return Node(f"run {run}", "campaign", name, _of(count), -1, link)
    link = f"{base}/episodes?{urlencode({'run': run})}"
    return Node(f"run {run}", "run", run, _of(count), -1, link)


def _of(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


Counted = tuple[Counter[str], Counter[tuple[str, str]], tuple[tuple[str, str, str], ...]]


def _counted(lab: Lab, release: Artifact) -> Counted:
    """Return rows by run, by origin, and which come together, from the release's own rows."""
    shards = sorted(p for p in release.blobs if p.endswith(".parquet"))
    try:
        return _read(tuple(lab.blobs.source(release.blobs[p].sha256) for p in shards))
    except Erased:
        return Counter(), Counter(), ()


@functools.lru_cache(maxsize=16)
def _read(files: tuple[Source, ...]) -> Counted:
    runs: Counter[str] = Counter()
    origins: Counter[tuple[str, str]] = Counter()
    pairs: set[tuple[str, str, str]] = set()
    for source in files:
        with source.open("rb") as file, pq.ParquetFile(file) as shard:
            for batch in shard.iter_batches(batch_size=20_000, columns=list(_COLUMNS)):
                held = batch.to_pydict()
                for run, kind, source in zip(*(held[name] for name in _COLUMNS), strict=True):
                    runs[run] += 1
                    origins[kind, source] += 1
                    pairs.add((kind, source, run))
    return runs, origins, tuple(sorted(pairs))
