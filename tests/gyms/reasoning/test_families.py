"""The truth of our own families, worked out again from the text that an actor sees."""

import datetime
import itertools
import re

import msgspec
import pytest

from banbury.gyms.reasoning.gym import ReasoningGym

GYM = ReasoningGym()


def drawn(skill, count=60):
    for difficulty in GYM.family(skill).dials:
        for phrasing in ("seen", "unseen"):
            stream = GYM.tasks(skill, seed=9, difficulty=difficulty, phrasing=phrasing)
            for problem in itertools.islice(stream, count):
                content = msgspec.json.decode(problem.task.params)["content"]
                yield content, msgspec.json.decode(problem.secret.answer), problem


def numbers(text):
    return [int(n) for n in re.findall(r"\d+", text)]


def swapped(story, who):
    start, *moves = story.rstrip(".").split(". ")
    holds = dict(re.findall(r"(\w+) has the (\w+)", start))
    for move in moves:
        a, b = re.match(r"(\w+) and (\w+) swap", move).groups()
        holds[a], holds[b] = holds[b], holds[a]
    return holds[who]


def ranked(facts, which):
    pairs = re.findall(r"(\w+) is older than (\w+)", facts)
    older, younger = {a for a, _ in pairs}, {b for _, b in pairs}
    ((person),) = (older - younger) if which == "oldest" else (younger - older)
    return person


def told(facts, asked):
    above = dict(re.findall(r"All (\w+) are (\w+)", facts))
    sub, sup = re.findall(r"(?:all|of the) (\w+)(?: |\. |\?)(?:.* of the )?(\w+)?", asked)[0]
    sup = sup or asked.rstrip("?").split()[-1]
    while sub in above:
        sub = above[sub]
        if sub == sup:
            return "yes"
    return "no"


def printed(code):
    said = []
    exec(code.replace("; for", "\nfor").replace("; print", "\nprint"), {"print": said.append})
    return str(said[0])


def minutes(time):
    return int(time[:2]) * 60 + int(time[3:])


def later(date, n):
    return str(datetime.date.fromisoformat(date) + datetime.timedelta(days=n))


def titled(text, what):
    each = "each" in what
    return " ".join(
        w[0].upper() + w[1:] if each or not i else w for i, w in enumerate(text.split())
    )


def tabled(table, asked):
    rows = [row.split() for row in table.split("; ")]
    column = 1 if "price" in asked else 2
    if "sum" in asked:
        return str(sum(int(row[column]) for row in rows))
    (row,) = [r for r in rows if r[0] == asked.rstrip("?").split()[-1]]
    return row[column]


WEEK = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
PLACES = ["first", "second", "third", "fourth", "fifth"]

TRUTHS = {
    "reasoning.add": lambda a, b: str(a + b),
    "reasoning.subtract": lambda a, b: str(a - b),
    "reasoning.multiply": lambda a, b: str(a * b),
    "reasoning.remainder": lambda a, b: str(a % b),
    "reasoning.percent": lambda percent, n: f"{percent * n / 100:g}",
    "reasoning.larger": lambda a, b: max((a, b), key=float),
    "reasoning.even": lambda n: "yes" if str(n)[-1] in "02468" else "no",
    "reasoning.change": lambda count, thing, price, paid: (
        f"{float(paid) - count * float(price):.2f}"
    ),
    "reasoning.pick_word": lambda sentence, which: sentence.split()[
        -1 if which == "last" else PLACES.index(which)
    ],
    "reasoning.uppercase": lambda text: text.upper(),
    "reasoning.capitalise": titled,
    "reasoning.initials": lambda words: "".join(w[0] for w in words),
    "reasoning.reverse": lambda word: "".join(reversed(word)),
    "reasoning.count_letter": lambda letter, text: str(len(re.findall(letter, text))),
    "reasoning.drop_vowels": lambda text: re.sub("[aeiou]", "", text),
    "reasoning.replace_letter": lambda old, new, text: re.sub(old, new, text),
    "reasoning.sort_numbers": lambda numbers: ", ".join(map(str, sorted(numbers))),
    "reasoning.sort_words": lambda words: ", ".join(sorted(words)),
    "reasoning.count_item": lambda things, thing: str(things.count(thing)),
    "reasoning.overlap": lambda left, right: ", ".join(w for w in left if w in set(right)),
    "reasoning.table": tabled,
    "reasoning.track": swapped,
    "reasoning.older": ranked,
    "reasoning.days_later": later,
    "reasoning.weekday": lambda event, day, n: WEEK[(WEEK.index(day) + n) % 7],
    "reasoning.clock": lambda time, n: (
        f"{(minutes(time) + n) // 60 % 24:02d}:{(minutes(time) + n) % 60:02d}"
    ),
    "reasoning.minutes_between": lambda start, end: str(minutes(end) - minutes(start)),
    "reasoning.boolean": lambda values, text: str(
        eval(text, {n: v == "True" for n, v in re.findall(r"(\w) = (True|False)", values)})
    ).lower(),
    "reasoning.all_are": told,
    "reasoning.code_output": printed,
    "reasoning.list_call": lambda text: str(eval(text)),
}


@pytest.mark.parametrize("skill", sorted(TRUTHS))
def test_the_answer_is_what_another_way_of_computing_it_gives(skill):
    for content, gold, problem in drawn(skill):
        assert TRUTHS[skill](**content) == gold, problem.task.public.instruction


@pytest.mark.parametrize("skill", sorted(GYM.families()))
def test_reference_ends_in_its_answer_and_is_short(skill):
    for _, gold, problem in drawn(skill, 30):
        (reference,) = GYM.solution(problem)
        *steps, last = reference.text.split("\n")
        assert last == f"Answer: {gold}"
        assert len(steps) <= 1
        assert len(reference.text) < 200


def test_most_references_show_their_steps():
    shown = [
        skill
        for skill in GYM.families()
        if "\n" in GYM.solution(next(GYM.tasks(skill, seed=1, difficulty="hard")))[0].text
    ]
    assert len(shown) >= 26
    assert len(GYM.families()) == 38


@pytest.mark.parametrize("skill", ["reasoning.units", "reasoning.next_number"])
def test_every_number_of_the_answer_follows_from_the_steps(skill):
    for _, gold, problem in drawn(skill):
        (reference,) = GYM.solution(problem)
        steps = reference.text.split("\n")[0]
        if skill == "reasoning.units":
            assert steps.endswith(f"= {gold}")
        else:
            shown = msgspec.json.decode(problem.task.params)["content"]["numbers"]
            (by,) = numbers(steps)
            assert int(gold) == (shown[-1] * by if "times" in steps else shown[-1] + by)


def test_dates_are_unambiguous():
    for content, gold, _ in drawn("reasoning.date_format"):
        day = datetime.date.fromisoformat(gold)
        assert f"{day:%B}"[:3] in content["date"]
        assert str(day.day) in re.findall(r"\d+", content["date"])
