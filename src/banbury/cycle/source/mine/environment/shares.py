"""How many environments could be built, by period, and why others could not."""

from __future__ import annotations

import resource
import statistics
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from banbury.cycle.source.mine.environment.resolved import EnvironmentError, resolve

PERIODS = ((2022, 9999, "from 2022 on"), (2018, 2021, "2018 to 2021"), (0, 2017, "before 2018"))


class Attempt(Struct, frozen=True):
    """What came of one commit's environment.

    Args:
        commit: its id.
        when: its time, seconds since the epoch.
        tests: how many tests pytest collects; 0 where there is no environment.
        reason: why there is none, "" where there is.
        log: what was tried, in words.
        cpu_s: CPU seconds of all of it.
    """

    commit: str
    when: float
    tests: int
    reason: str
    log: tuple[str, ...]
    cpu_s: float


class Share(Struct, frozen=True):
    """The environments of one period.

    Args:
        period: such as `from 2022 on`.
        built: how many could be built.
        of: how many commits there were.
        reasons: how often each reason kept one from it.
        cpu_s: median of CPU seconds.
    """

    period: str
    built: int
    of: int
    reasons: dict[str, int]
    cpu_s: float


def attempt(tree: Path, commit: str, when: float, cache: Path, *, tag: str = "") -> Attempt:
    """Resolve and prove the environment of one commit; a failure is its result.

    Args:
        tree: folder with its files.
        commit: its id.
        when: its time, seconds since the epoch.
        cache: folder of caches.
        tag: the nearest tag before it.

    Raises:
        SetupError: uv is missing, or the index cannot be reached.
        SandboxError: no box can be made.
    """
    before = _spent()
    try:
        found = resolve(tree, when, cache, tag=tag)
    except EnvironmentError as error:
        return Attempt(commit, when, 0, error.what, error.log, _spent() - before)
    cpu_s = _spent() - before + found.cpu_s
    return Attempt(commit, when, found.tests, "", found.log, cpu_s)


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + used.ru_utime + used.ru_stime


def shares(attempts: Iterable[Attempt]) -> list[Share]:
    """Return the share of environments that could be built, by period, the newest first."""
    listed = list(attempts)
    out = []
    for first, last, title in PERIODS:
        some = [a for a in listed if first <= datetime.fromtimestamp(a.when, UTC).year <= last]
        if some:
            failed = Counter(a.reason for a in some if a.reason)
            median = statistics.median(a.cpu_s for a in some)
            built = len(some) - failed.total()
            out.append(Share(title, built, len(some), dict(failed.most_common()), median))
    return out


def lines(found: Sequence[Share]) -> list[str]:
    """Return the shares as lines of text."""
    out = []
    for share in found:
        out.append(
            f"{share.period}: {share.built} of {share.of} environments built "
            f"({share.built / share.of:.0%}), median {share.cpu_s:.1f} CPU-s"
        )
        out += [f"  {count} x {reason}" for reason, count in share.reasons.items()]
    return out
