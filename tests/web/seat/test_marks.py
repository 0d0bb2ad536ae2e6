"""Marks of takes come from a phone's clock: late ones are believed, impossible ones are not."""

import msgspec
import pytest

from banbury import clock
from banbury.gyms import registry
from banbury.gyms.capture import problems
from banbury.gyms.capture.brief import Brief

GYM = registry.gym("capture")
BRIEF = Brief("cook", "chop onions for an hour", views=1)
MIN = 60_000


@pytest.fixture
def scene(room):
    return room(gym="capture", problems=[problems.film(BRIEF)], lease_seconds=86_400)


def test_marks_lie_between_taking_the_task_and_now_and_follow_one_another(scene):
    """The task was taken three hours ago, by a phone that sends only now."""
    began = clock.wall_ns() - 180 * MIN * 10**6
    with clock.use(clock.Turned(began)):
        person = scene.site.caller("expert").pseudonyms[scene.lab.name]
        [lease] = scene.lab.queue.claim(scene.name, person)
    one = scene.client()
    one.call(lease.id, "open", since=0)
    start, numbers = began // 10**6, iter(range(10))
    number = next(numbers)

    def act(do, at_ms):
        return one.call(lease.id, "act", number=number, action={"do": do, "at_ms": at_ms})

    for do, at in (("read_brief", 1), ("begin_take", 2), ("clap", 3)):
        assert act(do, start + at * MIN).json()["number"] == number + 1
        number = next(numbers)
    for at, said in ((190, "ahead of ours"), (-30, "30 min before you took the task")):
        refused = act("end_take", start + at * MIN)
        assert refused.status_code == 400 and refused.json()["where"] == "$.at_ms"
        assert said in refused.json()["what"]
    earlier = act("end_take", start + 2 * MIN).json()
    assert "before what you did last" in earlier["exchanges"][-1]["observations"][0]["text"]
    number = next(numbers)
    assert act("end_take", start + 63 * MIN).json()["number"] == number + 1
    number = next(numbers)
    seen = one.call(lease.id, "open", since=0).json()["exchanges"]
    assert "Take 1 ended after 61 min" in seen[-1]["observations"][0]["text"]
    assert one.call(lease.id, "give-back").status_code == 200


@pytest.fixture
def exercise(room):
    problem = next(registry.gym("capture").tasks("capture.film", seed=8))
    return room(gym="capture", problems=[problem], lease_seconds=86_400)


def test_a_wearer_who_takes_a_day_back_goes_on_with_marks_as_old_as_the_task(exercise):
    one = exercise.client()
    lease = one.take(1)["work"][0]["id"]
    one.call(lease, "open", since=0)
    at = clock.wall_ns() // 10**6
    steps = [msgspec.to_builtins(a) for a in GYM.solution(exercise.problems[0])]
    for number, action in enumerate(steps):
        moved = {k: at for k in ("at_ms", "until_ms") if k in action}
        said = one.call(lease, "act", number=number, action={**action, **moved})
        assert said.status_code == 200, said.text
    assert said.json()["over"] == "done"
    assert one.call(lease, "undo").status_code == 200
    again = one.call(lease, "open", since=0).json()
    action = {"do": "read_brief", "at_ms": at}
    said = one.call(lease, "act", number=again["number"], action=action).json()
    assert said["exchanges"][-1]["observations"][0]["text"] == "Brief read."
    assert one.call(lease, "give-back").status_code == 200
