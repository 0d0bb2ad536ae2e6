"""Rows of HumanEval and MBPP as tasks of the gym `code_write`.

Assertions that compare a call of plain values with a plain value become cases, which are compared
outside the box. A test that does more becomes an exam, which runs in a box of its own where the
submitted code never is. What needs objects of the submitted code's own classes is refused: such a
test would have to run beside the code that it judges.
"""

from __future__ import annotations

import ast
import doctest
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from banbury.cycle.source.importing.files import Unfit
from banbury.episode import Origin, Problem, canonical, digest, identity
from banbury.formats.humaneval import HumanEvalRow, MbppRow
from banbury.gyms.code_write.code import arguments, call_of, plain
from banbury.gyms.code_write.problems import GYM, VERSION, Asked, Case, Exam, Key, problem
from banbury.gyms.code_write.running import examined, judged, recorded

_END = "Reply with Python code only, holding the whole function; use the standard library alone."


@dataclass(frozen=True)
class Draft:
    """A function with its test, before anything was run.

    Attributes:
        asked: the public half beside the words.
        solution: code of the reference.
        statement: what is asked.
        skill: dotted path.
        cases: if all of the test is made of plain comparisons.
        test: else code that defines `check(candidate)`, with all that it needs.
        name: of the row, such as `HumanEval/0`.
    """

    asked: Asked
    solution: str
    statement: str
    skill: str
    cases: tuple[Case, ...]
    test: str
    name: str


def draft(row: HumanEvalRow | MbppRow) -> Draft:
    """Return a row as a draft.

    Raises:
        Unfit: its code cannot be read, or it tests no function that its code defines.
    """
    try:
        return _human(row) if isinstance(row, HumanEvalRow) else _mbpp(row)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, Unfit):
            raise
        raise Unfit(f"its code cannot be read: {error}") from None


def _human(row: HumanEvalRow) -> Draft:
    whole = f"{row.prompt}{row.canonical_solution}"
    head, body = _cut(whole, row.entry_point)
    test = ast.parse(row.test)
    check = _function(test, "check")
    if check is None or not check.args.args:
        raise Unfit("its test defines no check(candidate)")
    found = [_case(line, check.args.args[0].arg) for line in check.body]
    cases = tuple(one for one in found if isinstance(one, Case))
    whole_test = f"{whole}\n\n{row.test}\n"
    statement = f"Complete this Python function.\n\n```python\n{row.prompt.strip()}\n```\n\n{_END}"
    return Draft(
        Asked(row.entry_point, tuple(_doctests(body, row.entry_point, row.prompt)), head),
        body,
        statement,
        f"{GYM}.complete",
        cases if None not in found else (),
        whole_test,
        row.task_id,
    )


def _cut(code: str, entry: str) -> tuple[str, str]:
    """Return what stands before a function, and the rest."""
    function = _function(ast.parse(code), entry)
    if function is None:
        raise Unfit(f"its code defines no function {entry}")
    first = min([function.lineno, *(d.lineno for d in function.decorator_list)]) - 1
    lines = code.splitlines(keepends=True)
    return "".join(lines[:first]).strip(), "".join(lines[first:])


def _function(tree: ast.Module, name: str) -> ast.FunctionDef | None:
    defined = (n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name)
    return next(defined, None)


def _case(line: ast.stmt, candidate: str) -> Case | bool | None:
    """Return the case that an assertion is, True for what asserts nothing, else None."""
    if isinstance(line, ast.Assert) and isinstance(line.test, ast.Constant) and line.test.value:
        return True
    if isinstance(line, ast.Pass):
        return True
    test = line.test if isinstance(line, ast.Assert) else None
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    if not isinstance(test.ops[0], ast.Eq):
        return None
    call = arguments(test.left, candidate)
    if call is None:
        return None
    try:
        return Case(*call, plain(test.comparators[0]))
    except ValueError:
        return None


def _doctests(code: str, entry: str, shown: str) -> Iterator[tuple[str, str]]:
    """Yield the examples of a docstring that are plain calls with plain values."""
    function = _function(ast.parse(code), entry)
    doc = ast.get_docstring(function) if function else None
    try:
        found = doctest.DocTestParser().get_examples(doc or "")
    except ValueError:
        return
    for one in found:
        call, wanted = one.source.strip(), one.want.strip()
        if call in shown and call_of(call, entry) is not None and _is_plain(wanted):
            yield call, wanted


def _is_plain(text: str) -> bool:
    try:
        plain(ast.parse(text, mode="eval").body)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return False
    return True


def _mbpp(row: MbppRow) -> Draft:
    code = row.code.replace("\r\n", "\n")
    tests = [one.strip() for one in (*row.test_list, *row.challenge_test_list)]
    entry = _tested(code, tests)
    lines = [line for one in tests for line in ast.parse(one).body]
    found = [_case(line, entry) for line in lines]
    setup = "\n".join([*row.test_imports, row.test_setup_code.replace("\r\n", "\n")]).strip()
    cases = tuple(one for one in found if isinstance(one, Case))
    body = "".join(f"    {text}\n" for line in lines for text in ast.unparse(line).splitlines())
    check = f"def check(candidate):\n    global {entry}\n    {entry} = candidate\n{body}"
    return Draft(
        Asked(entry, tuple(_shown(tests[0]))),
        code,
        f"{row.text.strip()}\n\nFor example, this must hold:\n{tests[0]}\n\n{_END}",
        f"{GYM}.tested",
        cases if None not in found and not setup else (),
        f"{code}\n\n{setup}\n\n{check}",
        f"MBPP/{row.task_id}",
    )


def _tested(code: str, tests: Sequence[str]) -> str:
    """Return the name of the function that the tests call and the code defines."""
    tree = ast.parse(code)
    defined = [n.name for n in tree.body if isinstance(n, ast.FunctionDef)]
    called = {
        node.func.id
        for test in tests
        for node in ast.walk(ast.parse(test))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    found = [name for name in defined if name in called]
    if not found:
        raise Unfit("its tests call no function that its code defines")
    return found[-1]


def _shown(test: str) -> Iterator[tuple[str, str]]:
    line = ast.parse(test).body[0]
    compared = line.test if isinstance(line, ast.Assert) else None
    if isinstance(compared, ast.Compare) and len(compared.comparators) == 1:
        call, wanted = ast.unparse(compared.left), ast.unparse(compared.comparators[0])
        if _is_plain(wanted):
            yield call, wanted


def id_of(made: Draft) -> str:
    """Return the id that the task of a draft will have."""
    return identity(GYM, made.skill, VERSION, identity_of(made))


def identity_of(made: Draft) -> dict[str, str]:
    """Return what a task's identity rests on: the row's name, and all that was made of it."""
    said = canonical([made.asked, made.solution, made.statement, list(made.cases), made.test])
    return {"row": made.name, "content": digest(said)}


def proven(made: Draft, *, licence: str, origin: Origin) -> Problem:
    """Return the task of a draft, after its own reference was judged with full marks.

    Raises:
        Unfit: the reference fails, or the test cannot be taken apart from what it tests.
        SandboxError: no box can be made here.
    """
    exam = None if made.cases else _exam(made)
    key = Key(made.cases, exam)
    if exam is None:
        marks = judged(made.solution, made.asked, made.cases)
    else:
        marks = examined(made.solution, made.asked, exam)
    if marks.why or marks.held < marks.all:
        raise Unfit(f"its own reference fails: {marks.why or f'{marks.held} of {marks.all} hold'}")
    return problem(
        made.asked,
        key,
        f"{made.asked.preamble}\n\n\n{made.solution}".lstrip(),
        made.statement,
        skill=made.skill,
        content=identity_of(made),
        licence=licence,
        origin=origin,
    )


def _exam(made: Draft) -> Exam:
    code = f"{made.asked.preamble}\n\n{made.solution}"
    marks, calls = recorded(made.test, code, made.asked.entry)
    if marks.why or marks.held < marks.all:
        raise Unfit(f"its own reference fails: {marks.why or f'{marks.held} of {marks.all} hold'}")
    if not calls:
        raise Unfit("its test never calls the function")
    if '{"o":' in json.dumps(calls):
        raise Unfit("its test hands over objects of classes of its own; only plain values can be")
    return Exam(made.test, calls)
