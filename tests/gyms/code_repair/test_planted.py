import ast
import itertools

import pytest

from banbury.gyms.code_repair import planted, planting, trees
from banbury.gyms.code_repair.repair import key_of, repair_of


def drawn(level, number=2, seed=5):
    return list(itertools.islice(planted.problems(level, seed, "seen"), number))


def files(problem, folder):
    trees.unpack(trees.archive(repair_of(problem).tree), folder)
    return {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*.*")}


@pytest.mark.parametrize("level", planted.LEVELS)
def test_only_the_easy_ones_show_the_tests_that_fail(tmp_path, level):
    for number, problem in enumerate(drawn(level)):
        key, base = key_of(problem), files(problem, tmp_path / str(number))
        bugs, shown = planted.LEVELS[level]
        changed = {p for p, t in planted.library().items() if base[p] != t and "test" not in p}
        assert len(changed) == bugs
        for id in (*key.fail_to_pass, *key.pass_to_pass):
            path, _, name = id.split("::")
            gone = counted(planted.library()[path], name) - counted(base[path], name)
            assert gone == (0 if shown else sum(i.endswith(f"::{name}") for i in lost(key, path)))
        assert key.tests.keys() >= {id.partition("::")[0] for id in key.fail_to_pass}
        said = problem.task.public.instruction
        assert all((id in said) == shown for id in key.fail_to_pass)


def lost(key, path):
    return [id for id in key.fail_to_pass if id.startswith(path)]


def counted(text, name):
    found = ast.walk(ast.parse(text))
    return sum(isinstance(node, ast.FunctionDef) and node.name == name for node in found)


def test_every_bug_of_the_list_changes_its_module_and_names_tests_that_exist():
    tests = planted._tests()
    assert len(planted.bugs()) > 200
    for bug in planted.bugs():
        assert planted.planted(bug) != planted.library()[bug.path]
        ast.parse(planted.planted(bug))
        assert bug.fails and set(bug.fails) <= set(tests)
    assert all(test.said for test in tests.values())


@pytest.mark.slow
def test_the_list_of_bugs_is_what_the_tests_of_the_library_catch():
    known = {(b.path, b.start, b.end, b.now): b for b in planted.bugs()}
    again = list(planting.caught(4))
    assert again
    for bug in again:
        if len(bug.fails) <= planted._MOST:
            assert known[bug.path, bug.start, bug.end, bug.now] == bug
