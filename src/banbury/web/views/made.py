"""What a stage left, in full: tables from the artifact's own figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from banbury.cycle.compare.compare import SkillChange
from banbury.cycle.diagnose import SkillMap
from banbury.cycle.diagnose.propose import Proposals
from banbury.cycle.probe import Probe
from banbury.errors import UnknownName
from banbury.store import Artifact, Lab
from banbury.store.artifacts import Header
from banbury.web.views.stages import header, headline

REPORT = "report"


class Table(msgspec.Struct, frozen=True):
    """A table: its title, its columns, its rows; the first cell of each may name a skill.

    Attributes:
        title: what it shows.
        head: names of the columns.
        rows: cells as text.
        right: columns with figures, from 0.
        skills: whether the first column holds skills.
    """

    title: str
    head: list[str]
    rows: list[list[str]]
    right: list[int] = []
    skills: bool = False


class Made(msgspec.Struct, frozen=True):
    """An artifact in full.

    Attributes:
        header: which.
        headline: its chief figure.
        facts: single values, by name.
        tables: what it holds.
        parents: what it was made from.
        files: names of the files that a report holds; those of other kinds have pages of their own.
    """

    header: Header
    headline: str
    facts: dict[str, str]
    tables: list[Table]
    parents: list[Header]
    files: list[str] = []


def made(lab: Lab, kind: str, id: str) -> Made:
    """Return an artifact in full.

    Raises:
        UnknownName: there is none.
    """
    found = lab.artifact(kind, id)
    tables = _TABLES[kind](found.body) if kind in _TABLES else []
    parents = lab.artifacts_named(found.parents[:50])
    files = sorted(found.blobs) if kind == REPORT else []
    made_from = list(parents.values())
    return Made(header(found), headline(found), _facts(found), tables, made_from, files)


def written(lab: Lab, id: str, name: str) -> tuple[bytes, str]:
    """Return a file of a report and its media type.

    Raises:
        UnknownName: there is no such report, or it has no such file.
        CorruptBlob: the file is not what was kept.
    """
    found = lab.artifact(REPORT, id)
    if name not in found.blobs:
        raise UnknownName("file", name[:120], found.blobs, where=f"report {found.name}")
    blob = found.blobs[name]
    return lab.blobs.read(blob.sha256), blob.media


def _facts(found: Artifact) -> dict[str, str]:
    plain = {k: v for k, v in found.body.items() if isinstance(v, str | int | float) and v != ""}
    plain.pop("artifact", None)
    return {key.replace("_", " "): _said(value) for key, value in plain.items()}


def _said(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) and value > 2 else str(value)


def _probe(body: Mapping[str, Any]) -> list[Table]:
    found = msgspec.convert(body, Probe)
    rows = sorted(found.skills, key=lambda s: (s.passes / max(s.n, 1), s.skill))
    head = ["skill", "passed", "of", "interval", f"against {found.threshold:.0%}", "any form"]
    cells = [
        [s.skill, str(s.passes), str(s.n), _between(s.low, s.high), s.decision, f"{s.lenient:.0%}"]
        for s in rows
    ]
    return [Table("Pass rates", head, cells, [1, 2, 3, 5], True)]


def _map(body: Mapping[str, Any]) -> list[Table]:
    head = ["skill", "kind", "as asked", "interval", "any form", "3 examples", "rank"]
    cells = [
        [
            *(g.skill, g.kind, f"{g.strict:.0%}", _between(g.low, g.high)),
            *(f"{g.lenient:.0%}", f"{g.few_shot:.0%}", f"{g.rank:.3f}"),
        ]
        for g in msgspec.convert(body, SkillMap).gaps
    ]
    return [Table("Gaps, the most worthwhile first", head, cells, [2, 3, 4, 5, 6], True)]


def _source(body: Mapping[str, Any]) -> list[Table]:
    head = ["skill", "difficulty", "to train on", "reserved", "of these in unseen wordings"]
    cells = [
        [
            *(s["skill"], s["difficulty"] or "several", str(len(s["train"]))),
            str(len(s["reserved_seen"]) + len(s["reserved_unseen"])),
            str(len(s["reserved_unseen"])),
        ]
        for s in body["skills"]
    ]
    return [Table("Made and reserved", head, cells, [2, 3, 4], True)]


def _review(body: Mapping[str, Any]) -> list[Table]:
    cells = [[s, str(a), str(r)] for s, (a, r) in body["by_skill"].items()]
    return [
        Table("By skill", ["skill", "accepted", "rejected"], cells, [1, 2], True),
        *_counted("Why rejected", "reason", body["reasons"]),
        *_counted("Notes on accepted ones", "note", body["notes"]),
    ]


def _counted(title: str, name: str, counts: Mapping[str, int]) -> list[Table]:
    rows = [[text, str(n)] for text, n in Counter(counts).most_common()]
    return [Table(title, [name, "episodes"], rows, [1])] if rows else []


def _checkpoint(body: Mapping[str, Any]) -> list[Table]:
    head = ["adapter", "method", "examples", "steps", "seconds"]
    cells = [
        [t["name"], t["method"], str(t["examples"]), str(t["steps"]), f"{t['seconds']:.0f}"]
        for t in body["training"]
    ]
    return [Table("Adapters", head, cells, [2, 3, 4])]


def _comparison(body: Mapping[str, Any]) -> list[Table]:
    head = ["skill", "items", "before", "after", "difference", "95 % interval", ""]
    cells = [
        [
            *(c.skill, str(c.change.n), f"{c.change.before:.0%}", f"{c.change.after:.0%}"),
            f"{100 * c.change.difference:+.0f}",
            f"{100 * c.change.low:+.0f} to {100 * c.change.high:+.0f}",
            "closed" if c.closed else "not closed",
        ]
        for c in msgspec.convert(body["skills"], list[SkillChange])
    ]
    return [Table("Reserved items, paired", head, cells, [1, 2, 3, 4, 5], True)]


def _proposals(body: Mapping[str, Any]) -> list[Table]:
    head = ["", "passed", "interval", "found in", "words", "perhaps"]
    cells = [
        [
            *(p.name, f"{round(p.inside.estimate * p.inside.n)} of {p.inside.n}"),
            *(_between(p.inside.low, p.inside.high), ", ".join(p.skills)),
            *(", ".join(p.words[:6]), p.suggestion),
        ]
        for p in msgspec.convert(body, Proposals).proposals
    ]
    return [Table("Kinds of task that fail more than the rest", head, cells, [1, 2])]


def _release(body: Mapping[str, Any]) -> list[Table]:
    rows = [[part, f"{count:,}"] for part, count in body["splits"].items()]
    return [Table("Parts", ["part", "rows"], rows, [1])]


_TABLES: dict[str, Callable[[Mapping[str, Any]], list[Table]]] = {
    "probe": _probe,
    "map": _map,
    "source": _source,
    "review": _review,
    "release": _release,
    "checkpoint": _checkpoint,
    "comparison": _comparison,
    "proposals": _proposals,
}


def _between(low: float, high: float) -> str:
    return f"{100 * low:.0f} to {100 * high:.0f} %"


def links(parents: Sequence[Header], slugs: Mapping[str, str]) -> list[tuple[Header, str]]:
    """Return what something was made from, each with the slug of its stage, "" for none."""
    return [(p, slugs.get(p.kind, "")) for p in parents]
