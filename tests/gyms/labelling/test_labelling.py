import base64
import itertools

import msgspec
import pytest

from banbury.gyms.check import act
from banbury.gyms.labelling.actions import (
    Box,
    Label,
    Point,
    Polygon,
    Relation,
    Result,
    Segment,
    TextSpan,
)
from banbury.gyms.labelling.controls import Control, Inputs, Media, read_inputs
from banbury.gyms.labelling.gym import LabellingGym
from banbury.gyms.labelling.problems import problem, skill_of
from banbury.gyms.tools import toolbox

GYM = LabellingGym()
SOUND = Media(mime="audio/wav", seconds=10.0)
IMAGE = Media(mime="image/png", width=200, height=100)


def made(controls, gold, item=None):
    item = item or {"text": "Ana 🎈 lives in Porto", "image": IMAGE, "sound": SOUND}
    return problem(Inputs(item, tuple(controls)), gold, "Label it.")


def judged(one, results):
    return GYM.judge(act(GYM, one, [Label(results)]), one)


@pytest.mark.parametrize("skill", [skill.name for skill in GYM.skills()])
def test_samples_are_real_items_that_their_gold_labels(skill):
    for level in ("few", "many"):
        for one in itertools.islice(GYM.tasks(skill, seed=3, difficulty=level), 4):
            inputs = read_inputs(one.task.public.inputs)
            (value,) = inputs.item.values()
            if isinstance(value, Media):
                head, data = value.data.split(",", 1)
                assert head == f"data:{value.mime};base64"
                assert base64.b64decode(data)[:4] in (b"\x89PNG", b"RIFF")
            else:
                (label,) = GYM.solution(one)
                for span in [s for r in label.results.values() for s in r.spans]:
                    assert value[span.start : span.end].strip() == value[span.start : span.end]
            assert skill_of(inputs.controls) == skill == one.task.skill


def test_offsets_count_code_points_behind_an_emoji_and_in_text_from_right_to_left():
    text = "🎈 محمد wrote"
    one = made(
        [Control("who", "spans", labels=("person",))],
        {"who": Result(spans=(TextSpan(2, 6, "person"),))},
        {"text": text},
    )
    assert text[2:6] == "محمد"
    assert judged(one, {"who": Result(spans=(TextSpan(2, 6, "person", "any id"),))}).score == 1.0
    utf16 = judged(one, {"who": Result(spans=(TextSpan(3, 7, "person"),))})
    assert (utf16.score, utf16.components["who.overlap"]) == (0.0, 1.0)
    beyond = judged(one, {"who": Result(spans=(TextSpan(2, len(text) + 1, "person"),))})
    assert "no stretch of the text" in beyond.evidence


def test_a_task_without_gold_is_judged_on_its_form_and_says_so():
    one = made([Control("mood", "choice", labels=("good", "bad"))], {})
    right = judged(one, {"mood": Result(("bad",))})
    assert (right.score, right.passed) == (1.0, True)
    assert "only its form" in right.evidence
    assert judged(one, {"mood": Result(("ugly",))}).score == 0.0
    assert judged(one, {}).score == 0.0
    assert GYM.solution(one) == ()


def test_the_whole_is_zero_as_soon_as_one_control_does_not_pass():
    controls = [
        Control("mood", "choice", labels=("good", "bad")),
        Control("spot", "points", labels=("x",)),
    ]
    gold = {"mood": Result(("bad",)), "spot": Result(points=(Point(0.5, 0.5, "x"),))}
    one = made(controls, gold)
    near = {**gold, "spot": Result(points=(Point(0.51, 0.5, "x"),))}
    assert judged(one, near).score == 1.0
    got = judged(one, {**near, "mood": Result(("good",))})
    assert (got.score, got.components["spot"], got.components["mood"]) == (0.0, 1.0, 0.0)
    assert judged(one, {**near, "else": Result()}).score == 0.0


@pytest.mark.parametrize(
    ("kind", "result", "said"),
    [
        ("boxes", Result(boxes=(Box(0.9, 0.9, 0.2, 0.1, "x"),)), "outside of the image"),
        ("boxes", Result(boxes=(Box(0.1, 0.1, 0.0, 0.1, "x"),)), "no area"),
        ("boxes", Result(points=(Point(0.1, 0.1, "x"),)), "does not"),
        ("polygons", Result(polygons=(Polygon(((0, 0), (1, 1)), "x"),)), "three corners"),
        ("points", Result(points=(Point(1.5, 0.1, "x"),)), "outside of the image"),
        ("points", Result(points=(Point(0.5, 0.1, "y"),)), "none of its labels"),
        ("points", Result(points=(Point(0.5, 0.1, "x", "a"),) * 2), "same id"),
        ("points", Result(points=(Point(0.5, 0.1, "x"),) * 1001), "more than 1000"),
        ("segments", Result(segments=(Segment(9.0, 11.0, "x"),)), "no stretch"),
        ("segments", Result(segments=(Segment(3.0, 3.0, "x"),)), "no stretch"),
        ("spans", Result(spans=(TextSpan(-1, 3, "x"),)), "no stretch"),
        ("choice", Result(("x", "z")), "more than one"),
        ("choice", Result(), "no label is chosen"),
        ("transcription", Result(text="  "), "empty"),
    ],
)
def test_a_wrong_form_scores_zero_and_says_why(kind, result, said):
    one = made([Control("c", kind, labels=("x", "z"))], {})
    got = judged(one, {"c": result})
    assert got.score == 0.0
    assert said in got.evidence


def test_relations_join_spans_by_what_they_are_not_by_their_ids():
    controls = [Control("who", "spans", labels=("n",)), Control("r", "relations", labels=("in",))]
    spans = (TextSpan(0, 3, "n", "a"), TextSpan(15, 20, "n", "b"))
    gold = {
        "who": Result(spans=spans),
        "r": Result(relations=(Relation("a", "b", "in"),)),
    }
    one = made(controls, gold)
    other = tuple(msgspec.structs.replace(s, id=f"{i}") for i, s in enumerate(spans))
    renamed = {
        "who": Result(spans=other),
        "r": Result(relations=(Relation("0", "1", "in"),)),
    }
    assert judged(one, renamed).score == 1.0
    turned = {**renamed, "r": Result(relations=(Relation("1", "0", "in"),))}
    assert judged(one, turned).components["r"] == 0.0
    dangling = {**renamed, "r": Result(relations=(Relation("0", "2", "in"),))}
    assert "no span is named" in judged(one, dangling).evidence


def test_the_words_of_segments_count_where_they_are_asked_for():
    gold = {"s": Result(segments=(Segment(1.0, 2.0, "x", "good morning all of you"),))}
    one = made([Control("s", "segments", labels=("x",), text=True)], gold)
    heard = Result(segments=(Segment(1.1, 2.0, "x", "Good  morning, all of you"),))
    got = judged(one, {"s": heard})
    assert got.components["s.words"] == pytest.approx(0.8)
    assert got.passed
    assert not judged(one, {"s": Result(segments=(Segment(1.1, 2.0, "x"),))}).passed


def test_an_answer_comes_by_the_model_s_door_too():
    one = next(GYM.tasks("labelling.boxes", seed=1))
    (label,) = GYM.solution(one)
    text = msgspec.json.encode(label).decode()
    assert toolbox(GYM.actions).read(f"Here it is: {text}") == label
    opening = GYM.start(one).opening().observations["solver"][0].text
    assert "circle, square, triangle" in opening
    assert "240 x 180 pixels" in opening


def test_how_alike_two_records_are_is_that_of_their_least_alike_control():
    one = next(GYM.tasks("labelling.mixed", seed=1))
    (label,) = GYM.solution(one)
    other = Label({**label.results, "who": Result(text="somebody else")})
    right, wrong, none = (act(GYM, one, actions) for actions in ([label], [other], []))
    assert GYM.agreement(right, right) == 1.0
    assert 0.0 <= GYM.agreement(right, wrong) < 0.5
    assert GYM.distances(label, other)["entities"] == 0.0
    assert GYM.agreement(none, none) == 0.0
