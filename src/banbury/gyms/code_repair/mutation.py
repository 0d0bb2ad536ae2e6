"""Mutants of Python code: one small change each, made in the text so that its form stays.

A mutant is planted as a bug to repair, or set against a fix to see whether tests would catch it.
Operators after Mothra's and those of mutation testing for Python (comparison, boundary, boolean,
arithmetic, constant, removed call or branch, swapped arguments, return value).
"""

from __future__ import annotations

import ast
import bisect
import io
import itertools
import tokenize
from collections.abc import Collection, Iterator
from random import Random

import msgspec

COMPARISONS: dict[type[ast.cmpop], tuple[str, str, str]] = {
    ast.Lt: ("<", "<=", "boundary"),
    ast.LtE: ("<=", "<", "boundary"),
    ast.Gt: (">", ">=", "boundary"),
    ast.GtE: (">=", ">", "boundary"),
    ast.Eq: ("==", "!=", "comparison"),
    ast.NotEq: ("!=", "==", "comparison"),
    ast.Is: ("is", "is not", "comparison"),
    ast.IsNot: ("is not", "is", "comparison"),
    ast.In: ("in", "not in", "comparison"),
    ast.NotIn: ("not in", "in", "comparison"),
}
ARITHMETIC: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "+"),
    ast.FloorDiv: ("//", "*"),
    ast.Div: ("/", "*"),
    ast.Mod: ("%", "//"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
}
_CONFUSED = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "startswith": "endswith",
    "endswith": "startswith",
    "lower": "upper",
    "upper": "lower",
    "lstrip": "rstrip",
    "rstrip": "lstrip",
    "find": "rfind",
    "index": "rindex",
    "partition": "rpartition",
    "rpartition": "partition",
    "append": "remove",
    "add": "discard",
}


class Mutant(msgspec.Struct, frozen=True):
    """One change of one file.

    Attributes:
        operator: kind of the change, such as `boundary`.
        line: first line that it changes, from 1.
        was: what stood there.
        now: what stands there.
        source: the whole file with the change.
        place: the characters [start, end) of the original that it changes.
    """

    operator: str
    line: int
    was: str
    now: str
    source: str
    place: tuple[int, int]


class _Spot(msgspec.Struct, frozen=True):
    """A change as positions in the text: [start, end) becomes `now`."""

    start: int
    end: int
    now: str
    operator: str


def mutants(
    source: str, *, lines: Collection[int] | None = None, seed: int = 0, limit: int | None = None
) -> list[Mutant]:
    """Return mutants of a module in an order that the seed gives; all of them compile.

    Docstrings, annotations, decorators, imports and `__all__` are left alone.

    Args:
        source: text of the module.
        lines: change only what begins on one of these lines, from 1; None for all.
        seed: of the order.
        limit: how many at most.

    Returns:
        Nothing where the text is no Python of this version.
    """
    try:
        tree = ast.parse(source)
        text = _Text(source)
    except (SyntaxError, ValueError, RecursionError, tokenize.TokenError):
        return []
    spots = [s for s in dict.fromkeys(_spots(tree, text)) if source[s.start : s.end] != s.now]
    if lines is not None:
        wanted = set(lines)
        spots = [s for s in spots if text.line(s.start) in wanted]
    Random(f"mutants/{seed}").shuffle(spots)
    made: list[Mutant] = []
    for spot in spots:
        if limit is not None and len(made) >= limit:
            break
        changed = source[: spot.start] + spot.now + source[spot.end :]
        if _compiles(changed):
            was = source[spot.start : spot.end]
            line, place = text.line(spot.start), (spot.start, spot.end)
            made.append(Mutant(spot.operator, line, was, spot.now, changed, place))
    return made


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


class _Text:
    """Positions of a module's nodes and tokens, as offsets of characters."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._lines = source.splitlines(keepends=True)
        if len(self._lines) != source.count("\n") + (not source.endswith("\n")):
            raise ValueError("lines end in other ways than Python's")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))
        self._tokens = [
            (self._starts[t.start[0] - 1] + t.start[1], self._starts[t.end[0] - 1] + t.end[1], t)
            for t in tokenize.generate_tokens(io.StringIO(source).readline)
            if t.type in (tokenize.OP, tokenize.NAME)
        ]

    def line(self, offset: int) -> int:
        """Return the line of an offset, from 1."""
        return bisect.bisect_right(self._starts, offset, 0, len(self._lines))

    def at(self, line: int, column: int) -> int:
        """Return the offset of a node's position, whose column counts bytes of UTF-8."""
        text = self._lines[line - 1]
        return self._starts[line - 1] + len(text.encode()[:column].decode())

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return [start, end) of a node."""
        place: ast.expr = node  # type: ignore[assignment]
        assert place.end_lineno is not None and place.end_col_offset is not None
        start = self.at(place.lineno, place.col_offset)
        return start, self.at(place.end_lineno, place.end_col_offset)

    def of(self, node: ast.AST) -> str:
        """Return a node's text."""
        start, end = self.span(node)
        return self.source[start:end]

    def operator(self, left: ast.AST, right: ast.AST, words: str) -> tuple[int, int] | None:
        """Return where an operator of one or two words stands between two nodes."""
        low, high = self.span(left)[1], self.span(right)[0]
        first = bisect.bisect_left(self._tokens, low, key=lambda token: token[0])
        behind = bisect.bisect_left(self._tokens, high, key=lambda token: token[0])
        between = [(s, e, t.string) for s, e, t in self._tokens[first:behind] if e <= high]
        parts = words.split()
        for n in range(len(between) - len(parts) + 1):
            part = between[n : n + len(parts)]
            if [w for _, _, w in part] == parts:
                return part[0][0], part[-1][1]
        return None


def _spots(tree: ast.Module, text: _Text) -> Iterator[_Spot]:
    skipped = {id(node) for one in ast.walk(tree) for node in _left_alone(one)}
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if id(node) not in skipped:
            yield from _changes(node, text)
            waiting.extend(ast.iter_child_nodes(node))


def _left_alone(node: ast.AST) -> Iterator[ast.AST]:
    """Yield parts in which no change makes a bug: words for people, types, names for export."""
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        first = node.body[0] if node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            yield first
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield from node.decorator_list
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns:
        yield node.returns
    if isinstance(node, ast.arg) and node.annotation:
        yield node.annotation
    if isinstance(node, ast.AnnAssign):
        yield node.annotation
    if isinstance(node, ast.JoinedStr):  # its parts have no positions before Python 3.12
        yield node
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Global | ast.Nonlocal):
        yield node
    if isinstance(node, ast.Assign) and any(
        isinstance(t, ast.Name) and t.id.startswith("__") for t in node.targets
    ):
        yield node


def _changes(node: ast.AST, text: _Text) -> Iterator[_Spot]:
    if isinstance(node, ast.Compare):
        yield from _compared(node, text)
    elif isinstance(node, ast.BoolOp):
        was, now = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            if place := text.operator(left, right, was):
                yield _Spot(*place, now, "boolean")
    elif isinstance(node, ast.BinOp):
        yield from _computed(node, text)
    elif isinstance(node, ast.AugAssign) and type(node.op) in ARITHMETIC:
        was, now = ARITHMETIC[type(node.op)]
        if place := text.operator(node.target, node.value, was + "="):
            yield _Spot(*place, now + "=", "arithmetic")
    elif isinstance(node, ast.UnaryOp):
        if isinstance(node.op, ast.Not):
            yield _Spot(*text.span(node), _held(text.of(node.operand)), "boolean")
    elif isinstance(node, ast.Constant):
        yield from _constant(node, text)
    elif isinstance(node, ast.Call):
        yield from _called(node, text)
    elif isinstance(node, ast.stmt):
        yield from _statement(node, text)


def _held(expression: str) -> str:
    return f"({expression})" if "\n" in expression else expression


def _compared(node: ast.Compare, text: _Text) -> Iterator[_Spot]:
    sides = [node.left, *node.comparators]
    for op, left, right in zip(node.ops, sides, sides[1:], strict=False):
        was, now, operator = COMPARISONS[type(op)]
        if place := text.operator(left, right, was):
            yield _Spot(*place, now, operator)


def _computed(node: ast.BinOp, text: _Text) -> Iterator[_Spot]:
    if type(node.op) not in ARITHMETIC:
        return
    texts = any(isinstance(s, ast.JoinedStr) or _is(s, str) for s in (node.left, node.right))
    was, now = ARITHMETIC[type(node.op)]
    if not texts and (place := text.operator(node.left, node.right, was)):
        yield _Spot(*place, now, "arithmetic")
    if isinstance(node.op, ast.Add | ast.Sub) and _is(node.right, int):
        yield _Spot(*text.span(node), _held(text.of(node.left)), "off by one")


def _is(node: ast.AST, kind: type) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is kind


def _constant(node: ast.Constant, text: _Text) -> Iterator[_Spot]:
    value = node.value
    if value is True or value is False:
        yield _Spot(*text.span(node), str(not value), "constant")
    elif type(value) is int:
        yield _Spot(*text.span(node), str(value + 1), "off by one")
        if value > 0:
            yield _Spot(*text.span(node), str(value - 1), "off by one")
    elif type(value) is str and 0 < len(value) <= 12 and text.of(node)[0] in "'\"":
        yield _Spot(*text.span(node), text.of(node)[0] * 2, "constant")


def _called(node: ast.Call, text: _Text) -> Iterator[_Spot]:
    name = node.func
    called = name.id if isinstance(name, ast.Name) else getattr(name, "attr", "")
    if called in _CONFUSED:
        end = text.span(name)[1]
        yield _Spot(end - len(called), end, _CONFUSED[called], "call")
    plain = [a for a in node.args if not isinstance(a, ast.Starred)]
    if len(plain) == len(node.args) >= 2:
        for left, right in itertools.pairwise(plain):
            (start, low), (high, end) = text.span(left), text.span(right)
            swapped = text.of(right) + text.source[low:high] + text.of(left)
            yield _Spot(start, end, swapped, "swapped arguments")
    if len(node.args) == 1 and not node.keywords and len(plain) == 1:
        yield _Spot(*text.span(node), _held(text.of(plain[0])), "removed call")


def _statement(node: ast.stmt, text: _Text) -> Iterator[_Spot]:
    if isinstance(node, ast.If):
        yield from _branch(node, text)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Await):
        yield _Spot(*text.span(node), "pass", "removed call")
    elif isinstance(node, ast.Return) and node.value is not None:
        if not (isinstance(node.value, ast.Constant) and node.value.value is None):
            yield _Spot(*text.span(node.value), "None", "return value")
    elif isinstance(node, ast.Raise | ast.Continue | ast.AugAssign):
        yield _Spot(*text.span(node), "pass", "removed statement")
    elif isinstance(node, ast.Break):
        yield _Spot(*text.span(node), "continue", "removed statement")


def _branch(node: ast.If, text: _Text) -> Iterator[_Spot]:
    start, end = text.span(node.test)
    yield _Spot(start, end, "False", "removed branch")
    yield _Spot(start, end, "True", "removed branch")
    if not isinstance(node.test, ast.Compare | ast.BoolOp | ast.UnaryOp):
        yield _Spot(start, end, f"not {_operand(text.of(node.test))}", "boolean")


def _operand(expression: str) -> str:
    return expression if expression.isidentifier() else f"({expression})"
