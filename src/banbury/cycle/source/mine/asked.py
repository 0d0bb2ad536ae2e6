"""What a mining run is asked for: repositories, dates, sizes; and how a list of them is read."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from banbury.errors import InputError
from banbury.store.mining import FOREVER


class Source(msgspec.Struct, frozen=True):
    """One repository, and which of its candidates are wanted.

    Attributes:
        url: path or address.
        since: date such as 2022-01-01, or "".
        until: date, exclusive, or "".
        limit: the most candidates, the newest first; None for all.
    """

    url: str
    since: str = ""
    until: str = ""
    limit: int | None = None

    @property
    def span(self) -> tuple[int, int]:
        """Return the first and the last second of the dates.

        Raises:
            InputError: a date is none, or they are the wrong way round.
        """
        low = seconds(self.since) if self.since else FOREVER[0]
        high = seconds(self.until) - 1 if self.until else FOREVER[1]
        if low > high:
            raise InputError(f"no time lies between {self.since} and {self.until}", where=self.url)
        return low, high


class Asked(msgspec.Struct, frozen=True, omit_defaults=True):
    """How repositories are mined.

    Attributes:
        jobs: candidates at once.
        plant: planted bugs wanted of each repository.
        retry: run candidates again that were rejected or failed.
        local: where clones lie on this machine, with {owner} and {name}; "" for nowhere.
        files: source files that a fix may change at most.
        lines: lines of source that it may change at most.
        cpu_s: CPU seconds of one run of a suite at most.
        memory: bytes of a box at most.
    """

    jobs: int = 2
    plant: int = 0
    retry: bool = False
    local: str = ""
    files: int = 8
    lines: int = 300
    cpu_s: float = 300.0
    memory: int = 2 << 30


def seconds(date: str) -> int:
    """Return seconds since 1970 of a date, UTC where it names no zone.

    Raises:
        InputError: it is none.
    """
    try:
        found = datetime.datetime.fromisoformat(date)
    except ValueError as error:
        raise InputError(f"{date!r} is no date", do="write it as 2022-01-31") from error
    aware = found if found.tzinfo else found.replace(tzinfo=datetime.UTC)
    return int(aware.timestamp())


def address(url: str) -> str:
    """Return a path made absolute, an address without its trailing slash and `.git`."""
    if "://" in url:
        return url.rstrip("/").removesuffix(".git")
    return os.path.realpath(Path(url).expanduser())


def name_of(url: str) -> str:
    """Return a short name for people: the last part of the address that says something."""
    parts = [p for p in re.split(r"[/\\]", url.removesuffix(".git")) if p]
    while len(parts) > 1 and parts[-1] in ("repo", ".git", "git", "bare", "src"):
        parts.pop()
    return re.sub(r"[^\w.+-]", "-", parts[-1].rpartition("+")[2] or parts[-1]) if parts else url


def read_list(path: Path, usual: Source) -> Iterator[Source]:
    """Yield the repositories of a list: an address a line, `#` for comments.

    Behind an address may stand `since=DATE`, `until=DATE` and `limit=N`.

    Args:
        path: the file.
        usual: what counts where a line does not say otherwise.

    Raises:
        InputError: the file cannot be read, or a line is wrong.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the list cannot be read: {error}", where=str(path)) from error
    for number, line in enumerate(lines, start=1):
        url, *words = line.partition("#")[0].split() or [""]
        if url:
            yield _of_line(url, words, usual, f"{path}, line {number}")


def _of_line(url: str, words: list[str], usual: Source, where: str) -> Source:
    given: dict[str, str] = {}
    for word in words:
        name, mark, value = word.partition("=")
        if not mark or name not in ("since", "until", "limit"):
            raise InputError(
                f"{word!r} is not understood", where=where, do="write since=, until= or limit="
            )
        given[name] = value
    limit = given.pop("limit", "")
    if limit and not limit.isdecimal():
        raise InputError(f"{limit!r} is no number", where=where)
    made = msgspec.structs.replace(usual, url=url, **given)
    return msgspec.structs.replace(made, limit=int(limit)) if limit else made
