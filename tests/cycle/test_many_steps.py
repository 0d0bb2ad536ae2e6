"""Episodes of many steps with tools go through the loop: source, review, release, exports."""

import asyncio
import json

import msgspec
import pytest

from banbury.actors.conversation import Conversation, Reply
from banbury.cycle.diagnose.diagnose import reference
from banbury.cycle.release import export, release, verify
from banbury.cycle.review import review
from banbury.cycle.source import source
from banbury.cycle.train.examples import asked, released, says_only
from banbury.episode import canonical
from banbury.formats import atif, chat, trl
from banbury.gyms import registry

SKILLS = ("desk.mail.answer", "desk.calendar.book")
ADD = "reasoning.add"


@pytest.fixture(scope="module")
def made(house):
    lab = house.lab("many-steps")
    source(lab, [*SKILLS, ADD], name="s", train=4, reserve=3, unseen=2)
    found = review(lab, run="s")
    assert found.rejected == ()
    return lab, release(lab, "r", run="s", validation=0.0)


def actions_of(lab, episode):
    gym = registry.gym(episode.gym)
    return [json.loads(msgspec.json.encode(a)) for a in gym.solution(lab.problem(episode.key.task))]


def test_each_action_is_a_row_behind_all_that_was_seen_before_it(made, tmp_path):
    lab, kept = made
    folder = export(lab, kept, tmp_path / "trl", "trl")
    verify(folder)
    rows = [json.loads(line) for line in (folder / "train.jsonl").read_text().splitlines()]
    episodes = [e for e in lab.episodes(run="s") if e.gym == "desk"]
    assert len(rows) == 4 + sum(len(actions_of(lab, e)) for e in episodes)
    for episode in episodes:
        record, actions = lab.read(episode.id), actions_of(lab, episode)
        task = lab.task(episode.key.task)
        mine = [r for r in rows if task.public.instruction in [m["content"] for m in r["prompt"]]]
        assert len(mine) == len(actions)
        mine.sort(key=lambda r: len(r["prompt"]))
        for n, (row, action) in enumerate(zip(mine, actions, strict=True)):
            roles = [m["role"] for m in row["prompt"]]
            assert roles == ["system", "user", *["assistant", "tool"] * n]
            (said,) = row["completion"]
            (call,) = said["tool_calls"]
            assert (said["role"], call["function"]["name"]) == ("assistant", action["do"])
            assert {"do": action["do"], **json.loads(call["function"]["arguments"])} == action
            for before, after in zip(row["prompt"][2::2], row["prompt"][3::2], strict=True):
                assert after["tool_call_id"] == before["tool_calls"][0]["id"]
        assert mine == sorted(trl.sft(record), key=lambda r: len(r["prompt"]))


def test_a_trajectory_gives_the_same_episode_back(made, tmp_path):
    lab, kept = made
    folder = export(lab, kept, tmp_path / "atif", "atif")
    paths = list(folder.rglob("*.trajectory.json"))
    assert len(paths) == 12
    for path in paths:
        trajectory = atif.load(path.read_bytes())
        record = atif.read(trajectory, lab="x", run="y")
        held = lab.read(record.episode.id)
        assert record.steps == held.steps
        if held.episode.gym == "desk":
            first, second, *rest = trajectory.steps
            assert (first.source, second.source) == ("system", "user")
            assert all(s.source == "agent" and len(s.tool_calls) == 1 for s in rest)
            assert all(len(s.observation.results) == 1 for s in rest[:-1])
            assert rest[-1].observation is None


def test_chat_messages_stand_for_the_same_steps(made):
    lab, _ = made
    for record, _ in lab.records(run="s", skill=SKILLS[0]):
        spoken = chat.messages(record)
        again = chat.steps(chat.load(chat.dump(spoken)))
        words = [s for s in record.steps if s.track == "main"]
        assert [s.kind for s in again] == [s.kind for s in words]
        pairs = [(s.payload, canonical(msgspec.json.decode(w.payload)))
                 for s, w in zip(again, words, strict=True) if s.kind == "action"]  # fmt: skip
        assert all(msgspec.json.decode(a) == msgspec.json.decode(b) for a, b in pairs)


class Scripted:
    """A model that writes what it is given, and keeps what it was shown."""

    def __init__(self, texts):
        self.texts = iter(texts)
        self.shown = []

    async def complete(self, messages, **_):
        self.shown.append([dict(m) for m in messages])
        return Reply(next(self.texts))


async def _acted(gym, problem, examples):
    """Play a task by writing each example's answer; return what was seen before each."""
    speaker = Scripted([e.answer for e in examples])
    talk = Conversation(speaker, problem.task, gym.actions, examples[0].messages[:1], 0)
    env = gym.start(problem)
    turn = env.opening()
    while not turn.terminated:
        move = await talk.act(turn.observations["solver"])
        assert move.action is not None, move.fault
        turn = env.step("solver", move.action)
    return speaker.shown


def test_an_example_is_what_a_model_with_a_text_protocol_sees_and_writes(made):
    lab, kept = made
    gym = registry.gym("desk")
    examples = released(lab, kept)
    assert set(examples) == {*SKILLS, ADD}
    assert says_only(lab, examples[ADD][0])
    assert [m["role"] for m in examples[ADD][0].messages] == ["user"]
    for skill in SKILLS:
        by_task = {}
        for example in examples[skill]:
            by_task.setdefault(example.task, []).append(example)
        assert len(by_task) == 4
        for task, mine in by_task.items():
            mine.sort(key=lambda e: len(e.messages))
            problem = lab.problem(task)
            assert not says_only(lab, mine[0])
            assert {asked(e) for e in mine} == {problem.task.public.instruction}
            assert "- read_mail(mail: string)" in mine[0].messages[0]["content"]
            assert "\n".join(e.answer for e in mine) == reference(gym, problem)
            shown = asyncio.run(_acted(gym, problem, mine))
            assert shown == [e.messages for e in mine]
