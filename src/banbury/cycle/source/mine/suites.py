"""Runs of tests in boxes, each kept under the hash of what was run, so that none is made twice.

A neighbouring candidate whose base is this one's fix takes the run over, and so does whoever
carries on after this process was killed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec
import zstandard

from banbury.cycle.source.mine.account import RunNote
from banbury.cycle.source.mine.lists import BAD, Said
from banbury.cycle.source.mine.perturb import PLAIN, How
from banbury.cycle.source.mine.reasons import ENDS, Rejected, kind_of
from banbury.episode import canonical, digest
from banbury.gyms.code_repair import testing
from banbury.gyms.code_repair.files import Changes
from banbury.gyms.code_repair.recipe import Recipe
from banbury.sandbox import Box, Limits
from banbury.store import Lab

VERSION = "2"
"""Of how runs are made; another one makes them again."""
_SHOWN = 30


class Base(msgspec.Struct, frozen=True):
    """A tree with its environment.

    Attributes:
        key: hash of the tree's files and of the recipe.
        folder: where the tree lies.
        recipe: how its tests are run.
        environment: folder for /env, None where the recipe has no lock.
    """

    key: str
    folder: Path
    recipe: Recipe
    environment: Path | None


class Run(msgspec.Struct, frozen=True):
    """What one run of tests said.

    Attributes:
        outcomes: by test id.
        reasons: what the first failing tests raised.
        trouble: why there are no outcomes, or not all.
        suspicions: what looks as if the tests were meant to be deceived.
        printed: beginning and end of what was printed, where something went wrong.
        end: how the box ended.
        cpu_s: CPU seconds.
        wall_s: seconds.
        cut: the test during which it ended before its time, which counts as failed; "" for none.
        by: the candidate that it was made for.
        shared: it was made for another one.
    """

    outcomes: dict[str, str]
    reasons: dict[str, str]
    trouble: str
    suspicions: tuple[str, ...]
    printed: str
    end: str
    cpu_s: float
    wall_s: float
    cut: str = ""
    by: str = ""
    shared: bool = False

    def failed(self, id: str) -> bool:
        """Say whether a test came out, and badly."""
        return self.outcomes.get(id) in ("failed", "error")

    def said(self, asked: tuple[str, ...] = ()) -> Said:
        """Return what it says of the files and functions that it was asked for."""
        return Said(self.outcomes, frozenset(asked), sparse=bool(self.cut))

    def note(self, what: str, how: How) -> RunNote:
        """Return the line of the account."""
        good = sum(o == "passed" for o in self.outcomes.values())
        bad = sum(o in BAD for o in self.outcomes.values())
        return RunNote(
            what,
            how.words,
            good,
            bad,
            len(self.outcomes) - good - bad,
            self.trouble,
            0.0 if self.shared else self.cpu_s,
            self.wall_s,
            self.shared,
        )


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Run).decode


class Suites:
    """Runs tests, and keeps what they said; several threads may use it.

    Args:
        lab: where runs are kept.
        cpu_s: CPU seconds of one run at most.
        memory: bytes of a box at most.
    """

    def __init__(self, lab: Lab, *, cpu_s: float, memory: int) -> None:
        self._lab = lab
        self._limits = Limits(
            cpu_s=cpu_s, wall_s=4 * cpu_s + 60, memory=memory, processes=256, disk=1 << 30
        )
        self._held: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def run(
        self,
        base: Base,
        changes: Changes,
        files: tuple[str, ...] = (),
        how: How = PLAIN,
        *,
        cpu_s: float = 0.0,
        by: str = "",
    ) -> Run:
        """Run tests on a tree with some files changed.

        Args:
            base: the tree.
            changes: files put over it; None deletes one.
            files: test files or functions; the whole suite if none.
            how: what is perturbed.
            cpu_s: CPU seconds at most, where that is less than usual.
            by: the candidate; a run that another one had made costs it nothing.

        Raises:
            SandboxError: the box itself failed.
        """
        said = [VERSION, base.key, _hashes(changes), files, msgspec.to_builtins(how)]
        key = digest(canonical(said))
        with self._alone(key):
            kept = self._lab.mining.kept(key)
            if kept is not None:
                run = _decode(zstandard.ZstdDecompressor().decompress(kept[0]))
                return msgspec.structs.replace(run, shared=run.by != by)
            run = self._made(base, changes, files, how, cpu_s)
            run = msgspec.structs.replace(run, by=by)
            if run.end not in ("wall", "memory"):
                packed = zstandard.ZstdCompressor(level=9).compress(_encode(run))
                self._lab.mining.keep(key, packed, run.cpu_s)
            return run

    @contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        """Let one thread make a run, and others wait for it."""
        with self._lock:
            lock = self._held.setdefault(key, threading.Lock())
        try:
            with lock:
                yield
        finally:
            with self._lock:
                self._held.pop(key, None)

    def _made(
        self, base: Base, changes: Changes, files: tuple[str, ...], how: How, cpu_s: float
    ) -> Run:
        limits = self._limits
        if cpu_s:
            limits = msgspec.structs.replace(limits, cpu_s=min(cpu_s, limits.cpu_s))
        mounts = testing.mounts(base.environment)
        with Box((base.folder,), mounts=mounts, limits=limits) as box:
            spent = prepare(box, base.recipe) + put(box, changes)
            tested = testing.run(
                box,
                base.recipe,
                files,
                hash_seed=how.hash_seed,
                order=how.order,
                clock=how.clock or None,
                zone=how.zone,
                locale=how.locale,
                limits=limits,
            )
        wrong = bool(tested.trouble) or any(o in BAD for o in tested.outcomes.values())
        return Run(
            outcomes=dict(tested.outcomes),
            reasons=dict(list(tested.reasons.items())[:_SHOWN]),
            trouble=tested.trouble,
            suspicions=tested.suspicions,
            printed=tested.printed[-4000:] if wrong else "",
            end=tested.ran.end,
            cpu_s=tested.ran.cpu_s + spent,
            wall_s=tested.ran.wall_s,
            cut=tested.cut,
        )


def prepare(box: Box, recipe: Recipe) -> float:
    """Install the project itself in a box, as its recipe says; return the CPU seconds.

    Raises:
        Rejected: a command failed.
    """
    spent = 0.0
    for command in recipe.install:
        ran = box.run(command, env=testing.variables(recipe))
        spent += ran.cpu_s
        if ran.code or ran.end != "exit":
            said = (ran.err or ran.out).decode("utf-8", "replace")
            kind = kind_of(ran.end, "") if ran.end in ENDS else "build"
            raise Rejected(kind, f"installing it ended with {ran.end} {ran.code}", log=said)
    return spent


def put(box: Box, changes: Changes) -> float:
    """Put files into a box's tree; return the CPU seconds."""
    spent = 0.0
    gone = [path for path, file in changes.items() if file is None]
    if gone:
        spent += box.run(["rm", "-rf", "--", *gone]).cpu_s
    for path, file in changes.items():
        if file is not None and file.link:
            spent += box.run(["ln", "-sfn", "--", file.link, path]).cpu_s
        elif file is not None:
            box.write(path, file.bytes, 0o755 if file.executable else 0o644)
    return spent


def _hashes(changes: Changes) -> Mapping[str, str]:
    return {path: digest(canonical(file)) for path, file in sorted(changes.items())}
