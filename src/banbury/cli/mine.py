"""`banbury mine`: from git repositories to verified tasks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from banbury.cli.mine_words import (
    explain,
    live,
    show_candidate,
    show_candidates,
    show_summary,
    summary_json,
)
from banbury.cli.terminal import Json, Place, next_command, print_json
from banbury.cycle.source.mine.asked import Asked, Source, read_list
from banbury.cycle.source.mine.mining import mine as run_mine
from banbury.cycle.source.mine.summary import summary
from banbury.gyms.code_repair.rooms import cache as usual_cache


def mine(
    repositories: Annotated[Sequence[str], Parameter(consume_multiple=True)] = (),
    *,
    list_file: Annotated[Path | None, Parameter(name="--list")] = None,
    since: str = "",
    until: str = "",
    limit: int | None = None,
    jobs: int = 2,
    plant: int = 0,
    retry: Annotated[bool, Parameter(negative="")] = False,
    files: int = 8,
    lines: int = 300,
    cpu: float = 300.0,
    memory: int = 2048,
    local: str = "",
    cache: Path | None = None,
    show: str = "",
    candidates: Annotated[bool, Parameter(negative="")] = False,
    dropped: Annotated[bool, Parameter(negative="")] = False,
    table: Annotated[bool, Parameter(negative="")] = False,
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Turn the bug fixes of git repositories into verified tasks.

    Each candidate is kept with the reason why it became a task or did not. The same command again
    does only what is not done yet, also after Ctrl-C or a crash.

    Args:
        repositories: folders of clones, or https addresses.
        list_file: a file with a repository a line, and since=, until= or limit= behind it.
        since: oldest date of a fix, such as 2022-01-01.
        until: date before which a fix was made.
        limit: the most candidates of a repository, the newest first.
        jobs: candidates at once.
        plant: bugs planted in the newest commit of each repository, as easier tasks.
        retry: run rejected candidates again.
        files: source files that a fix may change at most.
        lines: lines of source that a fix may change at most.
        cpu: CPU seconds that one run of a suite may take.
        memory: MiB that a box may use.
        local: where clones of addresses lie on this machine, with {owner} and {name}.
        cache: folder for clones, trees and environments; BANBURY_CACHE or ~/.cache/banbury if left.
        show: explain one candidate wholly: its number, NAME@COMMIT or its commit.
        candidates: list the candidates so far, with what became of each.
        dropped: list the changes that are no candidates, with the reasons.
        table: only show what became of the repositories so far.
        place: where the work is kept.
        json: print JSON instead.
    """
    usual = Source("", since, until, limit)
    sources = [Source(one, since, until, limit) for one in repositories]
    if list_file is not None:
        sources += read_list(list_file, usual)
    asked = Asked(
        jobs=jobs,
        plant=plant,
        retry=retry,
        local=local,
        files=files,
        lines=lines,
        cpu_s=cpu,
        memory=memory << 20,
    )
    if show:
        _show(show, place, json)
        return
    with place.open(create=not (candidates or dropped or table)) as lab:
        if candidates or dropped:
            show_candidates(lab, sources, dropped=dropped, json=json)
            return
        if table:
            found = summary(lab, sources)
        else:
            with live(quiet=json) as tell:
                found = run_mine(lab, sources, asked, cache or usual_cache(), progress=tell)
    if json:
        print_json(summary_json(found))
        return
    show_summary(found)
    if found.tasks and not table:
        next_command(place, "mine", "--candidates")


def _show(name: str, place: Place, json: bool) -> None:
    with place.open(create=False) as lab:
        candidate = lab.mining.candidate(name)
    if json:
        print_json(explain(candidate))
    else:
        show_candidate(candidate)
