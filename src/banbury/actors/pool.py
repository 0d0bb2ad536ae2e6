"""A pool of worker processes, each with the weights and one thread.

Two processes of one thread use a small machine better than one process of two, and with one
thread a row's arithmetic does not depend on its neighbours. Workers are started by spawn, end
with their parent, and raise what they raise here.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import threading
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from banbury.actors.weights import Completion, Request, Weights
from banbury.errors import ActorError, BanburyError

_PATIENCE = 2.0

Talk = Callable[[Any], Any]
"""`talk(message)`: how a job in a worker reaches the process that asked for it."""


class Pool:
    """Workers with the same base and adapters; a job is `function(weights, talk, *args)`."""

    def __init__(self, folder: Path, *, workers: int | None = None) -> None:
        """Start the workers.

        Args:
            folder: Hugging Face folder of the base.
            workers: how many; as many as there are cores, at most four, if None.

        Raises:
            ActorError: the folder holds no model.
        """
        count = workers or min(4, len(os.sched_getaffinity(0)))
        context = multiprocessing.get_context("spawn")
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._workers = [_Worker(context, folder) for _ in range(count)]
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="banbury-pool")
        self.adapters: list[str] = []
        try:
            hashes = [worker.ready() for worker in self._workers]
        except BaseException:
            self.close()
            raise
        self.tokenizer_hash, self.template_hash = hashes[0]
        for worker in self._workers:
            self._idle.put(worker)

    @property
    def size(self) -> int:
        """Return the number of workers."""
        return len(self._workers)

    def run(self, function: Callable[..., Any], *args: Any, talk: Talk | None = None) -> Any:
        """Run a job on the next idle worker; `talk` answers what the job says meanwhile."""
        worker = self._idle.get()
        try:
            return worker.call(function, args, talk)
        finally:
            self._idle.put(worker)

    def map(self, function: Callable[..., Any], jobs: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Run one function over many argument lists, as many at once as there are workers."""
        return list(self._threads.map(lambda args: self.run(function, *args), jobs))

    def add_adapter(self, name: str, data: bytes) -> None:
        """Load an adapter into every worker."""
        everyone = [self._idle.get() for _ in self._workers]
        try:
            list(self._threads.map(lambda w: w.call(_load, (name, data), None), everyone))
            self.adapters.append(name)
        finally:
            for worker in everyone:
                self._idle.put(worker)

    def generate(self, requests: Sequence[Request], *, batch: int = 64) -> list[Completion]:
        """Draw an answer to each request, shared among the workers.

        Raises:
            ActorError: a worker died, or a request names an unknown adapter.
        """
        if len(requests) < 2 * self.size:
            return list(self.run(draw, list(requests), batch))
        shares = [list(requests[i :: self.size]) for i in range(self.size)]
        done = self.map(draw, [(share, batch) for share in shares])
        found: list[Completion | None] = [None] * len(requests)
        for i, share in enumerate(done):
            found[i :: self.size] = share
        return [c for c in found if c is not None]

    def close(self) -> None:
        """End the workers."""
        for worker in self._workers:
            worker.close()
        if hasattr(self, "_threads"):
            self._threads.shutdown(wait=False, cancel_futures=True)


def draw(weights: Weights, talk: Talk, requests: list[Request], batch: int) -> list[Completion]:
    """Generate in a worker."""
    return weights.generate(requests, batch=batch)


def _load(weights: Weights, talk: Talk, name: str, data: bytes) -> None:
    weights.load_adapter(name, data)


class _Worker:
    def __init__(self, context: Any, folder: Path) -> None:
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, folder), daemon=True)
        self._lock = threading.Lock()
        self._process.start()
        theirs.close()

    def ready(self) -> tuple[str, str]:
        """Wait until the weights are loaded and return the hashes of tokenizer and template."""
        kind, value = self._hear()
        if kind == "raised":
            raise value
        return tuple(value)

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], talk: Talk | None) -> Any:
        with self._lock:
            self._line.send((function, args))
            while True:
                kind, value = self._hear()
                if kind == "done":
                    return value
                if kind == "raised":
                    raise value
                try:
                    answer = talk(value) if talk else None
                except BaseException:
                    # The job must end before the worker can take another.
                    self._line.send(("stop", None))
                    while self._hear()[0] == "said":
                        self._line.send(("stop", None))
                    raise
                self._line.send(("go on", answer))

    def close(self) -> None:
        self._line.close()  # an idle worker hears it and leaves; a busy one is stopped
        self._process.join(_PATIENCE)
        if self._process.is_alive():
            self._process.terminate()
            self._process.join()

    def _hear(self) -> tuple[str, Any]:
        try:
            kind, value = self._line.recv()
        except (EOFError, OSError) as error:
            raise ActorError(
                "a worker process that holds the weights has died",
                where=f"exit code {self._process.exitcode}",
                do="see that the machine has memory left, and start again: the run carries on",
            ) from error
        return kind, value


def _serve(line: Connection, folder: Path) -> None:
    """Load the weights and answer calls until the line closes."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        weights = Weights(folder, threads=1)
        line.send(("ready", (weights.tokenizer_hash, weights.template_hash)))
    except BaseException as error:
        line.send(("raised", _sendable(error)))
        return

    def talk(message: Any) -> Any:
        line.send(("said", message))
        word, answer = line.recv()
        if word == "stop":
            raise ActorError("what the job said could not be answered")
        return answer

    while True:
        try:
            function, args = line.recv()
        except (EOFError, OSError, KeyboardInterrupt):
            return
        except (ImportError, AttributeError) as error:
            line.send(("raised", _sendable(error)))
            continue
        try:
            line.send(("done", function(weights, talk, *args)))
        except KeyboardInterrupt:
            return
        except Exception as error:
            line.send(("raised", _sendable(error)))


def _end_with_parent() -> None:
    """Wait for the parent's end, however it came, and end: a busy worker would work on for nobody.

    A signal for it would come already when the thread ended that started this process.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _sendable(error: BaseException) -> BanburyError:
    if type(error).__init__ is BanburyError.__init__ and isinstance(error, BanburyError):
        return error
    if isinstance(error, BanburyError):  # its own arguments would be lost on the way
        return ActorError(error.what, where=error.where, do=error.do)
    last = traceback.extract_tb(error.__traceback__)[-1]
    return ActorError(
        f"{type(error).__name__}: {error}", where=f"{Path(last.filename).name}:{last.lineno}"
    )
