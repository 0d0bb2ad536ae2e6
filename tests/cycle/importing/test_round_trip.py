"""What an export writes, an import reads as it was."""

import json
import string

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from banbury.cycle.source.importing import Plan, export_tasks, import_tasks, read_plan
from banbury.cycle.source.importing.drafts import Native
from banbury.cycle.source.importing.plan import plan_fields
from banbury.cycle.source.importing.studio import config_of, regions_of, results_of
from banbury.errors import InputError
from banbury.formats.labelstudio import Region, read_config, write_config
from banbury.gyms.labelling.actions import (
    Box,
    Point,
    Polygon,
    Relation,
    Result,
    Segment,
    TextSpan,
)
from banbury.gyms.labelling.controls import Control, Inputs, Media
from banbury.gyms.labelling.gym import LabellingGym

TEXT = "Ana 🎈 Silva — محمد — lives in Porto, 👩‍👩‍👧 and writes."
ITEM = {
    "text": TEXT,
    "image": Media("0" * 64, "image/png", width=320, height=200, name="a.png"),
    "sound": Media("1" * 64, "audio/wav", seconds=20.0),
    "film": Media("2" * 64, "video/mp4", seconds=20.0),
}
LABELS = ("cat", "dog", "a <b> & 'c'")
CONTROLS = (
    Control("mood", "choice", "text", LABELS, colours={"cat": "#ff0000"}, keys={"dog": "d"}),
    Control("topics", "choice", "text", LABELS, "About?", many=True, required=False),
    Control("who", "spans", "text", LABELS, passes=0.5),
    Control("facts", "relations", "who", LABELS),
    Control("things", "boxes", "image", LABELS, near=0.7),
    Control("edges", "polygons", "image", LABELS),
    Control("spots", "points", "image", LABELS),
    Control("speech", "segments", "sound", LABELS, text=True),
    Control("scenes", "segments", "film", LABELS),
    Control("words", "transcription", "sound"),
)
INPUTS = Inputs(ITEM, CONTROLS)

labels = st.sampled_from(LABELS)
part = st.integers(0, 10**6).map(lambda n: n / 10**6)
half = st.integers(1, 500_000).map(lambda n: n / 10**6)
seconds = st.integers(0, 240).map(lambda n: round(n / 24, 6))
words = st.text(string.printable + "éש🎈", min_size=1, max_size=12).filter(str.strip)


@st.composite
def spans(draw):
    start = draw(st.integers(0, len(TEXT) - 2))
    return TextSpan(start, draw(st.integers(start + 1, len(TEXT))), draw(labels))


@st.composite
def segments(draw, text):
    start = draw(seconds)
    said = draw(words) if text else ""
    return Segment(start, round(start + 1 + draw(seconds), 6), draw(labels), said)


def named(regions, name):
    return tuple(msgspec.structs.replace(r, id=f"{name}-{i}") for i, r in enumerate(regions))


@st.composite
def results(draw):
    found = named(draw(st.lists(spans(), min_size=2, max_size=4)), "who")
    ends = st.sampled_from([s.id for s in found])
    boxes = st.builds(Box, half, half, half, half, labels, st.sampled_from([0.0, 30.0]))
    corners = st.lists(st.tuples(part, part), min_size=3, max_size=5).map(tuple)
    return {
        "mood": Result((draw(labels),)),
        "topics": Result(tuple(draw(st.lists(labels, unique=True)))),
        "who": Result(spans=found),
        "facts": Result(
            relations=tuple(draw(st.lists(st.builds(Relation, ends, ends, labels), min_size=1)))
        ),
        "things": Result(boxes=named(draw(st.lists(boxes)), "things")),
        "edges": Result(
            polygons=named(draw(st.lists(st.builds(Polygon, corners, labels))), "edges")
        ),
        "spots": Result(
            points=named(draw(st.lists(st.builds(Point, part, part, labels))), "spots")
        ),
        "speech": Result(segments=named(draw(st.lists(segments(True))), "speech")),
        "scenes": Result(segments=named(draw(st.lists(segments(False))), "scenes")),
        "words": Result(text=draw(words)),
    }


def test_a_configuration_comes_back_as_it_was():
    config = config_of(INPUTS, "Look closely.")
    assert read_config(write_config(config)) == config
    plan = Plan(**plan_fields(config, "here"))
    assert plan.controls == CONTROLS
    assert plan.instruction == "Look closely."


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(results())
def test_results_come_back_from_label_studio_as_they_were(said):
    regions = tuple(regions_of(said, INPUTS))
    sent = msgspec.json.encode(regions)
    back = results_of(msgspec.json.decode(sent, type=tuple[Region, ...]), INPUTS)
    for name, result in said.items():
        assert back.get(name, Result()) == result, name


def test_offsets_in_utf_16_are_known_by_the_text_that_they_name():
    value = {"start": 7, "end": 12, "text": "Silva", "labels": ["cat"]}
    region = Region("labels", "r", "who", "text", value)
    (span,) = results_of([region], INPUTS)["who"].spans
    assert TEXT[span.start : span.end] == "Silva"
    assert (span.start, span.end) == (6, 11)


CONFIG = """<View>
  <Header value="Find the animals"/>
  <Image name="img" value="$photo"/>
  <RectangleLabels name="label" toName="img">
    <Label value="cat" background="#FFA39E"/>
  </RectangleLabels>
  <Choices name="sharp" toName="img"><Choice value="yes"/><Choice value="no"/></Choices>
</View>"""


def test_an_export_of_label_studio_s_server_is_read_beside_its_files(lab, tmp_path):
    (tmp_path / "images").mkdir()
    picture(tmp_path / "images")
    box = {"x": 25.0, "y": 50.0, "width": 10.0, "height": 20.0, "rotation": 0}
    where = {"to_name": "img", "origin": "manual", "original_width": 320, "original_height": 200}
    result = [
        {**where, "id": "x1", "type": "rectanglelabels", "from_name": "label",
         "value": {**box, "rectanglelabels": ["cat"]}, "image_rotation": 0},
        {**where, "id": "x2", "type": "choices", "from_name": "sharp",
         "value": {"choices": ["yes"]}},
    ]  # fmt: skip
    said = {"id": 9, "completed_by": {"id": 4, "email": "a@b.c"}, "result": result,
            "was_cancelled": False, "ground_truth": True, "lead_time": 3.5, "prediction": {},
            "parent_prediction": None}  # fmt: skip
    task = {
        "id": 7,
        "annotations": [said],
        "drafts": [],
        "predictions": [],
        "meta": {},
        "file_upload": "a.png",
        "data": {"photo": "/data/upload/3/a.png"},
        "inner_id": 1,
    }
    path = tmp_path / "export.json"
    path.write_text(json.dumps([task], indent=2))
    got = import_tasks(lab, path, read_plan(CONFIG))
    assert (got.format, got.new) == ("labelstudio", 1)
    (one,) = lab.answered(gym="labelling")
    (label,) = LabellingGym().solution(one.problem)
    assert label.results["label"].boxes == (Box(0.25, 0.5, 0.1, 0.2, "cat", id="x1"),)
    assert label.results["sharp"].choices == ("yes",)
    with pytest.raises(InputError, match="each region"):
        read_plan(CONFIG.replace('name="sharp"', 'name="sharp" perRegion="true"'))


def picture(folder):
    Image.new("RGB", (320, 200), "white").save(folder / "a.png")


SHAPED = (
    Control("things", "boxes", "image", LABELS),
    Control("edges", "polygons", "image", LABELS),
    Control("spots", "points", "image", ("nose", "tail")),
)
TOLD = {
    "things": Result(boxes=(Box(0.1, 0.2, 0.3, 0.4, "cat", id="b"),)),
    "edges": Result(polygons=(Polygon(((0.1, 0.1), (0.9, 0.1), (0.5, 0.777)), "dog", "p"),)),
    "spots": Result(points=(Point(0.25, 0.5, "tail", "q"),)),
}


@pytest.mark.parametrize("to", ["jsonl", "labelstudio"])
def test_tasks_with_gold_and_files_come_back_with_the_same_identity(house, lab, tmp_path, to):
    picture(tmp_path)
    item = {"image": {"file": "a.png", "name": "a.png"}, "text": TEXT}
    spanned = Control("who", "spans", "text", LABELS)
    gold = {**TOLD, "who": Result(spans=(TextSpan(6, 11, "cat", "s"),))}
    row = Native(item, (*SHAPED, spanned), "Look.", meta={"id": 7}, gold=gold)
    path = tmp_path / "in.jsonl"
    path.write_bytes(msgspec.json.encode(row) + b"\n")
    import_tasks(lab, path, Plan())
    out = tmp_path / f"out.{'jsonl' if to == 'jsonl' else 'json'}"
    got = export_tasks(lab, out, to, gold=True)
    assert (got.tasks, got.files) == (1, 1)
    other = house.lab(f"{lab.name}-back")
    plan = Plan() if to == "jsonl" else read_plan(str(tmp_path / "out.xml"))
    import_tasks(other, out, plan)
    (before,), (after,) = (list(one.answered(gym="labelling")) for one in (lab, other))
    assert after.problem.task.public.inputs == before.problem.task.public.inputs
    assert after.problem.task.id == before.problem.task.id
    assert after.problem.task.public.inputs == before.problem.task.public.inputs
    known = [LabellingGym().solution(one.problem) for one in (before, after)]
    assert known[0] == known[1]


def test_shapes_come_back_from_coco(house, lab, tmp_path):
    picture(tmp_path)
    rows = [
        Native({"image": {"file": "a.png", "name": "a.png"}}, SHAPED, "Look.", gold=TOLD),
        Native({"image": {"file": "a.png", "name": "b.png"}}, SHAPED, "Look.", gold={}),
    ]
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"\n".join(map(msgspec.json.encode, rows)))
    import_tasks(lab, path, Plan())
    export_tasks(lab, tmp_path / "out.json", "coco", gold=True)
    other = house.lab(f"{lab.name}-back")
    plan = Plan(SHAPED, "Look.")
    got = import_tasks(other, tmp_path / "out.json", plan)
    assert (got.format, got.new) == ("coco", 2)
    first, _ = other.answered(gym="labelling")
    (label,) = LabellingGym().solution(first.problem)
    for name, result in TOLD.items():
        part = name.replace("things", "boxes").replace("edges", "polygons")
        part = part.replace("spots", "points")
        (back,), (told,) = getattr(label.results[name], part), getattr(result, part)
        assert msgspec.structs.replace(back, id="") == msgspec.structs.replace(told, id="")
    again = tmp_path / "again.json"
    export_tasks(other, again, "coco", gold=True)
    plain = [json.loads((tmp_path / n).read_text()) for n in ("out.json", "again.json")]
    assert plain[0]["annotations"] == plain[1]["annotations"]


def test_coco_that_does_not_hold_together_is_broken_row_by_row(lab, tmp_path):
    picture(tmp_path)
    whole = {
        "images": [{"id": 1, "file_name": "a.png", "width": 320, "height": 200},
                   {"id": 2, "file_name": "../a.png", "width": 1, "height": 1},
                   {"id": 3, "file_name": "a.png", "width": 320, "height": 200}],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 10, 310.5, 20], "iscrowd": 0},
            {"id": 2, "image_id": 3, "category_id": 9, "bbox": [1, 1, 2, 2]},
            {"id": 3, "image_id": 7, "category_id": 1, "bbox": [1, 1, 2, 2]},
        ],
    }  # fmt: skip
    path = tmp_path / "c.json"
    path.write_text(json.dumps(whole))
    got = import_tasks(lab, path, Plan(), skip_broken=True)
    assert (got.new, got.broken) == (1, 3), got.reasons
    assert "leads out" in got.reasons[0], got.reasons
    assert "category 9" in got.reasons[1]
    assert "image 7" in got.reasons[2]
    with pytest.raises(InputError, match="no COCO"):
        path.write_text('{"images": 3}')
        import_tasks(lab, path, Plan())


def test_tasks_that_ask_different_things_are_no_project_of_label_studio(lab, tmp_path):
    for name, labels in (("a", "x, y"), ("b", "y, z")):
        path = tmp_path / f"{name}.jsonl"
        path.write_text('{"text": "a"}\n')
        import_tasks(lab, path, read_plan(f"choice {name}: {labels}"))
    with pytest.raises(InputError, match="ask different things"):
        export_tasks(lab, tmp_path / "out.json", "labelstudio")
    assert not (tmp_path / "out.json").exists()
    with pytest.raises(InputError, match="COCO knows one"):
        export_tasks(lab, tmp_path / "out.json", "coco")
