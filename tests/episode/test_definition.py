"""Which tasks a skill covers."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from banbury.episode import Public, SkillWeight, Task
from banbury.episode.definition import Listed, Nearest, Part, Terms, narrowed, rule, terms, union
from banbury.errors import InputError


def task(text="Please refund 20 euros", skill="a.b", **params):
    body = msgspec.json.encode(params).decode()
    return Task(
        "t", "gym", "fam", "2", body, Public(text, phrasing="seen-1"), (SkillWeight(skill),)
    )


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("text~REFUND", True),
        ("text~invoice", False),
        ("difficulty=hard", True),
        ("difficulty==hard", True),
        ("difficulty=hard and params.content.n>9", True),
        ("difficulty=hard and params.content.n>10", False),
        ("params.content.n<=10", True),
        ("params.content.n=10.0", True),
        ("params.content.gone=1", False),
        ("params.content.word<5", False),
        ("params.content.word=ten", True),
        ("params.content.word!=ten", False),
        ("family=fam and gym=gym and version>=2 and phrasing~seen", True),
    ],
)
def test_a_rule_looks_at_what_is_public(text, holds):
    one = task(difficulty="hard", content={"n": 10, "word": "ten"})
    made = rule(text)
    assert made.holds(one) is holds
    assert msgspec.structs.replace(made, negated=True).holds(one) is not holds


@pytest.mark.parametrize("text", ["", "difficulty", "answer=3", "difficulty==", "text ~"])
def test_a_rule_that_cannot_be_read_is_refused(text):
    with pytest.raises(InputError):
        rule(text)


def test_terms_show_how_long_numbers_are():
    assert terms("Add 12 and 345") == {"add", "00", "and", "000", "add 00", "00 and", "and 000"}


@given(st.text(max_size=60), st.text(max_size=60))
def test_of_the_nearest_there_is_exactly_one(text, other):
    of = (Terms(dict.fromkeys(terms(other), 1.0), -1.0), Terms({"a": 1.0}, 0.0), Terms({}, 0.0))
    assert sum(Nearest(of, i).holds(task(text)) for i in range(3)) == 1
    yes, no = of[0], msgspec.structs.replace(of[0], negated=True)
    assert yes.holds(task(text)) is not no.holds(task(text))


def test_a_whole_skill_takes_in_its_parts():
    where = Listed(("t",))
    assert union([Part("a.b", (where,)), Part("a.b"), Part("c", (where,)), Part("a.b")]) == (
        Part("a.b"),
        Part("c", (where,)),
    )
    (part,) = narrowed([Part("a.b", (where,))], rule("text~refund"))
    assert part.covers(task())
    assert not part.covers(task(skill="a.c"))
    assert not part.covers(task("hello"))


def test_a_definition_reads_back_as_it_was_written():
    parts = (Part("a.b", (rule("text~x"), Terms({"x": 0.1}, -1.0, True), Nearest((), 0))),)
    data = msgspec.json.encode(parts)
    assert msgspec.json.decode(data, type=tuple[Part, ...]) == parts
