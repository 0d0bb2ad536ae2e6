"""A person mends code in the browser's seat: a live seat whose world is a box."""

import msgspec
from tests.web.seat.test_live import act, look

from banbury.gyms import registry


def test_a_person_mends_a_bug_leaves_and_is_carried_on_in_a_new_box(room):
    here = room(gym="code_repair", tasks=1)
    one = here.client()
    (work,) = one.take(1)["work"]
    assert work["live"] is True
    lease = work["id"]
    (problem,) = here.problems
    *fix, submit = map(msgspec.to_builtins, registry.gym("code_repair").solution(problem))
    said = look(one, lease)["exchanges"][0]["observations"][1]["text"]
    assert problem.task.public.instruction in said
    scene = act(one, lease, 0, {"do": "shell", "command": "echo kept > notes.txt"}).json()
    assert scene["how"] == "new"
    assert act(one, lease, 1, fix[0]).json()["how"] == "new"
    assert one.call(lease, "leave").status_code == 204
    assert look(one, lease)["number"] == 2
    shown = act(one, lease, 2, {"do": "shell", "command": "cat notes.txt"}).json()
    assert "kept" in str(shown["exchanges"][-1])
    assert act(one, lease, 3, {"do": "note", "reason": "seen"}).json()["how"] == "new"
    assert act(one, lease, 4, submit).json()["over"] == "done"
    [record] = here.accepted()
    (verdict,) = here.lab.judgements([record.episode.id])[record.episode.id]
    assert (verdict.score, verdict.judge) == (1.0, "code_repair/judge")
