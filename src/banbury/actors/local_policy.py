"""A local checkpoint as an actor: base, adapters and router, batched in this process.

Sessions ask one by one; the policy gathers whatever is asked at the same time into one batch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Self

import msgspec

from banbury.actors.chat import ChatPolicy, Sampling, Shots
from banbury.actors.conversation import Reply
from banbury.actors.policy import BASE, Call
from banbury.actors.pool import Pool
from banbury.actors.router import Router
from banbury.actors.weights import Completion, Request
from banbury.episode import Actor, Cost, Sampler, Task, canonical
from banbury.errors import ActorError

_GATHER = 3
"""Turns of the event loop that a batch waits for sessions which are about to ask."""


class LocalPolicy(ChatPolicy):
    """A checkpoint in this process."""

    def __init__(
        self,
        pool: Pool,
        name: str,
        revision: str,
        sampling: Sampling | None = None,
        *,
        router: Router | None = None,
        adapter: str | None = None,
        prefix: str = "",
        batch: int = 128,
        shots: Shots | None = None,
        shots_name: str = "",
        base_revision: str = "",
    ) -> None:
        """Make the policy.

        Args:
            pool: the workers that hold the weights and adapters.
            name: name of the model.
            revision: hash of what acts: base, adapters, router.
            sampling: how answers are drawn; greedy if not given.
            router: picks an adapter or the base for each task.
            adapter: the one adapter to use, where there is no router.
            prefix: of the adapters' names in the pool.
            batch: most answers drawn between two looks at the clock.
            shots: solved examples for a task.
            shots_name: what the shots are called in the actor's settings.
            base_revision: hash of the base, where `revision` names more.
        """
        sampling = sampling or Sampling()
        super().__init__(name, revision, sampling, shots=shots, shots_name=shots_name)
        self._pool = pool
        self._router = router
        self._adapter = adapter
        self._prefix = prefix
        self._batch = batch
        self._base_revision = base_revision or revision
        self._queue: list[tuple[Request, asyncio.Future[Completion]]] = []
        self._draining: asyncio.Task[None] | None = None

    @property
    def in_line(self) -> bool:
        """Return True: a batch is answered after the other, and a worker that dies is noticed."""
        return True

    @property
    def base(self) -> Actor:
        """Return the actor that answers where the route is `base`; none where answers are drawn."""
        kind = self._base_revision if self.sampling.temperature == 0 else "sampled"
        return Actor("model", self._base_name, kind, self.actor.settings)

    @property
    def _base_name(self) -> str:
        return self._name.split("+")[0]

    def route(self, task: Task) -> str:
        """Return the adapter's name or `base`."""
        if self._router is not None:
            return self._router.route(task.public.instruction)
        return self._adapter or BASE

    def _copied(self) -> Self:
        other = super()._copied()
        other._queue = []
        other._draining = None
        return other

    async def complete(
        self,
        messages: list[dict[str, Any]],
        *,
        seed: int,
        task: Task,
        previous: Any = None,
        tools: Sequence[Mapping[str, Any]] = (),
    ) -> Reply:
        """Return the checkpoint's answer.

        Raises:
            ActorError: the weights cannot be run, or it is asked for what they cannot do.
        """
        if tools or self.sampling.stop:
            raise ActorError(
                "weights in this process know neither tool calls nor stop texts",
                where=self._name,
                do="ask for tools in text, and for no stop texts",
            )
        route = self.route(task)
        adapter = None if route == BASE else self._prefix + route
        request = Request(
            messages=list(messages),
            max_tokens=self.sampling.max_tokens,
            temperature=self.sampling.temperature,
            top_p=self.sampling.top_p,
            seed=seed,
            adapter=adapter,
        )
        future: asyncio.Future[Completion] = asyncio.get_running_loop().create_future()
        self._queue.append((request, future))
        if self._draining is None or self._draining.done():
            self._draining = asyncio.create_task(self._drain())
        done = await future
        notes: dict[str, str] = {} if done.finish == "stop" else {"finish": done.finish}
        sampler = self._sampler(route)
        return Reply(
            done.text,
            Call(sampler, done.prompt_ids, done.ids, done.logprobs),
            Cost(len(done.prompt_ids), len(done.ids)),
            route if self._router is not None or self._adapter else "",
            notes,
        )

    async def _drain(self) -> None:
        while self._queue:
            for _ in range(_GATHER):
                await asyncio.sleep(0)
            self._queue.sort(key=lambda item: (item[0].adapter or "", _length(item[0])))
            now, self._queue = self._queue[: self._batch], self._queue[self._batch :]
            try:
                answers = await asyncio.to_thread(
                    self._pool.generate, [request for request, _ in now]
                )
            except Exception as error:
                failure = ActorError(
                    f"the checkpoint cannot be run: {type(error).__name__}: {error}",
                    where=self._name,
                    do="see that the machine has memory left",
                )
                for _, future in now:
                    if not future.done():
                        future.set_exception(failure)
                continue
            for (_, future), answer in zip(now, answers, strict=True):
                if not future.done():
                    future.set_result(answer)

    def _sampler(self, route: str) -> Sampler:
        return Sampler(
            model=self._base_name if route == BASE else f"{self._base_name}+{route}",
            revision=self._base_revision if route == BASE else self._revision,
            tokenizer=self._pool.tokenizer_hash,
            template=self._pool.template_hash,
            params=canonical(msgspec.to_builtins(self.sampling)).decode(),
        )


def _length(request: Request) -> int:
    return sum(len(m["content"]) for m in request.messages)
