import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from banbury.episode import Problem, Public, Secret, SkillWeight, Task

answers = st.text("XYZ", min_size=12, max_size=24)


def problem(answer, solution):
    task = Task(
        id="t1",
        gym="office",
        family="mail",
        version="1",
        params='{"seed":1}',
        public=Public("Which queue?", '{"mail":"hello"}'),
        skills=(SkillWeight("office.mail", 0.7), SkillWeight("reading", 0.3)),
        split="reserved",
    )
    return Problem(task, Secret("t1", msgspec.json.encode(answer).decode(), solution))


@given(answers, answers)
def test_no_serialisation_of_a_task_holds_its_secret(answer, solution):
    made = problem(answer, solution)
    for text in (
        msgspec.json.encode(made.task).decode(),
        msgspec.msgpack.encode(made.task).decode("latin-1"),
        repr(made.task),
        str(msgspec.to_builtins(made.task)),
        repr(msgspec.structs.asdict(made.task)),
    ):
        assert answer not in text
        assert solution not in text


@given(answers)
def test_a_task_survives_a_round_trip(answer):
    task = problem(answer, "").task
    assert msgspec.json.decode(msgspec.json.encode(task), type=Task) == task
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(task), type=Task) == task
    assert task.skill == "office.mail"


def test_a_task_cannot_be_changed():
    with pytest.raises(AttributeError):
        problem("a", "b").task.split = "train"


def test_two_items_under_one_instruction_are_two_texts():
    one, other = (Public("Label it", inputs=f'{{"item":{n}}}') for n in range(2))
    assert one.text_hash != other.text_hash
    assert Public("Label  IT").text_hash == Public("label it").text_hash
