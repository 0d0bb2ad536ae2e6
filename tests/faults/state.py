"""What a lab holds, in words that do not depend on ids or times: equal labs did the same work."""

import hashlib
import io
import tempfile
from collections import Counter
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import sqlalchemy as sa

from banbury.cycle.release import export, verify

KINDS = ("probe", "source", "review", "release", "adapter", "checkpoint")
TWICE = (
    "SELECT count(*) - count(DISTINCT (run, task, actor, sample)) FROM episode "
    "WHERE status <> 'failed'",
    "SELECT count(*) - count(DISTINCT (episode, judge)) FROM judgement",
    "SELECT count(*) - count(DISTINCT (episode, check_name, reasons, evidence)) FROM review",
    "SELECT count(*) FROM artifact WHERE version > 1",
    "SELECT count(*) FROM journal j JOIN episode e ON e.id = j.episode WHERE e.status <> 'open'",
)


def fingerprint(lab):
    """Return the hashes of all that a lab holds; every blob and body is read and proved whole."""
    keys, episodes = {}, []
    for record, verdicts in lab.records():
        e = record.episode
        keys[e.id] = key = (e.key.run, e.key.task, e.key.actor, e.key.sample)
        steps = [(s.kind, s.actor, s.seat, s.track, s.payload, s.schema) for s in record.steps]
        scores = [(v.judge, v.score, v.passed, v.components, v.evidence) for v in verdicts]
        episodes.append((*key, e.status, e.skill, e.route, steps, scores))
    made = [a for kind in KINDS for a in lab.artifacts(kind)]
    weights = [a for a in made if a.kind in ("adapter", "checkpoint")]
    for blob in (b for a in made for b in a.blobs.values()):
        lab.blobs.read(blob.sha256)
    reviews = [r for several in lab.reviews(list(keys)).values() for r in several]
    return {
        "episodes": hashed(episodes),
        "tasks": hashed([(t.id, t.split) for t in lab.tasks()]),
        "reviews": hashed([(keys[r.episode], r.check, r.verdict, r.reasons) for r in reviews]),
        "artifacts": sorted(f"{a.kind} {a.name} {a.version}" for a in made),
        "released": [hashed(released(lab, a)) for a in made if a.kind == "release"],
        "weights": hashed(
            [(a.kind, a.name, {k: b.sha256 for k, b in a.blobs.items()}) for a in weights]
        ),
    }


def hashed(rows):
    return sorted(hashlib.sha256(msgspec.msgpack.encode(row)).hexdigest() for row in rows)


def released(lab, release):
    """Return the prompts and completions of a release, and the tasks that the store names."""
    rows = [(r.task, r.split) for r in lab.release_rows(release.id)]
    for name, blob in release.blobs.items():
        if name.endswith(".parquet"):
            data = io.BytesIO(lab.blobs.read(blob.sha256))
            table = pq.read_table(data, columns=["task", "prompt", "completion"])
            rows += [(name, row) for row in table.to_pylist()]
    return rows


def whole_release(lab, release):
    """Say whether a release's files and rows are all there."""
    with tempfile.TemporaryDirectory() as folder:
        verify(export(lab, release, Path(folder) / "out"), release.body["sha256"])
    return len(lab.release_rows(release.id)) == release.body["episodes"]


def ids(lab, table):
    return set(rows(lab, f"SELECT id::text FROM {table}"))


def doubles(lab):
    """Count what is there twice: keys, verdicts, versions, steps, references to segments."""
    long = set(rows(lab, "SELECT id::text FROM episode WHERE body IS NULL"))
    used = Counter(s.sha256 for e in lab.episodes() if e.id in long for s in e.segments)
    names = rows(lab, "SELECT encode(sha256, 'hex') FROM segment ORDER BY sha256")
    refs = dict(zip(names, rows(lab, "SELECT refs FROM segment ORDER BY sha256"), strict=True))
    wrong = sum(abs(used[h] - refs.get(h, 0)) for h in used.keys() | refs.keys())
    return sum(rows(lab, query)[0] for query in TWICE) + wrong


def rows(lab, query):
    return lab._database.run(lambda c: c.execute(sa.text(query)).scalars().all())
