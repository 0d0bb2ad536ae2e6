"""Tasks that are answered once: taken, answered, kept once, taken back."""

import msgspec

from banbury.gyms import registry


def test_a_person_takes_the_task_to_do_and_the_next_three(room):
    one = room().client()
    first = one.take()["work"]
    assert len(first) == 4
    assert all(w["observations"][0]["text"] for w in first)
    assert [w["id"] for w in one.take()["work"]] == [w["id"] for w in first]


def test_an_answer_is_kept_once_judged_and_counts(room):
    here = room()
    one = here.client()
    lease = one.take()["work"][0]
    problem = next(p for p in here.problems if p.task.id == lease["task"]["id"])
    text = registry.gym("office").solution(problem)[0].text
    assert one.answer(lease["id"], text, "a", keys=7).json()["how"] == "new"
    again = one.answer(lease["id"], "something else", "a").json()
    assert again["how"] == "again"
    [record] = here.accepted()
    assert record.episode.id == again["episode"]
    assert [j.score for j in here.lab.judgements([record.episode.id])[record.episode.id]] == [1.0]


def test_the_evidence_stands_beside_the_action_and_no_page_can_claim_too_much_time(room):
    here = room()
    one = here.client()
    lease = one.take(1)["work"][0]
    day = 86_400_000
    kept = one.answer(
        lease["id"], "x", active_ms=day, wall_ms=day, keys=3, pastes=[12], blurs=-1
    ).json()
    record = here.lab.read(kept["episode"])
    notes = [msgspec.json.decode(s.payload) for s in record.steps if s.kind == "note"]
    [said] = [msgspec.json.decode(n["seat"]) for n in notes if "seat" in n]
    assert said["keys"] == 3 and said["pastes"] == [12] and "blurs" not in said
    assert said["active_ms"] < 600_000
    assert record.episode.cost.busy_ns < 600 * 10**9


def test_what_is_no_action_is_refused_with_the_name_of_the_field(room):
    one = room().client()
    lease = one.take(1)["work"][0]["id"]
    path = f"{one.base}/leases/{lease}/answer"
    wrong = {"submission": "s", "action": {"do": "answer", "text": 5}}
    answer = one.http.post(path, json=wrong)
    assert answer.status_code == 400
    assert answer.json()["where"] == "$.text"


def test_an_answer_is_taken_back_and_given_anew_until_somebody_looks(room):
    here = room()
    one = here.client()
    lease = one.take(1)["work"][0]
    first = one.answer(lease["id"], "draft", "a").json()
    back = one.call(lease["id"], "undo").json()
    assert back["answer"] == {"do": "answer", "text": "draft"}
    assert back["attempt"] == 1
    second = one.answer(lease["id"], "better", "b").json()
    assert second["how"] == "new"
    parents = here.lab.episode(second["episode"]).parents
    assert [(p.episode, p.relation) for p in parents] == [(first["episode"], "corrected")]


def test_nobody_reaches_another_persons_lease(room):
    here = room()
    lease = here.client("expert").take(1)["work"][0]["id"]
    other = here.client("reviewer")
    assert other.answer(lease, "x").status_code == 404
    assert other.call(lease, "give-back").status_code == 404
    assert other.http.get(f"{other.base}/leases/{lease}/work").status_code == 404


def test_a_broken_task_is_held_back_and_one_given_back_goes_to_others(room):
    here = room(tasks=2)
    one, two = here.client("expert"), here.client("reviewer")
    [a, b] = one.take(2)["work"]
    assert one.call(a["id"], "broken", reason="the mail is empty").json()["state"] == "broken"
    assert one.call(b["id"], "give-back").json()["state"] == "returned"
    assert [w["task"]["id"] for w in two.take()["work"]] == [b["task"]["id"]]


def test_scripts_nul_and_right_to_left_text_are_kept_as_they_are(room):
    here = room()
    one = here.client()
    lease = one.take(1)["work"][0]["id"]
    text = "<script>alert(1)</script>\x00 \u202e \u05e9\u05dc\u05d5\u05dd \U0001f642"
    kept = one.answer(lease, text).json()
    [action] = [s for s in here.lab.read(kept["episode"]).steps if s.kind == "action"]
    assert msgspec.json.decode(action.payload)["text"] == text


def test_a_page_is_not_sent_again_what_it_has(room):
    one = room().client()
    first = one.take()["work"]
    path = f"{one.base}/{one.room.name}/take"
    again = one.http.post(path, json={"count": 4, "have": [w["id"] for w in first[:3]]}).json()
    assert [w["id"] for w in again["work"]] == [w["id"] for w in first]
    assert ["task" in w for w in again["work"]] == [False, False, False, True]


def test_who_works_in_another_lab_now_is_told_so_and_may_leave_it(room, elsewhere):
    there, work = elsewhere(2)
    assert len(work) == 2
    one = room().client("researcher")
    refused = one.take()
    assert refused["work"] == [] and "another lab" in refused["why"]
    assert refused["at_work"] == "seat-elsewhere"
    assert there.post("/api/work/leave").status_code == 204
    here = one.take()
    assert len(here["work"]) == 4 and here["hours"] > 0 and "at_work" not in here


def test_a_lab_in_which_nothing_is_held_any_more_is_left_by_itself(room, elsewhere):
    there, [work] = elsewhere(1)
    base = "/api/labs/seat-elsewhere/seat/leases"
    action = {"do": "answer", "text": "an answer"}
    body = {"submission": "s1", "action": action, "evidence": {}}
    assert there.post(f"{base}/{work['id']}/answer", json=body).status_code == 200
    assert len(room().client("researcher").take()["work"]) == 4
