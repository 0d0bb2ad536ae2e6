"""Arithmetic: sums, products, remainders, percentages, units, change, sequences."""

from __future__ import annotations

from random import Random

from banbury.gyms.answers import Choice, Number
from banbury.gyms.family import Dial, Family, Item, endless


def _digits(rng: Random, n: int) -> int:
    return rng.randint(10 ** (n - 1), 10**n - 1)


def _add(rng: Random, dial: Dial) -> Item:
    a, b = _digits(rng, dial["digits"]), _digits(rng, dial["digits"])
    tens, ones = a // 10 * 10 + b // 10 * 10, a % 10 + b % 10
    steps = f"{a // 10 * 10} + {b // 10 * 10} = {tens}, {a % 10} + {b % 10} = {ones}"
    return Item({"a": a, "b": b}, str(a + b), f"{steps}, {tens} + {ones} = {a + b}")


def _subtract(rng: Random, dial: Dial) -> Item:
    b, a = sorted((_digits(rng, dial["digits"]), _digits(rng, dial["digits"])))
    tens, ones = b // 10 * 10, b % 10
    steps = f"{a} - {tens} = {a - tens}, {a - tens} - {ones} = {a - b}"
    return Item({"a": a, "b": b}, str(a - b), steps)


def _multiply(rng: Random, dial: Dial) -> Item:
    a, b = _digits(rng, dial["left"]), rng.randint(2, 9)
    if dial["right"] == 2:
        b = _digits(rng, 2)
        tens, ones = b // 10 * 10, b % 10
        steps = f"{a} x {tens} = {a * tens}, {a} x {ones} = {a * ones}"
        return Item({"a": a, "b": b}, str(a * b), f"{steps}, {a * tens} + {a * ones} = {a * b}")
    tens, ones = a // 10 * 10, a % 10
    steps = f"{tens} x {b} = {tens * b}, {ones} x {b} = {ones * b}"
    return Item({"a": a, "b": b}, str(a * b), f"{steps}, {tens * b} + {ones * b} = {a * b}")


def _remainder(rng: Random, dial: Dial) -> Item:
    b = rng.randint(3, dial["divisor"])
    a = rng.randint(b + 1, dial["largest"])
    q, r = divmod(a, b)
    steps = f"{b} x {q} = {b * q}, {a} - {b * q} = {r}"
    return Item({"a": a, "b": b}, str(r), steps)


def _percent(rng: Random, dial: Dial) -> Item:
    percent = rng.choice(dial["percents"])
    n = rng.randrange(20, dial["largest"], 20)
    steps = f"1% of {n} is {n / 100:g}, times {percent} is {n * percent // 100}"
    return Item({"percent": percent, "n": n}, str(n * percent // 100), steps)


_UNITS = (
    ("kilometres", "metres", 1000),
    ("kilograms", "grams", 1000),
    ("metres", "centimetres", 100),
    ("hours", "minutes", 60),
    ("minutes", "seconds", 60),
    ("days", "hours", 24),
    ("weeks", "days", 7),
    ("litres", "millilitres", 1000),
    ("dozens", "pieces", 12),
    ("feet", "inches", 12),
)


def _units(rng: Random, dial: Dial) -> Item:
    large, small, factor = rng.choice(_UNITS)
    n = rng.randint(2, dial["largest"])
    whole = n * factor
    if not dial["mixed"]:
        content = {"amount": f"{n} {large}", "unit": small}
        return Item(content, str(whole), f"{n} x {factor} = {whole}")
    extra = rng.randint(1, factor - 1)
    content = {"amount": f"{n} {large} and {extra} {small}", "unit": small}
    steps = f"{n} x {factor} = {whole}, {whole} + {extra} = {whole + extra}"
    return Item(content, str(whole + extra), steps)


_GOODS = ("pen", "cup", "book", "lamp", "hat", "map", "rope", "bag", "clock", "brush", "plate")


def _change(rng: Random, dial: Dial) -> Item:
    count = rng.randint(*dial["count"])
    price = rng.randrange(dial["step"], dial["dearest"], dial["step"])
    cost = count * price
    paid = next(n for n in (500, 1000, 2000, 5000, 10000, 20000) if n > cost)
    content = {
        "count": count,
        "thing": rng.choice(_GOODS) + ("s" if count > 1 else ""),
        "price": f"{price / 100:.2f}",
        "paid": f"{paid / 100:.2f}",
    }
    total = f"{count} x {price / 100:.2f} = {cost / 100:.2f}"
    left = f"{(paid - cost) / 100:.2f}"
    return Item(content, left, f"{total}, {paid / 100:.2f} - {cost / 100:.2f} = {left}")


def _next(rng: Random, dial: Dial) -> Item:
    start, step = rng.randint(1, 99), rng.randint(2, dial["step"])
    numbers = [start + i * step for i in range(4)]
    steps = f"each is {step} more"
    if dial["doubling"] and rng.random() < 0.5:
        start, factor = rng.randint(1, 30), rng.randint(2, 4)
        numbers = [start * factor**i for i in range(4)]
        steps = f"each is {factor} times the one before"
        return Item({"numbers": numbers}, str(numbers[-1] * factor), steps)
    return Item({"numbers": numbers}, str(numbers[-1] + step), steps)


def _parity(rng: Random, dial: Dial) -> Item:
    n = _digits(rng, rng.randint(*dial["digits"]))
    return Item({"n": n}, "no" if n % 2 else "yes", f"{n} ends in {n % 10}")


def _larger(rng: Random, dial: Dial) -> Item:
    if not dial["decimals"]:
        a, b = rng.sample(range(dial["least"], dial["most"]), 2)
        return Item({"a": str(a), "b": str(b)}, str(max(a, b)), f"{max(a, b)} > {min(a, b)}")
    whole = rng.randint(1, 40)
    tenths, hundredths = rng.randint(1, 9), rng.randint(11, 99)
    one, two = f"{whole}.{tenths}", f"{whole}.{hundredths}"
    if tenths * 10 == hundredths:
        hundredths -= 1
        two = f"{whole}.{hundredths}"
    big = one if tenths * 10 > hundredths else two
    pair = [one, two]
    rng.shuffle(pair)
    steps = f"{one} = {one}0, so {big} is larger"
    return Item({"a": pair[0], "b": pair[1]}, big, steps)


ADD = Family(
    skill="reasoning.add",
    title="add two whole numbers",
    dials={"easy": {"digits": 2}, "hard": {"digits": 4}},
    stream=endless(_add),
    form=Number(),
    seen=(
        "What is {a} + {b}?",
        "Add {a} and {b}.",
        "Work out {a} plus {b}.",
        "Find the sum of {a} and {b}.",
    ),
    unseen=(
        "How much do {a} and {b} make together?",
        "Compute: {a} + {b}",
        "{a} is increased by {b}. What is the new number?",
    ),
)
SUBTRACT = Family(
    skill="reasoning.subtract",
    title="subtract a smaller whole number",
    dials={"easy": {"digits": 2}, "hard": {"digits": 4}},
    stream=endless(_subtract),
    form=Number(),
    seen=(
        "What is {a} - {b}?",
        "Subtract {b} from {a}.",
        "Work out {a} minus {b}.",
        "Take {b} away from {a}.",
    ),
    unseen=(
        "How much is left of {a} after {b} is gone?",
        "By how much is {a} larger than {b}?",
        "Compute: {a} - {b}",
    ),
)
MULTIPLY = Family(
    skill="reasoning.multiply",
    title="multiply whole numbers",
    dials={"easy": {"left": 2, "right": 1}, "hard": {"left": 2, "right": 2}},
    stream=endless(_multiply),
    form=Number(),
    seen=(
        "What is {a} x {b}?",
        "Multiply {a} by {b}.",
        "Work out {a} times {b}.",
        "Find the product of {a} and {b}.",
    ),
    unseen=(
        "A box holds {a} nails. How many nails do {b} boxes hold?",
        "Compute: {a} * {b}",
        "How much is {b} times {a}?",
    ),
)
REMAINDER = Family(
    skill="reasoning.remainder",
    title="remainder of a division",
    dials={"easy": {"divisor": 9, "largest": 250}, "hard": {"divisor": 40, "largest": 999}},
    stream=endless(_remainder),
    form=Number(),
    seen=(
        "What is the remainder when {a} is divided by {b}?",
        "Divide {a} by {b}. What is left over?",
        "Work out {a} mod {b}.",
        "Give the remainder of {a} / {b}.",
    ),
    unseen=(
        "{a} apples are shared equally among {b} people. How many remain?",
        "What is {a} modulo {b}?",
        "After taking {b} from {a} as often as possible, what remains?",
    ),
)
PERCENT = Family(
    skill="reasoning.percent",
    title="percentage of a number",
    dials={
        "easy": {"percents": [10, 20, 25, 50], "largest": 8000},
        "hard": {"percents": [5, 15, 30, 35, 45, 60, 75, 85], "largest": 8000},
    },
    stream=endless(_percent),
    form=Number(),
    seen=(
        "What is {percent}% of {n}?",
        "Find {percent} percent of {n}.",
        "Work out {percent}% of {n}.",
        "{n} people came and {percent}% paid. How many paid?",
    ),
    unseen=(
        "How much is {percent} per cent of {n}?",
        "Of {n} seats {percent}% are taken. How many are taken?",
        "Compute {percent}% of the number {n}.",
    ),
)
UNITS = Family(
    skill="reasoning.units",
    title="convert units",
    dials={"easy": {"largest": 60, "mixed": False}, "hard": {"largest": 40, "mixed": True}},
    stream=endless(_units),
    form=Number(),
    seen=(
        "How many {unit} are {amount}?",
        "Convert {amount} to {unit}.",
        "Give {amount} in {unit}.",
        "Express {amount} in {unit}.",
    ),
    unseen=(
        "{amount}: how many {unit} is that?",
        "Write {amount} as a number of {unit}.",
        "Turn {amount} into {unit}.",
    ),
)
CHANGE = Family(
    skill="reasoning.change",
    title="change after paying",
    dials={
        "easy": {"count": (1, 1), "step": 25, "dearest": 1900},
        "hard": {"count": (2, 6), "step": 5, "dearest": 2400},
    },
    stream=endless(_change),
    form=Number("<amount as 0.00>"),
    seen=(
        "You buy {count} {thing} at {price} each and pay {paid}. What is the change?",
        "{count} {thing} at {price} each, paid with {paid}. How much comes back?",
        "Price {price} each, {count} {thing}, {paid} given. What change is due?",
        "Ana pays {paid} for {count} {thing} at {price} each. What change does she get?",
    ),
    unseen=(
        "From {paid} you spend on {count} {thing}, {price} each. What is left?",
        "A shop sells {count} {thing} at {price} each for a {paid} note. What is returned?",
        "How much of {paid} remains after {count} {thing} at {price} each?",
    ),
)
NEXT = Family(
    skill="reasoning.next_number",
    title="continue a sequence",
    dials={"easy": {"step": 12, "doubling": False}, "hard": {"step": 60, "doubling": True}},
    stream=endless(_next),
    form=Number(),
    seen=(
        "What number comes next? {numbers}",
        "Continue the sequence {numbers} by one number.",
        "Give the next number: {numbers}",
        "Which number follows? {numbers}",
    ),
    unseen=(
        "{numbers}, ... What stands in place of the dots?",
        "Find the fifth number of the pattern {numbers}.",
        "A machine counts {numbers}. What does it say next?",
    ),
)
PARITY = Family(
    skill="reasoning.even",
    title="is a number even",
    dials={"easy": {"digits": (2, 3)}, "hard": {"digits": (5, 7)}},
    stream=endless(_parity),
    form=Choice(("yes", "no")),
    seen=(
        "Is {n} an even number?",
        "Can {n} be divided by 2 without remainder?",
        "Is the number {n} even?",
        "Tell whether {n} is even.",
    ),
    unseen=(
        "Does 2 divide {n}?",
        "Would {n} be called even?",
        "Can {n} coins be split into two equal piles?",
    ),
)
LARGER = Family(
    skill="reasoning.larger",
    title="the larger of two numbers",
    dials={
        "easy": {"decimals": False, "least": 10, "most": 999},
        "hard": {"decimals": True},
    },
    stream=endless(_larger),
    form=Number(),
    seen=(
        "Which number is larger, {a} or {b}?",
        "Name the bigger number: {a} or {b}.",
        "Pick the larger of {a} and {b}.",
        "{a} or {b}: which is greater?",
    ),
    unseen=(
        "Of {a} and {b}, which exceeds the other?",
        "Two prices, {a} and {b}. Which is higher?",
        "Say which of these is the maximum: {a}, {b}.",
    ),
)
FAMILIES = (ADD, SUBTRACT, MULTIPLY, REMAINDER, PERCENT, UNITS, CHANGE, NEXT, PARITY, LARGER)
