"""True and false, and what a few lines of Python print."""

from __future__ import annotations

import itertools
from random import Random

from banbury.gyms.answers import Choice, Number
from banbury.gyms.family import Dial, Family, Item, endless
from banbury.gyms.reasoning.families.vocabulary import NAMES

_KINDS = (
    "blims", "crons", "dreps", "fulls", "glims", "hurns", "jaffs", "kolbs", "lomps", "mirks",
    "norps", "plims", "quons", "rists", "snabs", "trops", "vorns", "wimps", "yorks", "zelks",
)  # fmt: skip


def _boolean(rng: Random, dial: Dial) -> Item:
    values = {name: rng.random() < 0.5 for name in rng.sample("pqrstuvw", dial["values"])}
    names = list(values)
    text = ("not " if rng.random() < 0.3 else "") + names[0]
    held = not values[names[0]] if text.startswith("not") else values[names[0]]
    steps = [f"{text} is {held}"]
    for name in names[1:]:
        word, flip = rng.choice(("and", "or")), rng.random() < 0.3
        other = not values[name] if flip else values[name]
        held = held and other if word == "and" else held or other
        left = f"({text})" if " " in text else text
        text = f"{left} {word} {'not ' if flip else ''}{name}"
        steps.append(f"then {word} {other} is {held}")
    shown = ", ".join(f"{n} = {v}" for n, v in values.items())
    return Item({"values": shown, "text": text}, str(held).lower(), ", ".join(steps))


def _chain(rng: Random, dial: Dial) -> Item:
    *kinds, other = rng.sample(_KINDS, dial["links"] + 2)
    facts = [f"All {a} are {b}." for a, b in itertools.pairwise(kinds)]
    low, high = sorted(rng.sample(range(len(kinds)), 2))
    holds = rng.random() < 0.5
    sub, sup = kinds[low], kinds[high]
    if not holds:
        sub, sup = rng.choice(((kinds[high], kinds[low]), (kinds[low], other)))
    asked = f"Are all {sub} {sup}?"
    if rng.random() < 0.5:
        name = rng.choice(NAMES)
        asked = f"{name} is one of the {sub}. Must {name} be one of the {sup}?"
    after = kinds[kinds.index(sub) + 1 :]
    steps = f"{sub} are {', '.join(after)}" if after else f"nothing is said about what {sub} are"
    return Item({"facts": " ".join(facts), "asked": asked}, "yes" if holds else "no", steps)


def _code(rng: Random, dial: Dial) -> Item:
    x = rng.randint(1, 20)
    lines, steps = [f"x = {x}"], [f"x = {x}"]
    for _ in range(dial["lines"]):
        sign, n = rng.choice("+-*"), rng.randint(2, 9)
        if sign == "*" and abs(x) > 60:
            sign = "-"
        x = {"+": x + n, "-": x - n, "*": x * n}[sign]
        lines.append(f"x = x {sign} {n}")
        steps.append(f"x = {x}")
    if dial["loop"]:
        times, n = rng.randint(2, 5), rng.randint(2, 9)
        lines.append(f"for i in range({times}): x = x + {n}")
        x += times * n
        steps.append(f"{times} x {n} = {times * n}, x = {x}")
    return Item({"code": "; ".join([*lines, "print(x)"])}, str(x), "; ".join(steps))


def _length(rng: Random, dial: Dial) -> Item:
    count = dial["count"] + rng.randint(-1, 2)
    numbers = [rng.randint(1, dial["largest"]) for _ in range(count)]
    name, value = rng.choice(
        (("max", max(numbers)), ("min", min(numbers)), ("len", len(numbers)), ("sum", sum(numbers)))
    )
    steps = " + ".join(map(str, numbers)) if name == "sum" else f"the {name} is {value}"
    return Item({"text": f"{name}({numbers})"}, str(value), steps)


BOOLEAN = Family(
    skill="reasoning.boolean",
    title="evaluate and, or, not",
    dials={"easy": {"values": 2}, "hard": {"values": 4}},
    stream=endless(_boolean),
    form=Choice(("true", "false")),
    seen=(
        "{values}. Is {text} true or false?",
        "With {values}, what is {text}?",
        "Evaluate {text} for {values}.",
        "Let {values}. Give the value of {text}.",
    ),
    unseen=(
        "Does {text} hold when {values}?",
        "Given {values}, work out the truth of {text}.",
        "What comes out of {text}, with {values}?",
    ),
)
CHAIN = Family(
    skill="reasoning.all_are",
    title="what follows from 'all A are B'",
    dials={"easy": {"links": 2}, "hard": {"links": 4}},
    stream=endless(_chain),
    form=Choice(("yes", "no")),
    seen=(
        "{facts} {asked}",
        "Suppose this holds: {facts} {asked}",
        "Facts: {facts} Question: {asked}",
        "We know: {facts} {asked}",
    ),
    unseen=(
        "Take as given: {facts} Now say: {asked}",
        "On an island {facts} {asked}",
        "From these rules alone: {facts} {asked}",
    ),
)
CODE = Family(
    skill="reasoning.code_output",
    title="what a few lines of Python print",
    dials={"easy": {"lines": 2, "loop": False}, "hard": {"lines": 3, "loop": True}},
    stream=endless(_code),
    form=Number(),
    seen=(
        "What does this Python code print? {code}",
        "Give the output of: {code}",
        "Run this in your head: {code}. What is printed?",
        "{code}. What number is printed?",
    ),
    unseen=(
        "Trace {code} and tell what appears.",
        "Which number shows on the screen after {code}?",
        "Python runs {code}. Say what comes out.",
    ),
)
CALL = Family(
    skill="reasoning.list_call",
    title="value of max, min, len or sum of a list",
    dials={"easy": {"count": 4, "largest": 20}, "hard": {"count": 8, "largest": 99}},
    stream=endless(_length),
    form=Number(),
    seen=(
        "In Python, what is {text}?",
        "What does {text} return in Python?",
        "Give the value of the Python call {text}.",
        "Evaluate {text} as Python does.",
    ),
    unseen=(
        "Python prints which number for {text}?",
        "Work out the result of calling {text}.",
        "{text} in Python equals what?",
    ),
)
FAMILIES = (BOOLEAN, CHAIN, CODE, CALL)
