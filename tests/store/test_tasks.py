import msgspec
import pytest
import sqlalchemy as sa

from banbury.episode import Secret, SkillWeight
from banbury.errors import InputError, Reserved, UnknownName


def test_tasks_are_kept_once_and_come_back_in_order(lab, make):
    problems = [make.problem(n) for n in range(30)]
    assert lab.put_tasks(problems[:20]) == 20
    assert lab.put_tasks(problems) == 10
    assert [t.id for t in lab.tasks()] == [p.task.id for p in problems]
    assert lab.problem(problems[7].task.id) == problems[7]
    ids = [p.task.id for p in reversed(problems)]
    assert list(lab.problems(ids).values()) == list(reversed(problems))


def test_the_same_task_twice_in_one_call_is_one(lab, make):
    assert lab.put_tasks([make.problem(1), make.problem(1)]) == 1


def test_a_stored_split_stays(lab, make):
    kept = make.problem(1, split="reserved")
    lab.put_tasks([kept])
    assert lab.put_tasks([make.problem(1, split="train")]) == 0
    assert lab.task(kept.task.id).split == "reserved"


def test_tasks_are_filtered(lab, make):
    lab.put_tasks(
        [
            make.problem(1, gym="one", skills=(SkillWeight("a.b"),)),
            make.problem(2, gym="two", skills=(SkillWeight("a.b.c"),), split="train"),
            make.problem(3, gym="two", skills=(SkillWeight("a_b"),)),
        ]
    )

    def found(**where):
        return [int(msgspec.json.decode(t.params)["number"]) for t in lab.tasks(**where)]

    assert found() == [1, 2, 3]
    assert found(gym="two") == [2, 3]
    assert found(skill="a.b") == [1]
    assert found(skill="a.*") == [1, 2]
    assert found(skill="a.b.*") == [2]
    assert found(split="train") == [2]
    assert found(limit=2) == [1, 2]
    assert found(limit=0) == []


def test_more_tasks_than_a_page(lab, make):
    problems = [make.problem(n) for n in range(2_500)]
    lab.put_tasks(problems)
    assert [t.id for t in lab.tasks()] == [p.task.id for p in problems]
    assert len(list(lab.tasks(limit=1_001))) == 1_001


def test_an_open_task_is_assigned_once(lab, make):
    ids = [make.problem(n).task.id for n in range(3)]
    lab.put_tasks([make.problem(n) for n in range(3)])
    lab.assign(ids[:1], "train")
    lab.assign(ids[:1], "train")
    with pytest.raises(InputError, match="assigned to the split train already"):
        lab.assign(ids, "probe")
    assert [t.split for t in lab.tasks()] == ["train", "open", "open"]


@pytest.mark.parametrize("split", ["open", "probe", "train"])
def test_a_reserved_task_stays_reserved(lab, make, split):
    id = make.problem(1).task.id
    lab.put_tasks([make.problem(1)])
    lab.assign([id], "reserved")
    with pytest.raises(Reserved, match=id):
        lab.assign([id], split)
    assert lab.task(id).split == "reserved"


def test_the_database_itself_holds_a_reserved_task(lab, make):
    id = make.problem(1).task.id
    lab.put_tasks([make.problem(1, split="reserved")])
    with pytest.raises(Reserved):
        lab._database.run(lambda c: c.execute(sa.text("UPDATE task SET split = 'train'")))
    assert lab.task(id).split == "reserved"


def test_an_unknown_task_names_near_ones(lab, make):
    id = make.problem(1).task.id
    lab.put_tasks([make.problem(1)])
    for call in (lab.task, lab.problem, lambda i: lab.assign([i], "train")):
        with pytest.raises(UnknownName, match=id):
            call(id[:-1] + ("0" if id[-1] != "0" else "1"))
    assert lab.task(id).split == "open"


def test_a_secret_of_another_task_is_refused(lab, make):
    problem = make.problem(1)
    wrong = msgspec.structs.replace(problem, secret=Secret("other", "1"))
    with pytest.raises(InputError, match="belongs to another task"):
        lab.put_tasks([wrong])
    with pytest.raises(InputError, match="names no skill"):
        lab.put_tasks([make.problem(1, skills=())])


def test_text_that_postgresql_cannot_hold_is_refused_whole(lab, make):
    with pytest.raises(InputError):
        lab.put_tasks([make.problem(1), make.problem(2, family="a\0b")])
    assert list(lab.tasks()) == []
