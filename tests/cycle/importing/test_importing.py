import csv
import json
import os
import signal
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from banbury.actors.script import Script
from banbury.arena.answering import answer
from banbury.arena.proposals import proposal
from banbury.cycle.source.importing import export_tasks, import_tasks, propose, read_plan
from banbury.errors import InputError
from banbury.gyms.labelling.actions import Label, Result
from banbury.gyms.labelling.controls import Media, read_inputs
from banbury.gyms.labelling.gym import LabellingGym
from banbury.store.queue import Campaign

MOOD = read_plan("choice mood: good, bad")
SHAPES = read_plan("boxes thing: cat, dog")


def lines(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def inputs(lab):
    return [read_inputs(task.public.inputs) for task in lab.tasks(gym="labelling")]


def image(path, size=(8, 6), **more):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, "red").save(path, **more)
    return path


def golds(lab):
    return [
        LabellingGym().solution(one.problem)[0].results for one in lab.answered(gym="labelling")
    ]


def test_a_table_becomes_tasks_in_a_campaign_with_its_gold(lab, tmp_path):
    path = tmp_path / "r.csv"
    path.write_text(
        'text,mood,id\n"So, good 🎈",good,7\n"two\nlines",bad,8\n', encoding="utf-8-sig"
    )
    plan = msgspec.structs.replace(MOOD, gold={"mood": "mood"})
    got = import_tasks(lab, path, plan, campaign=Campaign("moods", "labelling"))
    assert (got.rows, got.new, got.added, got.broken) == (2, 2, 2, 0)
    assert [one.item["text"] for one in inputs(lab)] == ["So, good 🎈", "two\nlines"]
    assert [one.meta for one in inputs(lab)] == [{"id": "7"}, {"id": "8"}]
    assert [gold["mood"].choices for gold in golds(lab)] == [("good",), ("bad",)]
    assert lab.queue.campaign("moods").tasks == 2
    again = import_tasks(lab, path, plan, campaign=Campaign("moods", "labelling"))
    assert (again.done, again.carried_on, lab.queue.campaign("moods").tasks) == (True, 2, 2)
    elsewhere = tmp_path / "other" / "r.csv"
    elsewhere.parent.mkdir()
    elsewhere.write_bytes(path.read_bytes())
    assert import_tasks(lab, elsewhere, plan, campaign=Campaign("moods", "labelling")).done


def test_a_licence_is_what_was_said_and_not_stated_if_nothing_was(lab, tmp_path):
    path = tmp_path / "mails.csv"
    path.write_text("text\nhello\n")
    import_tasks(lab, path, MOOD)
    assert [task.licence for task in lab.tasks()] == ["LicenseRef-unstated"]
    path.write_text("text\nanother\n")
    import_tasks(lab, path, msgspec.structs.replace(MOOD, licence="LicenseRef-ours"))
    assert {task.licence for task in lab.tasks()} == {"LicenseRef-unstated", "LicenseRef-ours"}
    with pytest.raises(InputError, match="no SPDX id"):
        import_tasks(lab, path, msgspec.structs.replace(MOOD, licence="ask Bob"))


BROKEN = {
    "no JSON": b'{"text": "a"',
    "JSON of another kind": b"[1]",
    "no text": b'{"text": ""}',
    "no column": b'{"other": "a"}',
    "half of a surrogate pair": b'{"text": "\\ud83d"}',
    "bytes that are no UTF-8": b'{"text": "\xff"}',
    "a label that is none": b'{"text": "a", "mood": "ugly"}',
    "10 MB of text": json.dumps({"text": "x" * 10_000_000}).encode(),
}


@pytest.mark.parametrize("line", BROKEN.values(), ids=BROKEN)
def test_a_broken_row_takes_nothing_unless_the_rest_is_asked_for(lab, tmp_path, line):
    path = tmp_path / "r.jsonl"
    path.write_bytes(b'{"text": "first", "mood": "good"}\n' + line + b'\n{"text": "last"}\n')
    plan = msgspec.structs.replace(MOOD, gold={"mood": "mood"}, item={"text": "text"})
    with pytest.raises(InputError, match="1 of 3 rows are broken, and nothing was taken") as error:
        import_tasks(lab, path, plan)
    assert "r.jsonl, line 2: " in str(error.value)
    assert inputs(lab) == []
    got = import_tasks(lab, path, plan, skip_broken=True)
    assert (got.new, got.broken) == (2, 1)
    (kept,) = (tmp_path / "r.jsonl.broken.jsonl").read_text().splitlines()
    assert json.loads(kept)["row"] == "r.jsonl, line 2"


def test_text_that_is_only_strange_is_taken_as_it_is(lab, tmp_path):
    strange = [
        "a\x00b",
        "\u202eright to left שלום",
        "<script>alert(1)</script>",
        "👩‍👩‍👧 🇪🇺",
        "\ufeffx",
    ]
    path = lines(tmp_path / "r.jsonl", [{"text": text} for text in strange])
    import_tasks(lab, path, MOOD)
    assert [one.item["text"] for one in inputs(lab)] == strange


def test_csv_rows_that_do_not_fit_are_named(lab, tmp_path):
    path = tmp_path / "r.csv"
    path.write_text('text,id\na,1\nb\n"open, 3\n')
    with pytest.raises(InputError, match="2 of 3 rows") as error:
        import_tasks(lab, path, MOOD)
    assert "row 3: the row has 1 cells, the header 2" in str(error.value)
    path.write_text("text;id\na;1\n")
    with pytest.raises(InputError, match="parted by ';'"):
        import_tasks(lab, path, MOOD)


def bomb(path):
    """Write the header of a PNG of 100,000 by 100,000 pixels."""
    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    chunks = [b"IHDR" + head, b"IDAT" + zlib.compress(bytes(1000)), b"IEND"]
    packed = (struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in chunks)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(packed))


def test_files_that_are_hostile_or_broken_are_each_one_reason(lab, tmp_path):
    folder = tmp_path / "set"
    image(folder / "ok.png")
    whole = image(folder / "cut.jpg", (400, 300)).read_bytes()
    (folder / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    bomb(folder / "huge.png")
    (folder / "words.png").write_text("<svg onload=alert(1)>")
    (folder / "empty.png").write_bytes(b"")
    Image.new("RGB", (4, 4)).save(folder / "page.tiff")
    (tmp_path / "secret.png").write_bytes((folder / "ok.png").read_bytes())
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    names = [
        *("ok.png", "cut.jpg", "huge.png", "words.png", "empty.png", "page.tiff", "link.png"),
        *("../secret.png", str(tmp_path / "secret.png"), "none.png", "https://x.org/a.png"),
        *("a\0b.png", "x" * 3000),
    ]
    path = lines(folder / "r.jsonl", [{"image": name} for name in names])
    got = import_tasks(lab, path, SHAPES, skip_broken=True)
    assert (got.new, got.broken) == (1, len(names) - 1)
    kept = Path(got.broken_file).read_text().splitlines()
    said = [json.loads(line)["why"] for line in kept]
    assert "broken" in said[0]
    assert "pixels" in said[1]
    assert said[2:5] == [
        "this is no image",
        "the file is empty",
        "browsers show no TIFF; convert it to PNG",
    ]
    assert all("leads out of the folder" in why for why in said[5:8])
    assert "no file" in said[8]
    assert "an address" in said[9]
    assert "NUL" in said[10]


def test_a_folder_of_files_becomes_items_with_their_folders_as_metadata(lab, tmp_path):
    folder = tmp_path / "set"
    image(folder / "cats" / "a.png", (8, 6))
    image(folder / "dogs" / "b.jpg", (8, 6), exif=turned())
    (folder / ".DS_Store").write_bytes(b"x")
    plan = read_plan('{"controls": [{"name": "animal", "kind": "choice", '
                     '"labels": ["cats", "dogs"]}], "gold": {"animal": "folder"}}')  # fmt: skip
    got = import_tasks(lab, folder, plan)
    assert (got.format, got.new) == ("folder", 2)
    first, second = inputs(lab)
    assert first.item["image"] == Media(
        first.item["image"].media, "image/png", width=8, height=6, name="a.png"
    )
    assert (second.item["image"].width, second.item["image"].height) == (6, 8)
    assert first.meta == {"file": "cats/a.png", "folder": "cats"}
    assert [gold["animal"].choices for gold in golds(lab)] == [("cats",), ("dogs",)]
    (task, *_) = lab.tasks(gym="labelling")
    assert lab.blobs.read(task.public.media[0].blob.sha256) == (folder / "cats/a.png").read_bytes()
    image(folder / "dogs" / "c.png", (3, 3))
    assert import_tasks(lab, folder, plan).new == 1


def turned():
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def test_sound_and_video_are_read_to_their_end(lab, tmp_path):
    av = pytest.importorskip("av")
    folder = tmp_path / "set"
    folder.mkdir()
    with av.open(str(folder / "v.mp4"), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        for _ in range(20):
            frame = av.VideoFrame(32, 32, "yuv420p")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    data = (folder / "v.mp4").read_bytes()
    (folder / "cut.mp4").write_bytes(data[: len(data) // 2])
    sample = next(LabellingGym().tasks("labelling.segments", seed=1))
    sound = read_inputs(sample.task.public.inputs).item["sound"]
    plan = read_plan("segments part: x, y")
    path = lines(folder / "r.jsonl", [{"video": "v.mp4"}, {"video": "cut.mp4"}])
    got = import_tasks(lab, path, plan, skip_broken=True)
    assert (got.new, got.broken) == (1, 1)
    (held,) = inputs(lab)
    assert held.item["video"].seconds == pytest.approx(2.0, abs=0.15)
    assert held.item["video"].mime == "video/mp4"
    path = lines(folder / "s.jsonl", [{"audio": sound.data}])
    import_tasks(lab, path, plan)
    assert inputs(lab)[1].item["audio"].seconds == pytest.approx(sound.seconds)


def test_parquet_and_arrow_as_hugging_face_writes_them(lab, tmp_path):
    features = {
        "text": {"_type": "Value"},
        "label": {"_type": "ClassLabel", "names": ["bad", "good"]},
    }
    schema = pa.schema([("text", pa.string()), ("label", pa.int64())]).with_metadata(
        {"huggingface": json.dumps({"info": {"features": features}})}
    )
    table = pa.table({"text": ["a", "b"], "label": [1, 0]}, schema=schema)
    hub = tmp_path / "hub" / "data"
    hub.mkdir(parents=True)
    (hub.parent / "README.md").write_text("---\nlicense: mit\n---\n")
    pq.write_table(table, hub / "train-00000-of-00001.parquet")
    plan = msgspec.structs.replace(MOOD, gold={"mood": "label"})
    got = import_tasks(lab, tmp_path / "hub", plan)
    assert (got.format, got.new) == ("huggingface", 2)
    assert [gold["mood"].choices for gold in golds(lab)] == [("good",), ("bad",)]
    disk = tmp_path / "disk" / "test"
    disk.mkdir(parents=True)
    with pa.OSFile(str(disk / "data-00000-of-00001.arrow"), "wb") as file:
        with pa.ipc.new_stream(file, schema) as stream:
            stream.write_table(pa.table({"text": ["c"], "label": [1]}, schema=schema))
    for name in ("dataset_info.json", "state.json"):
        (disk / name).write_text("{}")
    assert import_tasks(lab, tmp_path / "disk", plan).new == 1
    path = tmp_path / "cut.parquet"
    whole = (hub / "train-00000-of-00001.parquet").read_bytes()
    path.write_bytes(whole[:200] + whole[300:])
    with pytest.raises(InputError, match="cannot be read"):
        import_tasks(lab, path, plan)


def test_images_inside_of_parquet(lab, tmp_path):
    data = image(tmp_path / "a.png").read_bytes()
    path = tmp_path / "set.parquet"
    pq.write_table(pa.table({"image": [{"bytes": data, "path": "a.png"}], "n": [1]}), path)
    import_tasks(lab, path, SHAPES)
    (held,) = inputs(lab)
    assert (held.item["image"].width, held.item["image"].name) == (8, "a.png")


def test_controls_come_in_words_and_say_what_is_wrong_with_them():
    plan = read_plan("spans who: person, place; relations fact: lives in; choices about: a, b")
    assert [c.kind for c in plan.controls] == ["spans", "relations", "choice"]
    assert plan.controls[2].many
    for wrong in ("mood: good, bad", "choice mood", "relations r: x", "[1]", "{", "<View", "<A/>"):
        with pytest.raises(InputError):
            read_plan(wrong)
    bombs = '<!DOCTYPE x [<!ENTITY a "aaaa">]><View>&a;</View>'
    with pytest.raises(InputError, match="entities"):
        read_plan(bombs)


IMPORT = """
import sys
from pathlib import Path
from banbury import store
from banbury.cycle.source.importing import import_tasks, importing, read_plan
importing.BATCH = 50
importing._SAVED = 1
with store.open(sys.argv[1]) as house:
    def show(done, total, phase):
        if phase == "take":
            print(done, flush=True)
            sys.stdin.readline()
    import_tasks(house.lab(sys.argv[2]), Path(sys.argv[3]), read_plan("choice mood: good, bad"),
                 progress=show)
"""


def test_an_import_that_was_killed_goes_on_where_it_was(lab, address, tmp_path):
    path = lines(tmp_path / "r.jsonl", [{"text": f"text {i}"} for i in range(500)])
    words = [sys.executable, "-c", IMPORT, address, lab.name, str(path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        for _ in range(3):
            assert run.stdout.readline()
            run.stdin.write("\n")
            run.stdin.flush()
        assert run.stdout.readline()
        os.kill(run.pid, signal.SIGKILL)
    held = len(inputs(lab))
    assert 150 <= held < 500
    got = import_tasks(lab, path, MOOD)
    assert got.carried_on >= 150
    assert (got.rows, got.new + got.there, len(inputs(lab))) == (500, 500, 500)


def test_results_that_come_with_rows_can_be_proposals_to_correct(lab, tmp_path):
    path = tmp_path / "r.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("text", "mood"), ("a", "good"), ("b", "")])
    plan = msgspec.structs.replace(MOOD, gold={"mood": "mood"})
    campaign = Campaign("moods", "labelling")
    got = import_tasks(lab, path, plan, campaign=campaign, known_as="proposals")
    assert got.proposed == 1
    first, second = lab.tasks(gym="labelling")
    found = proposal(lab, "moods", first.id)
    label = Label({"mood": Result(("good",))})
    assert (found.model, msgspec.json.decode(found.action, type=Label)) == ("imported", label)
    assert proposal(lab, "moods", second.id) is None
    assert LabellingGym().solution(lab.problem(first.id)) == ()


@pytest.mark.parametrize(("said", "relation"), [("good", "reviewed"), ("bad", "corrected")])
def test_a_person_s_answer_names_the_proposal_that_they_were_shown(lab, tmp_path, said, relation):
    path = lines(tmp_path / "r.jsonl", [{"text": "a", "mood": "good"}])
    plan = msgspec.structs.replace(MOOD, gold={"mood": "mood"})
    import_tasks(lab, path, plan, campaign=Campaign("c", "labelling"), known_as="proposals")
    (lease,) = lab.queue.claim("c", "p-1")
    action = msgspec.json.encode(Label({"mood": Result((said,))}))
    done = answer(lab, lease.id, action, submission="s1")
    (parent,) = lab.episode(done.episode).parents
    assert (parent.episode, parent.relation) == (proposal(lab, "c", lease.task).episode, relation)


def test_a_model_proposes_first_and_a_wrong_form_is_shown_to_nobody(lab, tmp_path):
    path = lines(tmp_path / "r.jsonl", [{"text": "fine"}, {"text": "poor"}, {"text": "odd"}])
    import_tasks(lab, path, MOOD, campaign=Campaign("c", "labelling"))
    said = {"fine": ("good",), "poor": ("ugly",), "odd": ("bad", "good")}

    def plan(task):
        text = read_inputs(task.public.inputs).item["text"]
        return [Label({"mood": Result(said[text])})]

    got = propose(lab, "c", Script("guesser", plan))
    assert (got.tasks, got.done, got.shown, got.failed, got.unread) == (3, 3, 1, 0, 0)
    shown = [proposal(lab, "c", task.id) for task in lab.tasks(gym="labelling")]
    assert [one and one.model for one in shown] == ["guesser", None, None]
    assert propose(lab, "c", Script("guesser", plan)).done == 3
    assert lab.count(run="proposals:c") == 3
    image(tmp_path / "a.png")
    more = lines(tmp_path / "i.jsonl", [{"image": "a.png"}])
    import_tasks(lab, more, SHAPES, campaign=Campaign("c", "labelling"))
    assert propose(lab, "c", Script("guesser", plan)).unread == 1


def test_an_export_is_whole_or_not_there_and_goes_on_after_a_stop(lab, tmp_path, monkeypatch):
    path = lines(tmp_path / "r.jsonl", [{"text": f"text {i}"} for i in range(100)])
    import_tasks(lab, path, MOOD)
    monkeypatch.setattr("banbury.cycle.source.importing.exporting._SAVED", 10)
    out = tmp_path / "out.jsonl"

    def stop(done, total):
        if done == 50:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_tasks(lab, out, "jsonl", progress=stop)
    assert not out.exists()
    got = export_tasks(lab, out, "jsonl")
    assert (got.carried_on, got.tasks) == (50, 100)
    assert [json.loads(line)["item"]["text"] for line in out.read_text().splitlines()] == [
        f"text {i}" for i in range(100)
    ]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.jsonl", "r.jsonl"]
