"""The workshop: one project in a box, from its opening until the work is handed in."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from banbury.episode import Problem
from banbury.errors import GymError, InputError
from banbury.gyms.code_repair import actions as do
from banbury.gyms.code_repair import left, rooms, testing
from banbury.gyms.code_repair.repair import Repair, repair_of
from banbury.gyms.contract import Action, Environment, Observation, Turn
from banbury.sandbox import Box, Limits, Ran, Snapshot

MOVES = 250
"""Actions after which an episode is cut off."""
SHOWN = 12_000
"""Characters of one answer at most; the middle of a longer one is left out."""
LINES = 1000
_FILE = 8 << 20
_NAMED = 60
_ARGUMENT = 100_000
_QUICK = Limits(cpu_s=20, wall_s=120)
_TIMES = 3.0

SYSTEM = (
    "You repair a bug in a project that stands in {place}. You have a shell without network, and "
    "tools to read, search and edit. The work is judged by tests, some of which you may not see: "
    "they are run on your changes of the source, in a clean copy. Changes of tests and of how "
    "tests are run do not count. When the work is done, submit."
)
_SEARCH = """
import os, re, sys
pattern, place = re.compile(sys.argv[1]), sys.argv[2]
found = 0
def files():
    if os.path.isfile(place):
        yield place
    for folder, folders, names in os.walk(place):
        folders[:] = sorted(f for f in folders if f not in (".git", "__pycache__"))
        for name in sorted(names):
            yield os.path.join(folder, name)
for path in files():
    try:
        data = open(path, "rb").read(1 << 20)
    except OSError:
        continue
    if b"\\0" in data[:4096]:
        continue
    for number, line in enumerate(data.decode("utf-8", "replace").split("\\n"), 1):
        if pattern.search(line):
            print("%s:%d: %s" % (os.path.normpath(path), number, line.strip()[:200]))
            found += 1
            if found == 200:
                print("[more than 200 lines match]")
                sys.exit()
if not found:
    print("No line matches.")
"""
_TOOK = re.compile(r"\b(in|Ran \d+ tests? in) \d+\.\d+ ?s\b")


class Refused(Exception):
    """A tool cannot do what it was asked, said in one sentence."""


class Workshop(Environment):
    """One project in a box.

    Args:
        problem: the task.
        seat: who works.
    """

    def __init__(self, problem: Problem, seat: str = "solver") -> None:
        self._task = problem.task
        self._repair: Repair = repair_of(problem)
        self._seat = seat
        self._moves = 0
        self._box: Box = rooms.room(self._repair, problem.read)
        self._links = [e.path for e in self._box.files() if e.kind == "link"]
        self._tools: dict[type[Action], Callable[[Any], str]] = {
            do.Shell: self._shell,
            do.Read: self._read,
            do.Search: self._search,
            do.Edit: self._edit,
            do.Write: self._write,
            do.RunTests: self._run_tests,
            do.Note: lambda note: "Noted.",
        }

    def opening(self) -> Turn:
        """Say what is wrong, and show what there is."""
        said = f"{self._task.public.instruction}\n\nThe project's files:\n{self._listed('.')}"
        system = Observation(SYSTEM.format(place="/work"), "system")
        return Turn({self._seat: (system, Observation(said))})

    def step(self, seat: str, action: Action) -> Turn:
        """Use a tool; what it cannot do, it says in one sentence."""
        self._moves += 1
        if isinstance(action, do.Submit):
            return Turn(terminated=True)
        try:
            text = self._tools[type(action)](action)
        except (Refused, InputError) as refusal:
            text = f"Error: {refusal}"
        shown = {self._seat: (Observation(cut(text), "tool"),)}
        return Turn(shown, truncated=self._moves >= MOVES)

    def evidence(self) -> str:
        """Return the files that differ from the task's tree."""
        return left.encode(left.left(self._box, self._links))

    def snapshot(self) -> bytes:
        """Name the state of the box's files; it lives as long as this environment."""
        return msgspec.json.encode((self._moves, self._box.snapshot().stack))

    def restore(self, state: bytes) -> None:
        """Go back to a snapshot of this environment."""
        try:
            self._moves, stack = msgspec.json.decode(state, type=tuple[int, tuple[str, ...]])
            self._box.restore(Snapshot(stack))
        except (msgspec.MsgspecError, InputError) as error:
            raise GymError(f"this is no snapshot of this workshop: {error}") from error

    def close(self) -> None:
        """End the box."""
        self._box.close()

    def _shell(self, action: do.Shell) -> str:
        command = f"exec 2>&1\n{action.command}"
        if "\0" in command:
            raise Refused("a command holds no NUL.")
        argv = ["bash", "-c", command]
        if len(command) > _ARGUMENT:
            self._box.write("/tmp/command", command.encode("utf-8", "replace"))
            argv = ["bash", "/tmp/command"]
        return said(self._box.run(argv), rooms.ROOM)

    def _read(self, action: do.Read) -> str:
        if _folder(action.path):
            return self._listed(action.path)
        try:
            data = self._box.read(_place(action.path), _FILE)
        except InputError as error:
            if listed := self._folder(action.path):
                return listed
            raise Refused(f"{action.path}: {error.what}.") from error
        lines = data.decode("utf-8", "replace").split("\n")
        first, most = max(action.first, 1), min(max(action.lines, 1), LINES)
        part = lines[first - 1 : first - 1 + most]
        shown = "\n".join(f"{n:5} {line}" for n, line in enumerate(part, first))
        rest = len(lines) - (first - 1 + len(part))
        return f"{shown}\n[{rest} more lines]" if rest > 0 else shown

    def _search(self, action: do.Search) -> str:
        python = testing.python(self._repair.recipe)
        argv = [python, "-I", "-c", _SEARCH, action.pattern, _place(action.path)]
        ran = self._box.run(argv, limits=_QUICK)
        if ran.code and ran.end == "exit":
            raise Refused(f"{_final(ran.err)}.")
        return said(ran, _QUICK).replace("/work/", "")

    def _edit(self, action: do.Edit) -> str:
        try:
            text = self._box.read(_place(action.path), _FILE).decode("utf-8")
        except InputError as error:
            raise Refused(f"{action.path}: {error.what}.") from error
        except UnicodeDecodeError:
            raise Refused(f"{action.path} is no text.") from None
        times = text.count(action.old) if action.old else 0
        if times != 1:
            raise Refused(f"the passage occurs {times} times in {action.path}, not once.")
        self._put(action.path, text.replace(action.old, action.new))
        return f"{action.path} is changed."

    def _write(self, action: do.Write) -> str:
        self._put(action.path, action.text)
        return f"{action.path} is written."

    def _put(self, path: str, text: str) -> None:
        place = _place(path)
        mode = self._box.run(["stat", "-c", "%a", "--", place]).out.strip()
        data = text.encode("utf-8", "surrogatepass")
        self._box.write(place, data, 0o755 if mode.startswith(b"7") else 0o644)

    def _run_tests(self, action: do.RunTests) -> str:
        cpu = max(rooms.ROOM.cpu_s, _TIMES * self._repair.cpu_s)
        limits = msgspec.structs.replace(rooms.ROOM, cpu_s=cpu)
        tested = testing.run(self._box, self._repair.recipe, action.files, limits=limits)
        kinds: dict[str, int] = {}
        for outcome in tested.outcomes.values():
            kinds[outcome] = kinds.get(outcome, 0) + 1
        lines = [", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items())) or "no test ran"]
        lines += [f"Trouble: {tested.trouble}."] if tested.trouble else []
        bad = [id for id, outcome in sorted(tested.outcomes.items()) if outcome in _BAD]
        lines += [f"{tested.outcomes[id]}: {id}: {tested.reasons.get(id, '')}" for id in bad]
        if bad or tested.trouble:
            lines += ["", _TOOK.sub(r"\1 - s", tested.printed)]
        return "\n".join(lines)

    def _folder(self, path: str) -> str:
        """Return what a folder holds, "" where it is none."""
        try:
            return self._listed(path)
        except InputError:
            return ""

    def _listed(self, path: str) -> str:
        """Return a folder's own entries, then what lies below them, as far as there is room."""
        entries = [e for e in self._box.files(_place(path)) if not left.is_junk(e.path)]
        entries.sort(key=lambda e: (e.path.count("/"), e.path))
        names = [e.path + ("/" if e.kind == "folder" else "") for e in entries]
        more = [f"[{len(names) - _NAMED} more]"] if len(names) > _NAMED else []
        return "\n".join([*sorted(names[:_NAMED]), *more])


_BAD = ("failed", "error", "missing")


def _place(path: str) -> str:
    return path if path.startswith("/") else f"/work/{path}"


def _folder(path: str) -> bool:
    return path.strip("./") == "" or path.endswith("/")


def _final(data: bytes) -> str:
    lines = data.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:300] if lines else "it failed without a word"


def said(ran: Ran, limits: Limits) -> str:
    """Return what a command printed, and how it ended."""
    text = ran.out.decode("utf-8", "replace").rstrip("\n")
    end = "" if ran.code == 0 else f"[exit code {ran.code}]"
    if ran.end not in ("exit", "signal"):
        end = f"[ended: {testing.ENDS[ran.end].format(limits).removeprefix('the tests ')}]"
    if ran.cut:
        end = f"[{ran.cut} bytes of output left out] {end}".strip()
    return "\n".join(part for part in (text, end) if part) or "[no output]"


def cut(text: str, most: int = SHOWN) -> str:
    """Return a text of about so many characters, the middle of a longer one left out."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}\n[... {len(text) - 2 * half} characters left out ...]\n{text[-half:]}"
