"""Releases: made of what a review accepted, never changed, proved whole, read by others."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.cycle.review.episodes import INTENT, QUEUE, play, tasks

from banbury.cycle.release import Manifest, export, release, verify
from banbury.cycle.release.card import card
from banbury.cycle.release.manifest import FORMAT, ReviewSummary
from banbury.cycle.release.rows import group, part
from banbury.cycle.review import REVIEW, review
from banbury.episode import Origin, Public, SkillWeight, Task
from banbury.errors import CorruptBlob, InputError, ReleaseError, Reserved, StoreFull
from banbury.formats import atif
from banbury.formats import trl as trl_format
from banbury.store import Lab, ReleaseRow, Review


def reviewed(lab: Lab, count: int = 40, skill: str = QUEUE, run: str = "made") -> list[str]:
    play(lab, tasks(lab, skill, count, "train"), run)
    return list(review(lab, run=run).accepted)


def test_a_release_holds_rows_lineage_and_hashes(lab: Lab, tmp_path: Path) -> None:
    accepted = reviewed(lab)
    play(lab, tasks(lab, QUEUE, 43, "train")[40:], "made", said="Answer: nowhere")
    review(lab, run="made")
    made = release(lab, "queue", run="made", validation=0.2)
    assert (made.kind, made.version) == ("release", 1)
    folder = export(lab, made, tmp_path / "out")
    manifest = verify(folder, made.body["sha256"])
    assert isinstance(manifest, Manifest)
    assert sum(manifest.rows.values()) == len(accepted) == 40
    assert manifest.review.rejected == {"the gym's own judge did not pass it": 3}
    rows = [r for f in sorted(folder.glob("data/*")) for r in pq.read_table(f).to_pylist()]
    assert {r["episode"] for r in rows} == set(accepted)
    for row in rows:
        task = lab.task(row["task"])
        assert row["prompt"] == [{"role": "user", "content": task.public.instruction}]
        assert row["completion"][0]["role"] == "assistant"
        assert (row["params"], row["licence"]) == (task.params, task.licence)
        assert (row["actor"], row["actor_kind"], row["score"]) == ("reference", "script", 1.0)
        assert (row["judge"].split("/")[0], row["origin_kind"]) == ("office", "generated")
    held = lab.release_rows(made.id)
    assert {h.episode for h in held} == set(accepted)
    assert {h.split for h in held} == {p for p, n in manifest.rows.items() if n}


def test_the_same_inputs_give_the_same_bytes_and_no_second_version(lab: Lab) -> None:
    accepted = reviewed(lab, 10)
    first = release(lab, "same", run="made")
    assert release(lab, "same", episodes=accepted) == first
    other = release(lab, "other", episodes=accepted)
    data = {p: b.sha256 for p, b in first.blobs.items() if p.startswith("data/")}
    assert data == {p: b.sha256 for p, b in other.blobs.items() if p.startswith("data/")}
    smaller = release(lab, "same", episodes=accepted[:5])
    assert (smaller.version, len(lab.artifacts("release"))) == (2, 3)


def test_hugging_face_datasets_reads_it_without_a_network(lab: Lab, tmp_path: Path) -> None:
    pytest.importorskip("datasets")
    reviewed(lab)
    made = release(lab, "hf", run="made", validation=0.2)
    folder = export(lab, made, tmp_path / "out")
    code = (
        "import json, sys, datasets\n"
        "d = datasets.load_dataset(sys.argv[1], cache_dir=sys.argv[2])\n"
        "print(json.dumps({'rows': d.num_rows, 'first': d['train'][0]}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), str(tmp_path / "cache")],
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = json.loads(done.stdout.splitlines()[-1])
    assert loaded["rows"] == {p: n for p, n in made.body["splits"].items() if n}
    assert set(loaded["first"]) >= {"prompt", "completion", "skill", "licence", "judge_hash"}


def test_trl_rows_and_atif_trajectories(lab: Lab, tmp_path: Path) -> None:
    accepted = reviewed(lab, 12)
    made = release(lab, "formats", run="made", validation=0.0)
    rows = [
        json.loads(line)
        for line in (export(lab, made, tmp_path / "trl", "trl") / "train.jsonl")
        .read_text()
        .splitlines()
    ]
    assert len(rows) == 12
    assert all(set(row) == {"prompt", "completion"} for row in rows)
    assert [m.role for m in trl_format.read(rows[0])] == ["user", "assistant"]
    folder = export(lab, made, tmp_path / "atif", "atif")
    files = sorted(folder.glob("train/*.trajectory.json"))
    assert [f.name.split(".")[0] for f in files] == sorted(accepted)
    back = atif.read(atif.load(files[0].read_bytes()), lab=lab.name, run="again")
    assert back.steps == lab.read(back.episode.id).steps
    for place in (tmp_path / "trl", tmp_path / "atif"):
        assert verify(place).release == made.body["sha256"]


def test_what_must_not_be_released_is_refused(lab: Lab) -> None:
    accepted = reviewed(lab, 4)
    later = play(lab, tasks(lab, QUEUE, 5, "train")[4:], "later")
    with pytest.raises(ReleaseError, match="never reviewed"):
        release(lab, "x", episodes=later)
    lab.put_reviews([Review(accepted[0], REVIEW, "h", "reject", ("a person said no",))])
    with pytest.raises(ReleaseError, match="a person said no"):
        release(lab, "x", episodes=accepted)
    held = play(lab, tasks(lab, QUEUE, 2, "reserved"), "measure")
    assert not review(lab, run="measure").accepted
    with pytest.raises(ReleaseError, match="no accepted episode"):
        release(lab, "x", run="measure")
    forged = [Review(id, REVIEW, "h", "accept") for id in held]
    lab.put_reviews(forged)
    with pytest.raises(Reserved, match="reserved task"):
        release(lab, "x", run="measure")
    with pytest.raises(InputError, match="a run or episodes"):
        release(lab, "x")
    with pytest.raises(InputError, match=r"\[0, 1\)"):
        release(lab, "x", run="made", validation=1.0)
    assert not lab.artifacts("release")


def test_the_store_itself_refuses_a_reserved_task(lab: Lab) -> None:
    reviewed(lab, 3)
    made = release(lab, "x", run="made")
    problem = tasks(lab, QUEUE, 1, "reserved")[0]
    (episode,) = play(lab, [problem], "measure")
    with pytest.raises(Reserved):
        lab.put_release_rows(made.id, [(episode, problem.task.id, "train", "00" * 32)])


def test_equal_rows_are_one(lab: Lab) -> None:
    problems = tasks(lab, QUEUE, 3, "train")
    ids = play(lab, problems, "twice", samples=2)
    lab.put_reviews([Review(id, REVIEW, "h", "accept") for id in ids])
    made = release(lab, "once", run="twice", validation=0.0)
    assert made.body["rows"] == 3
    assert {r.episode for r in lab.release_rows(made.id)} == {
        min(e.id for e in lab.episodes(run="twice", task=p.task.id)) for p in problems
    }


@pytest.mark.parametrize("broken", ["changed", "missing", "more", "manifest", "both"])
def test_a_folder_that_is_not_whole_is_named(lab: Lab, tmp_path: Path, broken: str) -> None:
    reviewed(lab, 5)
    made = release(lab, "x", run="made", validation=0.0)
    folder = export(lab, made, tmp_path / "out")
    shard = next(folder.glob("data/*.parquet"))
    name = shard.name
    if broken == "changed":
        data = bytearray(shard.read_bytes())
        data[len(data) // 2] ^= 1
        shard.write_bytes(data)
    elif broken == "missing":
        shard.unlink()
    elif broken == "more":
        name = "train-00001-of-00002.parquet"
        (folder / "data" / name).write_bytes(shard.read_bytes())
    elif broken == "manifest":
        (folder / "manifest.json").write_text("{")
        name = "manifest.json"
    else:
        text = (folder / "manifest.json").read_text()
        (folder / "manifest.json").write_text(text.replace('"x"', '"y"'))
        assert verify(folder)
        name = "manifest.json"
    with pytest.raises(ReleaseError, match=name):
        verify(folder, made.body["sha256"])


def test_an_export_is_whole_or_absent(lab: Lab, tmp_path: Path) -> None:
    reviewed(lab, 5)
    made = release(lab, "x", run="made")
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="something already"):
        export(lab, made, taken)
    with pytest.raises(InputError, match="no format 'csv'"):
        export(lab, made, tmp_path / "new", "csv")
    with pytest.raises(StoreFull, match="cannot be written"):
        export(lab, made, taken / "mine.txt" / "below")
    blob = made.blobs["README.md"]
    path = lab.blobs.path(blob.sha256)
    path.chmod(0o600)
    path.write_bytes(b"altered")
    with pytest.raises(CorruptBlob):
        export(lab, made, tmp_path / "new")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["taken"]
    path.unlink()  # so that no later test finds the altered one


@pytest.mark.parametrize("format", ["parquet", "trl", "atif"])
def test_an_export_that_is_there_already_is_left_as_it_is(
    lab: Lab, tmp_path: Path, format: str
) -> None:
    reviewed(lab, 6)
    made = release(lab, "r", run="made")
    folder = export(lab, made, tmp_path / "out", format)
    before = {p: p.stat().st_mtime_ns for p in folder.rglob("*")}
    assert export(lab, made, folder, format) == folder
    assert {p: p.stat().st_mtime_ns for p in folder.rglob("*")} == before
    other = "trl" if format == "parquet" else "parquet"
    with pytest.raises(InputError, match="something already"):
        export(lab, made, folder, other)
    (folder / "more").write_text("x")
    with pytest.raises(InputError, match="something already"):
        export(lab, made, folder, format)


def test_what_a_killed_export_left_aside_is_removed(lab: Lab, tmp_path: Path) -> None:
    reviewed(lab, 6)
    made = release(lab, "r", run="made")
    killed, busy = tmp_path / f".out.{'a1' * 6}", tmp_path / f".out.{'b2' * 6}"
    for left in (killed, busy):
        (left / "data").mkdir(parents=True)
    (tmp_path / ".out.notes").mkdir()
    handle = os.open(busy, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        export(lab, made, tmp_path / "out")
    finally:
        os.close(handle)
    assert {p.name for p in tmp_path.iterdir()} == {"out", busy.name, ".out.notes"}


def test_a_release_that_the_store_refuses_leaves_no_part_of_it(lab: Lab) -> None:
    held = tasks(lab, QUEUE, 1, "reserved")
    id = play(lab, held, "held")[0]
    with pytest.raises(Reserved):
        lab.put_artifact("release", "r", {}, rows=[ReleaseRow(id, held[0].task.id, "train", "")])
    assert lab.artifacts("release") == []


def test_real_mail_keeps_its_source_and_licence(lab: Lab, tmp_path: Path) -> None:
    tasks(lab, INTENT, 20, "reserved")
    reviewed(lab, 30, INTENT)
    made = release(lab, "mail", run="made", validation=0.0)
    folder = export(lab, made, tmp_path / "out")
    text = (folder / "README.md").read_text()
    assert "imported https://github.com/ParakweetLabs/EmailIntentDataSet" in text
    assert "20 tasks are reserved for measuring" in text
    assert "license:\n- apache-2.0\n" in text


def some(**changes: object) -> Task:
    plain = Task(
        "t", "g", "f", "1", '{"content":[1,2],"wording":"a"}', Public("x"), (SkillWeight("g.f"),)
    )
    return msgspec.structs.replace(plain, **changes)


def test_wordings_of_one_item_stay_together_and_repositories_whole() -> None:
    twin = some(params='{"content":[1,2],"wording":"b"}', id="u")
    other = some(params='{"content":[2,1],"wording":"a"}')
    assert group(some(), "item") == group(twin, "item") != group(other, "item")
    assert group(some(), "family") == group(other, "family")
    repository = Origin("mined", "https://example.org/r.git")
    one, two = some(origin=repository), some(origin=repository, params="{}")
    assert group(one, "item") == group(two, "item")


@given(st.text(), st.floats(0, 0.99), st.floats(0, 0.99))
def test_a_group_moves_only_when_the_share_passes_it(name: str, a: float, b: float) -> None:
    low, high = sorted((a, b))
    if part(name, low) == "validation":
        assert part(name, high) == "validation"
    assert part(name, 0.0) == "train"


def test_a_card_survives_names_that_are_markdown_and_yaml() -> None:
    hostile = 'a: "b" | <script>\n---\n# c'
    counts = {k: {hostile: 1} for k in ("skill", "licence", "origin", "gym", "judge", "actor")}
    review_said = ReviewSummary(1, {hostile: 2}, {})
    text = card(
        Manifest(FORMAT, hostile, {"train": 1}, 0, counts, review_said, 0, "item", 0.0, {}, ())
    )
    front, body = text.removeprefix("---\n").split("\n---\n")
    assert yaml.safe_load(front)["pretty_name"] == 'a: "b" | <script> --- # c'
    assert "<script>" not in body
    assert 'a: "b" \\| &lt;script> --- # c' in body
