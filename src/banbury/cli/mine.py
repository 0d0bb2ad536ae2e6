"""`banbury mine`: from git repositories to verified tasks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from banbury.actors.open import open_policy
from banbury.actors.reach import public_only
from banbury.arena import Models
from banbury.cli.mine_words import (
    explain,
    live,
    show_candidate,
    show_candidates,
    show_summary,
    show_tried,
    summary_json,
)
from banbury.cli.terminal import Json, Place, bar, counted, next_command, out, print_json
from banbury.cycle.release import release as make_release
from banbury.cycle.review import review
from banbury.cycle.source.mine.account import rewritten
from banbury.cycle.source.mine.asked import Asked, Source, read_list
from banbury.cycle.source.mine.attempts import Tried, attempt, prove
from banbury.cycle.source.mine.attempts import failed_by as tasks_failed
from banbury.cycle.source.mine.history.public import against
from banbury.cycle.source.mine.history.statement import Ask
from banbury.cycle.source.mine.mining import mine as run_mine
from banbury.cycle.source.mine.summary import Summary, summary
from banbury.errors import InputError
from banbury.gyms.code_repair.rooms import cache as usual_cache
from banbury.store import Lab


@Parameter(name="*")
@dataclass(frozen=True)
class How:
    """How repositories are mined.

    Attributes:
        jobs: candidates at once.
        plant: bugs planted in the newest commit of each repository, as easier tasks.
        retry: run rejected candidates again.
        files: source files that a fix may change at most.
        lines: lines of source that a fix may change at most.
        cpu: CPU seconds that one run of a suite may take.
        memory: MiB that a box may use.
        local: where clones of addresses lie on this machine, with {owner} and {name}.
        cache: folder for clones, trees and environments; BANBURY_CACHE or ~/.cache/banbury if left.
        against: JSON lines of a benchmark's tasks, as SWE-bench has them, that are not made again.
        writer: a model that rewrites statements; words to which the rules object are thrown away.
    """

    jobs: Annotated[int, Parameter(name="--jobs")] = 2
    plant: Annotated[int, Parameter(name="--plant")] = 0
    retry: Annotated[bool, Parameter(name="--retry", negative="")] = False
    files: Annotated[int, Parameter(name="--files")] = 8
    lines: Annotated[int, Parameter(name="--lines")] = 300
    cpu: Annotated[float, Parameter(name="--cpu")] = 300.0
    memory: Annotated[int, Parameter(name="--memory")] = 2048
    local: Annotated[str, Parameter(name="--local")] = ""
    cache: Annotated[Path | None, Parameter(name="--cache")] = None
    against: Annotated[list[Path], Parameter(name="--against", negative="")] = field(
        default_factory=list
    )
    writer: Annotated[str, Parameter(name="--writer")] = ""

    def asked(self) -> Asked:
        """Return this as the miner takes it."""
        return Asked(
            jobs=self.jobs,
            plant=self.plant,
            retry=self.retry,
            local=self.local,
            files=self.files,
            lines=self.lines,
            cpu_s=self.cpu,
            memory=self.memory << 20,
        )


@Parameter(name="*")
@dataclass(frozen=True)
class Then:
    """What is done with the tasks.

    Attributes:
        model: a model that tries each task; its pass rate is kept.
        k: attempts of the model at each task.
        failed_by: only tasks that this model tried and never passed, in lists and in a release.
        release: name of a release of all tasks, with their reference solutions, to be made then.
    """

    model: Annotated[str, Parameter(name="--try")] = ""
    k: Annotated[int, Parameter(name=["--attempts", "-k"])] = 1
    failed_by: Annotated[str, Parameter(name="--failed-by")] = ""
    release: Annotated[str, Parameter(name="--release")] = ""


@Parameter(name="*")
@dataclass(frozen=True)
class Instead:
    """What is done instead of mining.

    Attributes:
        rewrite: a candidate whose statement a person wrote anew, in the file --words.
        words: the file with these words; the candidate is then judged again by the next run.
        show: explain one candidate wholly: its number, NAME@COMMIT or its commit.
        candidates: list the candidates so far, with what became of each.
        dropped: list the changes that are no candidates, with the reasons.
        table: only show what became of the repositories so far.
    """

    rewrite: Annotated[str, Parameter(name="--rewrite")] = ""
    words: Annotated[Path | None, Parameter(name="--words")] = None
    show: Annotated[str, Parameter(name="--show")] = ""
    candidates: Annotated[bool, Parameter(name="--candidates", negative="")] = False
    dropped: Annotated[bool, Parameter(name="--dropped", negative="")] = False
    table: Annotated[bool, Parameter(name="--table", negative="")] = False


def mine(
    repositories: Annotated[Sequence[str], Parameter(consume_multiple=True, negative="")] = (),
    *,
    lists: Annotated[Sequence[Path], Parameter(name="--list", negative="")] = (),
    since: str = "",
    until: str = "",
    limit: int | None = None,
    how: How = How(),
    then: Then = Then(),
    instead: Instead = Instead(),
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Turn the bug fixes of git repositories into verified tasks.

    Each candidate is kept with the reason why it became a task or did not. The same command again
    does only what is not done yet, also after Ctrl-C or a crash.

    Args:
        repositories: folders of clones, or https addresses.
        lists: files with a repository a line, and since=, until= or limit= behind it.
        since: oldest date of a fix, such as 2022-01-01.
        until: date before which a fix was made.
        limit: the most candidates of a repository, the newest first.
        how: how they are mined.
        then: what is done with the tasks.
        instead: what is done instead.
        place: where the work is kept.
        json: print JSON instead.
    """
    sources = [Source(_allowed(one), since, until, limit) for one in repositories]
    for path in lists:
        sources += read_list(path, Source("", since, until, limit))
    if instead.show:
        _show(instead.show, place, json)
    elif instead.rewrite:
        _rewrite(instead.rewrite, instead.words, place)
    elif instead.candidates or instead.dropped:
        with place.open(create=False) as lab:
            chosen = chosen_tasks(lab, then.failed_by)
            show_candidates(lab, sources, dropped=instead.dropped, tasks=chosen, json=json)
    else:
        _mine(sources, how, then, instead.table, place, json)


def _allowed(repository: str) -> str:
    """Return a repository that whoever asks may read: from a form, none of this machine's folders.

    Raises:
        InputError: it is a folder, and somebody else than the machine's operator names it.
    """
    if public_only() and not repository.startswith("https://"):
        do = "give its https address, or run `banbury mine` on the machine itself"
        raise InputError("a folder may not be named in a form", where=repository[:200], do=do)
    return repository


def _mine(
    sources: Sequence[Source], how: How, then: Then, table: bool, place: Place, json: bool
) -> None:
    """Mine, unless only the table is wanted; then let the model try, and release."""
    with place.open(create=not table) as lab:
        found = summary(lab, sources) if table else _mined(lab, sources, how, json)
        said = summary_json(found)
        if not json:
            show_summary(found)
        _readable(found)
        if then.model:
            said["tried"] = _try(lab, then.model, then.k, found.tasks, how.jobs, json)
        if then.release:
            wanted = chosen_tasks(lab, then.failed_by)
            tasks = [t for t in found.tasks if wanted is None or t in wanted]
            said["release"] = _release(lab, then.release, tasks, how.jobs, json)
    if json:
        print_json(said)
    elif then.release:
        next_command(place, "release", "export", then.release, f"{then.release}-files")
    elif found.tasks:
        next_command(place, "mine", "--candidates")


def _mined(lab: Lab, sources: Sequence[Source], how: How, json: bool) -> Summary:
    folder = how.cache or usual_cache()
    with _writer(how.writer, lab) as ask, live(quiet=json) as tell:
        benchmarks = [against(path) for path in how.against]
        return run_mine(
            lab, sources, how.asked(), folder, ask=ask, benchmarks=benchmarks, progress=tell
        )


@contextmanager
def _writer(model: str, lab: Lab) -> Iterator[Ask | None]:
    """Yield how to ask a model for a statement, None where none is named."""
    if not model:
        yield None
        return
    with open_policy(model, lab) as policy, Models({}, policy).aloud() as ask:
        yield lambda prompt: ask("writer", prompt)


def _readable(found: Summary) -> None:
    """Refuse where not one repository could be read; among others, one is only told of."""
    rows = [m.repository for m in found.repositories]
    if rows and all(row.state == "failed" for row in rows):
        raise InputError(rows[0].reason, where=rows[0].url, do=rows[0].remedy)


def chosen_tasks(lab: Lab, failed_by: str) -> set[str] | None:
    """Return the tasks that a model failed, None for all where none is named."""
    return tasks_failed(lab, failed_by) if failed_by else None


def _try(lab: Lab, model: str, k: int, tasks: Sequence[str], jobs: int, json: bool) -> list[Tried]:
    with open_policy(model, lab) as policy, bar("try", quiet=json) as tell:
        tried = attempt(lab, model, policy, tasks, k=k, concurrency=jobs, progress=tell)
    if not json:
        show_tried(model, tried)
    return tried


def _release(lab: Lab, name: str, tasks: Sequence[str], jobs: int, json: bool) -> dict[str, Any]:
    """Play the references, review them, and freeze what was accepted."""
    run = f"mined {name}"
    with bar("references", quiet=json) as tell:
        tally = prove(lab, run, tasks, concurrency=jobs, progress=tell)
    # The run may hold episodes of tasks that were taken back since.
    wanted = set(tasks)
    ids = [e.id for e in lab.episodes(run=run) if e.key.task in wanted]
    checked = review(lab, episodes=ids, name=run)
    made = make_release(lab, name, episodes=checked.accepted)
    said = {
        "name": made.name,
        "version": made.version,
        "sha256": made.body["sha256"],
        "episodes": made.body["episodes"],
        "rows": made.body["rows"],
        "passed": tally.passed,
        "tasks": len(tasks),
        "rejected": checked.reasons,
    }
    if not json:
        kept = f"{made.body['episodes']} of {counted(len(tasks), 'task')}"
        out.print(
            f"\n{made.name} version {made.version}: {kept} "
            f"with their reference solutions, sha256 {made.body['sha256']}"
        )
        for reason, count in checked.reasons.items():
            out.print(f"  {count} left out: {reason}", markup=False)
    return said


def _rewrite(name: str, words: Path | None, place: Place) -> None:
    """Put a person's words in place of a candidate's statement."""
    if words is None or not words.is_file():
        raise InputError("there is no file with the new statement", do="add --words FILE")
    text = words.read_text(encoding="utf-8").strip()
    with place.open(create=False) as lab:
        candidate = lab.mining.candidate(name)
        if not lab.mining.note(candidate.id, rewritten(candidate.body, text)):
            raise InputError(f"{candidate.label} is worked on just now", do="wait for its end")
    out.print(f"{candidate.label} has its new statement, and is judged again by the next run")


def _show(name: str, place: Place, json: bool) -> None:
    with place.open(create=False) as lab:
        candidate = lab.mining.candidate(name)
    if json:
        print_json(explain(candidate))
    else:
        show_candidate(candidate)
