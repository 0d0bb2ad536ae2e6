"""Make a release: reviewed episodes become files that never change again."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

import banbury
from banbury import clock
from banbury.cycle.release import manifest as m
from banbury.cycle.release.card import card
from banbury.cycle.release.people import people
from banbury.cycle.release.rows import COLUMNS, Part, Row, SplitBy, rows, table
from banbury.episode import NO_KEY, Blob, Judgement, Record, Task, canonical, digest, new_id
from banbury.errors import InputError, ReleaseError, Reserved
from banbury.store import Artifact, Lab, ReleaseRow, Review
from banbury.store.erasing import RELEASE

KIND = "release"
SHARD = 50_000
"""Rows in one Parquet file."""
_PARTS: tuple[Part, ...] = ("train", "validation")
_REVIEW = "review"
_PAGE = 500
_Held = tuple[Record, Task, tuple[Judgement, ...]]


def release(
    lab: Lab,
    name: str,
    *,
    run: str | None = None,
    episodes: Sequence[str] | None = None,
    validation: float = 0.05,
    split_by: SplitBy = "item",
    seat: str | None = None,
    parents: Sequence[str] = (),
) -> Artifact:
    """Release reviewed episodes; leave a `release` artifact with its files as blobs.

    Its body holds `sha256` (of the manifest, which names the release), `rows`, `splits`,
    `episodes` and `seconds`.

    Of a run, the episodes that the newest review accepted are taken, and those that it rejected
    are counted in the card. The same episodes again give the release that is there, byte for
    byte. All rows are held in memory while the files are written.

    Args:
        lab: where the episodes are.
        name: name of the release; a new content under it is a new version.
        run: the run to release; of `campaign:NAME`, what people accepted.
        episodes: ids, instead of a run; each must have been accepted.
        validation: share of groups that go to validation, in [0, 1).
        split_by: what stays on one side of the split.
        seat: whose actions are trained on; the first seat's if None.
        parents: artifacts that it follows from.

    Raises:
        InputError: neither or both of `run` and `episodes`, or a share out of range.
        ReleaseError: an episode was not reviewed, was rejected, or is not done; or none is left.
        Reserved: an episode's task is reserved.
    """
    if (run is None) == (episodes is None):
        raise InputError("a release needs a run or episodes", do="give one of the two")
    if not 0.0 <= validation < 1.0:
        raise InputError(f"the share for validation must lie in [0, 1), not {validation!r}")
    begun = clock.mono_ns()
    chosen, review = _chosen(lab, run, episodes)
    held = _read(lab, run, chosen)
    made, tasks, duplicates = _rows(held, seat, validation, split_by)
    files = dict(_shards(made))
    manifest = m.Manifest(
        format=m.FORMAT,
        name=name,
        rows={p: sum(row.part == p for row in made) for p in _PARTS},
        duplicates=duplicates,
        counts=m.counts(made),
        review=review,
        reserved=_held(lab, tasks),
        split_by=split_by,
        validation=validation,
        writer={"banbury": banbury.__version__, "pyarrow": pa.__version__},
        files=(),
        by_form=sum(row.by_form for row in made),
        campaigns=people(lab, {row.lineage["run"] for row in made}),
    )
    files["README.md"] = card(manifest).encode()
    entries = tuple(_entry(path, files[path], made) for path in sorted(files))
    files[m.NAME] = m.encode(msgspec.structs.replace(manifest, files=entries))
    return _keep(lab, name, files, made, tasks, parents, begun)


def _chosen(
    lab: Lab, run: str | None, episodes: Sequence[str] | None
) -> tuple[list[str], m.ReviewSummary]:
    """Return the ids to release, sorted, and what the review says of all."""
    ids = sorted(set(_of_run(lab, run) if episodes is None else episodes))
    verdicts = {id: _verdict(rows) for id, rows in lab.reviews(ids).items()}
    accepted = [id for id in ids if _accepted(verdicts.get(id))]
    reasons = Counter(why for v in verdicts.values() if v and not _accepted(v) for why in v.reasons)
    left_out = [id for id in ids if not _accepted(verdicts.get(id))]
    unseen = [id for id in left_out if verdicts.get(id) is None]
    if unseen or (episodes is not None and left_out):
        first = (unseen or left_out)[0]
        verdict = verdicts.get(first)
        why = "; ".join(verdict.reasons) if verdict else "it was never reviewed"
        raise ReleaseError(
            f"an episode may not be released: {why}",
            where=f"episode {first}",
            do="run `banbury review` first, and release what it accepts",
        )
    if not accepted:
        raise ReleaseError(
            "there is no accepted episode to release",
            where=f"run {run!r}",
            do="see `banbury review` for the reasons",
        )
    checks: dict[str, str] = {}
    overlap: tuple[int, float] | None = None
    for id in accepted:
        verdict = verdicts[id]
        said = msgspec.json.decode(verdict.evidence if verdict else "{}", type=_Evidence)
        checks |= said.checks
        overlap = said.overlap or overlap
    rejected = dict(sorted(reasons.items()))
    return accepted, m.ReviewSummary(len(accepted), rejected, checks, overlap)


def _of_run(lab: Lab, run: str | None) -> Iterable[str]:
    """Return the ids of a run; of a campaign, what people have accepted until now."""
    taken = lab.queue.taken(run or "")
    return [e.id for e in lab.episodes(run=run)] if taken is None else taken


class _Evidence(msgspec.Struct):
    """What a review's row says of how it was made."""

    checks: dict[str, str] = {}
    overlap: tuple[int, float] | None = None


def _verdict(reviews: Sequence[Review]) -> Review | None:
    return next((r for r in reversed(reviews) if r.check == _REVIEW), None)


def _accepted(verdict: Review | None) -> bool:
    return verdict is not None and verdict.verdict == "accept"


def _rows(
    episodes: Iterable[_Held], seat: str | None, validation: float, split_by: SplitBy
) -> tuple[list[Row], dict[str, Task], int]:
    """Return the rows, sorted by id and each once, the tasks by episode, and how many were twins.

    Which of two equal rows stays does not hang on chance: that of the older episode.
    """
    by_id: dict[str, Row] = {}
    tasks: dict[str, Task] = {}
    seen = 0
    for record, task, judgements in episodes:
        _may(record, task, judgements)
        tasks[record.episode.id] = task
        verdict = judgements[-1]
        for row in rows(record, task, verdict, seat=seat, validation=validation, split_by=split_by):
            seen += 1
            by_id.setdefault(row.id, row)
    made = sorted(by_id.values(), key=lambda row: (row.part, row.id))
    if not made:
        raise ReleaseError("the episodes hold no action to train on", do="release others")
    return made, tasks, seen - len(made)


def _read(lab: Lab, run: str | None, ids: Sequence[str]) -> Iterator[_Held]:
    """Yield each chosen episode with its task and judgements, in the order of the ids."""
    wanted = set(ids)
    if run is not None:
        found = (pair for pair in lab.records(run=run) if pair[0].episode.id in wanted)
    else:
        judgements = lab.judgements(ids)
        found = ((r, judgements.get(r.episode.id, ())) for r in lab.readable(ids))
    while page := list(islice(found, _PAGE)):
        problems = lab.problems({record.episode.key.task for record, _ in page})
        for record, said in page:
            yield record, problems[record.episode.key.task].task, said


def _may(record: Record, task: Task, judgements: Sequence[Judgement]) -> None:
    """Refuse what must never be in a release, whatever a review said."""
    episode = record.episode
    where = f"episode {episode.id}"
    if task.split == "reserved":
        raise Reserved(
            "a reserved task was about to reach a release",
            where=f"task {task.id}, {where}",
            do="leave its episodes out; reserved tasks only measure",
        )
    if task.split == "probe":
        raise ReleaseError("a task of the probe cannot be released", where=where, do="leave it out")
    if episode.status != "done" or not judgements or not judgements[-1].passed:
        raise ReleaseError(
            f"an episode that is {episode.status} and not judged as passed cannot be released",
            where=where,
            do="review it again",
        )


def _shards(made: Sequence[Row]) -> Iterator[tuple[str, bytes]]:
    """Yield (path, bytes) of the Parquet files; the same rows give the same bytes."""
    for part in _PARTS:
        of_part = [row for row in made if row.part == part]
        total = -(-len(of_part) // SHARD)
        for number in range(total):
            piece = of_part[number * SHARD : (number + 1) * SHARD]
            sink = io.BytesIO()
            pq.write_table(
                table(piece),
                sink,
                row_group_size=10_000,
                compression="zstd",
                compression_level=6,
                version="2.6",
                write_statistics=[name for name, _ in COLUMNS],
            )
            yield f"data/{part}-{number:05}-of-{total:05}.parquet", sink.getvalue()


def _entry(path: str, data: bytes, made: Sequence[Row]) -> m.File:
    if not path.endswith(".parquet"):
        return m.file(path, data)
    return m.file(path, data, pq.read_metadata(io.BytesIO(data)).num_rows)


def _held(lab: Lab, tasks: Mapping[str, Task]) -> int:
    gyms = {task.gym for task in tasks.values()}
    return sum(1 for gym in sorted(gyms) for _ in lab.tasks(gym=gym, split="reserved"))


def _keep(
    lab: Lab,
    name: str,
    files: Mapping[str, bytes],
    made: Sequence[Row],
    tasks: Mapping[str, Task],
    parents: Sequence[str],
    begun: int,
) -> Artifact:
    """Keep the files as blobs and the release as an artifact, unless it is there already."""
    whole = m.file(m.NAME, files[m.NAME])
    same = (a for a in lab.artifacts(KIND) if a.name == name and a.body["sha256"] == whole.sha256)
    artifact = next(same, None)
    if artifact is None:
        key = f"{RELEASE}:{lab.name}:{new_id()}"
        if not lab.of_people(list({row.lineage["episode"] for row in made})):
            key = NO_KEY
        put = lab.blobs.put
        blobs: dict[str, Blob] = {path: put(data, key=key) for path, data in files.items()}
        # From here on none of these tasks can become reserved.
        lab.assign({t.id for t in tasks.values() if t.split == "open"}, "train")
        body = {
            "sha256": whole.sha256,
            "rows": len(made),
            "splits": {p: sum(row.part == p for row in made) for p in _PARTS},
            "episodes": len({row.lineage["episode"] for row in made}),
            "seconds": (clock.mono_ns() - begun) / 1e9,
        }
        said = list(_said(made, tasks))
        artifact = lab.put_artifact(KIND, name, body, blobs, parents=list(parents), rows=said)
    if not lab.deliveries.noted("built", whole.sha256):
        episodes = {row.lineage["episode"] for row in made}
        what, version = f"release {name}", artifact.version
        lab.deliveries.note("built", what, episodes, version=version, sha256=whole.sha256)
    return artifact


def _said(made: Sequence[Row], tasks: Mapping[str, Task]) -> Iterator[ReleaseRow]:
    """Yield what the store keeps of each episode that is released."""
    by_episode: dict[str, list[Row]] = {}
    for row in made:
        by_episode.setdefault(row.lineage["episode"], []).append(row)
    for id, own in by_episode.items():
        yield ReleaseRow(id, tasks[id].id, own[0].part, digest(canonical([r.id for r in own])))
