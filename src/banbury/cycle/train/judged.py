"""The judge as reward: each answer drawn in training becomes an episode, judged and stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import msgspec

from banbury import clock
from banbury.actors.local_policy import LocalPolicy
from banbury.actors.policy import Call, Move
from banbury.arena.ask import NO_MODEL, Models, handed
from banbury.arena.scribe import Scribe
from banbury.cycle.train.grpo import Attempt
from banbury.episode import Cost, Judgement, Problem, Record, RunKey, Sampler, canonical
from banbury.errors import InputError
from banbury.gyms import registry
from banbury.gyms.contract import Answer, Ask, Gym
from banbury.store import Lab


class Judged:
    """Answers ("judge", attempts) with rewards; passes everything else on."""

    def __init__(
        self,
        lab: Lab,
        run: str,
        problems: Sequence[Problem],
        policy: LocalPolicy,
        otherwise: Callable[[Any], Any],
    ) -> None:
        self._lab = lab
        self._run = run
        self._problems = {p.task.id: p for p in problems}
        self._policy = policy
        self._otherwise = otherwise

    def __call__(self, message: Any) -> Any:
        """Judge attempts, keep them as episodes, return one reward for each."""
        if message[0] != "judge":
            return self._otherwise(message)
        records: list[Record] = []
        verdicts: list[Judgement] = []
        for attempt in message[1]:
            record, verdict = self._judge(attempt)
            records.append(record)
            verdicts.append(verdict)
        self._lab.write(records, verdicts)
        return [v.score for v in verdicts]

    def _judge(self, attempt: Attempt) -> tuple[Record, Judgement]:
        problem = self._problems[attempt.task]
        gym = registry.gym(problem.task.gym)
        actor = self._policy.actor
        given = handed() if gym.needs.model else None
        models = given if isinstance(given, Models) else None
        if gym.needs.model and models is None:
            raise InputError("this gym asks a model", where=f"gym {gym.name!r}", do=NO_MODEL)
        scribe = Scribe(
            gym,
            problem.task,
            (actor,),
            lab=self._lab.name,
            key=RunKey(self._run, attempt.task, actor.key, attempt.sample),
            tags=("grpo", *(models.marks if models else ())),
        )
        with models.aloud(scribe) if models else nullcontext() as ask:
            return self._acted(gym, problem, attempt, scribe, ask)

    def _acted(
        self, gym: Gym, problem: Problem, attempt: Attempt, scribe: Scribe, ask: Ask | None
    ) -> tuple[Record, Judgement]:
        actor = self._policy.actor
        environment = gym.start(problem, seed=attempt.sample, ask=ask)
        scribe.saw(environment.opening())
        done = attempt.completion
        sampling = self._policy.sampling
        sampler = Sampler(
            actor.name, actor.revision, params=canonical(msgspec.to_builtins(sampling)).decode()
        )
        move = Move(
            Answer(done.text),
            call=Call(sampler, done.prompt_ids, done.ids, done.logprobs),
            cost=Cost(len(done.prompt_ids), len(done.ids)),
        )
        scribe.acted(gym.seats[0], move, clock.mono_ns())
        scribe.saw(environment.step(gym.seats[0], Answer(done.text)))
        scribe.ended(environment.evidence())
        environment.close()
        record = scribe.done()
        return record, gym.judge(record, problem)
