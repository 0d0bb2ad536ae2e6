"""The form of a person at a terminal: a text answer, or commands made from the action's schema.

It reads lines, from a terminal or a pipe. Whatever is no action is told at once, and asked again.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from banbury.actors.person import Broken
from banbury.actors.policy import Left, clean
from banbury.cli.terminal import counted
from banbury.episode import Task
from banbury.gyms.contract import Action, Answer, Observation
from banbury.gyms.tools import BadCall, Tool, Toolbox, kind, only_answers, toolbox

_GIVEN = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_WORDS = {"yes": True, "true": True, "no": False, "false": False}
_HELP = (
    "/help or ?   this help",
    "/undo        take back the last line or field that you typed",
    "/cancel      drop what you are typing",
    "/broken WHY  say that the task is broken, and go to the next",
    "/quit        leave (Ctrl-D too); the same command carries on later",
    "A line that ends in \\ goes on in the next.",
)


class Undo(Exception):
    """The person takes back what was typed last."""


class Cancel(Exception):
    """The person drops what is being typed."""


class TerminalForm:
    """Asks a person at a terminal; see `banbury.actors.person.Form`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._task = ""

    def ask(self, task: Task, actions: Any, seen: Sequence[Observation]) -> Action:
        """Show what was seen and return what the person does.

        Raises:
            Left: the person got up.
            Broken: the person says that the task is broken.
        """
        self._begin(task, actions, seen)
        box = toolbox(actions)
        while True:
            try:
                if only_answers(actions):
                    return Answer(self._line("answer> ", self._help_answer))
                return self._command(box)
            except BadCall as error:
                self._say(str(error))
            except (Undo, Cancel):
                self._say("nothing is typed yet")

    def remind(self, task: Task, actions: Any, seen: Sequence[Observation], did: Action) -> None:
        """Show what was seen and done before the episode was interrupted."""
        self._begin(task, actions, seen)
        self._hint(f"you did: {msgspec.json.encode(did).decode()}")

    def _begin(self, task: Task, actions: Any, seen: Sequence[Observation]) -> None:
        if task.id != self._task:
            self._task = task.id
            if only_answers(actions):
                self._hint("Type your answer; /help shows what else you can type.")
            else:
                self._hint(f"Commands: {toolbox(actions).names}; help, broken, quit")
        for one in seen:
            self._show(one)

    def _show(self, seen: Observation) -> None:
        text = Text(seen.text or "(nothing)")
        if seen.role == "tool":
            self._console.print(text, style="cyan")
        else:
            self._console.print(Panel(text, border_style="dim"))
        if seen.media:
            shown = counted(len(seen.media), "picture or sound", "pictures or sounds")
            self._hint(f"{shown} cannot be shown in a terminal.")

    def _command(self, box: Toolbox) -> Action:
        """Read one command, ask for the fields that it lacks, and return the action.

        Raises:
            BadCall: it is none, or its fields do not fit.
        """
        line = self._line("> ", lambda: self._help_tools(box), bare={t.name for t in box.tools})
        name, _, rest = line.partition(" ")
        if name == "help":
            self._help_tool(box.tool(rest.strip()))
            return self._command(box)
        tool = box.tool(name)
        given = typed(tool, rest)
        try:
            self._fill(tool, given)
        except Cancel:
            self._say(f"{name} is dropped")
            return self._command(box)
        return box.action(tool.name, given)

    def _fill(self, tool: Tool, given: dict[str, Any]) -> None:
        """Ask for each required field that is missing; `/undo` goes back to the one before."""
        asked = [name for name in tool.required if name not in given]
        at = 0
        while at < len(asked):
            schema = tool.fields[asked[at]]
            what = schema.get("description") or kind(schema)
            try:
                text = self._line(f"  {asked[at]} ({what}): ", lambda: self._help_tool(tool))
                given[asked[at]] = value(asked[at], schema, text)
                at += 1
            except BadCall as error:
                self._say(str(error))
            except Undo:
                if not at:
                    raise Cancel from None
                at -= 1
                del given[asked[at]]

    def _line(self, prompt: str, help_: Callable[[], None], bare: set[str] | None = None) -> str:
        """Return what the person types, not empty; `bare` commands need no slash.

        Args:
            prompt: stands before what is typed.
            help_: shows the help.
            bare: names that are commands of the gym; None where a text is asked for, in which
                only words behind a slash are the form's.
        """
        parts: list[str] = []
        while True:
            text = self._read("... " if parts else prompt)
            word, _, rest = text.strip().partition(" ")
            spoken = word[1:] if word.startswith("/") else ""
            if bare is not None and word not in bare and not (word == "help" and rest):
                spoken = spoken or word
            if text.strip() == "?" or spoken == "help":
                help_()
            elif spoken == "quit":
                raise Left("the person got up")
            elif spoken == "broken":
                raise Broken(rest.strip() or self._read("What is wrong with it? ").strip())
            elif spoken == "undo" and parts:
                self._say(f"taken back: {parts.pop()}")
            elif spoken == "undo":
                raise Undo
            elif spoken == "cancel":
                if not parts:
                    raise Cancel
                parts.clear()
            elif text.endswith("\\"):
                parts.append(text[:-1])
            elif text.startswith("/") and not text.startswith("//"):
                self._say(f"there is no {word}; /help shows what there is, // begins a text with /")
            elif text.strip() or parts:
                return clean("\n".join([*parts, text.removeprefix("/") if not parts else text]))

    def _read(self, prompt: str) -> str:
        """Return a line without its end.

        Raises:
            EOFError: there is none.
        """
        if sys.stdin.isatty():
            return input(prompt)
        self._console.print(prompt, end="", markup=False, highlight=False, soft_wrap=True)
        line = sys.stdin.readline()
        self._console.print()
        if not line:
            raise EOFError
        return line.rstrip("\r\n")

    def _help_answer(self) -> None:
        self._lines("Type the answer and press Enter.", *_HELP)

    def _help_tools(self, box: Toolbox) -> None:
        for tool in box.tools:
            first = tool.description.split("\n", 1)[0]
            self._lines(f"  {tool.usage}", *([f"      {first}"] if first else []))
        self._lines(
            'Type a command with its fields: in order, or as name="some words"; what is missing',
            "is asked for. help COMMAND shows its fields. Words without a slash will do as well:",
            *_HELP,
        )

    def _help_tool(self, tool: Tool) -> None:
        self._lines(tool.usage, *(f"  {line}" for line in tool.description.splitlines()))
        for name, schema in tool.fields.items():
            told = [kind(schema), schema.get("description", "")]
            told += [] if name in tool.required else [f"{schema.get('default')!r} if not given"]
            self._lines(f"  {name}: {'; '.join(filter(None, told))}")

    def _say(self, text: str) -> None:
        self._console.print(Text(text), style="yellow")

    def _hint(self, text: str) -> None:
        self._console.print(Text(text), style="dim")

    def _lines(self, *lines: str) -> None:
        for line in lines:
            self._console.print(Text(line), soft_wrap=True)


def typed(tool: Tool, text: str) -> dict[str, Any]:
    """Return the fields of a command line: `NAME=VALUE`, or values in the fields' order.

    Words that are left over belong to the last field, if it is a text.

    Raises:
        BadCall: a quote is not closed, or a value does not fit its field.
    """
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()  # an apostrophe, as in don't
    given: dict[str, Any] = {}
    loose: list[str] = []
    for word in words:
        found = _GIVEN.fullmatch(word)
        if found and found[1] in tool.fields:
            given[found[1]] = value(found[1], tool.fields[found[1]], found[2])
        else:
            loose.append(word)
    free = [name for name in tool.fields if name not in given]
    if len(loose) > len(free):
        if not free or kind(tool.fields[free[-1]]) != "string":
            more = counted(len(loose) - len(free), "word")
            raise BadCall(f"{more} too many; use it as {tool.usage}")
        loose = [*loose[: len(free) - 1], " ".join(loose[len(free) - 1 :])]
    for name, word in zip(free, loose, strict=False):
        given[name] = value(name, tool.fields[name], word)
    return given


def value(name: str, schema: Mapping[str, Any], text: str) -> Any:
    """Return what a person typed as the value of a field; lists are typed with commas.

    Raises:
        BadCall: it does not fit.
    """
    types = _types(schema)
    if "null" in types and text in ("none", "null"):
        return None
    if "boolean" in types and text.lower() in _WORDS:
        return _WORDS[text.lower()]
    for number in (int, float):
        if types & {"integer", "number"}:
            try:
                return number(text)
            except ValueError:
                continue
    if types & {"array", "object"}:
        found = _json(text)
        if isinstance(found, list if "array" in types else dict):
            return found
        if "array" in types:
            inner = schema.get("items") or {}
            return [value(name, inner, part.strip()) for part in text.split(",")]
    if "string" in types or "enum" in schema or not types:
        return "" if text == '""' else text
    raise BadCall(f"{name} takes {kind(schema)}, not {text[:80]!r}")


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        return None


def _types(schema: Mapping[str, Any]) -> set[str]:
    if "anyOf" in schema:
        return set().union(*(_types(one) for one in schema["anyOf"]))
    found = schema.get("type", ())
    return {found} if isinstance(found, str) else set(found)
