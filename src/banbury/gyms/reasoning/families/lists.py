"""Lists and tables: sort, count, intersect, look up, follow."""

from __future__ import annotations

import itertools
from random import Random

from banbury.gyms.answers import Items, Number, Word
from banbury.gyms.family import Dial, Family, Item, endless
from banbury.gyms.reasoning.families.vocabulary import NAMES, NOUNS, SHORT


def _sort_numbers(rng: Random, dial: Dial) -> Item:
    numbers = rng.sample(range(1, dial["largest"]), dial["count"])
    return Item({"numbers": numbers}, ", ".join(map(str, sorted(numbers))))


def _sort_words(rng: Random, dial: Dial) -> Item:
    words = rng.sample(NOUNS + SHORT, dial["count"])
    if dial["same"]:
        first = rng.choice("bcpst")
        words = rng.sample([w for w in NOUNS + SHORT if w[0] == first], dial["count"])
    return Item({"words": words}, ", ".join(sorted(words)))


def _count_item(rng: Random, dial: Dial) -> Item:
    kinds = rng.sample(SHORT, dial["kinds"])
    things = [rng.choice(kinds) for _ in range(dial["length"])]
    thing = rng.choice(kinds)
    at = [str(i) for i, t in enumerate(things, start=1) if t == thing]
    steps = f"at {', '.join(at)}" if at else "at no place"
    return Item({"things": things, "thing": thing}, str(len(at)), steps)


def _overlap(rng: Random, dial: Dial) -> Item:
    size, shared = dial["size"], rng.randint(1, dial["shared"])
    pool = rng.sample(SHORT, 2 * size - shared)
    left, right = pool[:size], pool[size - shared :]
    both = pool[size - shared : size]
    rng.shuffle(left)
    rng.shuffle(right)
    steps = ", ".join(f"{w} {'yes' if w in both else 'no'}" for w in left)
    return Item({"left": left, "right": right}, ", ".join(w for w in left if w in both), steps)


def _table(rng: Random, dial: Dial) -> Item:
    rows = [(t, rng.randint(2, 99), rng.randint(2, 99)) for t in rng.sample(SHORT, dial["rows"])]
    thing, price, stock = rng.choice(rows)
    column = rng.choice(("price", "stock"))
    text = "; ".join(f"{t} {p} {s}" for t, p, s in rows)
    if dial["sum"]:
        total = sum(r[1] if column == "price" else r[2] for r in rows)
        parts = " + ".join(str(r[1] if column == "price" else r[2]) for r in rows)
        asked = f"What is the sum of the column {column}?"
        return Item({"table": text, "asked": asked}, str(total), f"{parts} = {total}")
    asked = f"What is the {column} of {thing}?"
    steps = f"{thing}: price {price}, stock {stock}"
    return Item({"table": text, "asked": asked}, str(price if column == "price" else stock), steps)


def _track(rng: Random, dial: Dial) -> Item:
    people = rng.sample(NAMES, dial["people"])
    things = rng.sample(SHORT, dial["people"])
    holds = dict(zip(people, things, strict=True))
    start = ", ".join(f"{p} has the {t}" for p, t in holds.items())
    moves, steps = [], []
    for _ in range(dial["swaps"]):
        a, b = rng.sample(people, 2)
        holds[a], holds[b] = holds[b], holds[a]
        moves.append(f"{a} and {b} swap")
        steps.append(f"{a} {holds[a]}, {b} {holds[b]}")
    who = rng.choice(people)
    story = f"{start}. {'. '.join(moves)}."
    return Item({"story": story, "who": who}, holds[who], "; ".join(steps))


def _order(rng: Random, dial: Dial) -> Item:
    people = rng.sample(NAMES, dial["people"])
    facts = [f"{a} is older than {b}" for a, b in itertools.pairwise(people)]
    if dial["mixed"]:
        rng.shuffle(facts)
    which = rng.choice(("oldest", "youngest"))
    steps = " > ".join(people)
    content = {"facts": ". ".join(facts) + ".", "which": which}
    return Item(content, people[0] if which == "oldest" else people[-1], steps)


SORT_NUMBERS = Family(
    skill="reasoning.sort_numbers",
    title="sort numbers",
    dials={"easy": {"count": 4, "largest": 100}, "hard": {"count": 8, "largest": 1000}},
    stream=endless(_sort_numbers),
    form=Items("<numbers with commas>"),
    seen=(
        "Sort from small to large: {numbers}",
        "Put these numbers in rising order: {numbers}",
        "Order the numbers, smallest first: {numbers}",
        "Arrange in ascending order: {numbers}",
    ),
    unseen=(
        "Line up {numbers} so that they grow.",
        "Rank these from the lowest to the highest: {numbers}",
        "Which order do {numbers} have when counted upwards?",
    ),
)
SORT_WORDS = Family(
    skill="reasoning.sort_words",
    title="sort words by the alphabet",
    dials={"easy": {"count": 4, "same": False}, "hard": {"count": 5, "same": True}},
    stream=endless(_sort_words),
    form=Items("<words with commas>"),
    seen=(
        "Sort by the alphabet: {words}",
        "Put these words in alphabetical order: {words}",
        "Order the words from A to Z: {words}",
        "Arrange alphabetically: {words}",
    ),
    unseen=(
        "As in a dictionary, line up: {words}",
        "List {words} the way an index would.",
        "Which order from A to Z do {words} have?",
    ),
)
COUNT_ITEM = Family(
    skill="reasoning.count_item",
    title="how often a word is in a list",
    dials={"easy": {"kinds": 3, "length": 6}, "hard": {"kinds": 4, "length": 14}},
    stream=endless(_count_item),
    form=Number(),
    seen=(
        "How many times is '{thing}' in this list? {things}",
        "Count '{thing}': {things}",
        "{things}. How often does '{thing}' appear?",
        "Give the number of '{thing}' in: {things}",
    ),
    unseen=(
        "A basket holds {things}. How many are '{thing}'?",
        "Tally the entries equal to '{thing}': {things}",
        "Of these, how many say '{thing}'? {things}",
    ),
)
OVERLAP = Family(
    skill="reasoning.overlap",
    title="what two lists share",
    dials={"easy": {"size": 4, "shared": 2}, "hard": {"size": 7, "shared": 4}},
    stream=endless(_overlap),
    form=Items("<words with commas>", ordered=False),
    seen=(
        "Which words are in both lists? A: {left}. B: {right}.",
        "Find what these two lists share. One: {left}. Two: {right}.",
        "List the common items of {left} and of {right}.",
        "A = {left}; B = {right}. Which are in A and in B?",
    ),
    unseen=(
        "Ann has {left}. Bob has {right}. What do both have?",
        "Give the intersection of [{left}] and [{right}].",
        "Which of {left} are also among {right}?",
    ),
)
TABLE = Family(
    skill="reasoning.table",
    title="read a small table",
    dials={"easy": {"rows": 3, "sum": False}, "hard": {"rows": 4, "sum": True}},
    stream=endless(_table),
    form=Number(),
    seen=(
        "Table of name, price, stock: {table}. {asked}",
        "name price stock: {table}. {asked}",
        "Each entry gives name, price and stock: {table}. {asked}",
        "{asked} Entries are name, price, stock: {table}.",
    ),
    unseen=(
        "A shop lists name, price, stock as follows: {table}. {asked}",
        "Read these rows (name, price, stock): {table}. {asked}",
        "{asked} Use the rows name price stock: {table}.",
    ),
)
TRACK = Family(
    skill="reasoning.track",
    title="follow who holds what",
    dials={"easy": {"people": 2, "swaps": 1}, "hard": {"people": 3, "swaps": 4}},
    stream=endless(_track),
    form=Word("<thing>"),
    seen=(
        "{story} What does {who} have now?",
        "{story} Which thing is with {who} at the end?",
        "{story} Name the thing that {who} holds now.",
        "{story} What is {who} left with?",
    ),
    unseen=(
        "{story} When all is done, what is in {who}'s hands?",
        "{story} Say what {who} ends up with.",
        "Follow the things. {story} What has {who} got in the end?",
    ),
)
ORDER = Family(
    skill="reasoning.older",
    title="who is oldest or youngest",
    dials={"easy": {"people": 3, "mixed": False}, "hard": {"people": 5, "mixed": True}},
    stream=endless(_order),
    form=Word("<name>"),
    seen=(
        "{facts} Who is the {which}?",
        "{facts} Name the {which} person.",
        "{facts} Which of them is the {which}?",
        "{facts} Tell who is {which}.",
    ),
    unseen=(
        "Who is the {which} of all, if {facts}",
        "{facts} Of these people, who is {which}?",
        "From these facts find the {which}: {facts}",
    ),
)
FAMILIES = (SORT_NUMBERS, SORT_WORDS, COUNT_ITEM, OVERLAP, TABLE, TRACK, ORDER)
