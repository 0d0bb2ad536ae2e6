"""Generated functions: their words, their cases, and mutants of their references."""

import ast
import copy
import itertools
import signal
from random import Random

import msgspec
import pytest

from banbury.gyms.code_write.compose import HIDDEN, SHOWN, _orderless, plans
from banbury.gyms.code_write.gym import DOMAINS, CodeWriteGym
from banbury.gyms.code_write.inside.values import encode
from banbury.gyms.code_write.problems import asked_of, key_of, solution_of

GYM = CodeWriteGym()
_COMPARED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_COUNTED = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
}


def mutants(code):
    """Yield wrong but plausible versions of a function: one thing changed in each."""
    tree = ast.parse(code)
    for number, node in enumerate(ast.walk(tree)):
        for change in changes(node):
            mutant = copy.deepcopy(tree)
            change(next(itertools.islice(ast.walk(mutant), number, None)))
            yield ast.unparse(ast.fix_missing_locations(mutant))


def changes(node):
    if isinstance(node, ast.Compare):
        other = _COMPARED.get(type(node.ops[0]))
        if other:
            yield lambda n: n.ops.__setitem__(0, other())
    if isinstance(node, ast.BinOp) and type(node.op) in _COUNTED:
        yield lambda n: setattr(n, "op", _COUNTED[type(n.op)]())
    if isinstance(node, ast.Constant) and type(node.value) is int:
        yield lambda n: setattr(n, "value", n.value + 1)
    if isinstance(node, ast.BoolOp):
        yield lambda n: setattr(n, "op", ast.And() if isinstance(n.op, ast.Or) else ast.Or())
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        swap = {"max": "min", "min": "max", "sorted": "list"}.get(node.func.id)
        if swap and not (swap == "list" and node.keywords):
            yield lambda n: setattr(n.func, "id", swap)
    if isinstance(node, ast.FunctionDef) and len(node.body) > 2:
        for i in range(1, len(node.body) - 1):
            yield lambda n, i=i: n.body.__setitem__(i, ast.Pass())


class Late(Exception):
    pass


def results(code, name, values):
    """Return what a function makes of values; mutants may run for ever or fail."""

    def ring(*_):
        raise Late

    space, out = {}, []
    old = signal.signal(signal.SIGVTALRM, ring)
    try:
        exec(compile(code, "mutant", "exec"), space)
        for value in values:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0.2)
            try:
                out.append(repr(_orderless(encode(space[name](copy.deepcopy(value))))))
            except Late:
                return ["late"]
            except Exception as error:
                out.append(type(error).__name__)
            finally:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    finally:
        signal.signal(signal.SIGVTALRM, old)
    return out


def strength(domain, level, seed, count):
    """Return mutants made, those that the hidden cases miss and 400 more inputs tell."""
    made = missed = 0
    said = []
    for plan, _, hidden in itertools.islice(plans(domain, level, Random(seed)), count):
        rng = Random(seed + 1)
        more = [plan.source.draw(rng) for _ in range(400)]
        wanted, truth = (results(plan.code(), plan.name, v) for v in (hidden, more))
        for mutant in mutants(plan.code()):
            made += 1
            if (
                results(mutant, plan.name, hidden) == wanted
                and results(mutant, plan.name, more) != truth
            ):
                missed += 1
                said.append(mutant)
    return made, missed, said


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda d: d.skill)
def test_the_cases_catch_mutants_of_the_reference(domain):
    made, missed, said = strength(domain, "medium", 1, 4)
    assert made > 15
    assert missed <= 0.06 * made, "\n\n".join(said)


@pytest.mark.slow
def test_the_cases_catch_97_of_100_mutants_over_all_domains():
    found = [strength(d, level, 7, 12) for d in DOMAINS for level in d.dials]
    made, missed = (sum(f[i] for f in found) for i in (0, 1))
    assert made > 3000
    assert missed < 0.03 * made


@pytest.mark.parametrize("skill", [s.name for s in GYM.skills()])
def test_tasks_are_distinct_and_their_words_hold_their_parameters(skill):
    drawn = list(itertools.islice(GYM.tasks(skill, seed=3, difficulty="hard"), 25))
    assert len({p.task.public.text_hash for p in drawn}) == 25
    for problem in drawn:
        said, asked = problem.task.public.instruction, asked_of(problem.task)
        content = msgspec.json.decode(problem.task.params)["content"]
        numbers = [
            v for _, params in content["steps"] for v in params.values() if isinstance(v, int)
        ]
        assert all(str(n) in said for n in numbers)
        assert "$" not in said
        assert asked.entry in said
        assert all(call in said and result in said for call, result in asked.examples)
        shown = {call for call, _ in asked.examples}
        assert len(shown) == SHOWN
        assert len(key_of(problem).cases) == HIDDEN
        compile(solution_of(problem), "reference", "exec")


def test_no_unseen_wording_is_among_the_seen_ones():
    for domain in DOMAINS:
        for piece in domain.pieces:
            assert bool(piece.seen) == bool(piece.unseen)
            assert not piece.seen or piece.seen != piece.unseen, piece.name
        names = [p.name for p in domain.pieces]
        assert len(set(names)) == len(names), domain.skill
