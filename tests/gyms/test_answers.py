import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banbury.gyms.answers import (
    Choice,
    Day,
    Fields,
    Items,
    Number,
    Word,
    answer_line,
    answer_lines,
    fragment,
)

YES_NO = Choice(("yes", "no"))
ORDER = Fields(("item", "quantity"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Answer: 7", "7"),
        ("3 + 4 = 7\nAnswer: 7\n\n", "7"),
        ("Answer: 7  ", "7"),
        ("Answer:7", None),
        ("answer: 7", None),
        ("The answer is 7", None),
        ("Answer: 7\nthat is all", None),
        ("Answer: 6\nAnswer: 7", None),
        ("**Answer:** 6\nAnswer: 7", None),
        ("\u0410nswer: 7", None),
        ("", None),
        ("\n\n", None),
    ],
)
def test_answer_line_takes_one_last_line_in_the_asked_form(text, value):
    assert answer_line(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Answer:\n1 2\n3 4", "1 2\n3 4"),
        ("First this.\nAnswer: 1 2\n3 4\n", "1 2\n3 4"),
        ("Answer:\n1\nAnswer:\n2", None),
        ("1 2\n3 4", None),
    ],
)
def test_answer_lines_takes_all_that_follows(text, value):
    assert answer_lines(text) == value


@pytest.mark.parametrize(
    ("form", "gold", "said"),
    [
        (Number(), "85", "47 + 38 = 85"),
        (Number(), "1234", "The answer is 1,234."),
        (Number(), "2.50", "So you get 2.5 back"),
        (Number(), "-3", "Result: -3"),
        (Word(), "tree", 'The last word is "tree".'),
        (Word(), "tree", "**Tree**"),
        (Word(), "10:05", "It arrives at 10:05."),
        (Word(fold=False), "RED CAR", "RED CAR"),
        (YES_NO, "yes", "Yes, 8 is even."),
        (YES_NO, "no", "no"),
        (Items(), "3, 9, 12", "3 9 12"),
        (Items(), "ant, bee, cow", "Sorted: ant, bee and cow."),
        (Items(), "ant, bee", "1. ant\n2. bee".replace("1. ", "").replace("2. ", "")),
        (Items(ordered=False), "ant, bee", "bee, ant"),
        (Day(), "2021-03-05", "It is 5 March 2021."),
        (Day(), "2021-03-05", "March 5, 2021"),
        (Day(), "2021-03-05", "05/03/2021"),
        (ORDER, '{"item": "rug", "quantity": 2}', 'Here: {"quantity": 2, "item": "rug"} thanks'),
    ],
)
def test_loose_reading_finds_the_right_value_in_other_forms(form, gold, said):
    assert form.loose(said, gold) == 1.0


@pytest.mark.parametrize(
    ("form", "gold", "said"),
    [
        (Number(), "85", "47 + 38 = 84"),
        (Number(), "85", "no idea"),
        (Word(), "tree", "tree house"),
        (Word(fold=False), "RED", "red"),
        (YES_NO, "yes", "yes or no"),
        (YES_NO, "yes", "nobody knows, yesterday"),
        (Items(), "3, 9, 12", "12, 9, 3"),
        (Day(), "2021-03-05", "2021-03-06"),
        (Day(), "2021-03-05", "99/99/9999"),
        (ORDER, '{"item": "rug", "quantity": 2}', "rug 2"),
    ],
)
def test_loose_reading_refuses_what_is_wrong(form, gold, said):
    assert form.loose(said, gold) == 0.0


def test_loose_reading_of_json_gives_the_share_of_right_fields():
    gold = '{"item": "rug", "quantity": 2}'
    assert ORDER.loose('{"item": "rug", "quantity": "2"}', gold) == 0.5


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ('{"item": "rug", "quantity": 2}', True),
        ('{"quantity":2,"item":"rug"}', True),
        ('{"item": "rug", "quantity": 2.0}', False),
        ('{"item": "rug", "quantity": "2"}', False),
        ('{"item": "rug", "quantity": 2, "more": 1}', False),
        ('{"item": "hat", "item": "rug", "quantity": 2}', False),
        ('{"item": "rug"}', False),
        ("[" * 5000, False),
        ("null", False),
    ],
)
def test_json_is_compared_field_by_field_with_types(said, right):
    assert ORDER.exact(said, '{"item": "rug", "quantity": 2}') is right


def test_items_do_not_care_for_blanks_but_for_order():
    assert Items().exact("3,9 , 12", "3, 9, 12")
    assert not Items().exact("9, 3, 12", "3, 9, 12")
    assert Items(ordered=False).exact("9, 3, 12", "3, 9, 12")
    assert not Items(ordered=False).exact("9, 9, 3, 12", "3, 9, 12")


FORMS = (
    (Number(), "85"),
    (Word(), "tree"),
    (YES_NO, "yes"),
    (Items(), "3, 9, 12"),
    (Day(), "2021-03-05"),
    (ORDER, json.dumps({"item": "rug", "quantity": 2})),
)


@given(st.text(max_size=300))
def test_any_text_is_read_without_an_error(text):
    fragment(text)
    answer_line(text)
    answer_lines(text)
    for form, gold in FORMS:
        assert form.exact(text, gold) in (True, False)
        assert 0.0 <= form.loose(text, gold) <= 1.0


@pytest.mark.parametrize(("form", "gold"), FORMS)
def test_gold_is_right_and_others_are_wrong(form, gold):
    assert form.exact(gold, gold)
    assert form.loose(f"Answer: {gold}", gold) == 1.0
    assert form.others(gold)
    assert not any(form.exact(other, gold) for other in form.others(gold))


def test_a_list_with_a_sign_flipped_is_another_list():
    form = Items()
    assert form.loose("Answer: 21, -451, 7", "21, -451, 7") == 1.0
    assert form.loose("Answer: 21, -451, 7", "21, 451, 7") == 0.0
    assert form.loose("Answer: 21, 451, 7", "21, -451, 7") == 0.0


@pytest.mark.parametrize(
    ("form", "gold"),
    [
        (Number(), "-1234"),
        (Word(), "the Blue one"),
        (Choice(("yes", "no")), "no"),
        (Items(), "a, b, 3"),
        (Items(ordered=False), "a, b, 3"),
        (Day(), "2026-03-09"),
        (Fields(("n", "city")), '{"n": 3, "city": "Zürich"}'),
    ],
)
def test_a_form_takes_its_own_notations_and_reads_the_usual_others(form, gold):
    for kind, value in form.same(gold).items():
        assert form.exact(value.rstrip(), gold), kind
    for kind, value in {**form.same(gold), **form.notations(gold)}.items():
        assert form.loose(f"Answer: {value}", gold) == 1.0, kind
    for value in form.others(gold):
        assert not form.exact(value, gold)
        assert not form.means(value, gold)
    assert form.means(gold, gold)
