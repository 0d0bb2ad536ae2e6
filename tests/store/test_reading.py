import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from banbury.episode import Judgement, SkillWeight, new_id
from banbury.errors import CorruptBlob, InputError, UnknownName

RUNS, GYMS, SKILLS, ACTORS = ("r1", "r2"), ("g1", "g2"), ("a.b", "a.c", "b"), ("m1", "m2")


@pytest.fixture(scope="module")
def filled(house, make):
    """Two thousand episodes; some judged twice, the later judgement counts."""
    lab = house.lab("reading")
    records, verdicts, plain = [], [], []
    for n in range(2_000):
        record = make.record(
            lab,
            steps=1,
            run=RUNS[n % 2],
            gym=GYMS[n % 3 % 2],
            skill=SKILLS[n % 3],
            actor=ACTORS[n % 5 % 2],
            task=f"t{n % 7}",
            sample=n,
        )
        records.append(record)
        scores = [] if n % 11 == 0 else [(n % 4) / 4] if n % 5 else [1 - (n % 2), n % 2]
        verdicts += [make.judgement(record, s) for s in scores]
        plain.append((record.episode, scores[-1] if scores else None))
    lab.write(records, verdicts)
    return lab, plain


filters = st.fixed_dictionaries(
    {},
    optional={
        "run": st.sampled_from([*RUNS, "none"]),
        "gym": st.sampled_from(GYMS),
        "skill": st.sampled_from([*SKILLS, "a.*"]),
        "task": st.sampled_from(["t1", "t2"]),
        "actor": st.sampled_from(ACTORS),
        "status": st.sampled_from(["done", "failed"]),
        "passed": st.booleans(),
    },
)


def fits(episode, score, where):
    asked = {
        "run": episode.key.run,
        "gym": episode.gym,
        "task": episode.key.task,
        "actor": episode.key.actor,
        "status": episode.status,
        "passed": None if score is None else score >= 0.5,
    }
    skill = where.get("skill")
    if skill is not None:
        fit = (
            episode.skill.startswith(skill[:-1]) if skill.endswith("*") else episode.skill == skill
        )
        if not fit:
            return False
    return all(asked[k] == v for k, v in where.items() if k != "skill")


@settings(max_examples=40, deadline=None)
@given(where=filters)
def test_filters_mean_what_they_say(filled, where):
    lab, plain = filled
    wanted = [e.id for e, score in plain if fits(e, score, where)]
    assert [e.id for e in lab.episodes(**where)] == wanted
    assert [o.episode for o in lab.outcomes(**where)] == wanted


@settings(max_examples=15, deadline=None)
@given(
    where=filters, by=st.lists(st.sampled_from(["run", "skill", "actor", "status"]), unique=True)
)
def test_rates_count_what_outcomes_list(filled, where, by):
    lab, _ = filled
    found = lab.outcomes(**where)
    assert lab.count(**where) == len(found)
    wanted = {}
    for o in found:
        counted = wanted.setdefault(tuple(getattr(o, name) for name in by), [0, 0, 0])
        counted[0] += 1
        counted[1] += o.passed is not None
        counted[2] += bool(o.passed)
    got = {r.of: [r.episodes, r.judged, r.passed] for r in lab.rates(by, **where)}
    assert got == (wanted or ({} if by else {(): [0, 0, 0]}))


def test_rates_are_grouped_by_what_episodes_have(lab):
    with pytest.raises(UnknownName, match="skill"):
        lab.rates(["skil"])


@settings(max_examples=20, deadline=None)
@given(where=filters, limit=st.integers(0, 1_200), start=st.integers(0, 1_999))
def test_pages_join_without_a_seam(filled, where, limit, start):
    lab, plain = filled
    after = plain[start][0].id
    wanted = [e.id for e, score in plain if fits(e, score, where) and e.id > after][:limit]
    assert [e.id for e in lab.episodes(**where, limit=limit, after=after)] == wanted
    assert [r.episode.id for r, _ in lab.records(**where, limit=limit, after=after)] == wanted


def test_outcomes_come_from_the_newest_judgement(filled):
    lab, plain = filled
    found = {o.episode: o for o in lab.outcomes()}
    for episode, score in plain:
        assert found[episode.id].score == score
        assert found[episode.id].passed == (None if score is None else score >= 0.5)
        assert found[episode.id].sample == episode.key.sample


def test_records_hold_all_judgements_the_newest_last(filled):
    lab, _ = filled
    for record, verdicts in lab.records(limit=300):
        assert [j.id for j in verdicts] == sorted(j.id for j in verdicts)
        assert {j.episode for j in verdicts} <= {record.episode.id}


def test_an_outcome_knows_the_task(lab, make):
    problem = make.problem(1, skills=(SkillWeight("x.y"),), split="reserved")
    lab.put_tasks([problem])
    record = make.record(lab, task=problem.task.id, route="adapter", tags=("a", "b"))
    lab.write([record], [make.judgement(record, 0.25, components={"strict": 0.0, "lenient": 0.5})])
    (outcome,) = lab.outcomes()
    assert (outcome.family, outcome.split, outcome.route) == ("family", "reserved", "adapter")
    assert outcome.components == {"strict": 0.0, "lenient": 0.5}
    assert outcome.tags == ("a", "b")
    assert (outcome.run, outcome.judge, outcome.task) == ("run", "judge", problem.task.id)


def test_a_mended_judge_judges_again_and_history_stays(lab, make):
    record = make.record(lab)
    first = make.judgement(record, 0.0)
    lab.write([record], [first])
    second = make.judgement(record, 1.0, judge_hash="2")
    lab.judge([second])
    lab.judge([second, first])
    assert lab.judgements([record.episode.id]) == {record.episode.id: (first, second)}
    assert [o.score for o in lab.outcomes()] == [1.0]


def test_a_judgement_of_an_unknown_episode_is_refused_with_its_batch(lab, make):
    record = make.record(lab)
    lab.write([record])
    lost = Judgement(new_id(), new_id(), "j", "h", 1.0, True)
    with pytest.raises(InputError, match="does not hold"):
        lab.judge([make.judgement(record), lost])
    assert lab.judgements([record.episode.id]) == {}


def test_an_unknown_episode_names_its_neighbours(lab, make):
    record = make.record(lab)
    lab.write([record])
    for call in (lab.read, lab.episode):
        with pytest.raises(UnknownName, match=record.episode.id):
            call(new_id())
        with pytest.raises(InputError, match="no UUID"):
            call("7")


def test_a_corrupt_short_body_is_one_clear_error(house, lab, make):
    record = make.record(lab)
    lab.write([record])
    with house._server.connect(lab._database.name) as admin:
        admin.execute("ALTER TABLE episode DISABLE TRIGGER ALL")
        admin.execute("UPDATE episode SET body = %s", [b"spoiled"])
    for read in (lambda: lab.read(record.episode.id), lambda: list(lab.records())):
        with pytest.raises(CorruptBlob, match=r"does not have the hash.*back-up"):
            read()


def test_a_corrupt_body_is_one_clear_error(house, lab, make):
    record = make.record(lab, steps=800)
    lab.write([record])
    with house._server.connect(lab._database.name) as admin:
        admin.execute("UPDATE segment SET data = %s", [b"spoiled"])
    with pytest.raises(CorruptBlob, match=r"does not have the hash.*back-up"):
        lab.read(record.episode.id)
    assert lab.episode(record.episode.id).id == record.episode.id
    with house._server.connect(lab._database.name) as admin:
        admin.execute("DELETE FROM segment")
    with pytest.raises(CorruptBlob, match="is gone"):
        list(lab.records())


def test_a_header_of_a_later_version_is_one_clear_error(house, lab, make):
    record = make.record(lab)
    lab.write([record])
    with house._server.connect(lab._database.name) as admin:
        admin.execute("ALTER TABLE episode DISABLE TRIGGER ALL")
        admin.execute("UPDATE episode SET header = %s", [msgspec.msgpack.encode({"id": 7})])
    with pytest.raises(CorruptBlob, match="header cannot be read"):
        lab.episode(record.episode.id)


def test_reads_use_an_index(filled):
    lab, _ = filled
    for condition in ("run = 'r1'", "task = 't1'", "skill = 'a.b'", "status = 'open'"):
        query = f"EXPLAIN SELECT id FROM episode WHERE {condition} ORDER BY id LIMIT 10"
        plan = lab._database.run(lambda c, q=query: c.execute(sa.text(q)).scalars().all())
        assert any("Index" in line for line in plan), plan
