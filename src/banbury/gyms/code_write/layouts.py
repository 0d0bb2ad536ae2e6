"""How a drawn function is asked for: as steps, as a docstring to complete, with asserts to pass."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from banbury.episode import Origin, Problem
from banbury.gyms.code_write.compose import Domain, Plan, plans
from banbury.gyms.code_write.inside.values import encode
from banbury.gyms.code_write.problems import Asked, Case, Key, problem
from banbury.gyms.contract import Phrasing
from banbury.gyms.wording import choose
from banbury.gyms.wording import side as side_of

Style = Literal["steps", "docstring", "asserts"]
_INTROS: Mapping[Phrasing, tuple[str, ...]] = {
    "seen": (
        "Write a Python function `{name}({argument})`. Its argument is {what}. It does this, step "
        "by step:",
        "Implement `{name}({argument})` in Python, where `{argument}` is {what}. In this order:",
        "I need a Python function `{name}` that takes {what} as `{argument}` and works as follows:",
    ),
    "unseen": (
        "Please code `{name}({argument})` in Python; `{argument}` is {what}. What it must do, in "
        "sequence:",
        "Define `{name}({argument})`, a Python function that receives {what} and carries out the "
        "following, one after the other:",
        "Task: the Python function `{name}({argument})`, called with {what}. Its rules, applied "
        "from top to bottom:",
    ),
}
_ENDS: Mapping[Phrasing, tuple[str, ...]] = {
    "seen": (
        "Answer with the code of the function; use nothing but the standard library.",
        "Reply with Python code only (standard library), holding the whole function.",
    ),
    "unseen": (
        "Give the complete function as Python code that needs no package beyond the standard "
        "library.",
        "Your reply is the code: the full definition, standard library only.",
    ),
}
_HEADS: Mapping[tuple[Style, Phrasing], tuple[str, ...]] = {
    ("docstring", "seen"): ("Complete this Python function.", "Write the body of this function."),
    ("docstring", "unseen"): ("Fill in the missing body.", "Finish the function that begins here."),
    ("asserts", "seen"): ("Your code must pass these tests:", "These tests must pass:"),
    ("asserts", "unseen"): (
        "The tests below have to succeed:",
        "It is checked with, among others:",
    ),
}


@dataclass(frozen=True)
class Layout:
    """One skill: functions of these domains, asked for in one style."""

    skill: str
    title: str
    style: Style
    domains: tuple[Domain, ...]
    version: str = "1"

    def plans(self, level: str, rng: Random) -> Iterator[tuple[Plan, list[Any], list[Any]]]:
        """Yield plans of the domains in turn; see `compose.plans`."""
        streams = [plans(domain, level, rng) for domain in self.domains]
        while True:
            for stream in streams:
                yield next(stream)


def benchmarks(domains: tuple[Domain, ...]) -> tuple[Layout, ...]:
    """Return the skills that ask for functions of all domains in the style of a benchmark."""
    return (
        Layout(
            "code_write.complete",
            "complete a function from its signature and docstring",
            "docstring",
            domains,
        ),
        Layout(
            "code_write.tested",
            "write a function that passes the shown asserts",
            "asserts",
            domains,
        ),
    )


def side(layout: Layout, plan: Plan) -> Phrasing:
    """Return the kind of wording that this plan belongs to: a quarter is `unseen`."""
    return side_of(layout.skill, plan.content)


def made(
    layout: Layout,
    plan: Plan,
    shown: Sequence[Any],
    hidden: Sequence[Any],
    level: str,
    phrasing: Phrasing,
    origin: Origin,
) -> Problem:
    """Return a plan as a task with its cases."""
    name, statement, examples = _worded(layout, plan, shown, phrasing)
    function = plan.function()
    cases = [Case([encode(v)], {}, encode(function(v))) for v in hidden]
    return problem(
        Asked(plan.name, examples),
        Key(tuple(cases)),
        plan.code(),
        statement,
        skill=layout.skill,
        content={"content": plan.content, "difficulty": level, "wording": name},
        phrasing=name,
        origin=origin,
        version=layout.version,
    )


def _worded(
    layout: Layout, plan: Plan, shown: Sequence[Any], phrasing: Phrasing
) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Return id of the wording, statement, and examples as code."""
    function = plan.function()
    examples = tuple((f"{plan.name}({v!r})", repr(function(v))) for v in shown)
    heads = _HEADS.get((layout.style, phrasing), ("",))
    intros, ends = _INTROS[phrasing], _ENDS[phrasing]
    i, e, h = choose(layout.skill, plan.content, intros, ends, heads)
    what = plan.source.seen if phrasing == "seen" else plan.source.unseen
    intro = intros[i].format(name=plan.name, argument=plan.source.argument, what=what)
    said = f"{intro}\n{plan.statement(phrasing)}"
    if layout.style == "steps":
        lines = [f">>> {call}\n{result}" for call, result in examples]
        text = "\n".join([said, "", "Examples:", *lines, "", ends[e]])
    elif layout.style == "docstring":
        text = f"{heads[h]}\n\n```python\n{_stub(plan, said, examples)}```\n\n{ends[e]}"
    else:
        asserts = [f"assert {call} == {result}" for call, result in examples]
        text = "\n".join([said, "", heads[h], *asserts, "", ends[e]])
    return f"{phrasing}-{i}.{e}.{h}", text, examples


def _stub(plan: Plan, said: str, examples: Sequence[tuple[str, str]]) -> str:
    lines = [f">>> {call}\n{result}" for call, result in examples]
    doc = textwrap.indent("\n".join([said, "", *lines]), "    ")
    quotes = 'r"""' if "\\" in doc else '"""'
    return f'def {plan.name}({plan.source.argument}):\n    {quotes}{doc.lstrip()}\n    """\n'
