"""Tasks that were stored before their texts had a column."""

from tests.store.test_migrate import at_revision

from banbury import store


def test_old_tasks_get_the_hash_of_their_text(house, make):
    lab = house.lab("before-text")
    problems = [make.problem(n) for n in range(3)]
    lab.put_tasks(problems)
    lab.assign([problems[0].task.id], "train")
    lab.close()
    at_revision(house, lab.name, "lab_0005")
    with store.open(house.where) as again:
        lab = again.lab("before-text")
        ids, texts = lab.used([p.task for p in problems], "a.b", "probe")
    assert ids == {problems[0].task.id}
    assert texts == {problems[0].task.public.text_hash}
