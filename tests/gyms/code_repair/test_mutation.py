import ast
import inspect
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banbury.gyms.code_repair import mutation, planted

SOURCE = textwrap.dedent('''\
    """Doc."""
    from os import path

    __all__ = ["f"]


    @wraps(1)
    def f(a: int = 1, *b: "x") -> 2:
        """Say 3."""
        if a <  5 and not b:  # naïve, 5 < 6
            return path.join("é", a)
        for n in range(a + 1):
            log(n)
        return max(a, 7) is not None
''')

CHANGES = {
    ("boundary", "<", "<="),
    ("boolean", "and", "or"),
    ("boolean", "not b", "b"),
    ("swapped arguments", '"é", a', 'a, "é"'),
    ("off by one", "a + 1", "a"),
    ("arithmetic", "+", "-"),
    ("removed call", "log(n)", "pass"),
    ("removed branch", "a <  5 and not b", "False"),
    ("call", "max", "min"),
    ("comparison", "is not", "is"),
    ("return value", "max(a, 7) is not None", "None"),
    ("constant", '"é"', '""'),
}


def test_each_operator_makes_its_change_and_nothing_else():
    found = mutation.mutants(SOURCE)
    assert {(m.operator, m.was, m.now) for m in found} >= CHANGES
    for one in found:
        start, end = one.place
        assert one.source == SOURCE[:start] + one.now + SOURCE[end:]
        assert SOURCE[start:end] == one.was
        assert one.line == SOURCE.count("\n", 0, start) + 1
        assert one.source != SOURCE
        ast.parse(one.source)


def test_words_types_decorators_and_names_for_export_are_left_alone():
    changed = {m.line for m in mutation.mutants(SOURCE)}
    assert not changed & {1, 2, 4, 7, 9}
    spots = {m.was for m in mutation.mutants(SOURCE) if m.line == 8}
    assert spots == {"1"}


def test_only_the_lines_asked_for_are_changed_and_a_seed_gives_the_order():
    lines = {m.line for m in mutation.mutants(SOURCE, lines=[12, 13])}
    assert lines == {12, 13}
    first, second = (mutation.mutants(SOURCE, seed=n, limit=5) for n in (1, 2))
    assert first == mutation.mutants(SOURCE, seed=1, limit=5)
    assert first != second and len(first) == 5
    assert set(mutation.mutants(SOURCE, seed=1)) == set(mutation.mutants(SOURCE, seed=2))


@pytest.mark.parametrize("text", ["def f(:", "x = '\n", "\0", "(" * 3000, "a = 1\x0cb = 2\n"])
def test_what_is_no_python_has_no_mutants(text):
    assert mutation.mutants(text) == []


@settings(max_examples=8, deadline=None)
@given(st.sampled_from([mutation, planted, textwrap]), st.integers(0, 50))
def test_every_mutant_of_real_code_is_one_change_that_compiles(module, seed):
    source = inspect.getsource(module)
    for one in mutation.mutants(source, seed=seed, limit=5):
        start, end = one.place
        assert one.source == source[:start] + one.now + source[end:] != source
        assert one.line == source.count("\n", 0, start) + 1
        ast.parse(one.source)
