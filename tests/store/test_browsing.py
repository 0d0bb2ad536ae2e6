"""Pages of episodes: the same as the whole list, from one index, whatever is asked."""

from __future__ import annotations

import itertools

import pytest

from banbury.episode import Actor, Failure, Parent, new_id
from banbury.errors import InputError
from banbury.store import browsing, pages
from banbury.store.database import raw

SKILLS = ("office.email.queue", "office.email.reply", "office.files", "reasoning.sort", "officer")


@pytest.fixture(scope="module")
def filled(house, make):
    """Return a lab of 240 episodes in which every column varies."""
    lab = house.lab("browsed")
    records, judgements = [], []
    for i in range(240):
        failed = i % 11 == 3
        record = make.record(
            lab,
            run=f"run-{i // 80}",
            task=f"task-{i % 7}",
            sample=i,
            gym=("desk", "office")[i % 2],
            skill=SKILLS[i % 5],
            status="failed" if failed else "done",
            failure=Failure("DeadlineError", "too slow") if failed else None,
            actors=(Actor("model", ("small", "smaller", "p-1")[i % 3]),),
        )
        name = record.episode.actors[0].key
        record = make.record(
            lab,
            **{
                **{f: getattr(record.episode, f) for f in ("gym", "skill", "status", "failure")},
                "actors": record.episode.actors,
                "run": f"run-{i // 80}",
                "task": f"task-{i % 7}",
                "sample": i,
                "actor": name,
            },
        )
        records.append(record)
        if not failed:
            judgements.append(make.judgement(record, float(i % 3 == 0)))
    lab.write(records, judgements)
    return lab


WHERES = [
    {},
    {"skill": "office.email.queue"},
    {"skill": "office.*"},
    {"skill": "none.*"},
    {"gym": "desk", "passed": True},
    {"run": "run-1", "skill": "office.*", "passed": False},
    {"status": "failed"},
    {"status": "open"},
    {"status": "done", "task": "task-3"},
    {"actor": "small"},
    {"actor": "small", "skill": "reasoning.sort", "gym": "office"},
]


def fits(listed, where):
    e = listed
    skill = where.get("skill")
    below = skill is not None and skill[-1] == "*" and e.skill.startswith(skill[:-1])
    return all(
        (
            skill in (None, e.skill) or below,
            where.get("gym") in (None, e.gym),
            where.get("run") in (None, e.key.run),
            where.get("task") in (None, e.key.task),
            where.get("status") in (None, e.status),
            where.get("actor") in (None, e.key.actor.partition("@")[0]),
        )
    )


@pytest.mark.parametrize("newest", [True, False])
@pytest.mark.parametrize("window", [25, 20_000])
@pytest.mark.parametrize("where", WHERES, ids=str)
def test_pages_are_the_whole_list(filled, monkeypatch, where, window, newest):
    monkeypatch.setattr(browsing, "WINDOW", window)
    passed = {o.episode: o.passed for o in filled.outcomes()}
    expected = [
        e.id
        for e in filled.episodes()
        if fits(e, where) and where.get("passed") in (None, passed[e.id])
    ]
    got, after = [], None
    for _ in range(60):
        page = filled.pages.episodes(limit=20, after=after, newest=newest, **where)
        assert len(page.rows) <= 20
        assert page.looked or not page.next or len(page.rows) == 20
        got += [row.episode.id for row in page.rows]
        after = page.next
        if after is None:
            break
    assert got == (expected[::-1] if newest else expected)


def plan(lab, query, given):
    def work(connection):
        link = raw(connection)
        # A few rows are cheaper to sort than to follow an index; a million are not.
        for way in ("seqscan", "bitmapscan"):
            link.execute(f"SET LOCAL enable_{way} = off")
        return [r[0] for r in link.execute("EXPLAIN " + query, given)]

    return "\n".join(lab.pages._database.look(work))


@pytest.mark.parametrize(
    ("column", "index"),
    [
        ("", "episode_pkey"),
        ("skill", "episode_skill"),
        ("actor", "episode_actor"),
        ("gym", "episode_gym"),
        ("run", "episode_run"),
        ("task", "episode_task"),
        ("status", "episode_rest"),
    ],
)
def test_a_page_is_read_from_one_index(filled, column, index):
    lead = browsing._Lead(column, ("x",))
    scan, order = browsing._scan(lead, newest=True)
    given = {"values": ["x"], "after": new_id(), "window": 20_000, "most": 51}
    said = plan(filled, browsing._query(lead, scan, order, "w.passed"), given)
    assert said.count(" on episode") == 1
    assert f"Index Scan Backward using {index} " in said, said
    assert said.count("Sort Key") <= 1, "only the page itself is sorted"


def test_a_place_that_is_no_id_is_refused(filled):
    with pytest.raises(InputError, match="no UUID"):
        filled.pages.episodes(after="x' OR 1=1")


def test_children_are_found_by_their_parents(lab, make):
    parent = make.record(lab)
    kinds = ("forked", "corrected", "reviewed", "replayed")
    children = [
        make.record(lab, sample=i + 1, parents=(Parent(parent.episode.id, kind, i),))
        for i, kind in enumerate(kinds)
    ]
    odd = make.record(lab, sample=9, parents=(Parent("no id \x00", "forked"),))
    lab.write([parent, *children, odd])
    fork = lab.fork(parent.episode.id, 1)
    found = lab.pages.children(parent.episode.id)
    assert {c.id: c.parent.relation for c in found} == {
        **{c.episode.id: kind for c, kind in zip(children, kinds, strict=True)},
        fork.id: "forked",
    }
    assert lab.pages.children(fork.id) == []


def test_a_stretch_of_steps_is_what_the_whole_has(lab, make, monkeypatch):
    monkeypatch.setattr("banbury.store.wire.SEGMENT_STEPS", 40)
    long, short = make.record(lab, steps=130), make.record(lab, steps=3, sample=1)
    lab.write([long, short])
    for record, (first, count) in itertools.product(
        (long, short), ((0, 2), (38, 5), (0, 200), (120, 50), (200, 5), (79, 1))
    ):
        got = lab.pages.steps(record.episode.id, first, count)
        assert got == record.steps[first : first + count]


def test_tasks_page_newest_first_with_filters(lab, make, monkeypatch):
    monkeypatch.setattr("banbury.store.task_pages.WINDOW", 7)
    problems = [make.problem(i, gym=("desk", "office")[i % 2]) for i in range(30)]
    lab.put_tasks(problems)
    lab.assign([p.task.id for p in problems[::3]], "train")
    for where, wanted in (
        ({}, problems),
        ({"gym": "desk"}, problems[::2]),
        ({"split": "train"}, problems[::3]),
        ({"skill": "a.*", "origin": "generated"}, problems),
        ({"origin": "elsewhere"}, []),
    ):
        got, after = [], None
        for _ in range(20):
            page = lab.pages.tasks(limit=4, after=after, **where)
            got += [t.id for t in page.tasks]
            after = page.next
            if after is None:
                break
        assert got == [p.task.id for p in reversed(wanted)], where
    assert isinstance(lab.pages, pages.Pages)
