"""What a change does to a module: nothing, only its words, or its public names too."""

from __future__ import annotations

import ast
import functools
import textwrap
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any, cast

import msgspec


@functools.lru_cache(maxsize=32)
def parsed(source: bytes | str) -> ast.Module | None:
    """Return a module's tree, not to be changed; None where this Python cannot read it."""
    return _parsed(source)


def _parsed(source: bytes | str) -> ast.Module | None:
    if len(source) > 4 << 20:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


class _Bare(ast.NodeTransformer):
    """Take out what does not act: docstrings, annotations, casts, overloads, typing imports."""

    def _body(self, node: Any) -> Any:
        self.generic_visit(node)
        node.body = [part for part in node.body if not _is_text(part)] or [ast.Pass()]
        return node

    visit_Module = visit_ClassDef = _body

    def _function(self, node: Any) -> Any:
        if any(_ends(mark, "overload") for mark in node.decorator_list):
            return None
        node.returns = None
        node.type_comment = None
        return self._body(node)

    visit_FunctionDef = visit_AsyncFunctionDef = _function

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        node.type_comment = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        if node.value is None:
            return None
        return self.generic_visit(ast.Assign([node.target], node.value, lineno=0))

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        node.type_comment = None
        if isinstance(node.value, ast.Call) and _ends(node.value.func, "TypeVar"):
            return None
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        return node.args[1] if _ends(node.func, "cast") and len(node.args) == 2 else node

    def visit_If(self, node: ast.If) -> ast.AST | None:
        if _ends(node.test, "TYPE_CHECKING"):
            return None
        return self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> ast.Import | None:
        node.names = sorted((n for n in node.names if n.name != "typing"), key=lambda n: n.name)
        return node if node.names else None

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom | None:
        if node.module in ("__future__", "typing", "typing_extensions"):
            return None
        node.names.sort(key=lambda name: name.name)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        node.kind = None
        return node


def _ends(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == name
    return isinstance(node, ast.Name) and node.id == name


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def bare(source: bytes | str) -> tuple[str, ...]:
    """Return what acts in a module, one text for each of its statements.

    Docstrings, annotations, casts, overloads, comments and the order of imports do not act. Where
    the module cannot be read, its lines are returned.
    """
    try:
        tree = _parsed(source)
        if tree is not None:
            return _acting(cast(ast.Module, _Bare().visit(tree)))
    except RecursionError:
        pass
    text = source.decode(errors="replace") if isinstance(source, bytes) else source
    return tuple(text.splitlines())


def _acting(tree: ast.Module) -> tuple[str, ...]:
    imports = (ast.Import, ast.ImportFrom)
    acts = [ast.dump(node) for node in tree.body if not isinstance(node, (*imports, ast.Pass))]
    return (*sorted({ast.dump(n) for n in tree.body if isinstance(n, imports)}), *acts)


def idle(before: bytes, after: bytes) -> bool:
    """Say whether two versions of a module act alike; only what differs in text is looked at."""
    old, new = pieces(before), pieces(after)
    return all(bare(old.get(name, "")) == bare(new.get(name, "")) for name in _differing(old, new))


def _differing(old: dict[str, str], new: dict[str, str]) -> list[str]:
    return [name for name in {**old, **new} if old.get(name) != new.get(name)]


def moved(before: list[bytes], after: list[bytes]) -> bool:
    """Say whether the modules hold the same definitions as before, wherever they stand now."""
    old, new = _held(before), _held(after)
    return _acts(old - new) == _acts(new - old)


def _held(modules: list[bytes]) -> Counter[tuple[bool, str]]:
    named = (item for source in modules for item in pieces(source).items())
    return Counter((name == "", text) for name, text in named)


def _acts(texts: Counter[tuple[bool, str]]) -> Counter[tuple[str, ...]]:
    found: Counter[tuple[str, ...]] = Counter()
    for (rest, text), count in texts.items():
        acts = bare(text)
        if rest:
            found.update(
                (line,) for line in acts if not line.startswith(("Import(", "ImportFrom("))
            )
        else:
            found[acts] += count
    return found


@functools.lru_cache(maxsize=64)
def pieces(source: bytes | str) -> dict[str, str]:
    """Return the text of each function and method by name, and of the rest under "".

    Methods are CLASS.NAME. A module that cannot be read is all rest.
    """
    text = source.decode(errors="replace") if isinstance(source, bytes) else source
    tree = parsed(source)
    if tree is None:
        return {"": text}
    lines = text.split("\n")
    found: dict[str, str] = {}
    for name, node in _functions(tree):
        first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)]) - 1
        last = node.end_lineno or node.lineno
        body = textwrap.dedent("\n".join(lines[first:last])).strip()
        found[name] = f"{found[name]}\n\n{body}" if name in found else body
        indent = " " * node.col_offset
        lines[first:last] = [f"{indent}pass", *[""] * (last - first - 1)]
    return found | {"": "\n".join(line for line in lines if line.strip() not in ("", "pass"))}


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    for node in tree.body:
        if isinstance(node, functions):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            inner = [part for part in node.body if isinstance(part, functions)]
            yield from ((f"{node.name}.{part.name}", part) for part in inner)


class Surface(msgspec.Struct, frozen=True):
    """The names that a module shows.

    Attributes:
        names: functions, classes, constants; methods and class attributes as CLASS.NAME.
        parameters: of each function and method, as NAME(PARAMETER).
    """

    names: frozenset[str]
    parameters: frozenset[str]


@functools.lru_cache(maxsize=64)
def surface(source: bytes | str) -> Surface:
    """Return the names that a module defines, private ones (`_name`) left out."""
    tree = parsed(source)
    names: set[str] = set()
    parameters: set[str] = set()
    if tree is not None:
        _collect(tree.body, "", names, parameters)
    return Surface(frozenset(names), frozenset(parameters))


def _collect(body: list[ast.stmt], under: str, names: set[str], parameters: set[str]) -> None:
    for node in body:
        if isinstance(node, ast.If | ast.Try | ast.With):
            inner = [*node.body, *getattr(node, "orelse", [])]
            for handler in getattr(node, "handlers", []):
                inner.extend(handler.body)
            _collect(inner, under, names, parameters)
            continue
        for name in defined(node):
            if name.startswith("_") and not (under and name == "__init__"):
                continue
            names.add(under + name)
            if isinstance(node, ast.ClassDef):
                _collect(node.body, f"{name}.", names, parameters)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                parameters.update(f"{under}{name}({given})" for given in taken(node))


def defined(node: ast.stmt) -> list[str]:
    """Return the names that a statement defines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [name.id for t in node.targets for name in ast.walk(t) if isinstance(name, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []


def taken(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """Return the names of a function's parameters, private ones left out."""
    given = node.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return [arg.arg for arg in every if not arg.arg.startswith("_") and arg.arg != "self"]


@functools.lru_cache(maxsize=64)
def spoken(source: bytes | str) -> frozenset[str]:
    """Return every identifier and keyword argument that a module uses or defines."""
    tree = parsed(source)
    found: set[str] = set()
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.keyword) and node.arg:
            found.add(node.arg)
        elif isinstance(node, ast.alias):
            found.update(node.name.split("."))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
    return frozenset(found)
