"""A gym's actions as tools: functions for a model, commands for a person, and back again.

The action type's JSON Schema is the one source. A tool's name is the action's tag, its description
the struct's docstring, its parameters the struct's fields. Whatever a model or a person writes
comes back as an action, or as a `BadCall` that says what was wrong and which tools there are.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from banbury.gyms.contract import Action, Answer, action_schema

TAG = "do"
"""The field that holds an action's tag."""

_LONGEST = 200_000
"""Characters of a text in which an action is looked for."""
_TRIES = 8
"""Openings of an object that may stay unclosed before the text is given up."""
_MARKS = re.compile(r'[{}"\\]')


class BadCall(ValueError):
    """What an actor wrote is no action: the actor's fault, said in words that it can act on."""


class Tool(msgspec.Struct, frozen=True):
    """One kind of action.

    Attributes:
        name: the action's tag.
        description: what it does, in words.
        parameters: JSON Schema of an object, without the tag, complete in itself.
    """

    name: str
    description: str
    parameters: dict[str, Any]

    @property
    def fields(self) -> Mapping[str, Any]:
        """Return the schema of each parameter, in the struct's order."""
        found: dict[str, Any] = self.parameters["properties"]
        return found

    @property
    def required(self) -> Sequence[str]:
        """Return the names of the parameters that must be given."""
        found: list[str] = self.parameters.get("required", [])
        return found

    @property
    def usage(self) -> str:
        """Return the tool in one line, such as `move(to: integer, how?: fast | slow)`."""
        words = [
            f"{name}{'' if name in self.required else '?'}: {kind(schema)}"
            for name, schema in self.fields.items()
        ]
        return f"{self.name}({', '.join(words)})"


class Toolbox:
    """The tools of one action type; get it with `toolbox`."""

    def __init__(self, actions: Any) -> None:
        self._actions = actions
        self.tools = tuple(_tools(action_schema(actions)))
        self._by_name = {tool.name: tool for tool in self.tools}

    @property
    def names(self) -> str:
        """Return the names of the tools as a list in words."""
        return ", ".join(self._by_name)

    @property
    def says(self) -> bool:
        """Return whether plain text is an action too: `Answer` is one of them."""
        tool = self._by_name.get("answer")
        return tool is not None and list(tool.fields) == ["text"]

    @functools.cached_property
    def functions(self) -> list[dict[str, Any]]:
        """Return OpenAI function tools; `Answer` is left out, since a model just says it."""
        return [
            {"type": "function", "function": msgspec.to_builtins(tool)}
            for tool in self.tools
            if not (self.says and tool.name == "answer")
        ]

    @functools.cached_property
    def protocol(self) -> str:
        """Return what a model without tool calls is told: the tools, and how to use one."""
        lines = [
            "You act with tools. Write exactly one JSON object and nothing else:",
            '{"do": TOOL, ARGUMENT: VALUE, ...}. The tools:',
        ]
        for tool in self.tools:
            first = tool.description.split("\n", 1)[0]
            lines.append(f"- {tool.usage}" + (f": {first}" if first else ""))
        return "\n".join(lines)

    def tool(self, name: str) -> Tool:
        """Return the tool of that name.

        Raises:
            BadCall: there is none.
        """
        if name not in self._by_name:
            raise BadCall(f"there is no tool {name[:80]!r}; the tools are: {self.names}")
        return self._by_name[name]

    def action(self, name: str, arguments: str | bytes | Mapping[str, Any]) -> Action:
        """Return the action that a tool call stands for.

        Args:
            name: the tool.
            arguments: a JSON object as text, or as plain data.

        Raises:
            BadCall: there is no such tool, or the arguments do not fit it.
        """
        tool = self.tool(name)
        given = arguments if isinstance(arguments, Mapping) else _object(tool, arguments)
        known = tool.fields
        if unknown := [key for key in given if key not in known and key != TAG]:
            has = f"takes: {', '.join(known)}" if known else "takes no arguments"
            raise BadCall(f"{name} has no argument {unknown[0][:80]!r}; it {has}")
        if given.get(TAG, name) != name:
            raise BadCall(f"the arguments of {name} name another tool in {TAG!r}")
        if missing := [key for key in tool.required if key not in given]:
            raise BadCall(f"{name} lacks {', '.join(missing)}; use it as {tool.usage}")
        try:
            made: Action = msgspec.convert({**given, TAG: name}, self._actions)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise BadCall(f"{name}: {error}; use it as {tool.usage}") from error
        return made

    def read(self, text: str) -> Action:
        """Return the action that a text holds: one JSON object, in a code fence or in prose.

        Raises:
            BadCall: it holds none, or more than one.
        """
        if len(text) > _LONGEST:
            raise BadCall(f"the text has {len(text)} characters; write one JSON object")
        found: list[Action] = []
        problem = ""
        for part in _objects(text):
            try:
                found.append(self._of(part))
            except BadCall as error:
                problem = problem or str(error)
        if len(found) == 1:
            return found[0]
        if found:
            raise BadCall(f"the text holds {len(found)} actions; write exactly one")
        how = f'write one JSON object {{"{TAG}": TOOL, ...}}; the tools are: {self.names}'
        raise BadCall(problem or f"the text holds no action; {how}")

    def _of(self, part: str) -> Action:
        try:
            plain = msgspec.json.decode(part)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise BadCall(f"the JSON is broken: {error}") from error
        name = plain.get(TAG)
        if not isinstance(name, str):
            raise BadCall(f'the object names no tool in "{TAG}"; the tools are: {self.names}')
        return self.action(name, plain)


@functools.lru_cache(maxsize=256)
def toolbox(actions: Any) -> Toolbox:
    """Return the tools of a gym's action type: a struct, or a union of tagged structs."""
    return Toolbox(actions)


def only_answers(actions: Any) -> bool:
    """Return whether all there is to do is to say a text."""
    return actions is Answer


def kind(schema: Mapping[str, Any]) -> str:
    """Return what a parameter takes, in few words."""
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "anyOf" in schema:
        return " | ".join(kind(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {kind(schema.get('items') or {})}"
    return str(schema.get("type", "any"))


def _object(tool: Tool, text: str | bytes) -> dict[str, Any]:
    try:
        plain = msgspec.json.decode(text or b"{}")
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise BadCall(f"the arguments of {tool.name} are broken JSON: {error}") from error
    if not isinstance(plain, dict):
        raise BadCall(f"the arguments of {tool.name} are no JSON object; use it as {tool.usage}")
    return plain


def _tools(schema: dict[str, Any]) -> Iterator[Tool]:
    definitions: dict[str, Any] = schema.get("$defs", {})
    for variant in schema.get("anyOf", [schema]):
        whole = definitions[variant["$ref"].rsplit("/", 1)[1]]
        fields = {k: v for k, v in whole["properties"].items() if k != TAG}
        circular: set[str] = set()
        parameters: dict[str, Any] = {
            "type": "object",
            "properties": {k: _inlined(v, definitions, (), circular) for k, v in fields.items()},
            "required": [name for name in whole.get("required", []) if name != TAG],
            "additionalProperties": False,
        }
        if circular:
            parameters["$defs"] = _reached(circular, definitions)
        name = str(whole["properties"][TAG]["enum"][0])
        yield Tool(name, inspect.cleandoc(whole.get("description", "")), parameters)


def _inlined(
    node: Any, definitions: Mapping[str, Any], path: tuple[str, ...], circular: set[str]
) -> Any:
    """Return a schema with each reference replaced by what it names, save for circular ones."""
    if isinstance(node, list):
        return [_inlined(one, definitions, path, circular) for one in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        name = node["$ref"].rsplit("/", 1)[1]
        if name in path or _circular(name, definitions):
            circular.add(name)
            return node
        beside = {k: v for k, v in node.items() if k != "$ref"}
        return {**_inlined(definitions[name], definitions, (*path, name), circular), **beside}
    return {k: _inlined(v, definitions, path, circular) for k, v in node.items()}


def _circular(name: str, definitions: Mapping[str, Any]) -> bool:
    return name in _reached(_named(definitions[name]), definitions)


def _reached(names: set[str], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Return the definitions that these names lead to, themselves included."""
    found: dict[str, Any] = {}
    waiting = sorted(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = definitions[name]
            waiting += sorted(_named(definitions[name]))
    return found


def _named(node: Any) -> set[str]:
    """Return the definitions that a schema refers to itself."""
    if isinstance(node, list):
        return set().union(*map(_named, node)) if node else set()
    if not isinstance(node, dict):
        return set()
    own = {node["$ref"].rsplit("/", 1)[1]} if isinstance(node.get("$ref"), str) else set()
    return own.union(*map(_named, node.values()))


def _objects(text: str) -> Iterator[str]:
    """Yield the outermost `{...}` of a text, each with its braces and strings closed."""
    start = text.find("{")
    tries = 0
    while start >= 0 and tries < _TRIES:
        end = _end(text, start)
        if end:
            yield text[start:end]
            start = text.find("{", end)
        else:
            tries += 1
            start = text.find("{", start + 1)


def _end(text: str, start: int) -> int:
    """Return the place behind the object that begins at `start`, 0 if it is never closed."""
    depth, quoted, at = 0, False, start
    while mark := _MARKS.search(text, at):
        at = mark.end()
        sign = mark[0]
        if quoted:
            if sign == "\\":
                at += 1
            quoted = sign != '"'
        elif sign == '"':
            quoted = True
        elif sign != "\\":
            depth += 1 if sign == "{" else -1
            if not depth:
                return at
    return 0
