"""Drawing tasks: splits never share one, a text counts as a task, and the same call repeats."""

import re

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from banbury.arena import draw
from banbury.episode import Problem
from banbury.errors import InputError, UnknownName

QUEUE = "office.email.queue"
SMALL = "reasoning.larger"
INTENT = "office.email.intent"
SKILLS = (QUEUE, INTENT, "reasoning.add", SMALL)


def ids(problems):
    return [p.task.id for p in problems]


def texts(tasks):
    return {" ".join(t.public.instruction.lower().split()) for t in tasks}


calls = st.lists(
    st.tuples(
        st.sampled_from(SKILLS),
        st.integers(0, 12),
        st.sampled_from(["probe", "train", "reserved"]),
        st.integers(0, 2),
        st.sampled_from(["seen", "unseen"]),
    ),
    min_size=2,
    max_size=6,
)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(calls=calls)
def test_splits_never_share_a_task_or_a_text(lab, calls):
    """One lab for all examples: what was drawn before may never come back elsewhere."""
    first = []
    for skill, count, split, seed, phrasing in calls:
        drawn = draw(lab, skill, count, split, seed=seed, phrasing=phrasing)
        assert len(set(ids(drawn))) == count
        assert len(texts(p.task for p in drawn)) == count
        assert {p.task.split for p in drawn} <= {split}
        first.append(ids(drawn))
    for (skill, count, split, seed, phrasing), expected in zip(calls, first, strict=True):
        again = draw(lab, skill, count, split, seed=seed, phrasing=phrasing)
        assert ids(again) == expected
        more = draw(lab, skill, count + 3, split, seed=seed, phrasing=phrasing)
        assert ids(more)[:count] == expected
    by_split = {s: list(lab.tasks(split=s)) for s in ("open", "probe", "train", "reserved")}
    assert not by_split["open"]
    del by_split["open"]
    for name, tasks in by_split.items():
        for other, more in by_split.items():
            if name < other:
                assert not {t.id for t in tasks} & {t.id for t in more}
                assert not texts(tasks) & texts(more)


def test_a_draw_is_stored_with_its_secret_and_split(lab):
    drawn = draw(lab, QUEUE, 5, "reserved", seed=1)
    assert list(lab.problems(ids(drawn)).values()) == drawn
    assert [t.id for t in lab.tasks(split="reserved")] == ids(drawn)


@pytest.mark.parametrize("put", [2, 6])
def test_what_a_kill_left_unassigned_is_drawn_all_the_same(house, lab, put):
    """As if the process had died after it kept some tasks and before they had their split."""
    expected = draw(lab, QUEUE, 6, "train", seed=4)
    torn = house.lab(f"{lab.name}-torn")
    open_ones = [
        Problem(msgspec.structs.replace(p.task, split="open"), p.secret) for p in expected[:put]
    ]
    torn.put_tasks(open_ones)
    assert ids(draw(torn, QUEUE, 6, "train", seed=4)) == ids(expected)
    assert len(list(torn.tasks(split="train"))) == 6


def test_another_seed_draws_others(lab):
    one, two = (draw(lab, QUEUE, 10, "probe", seed=seed) for seed in (0, 1))
    assert not set(ids(one)) & set(ids(two))


def test_unseen_wordings_are_others(lab):
    """With the numbers taken out, no sentence of one kind is left in the other."""
    seen, unseen = (
        draw(lab, "reasoning.add", 60, "reserved", seed=0, phrasing=phrasing)
        for phrasing in ("seen", "unseen")
    )
    masked = [
        {re.sub(r"\d+", "#", p.task.public.instruction) for p in drawn} for drawn in (seen, unseen)
    ]
    assert not masked[0] & masked[1]
    assert min(map(len, masked)) > 3
    assert not {p.task.public.phrasing for p in seen} & {p.task.public.phrasing for p in unseen}


def test_a_skill_that_runs_out_says_so_and_keeps_nothing(lab):
    with pytest.raises(InputError, match=r"only \d+ of 5000 distinct tasks left for 'train'"):
        draw(lab, INTENT, 5000, "train", seed=0, phrasing="unseen")
    assert not list(lab.tasks())


def test_one_use_leaves_less_for_the_next(lab):
    draw(lab, INTENT, 500, "reserved", seed=0, phrasing="unseen")
    with pytest.raises(InputError, match="distinct tasks left"):
        draw(lab, INTENT, 500, "train", seed=0, phrasing="unseen")


def test_nothing_and_less_than_nothing(lab):
    assert draw(lab, QUEUE, 0, "probe", seed=0) == []
    with pytest.raises(InputError):
        draw(lab, QUEUE, -1, "probe", seed=0)


def test_unknown_names(lab):
    with pytest.raises(UnknownName, match=r"office\.email\.queue"):
        draw(lab, "office.email.queu", 1, "probe", seed=0)
    with pytest.raises(UnknownName, match="easy"):
        draw(lab, QUEUE, 1, "probe", seed=0, difficulty="easyy")


def test_a_draw_reads_no_more_where_the_skill_has_many_tasks(lab):
    """What counts is how many rows come back, not how many tasks there are."""
    came = []

    def read(cursor):
        came.append(cursor.rowcount)

    engine = lab._database._engine
    listener = lambda c, cursor, *rest: read(cursor)  # noqa: E731
    sa.event.listen(engine, "after_cursor_execute", listener)
    draw(lab, "reasoning.add", 10, "probe", seed=1)
    few = list(came)
    sa.event.remove(engine, "after_cursor_execute", listener)
    draw(lab, "reasoning.add", 3000, "train", seed=5)
    came.clear()
    sa.event.listen(engine, "after_cursor_execute", listener)
    draw(lab, "reasoning.add", 10, "reserved", seed=2)
    sa.event.remove(engine, "after_cursor_execute", listener)
    assert sum(few) > 0
    assert sum(came) <= sum(few) + 20
