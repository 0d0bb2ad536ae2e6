"""Mine repositories: the crew, set to work on the trials of their candidates."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from banbury.cycle.source.mine.asked import Asked, Source
from banbury.cycle.source.mine.crew import Crew, Progress
from banbury.cycle.source.mine.environments import Environments
from banbury.cycle.source.mine.history import Repository
from banbury.cycle.source.mine.history.public import Against
from banbury.cycle.source.mine.history.statement import Ask
from banbury.cycle.source.mine.planting import plant
from banbury.cycle.source.mine.suites import Suites
from banbury.cycle.source.mine.summary import Summary, summary
from banbury.cycle.source.mine.trial import Trial
from banbury.cycle.source.mine.verdict import Say, Verdict
from banbury.errors import InputError, SetupError
from banbury.sandbox import available
from banbury.store import Lab
from banbury.store.mining import Candidate


def mine(
    lab: Lab,
    sources: Sequence[Source],
    asked: Asked,
    cache: Path,
    *,
    environments: Environments | None = None,
    ask: Ask | None = None,
    benchmarks: Sequence[Against] = (),
    progress: Callable[[Progress], None] | None = None,
) -> Summary:
    """Turn the bug fixes of repositories into verified tasks in the lab.

    Candidates that have their verdict are not run again; a run that was stopped or killed goes on
    where it was, and several processes may share one list.

    Args:
        lab: where candidates, runs and tasks are kept.
        sources: the repositories.
        asked: how they are mined.
        cache: folder for clones, trees and environments; it may be deleted when nothing runs.
        environments: where environments come from, if not from the package index.
        ask: asks a model, which rewrites statements under the same rules; one at a time.
        benchmarks: those whose tasks are not made again, besides the public ones.
        progress: called whenever something changed.

    Raises:
        InputError: no repository, or dates that are none.
        SetupError: boxes cannot be made on this machine.
        KeyboardInterrupt: it was stopped.
    """
    if not sources:
        raise InputError("there is no repository to mine", do="name one, or give --list FILE")
    if asked.jobs < 1:
        raise InputError(f"{asked.jobs} candidates at once are none", do="give at least 1")
    for source in sources:
        source.span  # noqa: B018  says what is wrong with the dates before anything begins
    if why := available():
        raise SetupError(why, do="run `banbury doctor`")
    cache.mkdir(parents=True, exist_ok=True)
    found = environments or Environments(lab, cache)
    alone = None if ask is None else _alone(ask)
    suites = Suites(lab, cpu_s=asked.cpu_s, memory=asked.memory)

    def work(candidate: Candidate, repository: Repository, say: Say) -> Verdict:
        trial = Trial(
            lab, found, suites, cache, asked, candidate, repository, say, alone, benchmarks
        )
        return plant(trial, asked.plant) if candidate.sort == "planted" else trial.verdict()

    # Two lines may name one repository: the later one, with its own dates, goes on with it.
    Crew(lab, sources, asked, cache, work, progress).run()
    return summary(lab, sources)


def _alone(ask: Ask) -> Ask:
    """Return the same question for one thread at a time."""
    lock = threading.Lock()

    def asked(prompt: str) -> str:
        with lock:
            return ask(prompt)

    return asked
