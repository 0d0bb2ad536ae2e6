"""Live seats: tasks that are done step by step, and carried on wherever they stand."""

import msgspec
import pytest
import sqlalchemy as sa

from banbury.arena.live import Stage
from banbury.gyms import registry
from banbury.web.views import live, seat


def opened(room, **about):
    here = room(gym="desk", tasks=2, **about)
    one = here.client()
    lease = one.take(1)["work"][0]
    assert lease["live"] is True
    problem = next(p for p in here.problems if p.task.id == lease["task"]["id"])
    return here, one, lease["id"], problem


def act(one, lease, number, action):
    body = {"number": number, "action": action, "evidence": {"keys": 2, "active_ms": 10}}
    return one.http.post(f"{one.base}/leases/{lease}/act", json=body)


def look(one, lease, since=0):
    return one.http.post(f"{one.base}/leases/{lease}/open", json={"since": since}).json()


def test_the_reference_solution_is_played_by_hand_and_scores_full(room):
    here, one, lease, problem = opened(room)
    scene = look(one, lease)
    assert scene["number"] == 0 and len(scene["exchanges"][0]["observations"]) == 2
    for number, action in enumerate(registry.gym("desk").solution(problem)):
        scene = act(one, lease, number, msgspec.to_builtins(action)).json()
        assert scene["how"] == "new"
    assert scene["over"] == "done"
    [record] = here.accepted()
    assert here.lab.judgements([record.episode.id])[record.episode.id][0].score == 1.0
    notes = [s for s in record.steps if s.kind == "note" and b'"seat"' in s.payload]
    assert len(notes) == number + 1
    assert lease not in [e.id for e in here.lab.queue.held(record.episode.actors[0].name)]


def test_the_last_action_sent_again_is_told_that_it_was_done(room):
    here, one, lease, problem = opened(room)
    look(one, lease)
    for number, action in enumerate(registry.gym("desk").solution(problem)):
        last = msgspec.to_builtins(action)
        act(one, lease, number, last)
    again = act(one, lease, number, last)
    assert again.status_code == 200, again.text
    assert (again.json()["how"], again.json()["over"]) == ("again", "done")
    assert act(one, lease, number, {"do": "list_files"}).status_code == 400
    assert act(one, lease, number + 1, last).status_code == 400
    assert len(here.accepted()) == 1


def test_a_doubled_and_a_stale_action_change_nothing_and_show_what_is_there(room):
    _, one, lease, _ = opened(room)
    look(one, lease)
    first = act(one, lease, 0, {"do": "list_mail"}).json()
    again = act(one, lease, 0, {"do": "list_mail"}).json()
    assert (first["how"], again["how"]) == ("new", "again")
    assert again["exchanges"] == first["exchanges"]
    stale = act(one, lease, 0, {"do": "list_files"}).json()
    assert stale["how"] == "stale" and stale["number"] == 1
    assert act(one, lease, 7, {"do": "list_files"}).json()["how"] == "stale"
    assert look(one, lease)["number"] == 1


def test_what_is_no_action_is_refused_and_the_seat_goes_on(room):
    _, one, lease, _ = opened(room)
    look(one, lease)
    wrong = act(one, lease, 0, {"do": "read_mail", "mail": 7})
    assert wrong.status_code == 400 and wrong.json()["where"] == "$.mail"
    assert act(one, lease, 0, {"do": "list_mail"}).json()["how"] == "new"


def test_another_process_carries_on_and_the_first_sees_that_it_is_behind(room, site):
    here, one, lease, _ = opened(room)
    look(one, lease)
    act(one, lease, 0, {"do": "list_mail"})
    other = Stage()
    try:
        place = live.place(here.lab, site.caller("expert"), lease)
        assert other.open(place).result().number == 1
        move = seat.moved(
            seat.fitting(place.gym, {"do": "list_files"}), seat.evident(seat.Counted(), 0)
        )
        assert other.act(place, 1, move).result()[0] == "new"
        behind = act(one, lease, 1, {"do": "find_contacts", "words": "x"}).json()
        assert behind["how"] == "stale" and behind["number"] == 2
        assert behind["exchanges"][0]["action"]["do"] == "list_files"
        assert act(one, lease, 2, {"do": "list_mail"}).json()["how"] == "new"
    finally:
        other.close()


def test_a_seat_that_was_left_is_carried_on_where_it_stands(room):
    _, one, lease, _ = opened(room)
    look(one, lease)
    shown = act(one, lease, 0, {"do": "list_mail"}).json()
    assert one.call(lease, "leave").status_code == 204
    scene = look(one, lease)
    assert scene["number"] == 1
    assert scene["exchanges"][1]["observations"] == shown["exchanges"][1]["observations"]


def test_a_task_reported_as_broken_ends_the_episode_as_failed_without_a_score(room):
    here, one, lease, problem = opened(room)
    look(one, lease)
    act(one, lease, 0, {"do": "list_mail"})
    assert one.call(lease, "broken", reason="no mail is there").json()["state"] == "broken"
    [episode] = [e for e in here.lab.episodes() if e.key.task == problem.task.id]
    assert episode.status == "failed" and "no mail is there" in episode.failure.what


def expire(here, lease):
    """Let a lease run out, and be brought back as the worker does."""
    query = sa.text("UPDATE lease SET expires_ns = 1 WHERE id = :id")
    here.lab._database.run(lambda c: c.execute(query, {"id": lease}))
    here.lab.queue.expire()
    assert here.lab.queue.lease(lease).state == "expired"


@pytest.mark.parametrize("left", [False, True], ids=["open here", "carried on elsewhere"])
def test_what_is_done_after_the_lease_expired_is_kept_and_marked_late(room, left):
    here, one, lease, problem = opened(room)
    look(one, lease)
    first, *rest = registry.gym("desk").solution(problem)
    assert act(one, lease, 0, msgspec.to_builtins(first)).json()["how"] == "new"
    if left:
        one.http.post(f"{one.base}/leases/{lease}/leave")
    expire(here, lease)
    for number, action in enumerate(rest, start=1):
        said = act(one, lease, number, msgspec.to_builtins(action))
        assert said.status_code == 200, said.text
    assert said.json()["over"] == "done"
    held = here.lab.queue.lease(lease)
    assert held.state == "done" and held.late
    record = here.lab.read(held.episode)
    assert len(record.actions()) == 1 + len(rest)


def test_a_live_act_under_a_lease_that_was_given_back_is_refused_and_changes_nothing(room):
    here, one, lease, _ = opened(room)
    look(one, lease)
    one.http.post(f"{one.base}/leases/{lease}/leave")
    here.lab.queue.give_back(lease)
    said = act(one, lease, 0, {"do": "list_mail"})
    assert said.status_code == 400 and "this task is returned" in said.json()["what"]
