"""The proof of a gym: its judge rewards the reference, and nothing else that it was shown.

`banbury gym check NAME` runs this for anybody's gym; one contract test runs it over the registry.
Each finding that is not ok names the likely cause.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from banbury import clock
from banbury.episode import (
    GYM,
    Actor,
    Episode,
    Judgement,
    Problem,
    Record,
    RunKey,
    Seat,
    Secret,
    Step,
    StepKind,
    Task,
    new_id,
)
from banbury.errors import BanburyError, UnknownName
from banbury.gyms.contract import Action, Answer, Ask, Environment, Gym, Phrasing, Skill
from banbury.gyms.drawing import place

_LONG = 100_000
_SLOW_NS = 5_000_000_000
_SCRIPT = Actor("script", "check")

Said = tuple[str, str]
"""(name of the check, what is wrong or "")."""


class Finding(msgspec.Struct, frozen=True):
    """What one check found.

    Attributes:
        gym: name of the gym.
        skill: name of the skill, "" where the check concerns the whole gym.
        check: name of the check.
        ok: whether it held.
        message: the likely cause where it did not, else "".
    """

    gym: str
    skill: str
    check: str
    ok: bool
    message: str = ""


def check(
    gym: Gym,
    per_skill: int = 3,
    seed: int = 0,
    skills: Iterable[str] | None = None,
    ask: Ask | None = None,
) -> list[Finding]:
    """Return what every check found on `per_skill` tasks of each skill.

    Args:
        gym: the gym to prove.
        per_skill: tasks of the first difficulty; the other ones, and the unseen wordings, get one.
        seed: of the tasks.
        skills: names of the skills to check, all if None.
        ask: how a gym that needs a model reaches one; without it such a gym's judge is unproven.

    Raises:
        UnknownName: the gym has no such skill.
    """
    known = {skill.name: skill for skill in gym.skills()}
    chosen = list(known) if skills is None else list(skills)
    for name in chosen:
        if name not in known:
            raise UnknownName("skill", name, known, where=f"gym {gym.name}")
    found = [Finding(gym.name, "", n, not said, said) for n, said in _guarded(_whole, gym)]
    if gym.needs.model and ask is None:
        lack = (
            "its judge needs a model and none was given, so nothing of the judge is proven; "
            "name one with --judge MODEL or BANBURY_JUDGE"
        )
        found.append(Finding(gym.name, "", "a model to ask", False, lack))
    for name in chosen:
        for n, said in _guarded(_skill, gym, known[name], per_skill, seed, ask):
            found.append(Finding(gym.name, name, n, not said, said))
    return found


def _guarded(checks: Callable[..., Iterator[Said]], *args: Any) -> Iterator[Said]:
    try:
        yield from checks(*args)
    except BanburyError as error:
        yield "runs", f"{type(error).__name__}: {error}"
    except Exception as error:
        said = f"the gym raised {error!r} ({place(error)})"
        yield "runs", f"{said}; a gym raises only errors of banbury.errors"


def _whole(gym: Gym) -> Iterator[Said]:
    names = [skill.name for skill in gym.skills()]
    twice = {n for n in names if names.count(n) > 1}
    yield "skills are named once", f"named twice: {sorted(twice)}" if twice else ""
    yield "an unknown skill is refused", _refused(gym, "no.such.skill", None)
    if names:
        yield "an unknown difficulty is refused", _refused(gym, names[0], "no such difficulty")


def _refused(gym: Gym, skill: str, difficulty: str | None) -> str:
    try:
        next(gym.tasks(skill, seed=0, difficulty=difficulty), None)
    except UnknownName:
        return ""
    return "an unknown name made tasks; raise UnknownName"


def _skill(gym: Gym, skill: Skill, per_skill: int, seed: int, ask: Ask | None) -> Iterator[Said]:
    problems = _draw(gym, skill, per_skill, seed)
    again = _draw(gym, skill, per_skill, seed)
    yield "has tasks", "" if problems else "no task came; is the data there?"
    same = list(map(_bytes, problems)) == list(map(_bytes, again))
    yield (
        "same seed, same task",
        "" if same else "a second call gave other tasks; use only a random.Random made of the seed",
    )
    yield "tasks are distinct", _distinct(problems)
    yield "wordings are apart", _wordings(gym, skill, seed)
    for problem in problems:
        yield "survives a round trip", _round_trip(problem)
        yield "names its gym and skill", _names(gym, skill, problem)
        yield "the task does not hold its answer", _leak(problem)
        if ask is not None or not gym.needs.model:
            yield from _judged(gym, problem, ask)
    if problems and (ask is not None or not gym.needs.model):
        yield from _hostile(gym, problems[0], ask)
        yield "snapshot and restore", _snapshot(gym, problems[0])


def _draw(gym: Gym, skill: Skill, per_skill: int, seed: int) -> list[Problem]:
    made: list[Problem] = []
    for i, difficulty in enumerate(skill.difficulties):
        stream = gym.tasks(skill.name, seed=seed, difficulty=difficulty)
        made += itertools.islice(stream, 1 if i else per_skill)
    unseen: Phrasing = "unseen"
    made += itertools.islice(gym.tasks(skill.name, seed=seed, phrasing=unseen), 1)
    return made


def _bytes(problem: Problem) -> bytes:
    return msgspec.msgpack.encode((problem.task, problem.secret))


def _distinct(problems: Sequence[Problem]) -> str:
    ids = [problem.task.id for problem in problems]
    return "" if len(set(ids)) == len(ids) else "one task came twice; skip those already given"


def _wordings(gym: Gym, skill: Skill, seed: int) -> str:
    seen, unseen = (
        {p.task.public.phrasing for p in itertools.islice(stream, 2)}
        for stream in (
            gym.tasks(skill.name, seed=seed),
            gym.tasks(skill.name, seed=seed, phrasing="unseen"),
        )
    )
    both = seen & unseen
    return f"wordings {sorted(both)} are given as seen and as unseen" if both else ""


def _round_trip(problem: Problem) -> str:
    for codec in (msgspec.msgpack, msgspec.json):
        for part, kind in ((problem.task, Task), (problem.secret, Secret)):
            if codec.decode(codec.encode(part), type=kind) != part:
                return f"{kind.__name__} changes in {codec.__name__}; keep plain values in it"
    return ""


def _names(gym: Gym, skill: Skill, problem: Problem) -> str:
    task, secret = problem.task, problem.secret
    if task.gym != gym.name or task.skill != skill.name:
        return f"says gym {task.gym!r}, skill {task.skill!r}"
    return "" if secret.task == task.id else "its secret names another task"


def _leak(problem: Problem) -> str:
    """Look for the gold answer as a whole value of a task that does not show it anyway."""
    task, secret = problem.task, problem.secret
    shown = task.public.instruction
    golds = {str(leaf) for leaf in _leaves(msgspec.json.decode(secret.answer or '""'))}
    if secret.solution:
        golds |= {str(leaf) for leaf in _leaves(msgspec.json.decode(secret.solution))}
    for where in (task.params, task.public.inputs, task.origin.revision, task.origin.source):
        try:
            leaves = _leaves(msgspec.json.decode(where))
        except msgspec.DecodeError:
            leaves = iter([where])
        for leaf in map(str, leaves):
            if len(leaf) > 2 and leaf in golds and leaf not in shown:
                return f"{leaf[:60]!r} is in the secret and also in the task; leave it out there"
    return ""


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    elif not isinstance(value, bool) and value is not None:
        yield value


def _judged(gym: Gym, problem: Problem, ask: Ask | None) -> Iterator[Said]:
    reference = act(gym, problem, gym.solution(problem), ask)
    first, second = gym.judge(reference, problem), gym.judge(reference, problem)
    said = ""
    if first.score != 1.0 or not first.passed:
        said = (
            f"the reference got {first.score} on {problem.task.public.instruction[-120:]!r}: "
            f"the judge or the reference is wrong; evidence {first.evidence[:200]}"
        )
    yield "the reference gets full marks", said
    same = _verdict(first) == _verdict(second)
    yield "judging twice is judging once", "" if same else "the judge keeps state or draws lots"
    yield "doing nothing scores zero", _zero(gym, problem, "doing nothing", [], ask)
    if gym.actions is Answer:
        said = _zero(gym, problem, "an empty answer", [Answer("")], ask)
        yield "an empty answer scores zero", said
    for name, actions in gym.cheats(problem).items():
        yield f"cheat: {name}", _zero(gym, problem, name, actions, ask)


def _verdict(one: Judgement) -> tuple[Any, ...]:
    return one.score, one.passed, one.components, one.evidence, one.judge_hash


def _zero(gym: Gym, problem: Problem, name: str, actions: Sequence[Action], ask: Ask | None) -> str:
    got = gym.judge(act(gym, problem, actions, ask), problem)
    if got.score == 0.0 and not got.passed:
        return ""
    return (
        f"{name} got {got.score} on {problem.task.public.instruction[-120:]!r}: the judge takes "
        f"what no honest answer looks like; evidence {got.evidence[:200]}"
    )


def _hostile(gym: Gym, problem: Problem, ask: Ask | None) -> Iterator[Said]:
    """Judge what no actor should say; the judge must score it, quickly."""
    payloads: dict[str, bytes] = {
        "bytes that are no JSON": b"\xff\xfe{",
        "JSON of another kind": b"[null, 1]",
    }
    texts: dict[str, str] = {}
    if gym.actions is Answer:
        texts = {
            "100,000 letters": "x" * _LONG,
            "100,000 digits": "7" * _LONG,
            "100,000 tokens": "Answer: yes\n" * (_LONG // 2),
            "one long answer": "Answer: " + "9*" * (_LONG // 2),
            "deep JSON": "Answer: " + "[" * (_LONG // 2) + "]" * (_LONG // 2),
            "deep parentheses": "Answer: " + "(" * 200 + "1" + ")" * 200,
            "a tower of powers": "Answer: 9**9**9**9**9",
            "a call": "Answer: __import__('os').getcwd()",
            "broken UTF-8": b"Answer: \xff\xfe\x80 caf\xc3".decode(errors="replace"),
            "control characters": "Answer: \x00\x1b[2J\u202e\u2028\n\r\x0b",
            "nothing but a mark": "Answer:",
        }
        payloads |= {n: msgspec.json.encode(Answer(text)) for n, text in texts.items()}
    for name, payload in payloads.items():
        if gym.needs.model and name in texts:
            record = act(gym, problem, [Answer(texts[name])], ask)
        else:
            record = _record(gym, problem, [("action", 0, gym.seats[0], payload)])
        begin = clock.mono_ns()
        try:
            got = gym.judge(record, problem)
        except Exception as error:
            yield f"judges {name}", f"the judge raised {error!r}; score it 0 with evidence"
            continue
        took = clock.mono_ns() - begin
        said = f"got {got.score}; no such text is right" if got.score else ""
        if took > _SLOW_NS:
            said = f"took {took / 1e9:.0f} s; a judge takes time linear in the text"
        yield f"judges {name}", said


def _snapshot(gym: Gym, problem: Problem) -> str:
    env = gym.start(problem)
    try:
        env.opening()
        before = env.evidence()
        try:
            state = env.snapshot()
        except BanburyError:
            return ""
        env.restore(state)
        return "" if env.evidence() == before else "the restored state is another one"
    finally:
        env.close()


def act(gym: Gym, problem: Problem, actions: Sequence[Action], ask: Ask | None = None) -> Record:
    """Return the record of these actions, acted from the gym's first seat until the task ends."""
    seat = gym.seats[0]
    env = gym.start(problem, ask=ask)
    try:
        events = list(_acted(env, seat, actions))
        evidence = env.evidence()
    finally:
        env.close()
    if evidence:
        events.append(("note", GYM, "", evidence.encode()))
    return _record(gym, problem, events)


Event = tuple[StepKind, int, str, bytes]
"""(kind, actor, seat, payload)."""


def _acted(env: Environment, seat: str, actions: Sequence[Action]) -> Iterator[Event]:
    turn = env.opening()
    for action in actions:
        for shown in turn.observations.get(seat, ()):
            yield "observation", GYM, seat, msgspec.json.encode(shown)
        yield "action", 0, seat, msgspec.json.encode(action)
        turn = env.step(seat, action)
        if turn.reward is not None:
            yield "reward", GYM, "", msgspec.json.encode(turn.reward)
        if turn.terminated or turn.truncated:
            return


def _record(gym: Gym, problem: Problem, events: Iterable[Event]) -> Record:
    task = problem.task
    steps = tuple(
        Step(i, kind, actor, seat, "state" if kind == "note" else "main", 0, 0, payload)
        for i, (kind, actor, seat, payload) in enumerate(events)
    )
    episode = Episode(
        id=new_id(),
        lab="check",
        key=RunKey("check", task.id, _SCRIPT.name),
        gym=gym.name,
        gym_version=gym.version,
        skill=task.skill,
        anchor_ns=clock.wall_ns(),
        status="done",
        actors=(_SCRIPT,),
        seats=(Seat(gym.seats[0], (0,)),),
    )
    return Record(episode, steps)
