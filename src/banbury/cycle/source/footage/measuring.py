"""Measuring several recordings at once, each in a process of its own.

One core looks at 1080p about ten times as fast as it was filmed, so five hours of two cameras take
the better part of an hour one after the other. Short recordings are measured here, without.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait

import msgspec

from banbury.cycle.source.footage.recordings import Recording
from banbury.errors import InputError, SetupError
from banbury.gyms.capture import quality
from banbury.gyms.capture.media import Take

LONG_S = 300.0
"""Less than this, all together, is not worth starting processes for."""
Found = quality.Quality | InputError
Report = Callable[[float], object]


def measured(
    recordings: Sequence[Recording],
    report: Report,
    keep: Callable[[int, quality.Quality], object] = lambda n, found: None,
    *,
    processes: int = 0,
) -> list[Found]:
    """Return what is measured on each recording, or why it cannot be read on.

    Args:
        recordings: to be measured.
        report: told how much is done, in [0, 1].
        keep: given each one's number and quality as soon as it is known.
        processes: how many at once; 0 for one a core, or none for short footage.

    Raises:
        SetupError: a library is missing, or a process was ended from outside.
    """
    spans = [max(1.0, one.take.duration_s) for one in recordings]
    at_once = processes or (len(os.sched_getaffinity(0)) if sum(spans) >= LONG_S else 1)
    apart = min(at_once, len(recordings)) > 1
    return (_apart if apart else _here)(recordings, spans, report, keep, at_once)


def _here(
    recordings: Sequence[Recording],
    spans: Sequence[float],
    report: Report,
    keep: Callable[[int, quality.Quality], object],
    at_once: int,
) -> list[Found]:
    made: list[Found] = []
    for number, one in enumerate(recordings):
        before, span = sum(spans[:number]), spans[number]

        def tell(done: float, before: float = before, span: float = span) -> None:
            report((before + span * done) / sum(spans))

        made.append(_looked(one.take, tell))
        _kept(made[-1], number, keep)
    return made


def _apart(
    recordings: Sequence[Recording],
    spans: Sequence[float],
    report: Report,
    keep: Callable[[int, quality.Quality], object],
    at_once: int,
) -> list[Found]:
    left, running = list(range(len(recordings)))[::-1], dict[Connection, _Worker]()
    found, shares = dict[int, Found](), [0.0] * len(recordings)
    try:
        while left or running:
            while left and len(running) < at_once:
                worker = _Worker(left.pop(), recordings)
                running[worker.line] = worker
            for line in wait(list(running)):
                worker = running[line]  # type: ignore[index]
                told = worker.hear()
                if isinstance(told, float):
                    shares[worker.number] = told
                else:
                    del running[worker.line]
                    worker.end()
                    found[worker.number], shares[worker.number] = told, 1.0
                    _kept(told, worker.number, keep)
            done = sum(s * x for s, x in zip(spans, shares, strict=True)) / sum(spans)
            report(min(1.0, done))
    finally:
        for worker in running.values():
            worker.end(now=True)
    return [found[n] for n in range(len(recordings))]


class _Worker:
    """A process that looks at one recording."""

    def __init__(self, number: int, recordings: Sequence[Recording]) -> None:
        context = multiprocessing.get_context("spawn")
        self.number, self._one = number, recordings[number]
        self.line, theirs = context.Pipe(duplex=False)
        self._process = context.Process(
            target=_serve, args=(self._one.take, theirs), daemon=True, name="banbury-look"
        )
        self._process.start()
        theirs.close()

    def hear(self) -> float | Found:
        """Return how far it is, or what it found.

        Raises:
            SetupError: it ended without an answer.
        """
        try:
            told = self.line.recv()
        except EOFError:
            self._process.join(5)
            raise SetupError(
                f"looking at {self._one.files[0].name} was ended from outside"
                f" (exit status {self._process.exitcode})",
                do="free some memory, then start the check again",
            ) from None
        if isinstance(told, bytes):
            return msgspec.msgpack.decode(told, type=quality.Quality)
        if isinstance(told, SetupError):
            raise told
        answer: float | InputError = told
        return answer

    def end(self, *, now: bool = False) -> None:
        """Wait until it is gone; do not let it finish if `now`."""
        if now:
            self._process.terminate()
        self._process.join()
        self.line.close()


def _serve(take: Take, line: Connection) -> None:
    """Look at a take, and say on the line how far it is and at last what was found."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it ends it
    told = -1.0

    def report(done: float) -> None:
        nonlocal told
        if done - told >= 0.005:
            told = done
            line.send(float(done))

    with suppress(BrokenPipeError):  # whoever started it is gone
        try:
            found = _looked(take, report)
        except SetupError as error:
            line.send(error)
            return
        line.send(found if isinstance(found, InputError) else msgspec.msgpack.encode(found))


def _looked(take: Take, report: Report) -> Found:
    try:
        return quality.look(take, report=report)
    except InputError as error:
        return error


def _kept(found: Found, number: int, keep: Callable[[int, quality.Quality], object]) -> None:
    if isinstance(found, quality.Quality):
        keep(number, found)
