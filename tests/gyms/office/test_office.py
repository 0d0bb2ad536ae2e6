import itertools
import json
import re
from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from banbury.gyms.check import act
from banbury.gyms.contract import Answer
from banbury.gyms.office import intent
from banbury.gyms.office.gym import OfficeGym
from banbury.gyms.office.queue import QUEUES, REGIONS, RULES, Mail, route

GYM = OfficeGym()
TOPICS = ("invoice", "refund", "damage", "late", "legal", "job", "press", "login")


def problems(skill, count, **options):
    return list(itertools.islice(GYM.tasks(skill, seed=8, **options), count))


def score(problem, text):
    return GYM.judge(act(GYM, problem, [Answer(text)]), problem)


@pytest.mark.parametrize(
    ("mail", "queue"),
    [
        (Mail("legal", "north", False, True, 6000), "pier"),
        (Mail("legal", "north", False, True, 5000), "oak"),
        (Mail("press", "west", True, False, 0), "oak"),
        (Mail("late", "north", False, True, 0), "pier"),
        (Mail("invoice", "east", False, False, 1001), "mill"),
        (Mail("invoice", "east", False, True, 1000), "barn"),
        (Mail("refund", "east", False, False, 20), "kite"),
        (Mail("damage", "south", False, False, 0), "dock"),
        (Mail("late", "east", False, False, 0), "ridge"),
        (Mail("late", "south", False, False, 0), "lamp"),
        (Mail("job", "south", False, True, 0), "fern"),
        (Mail("login", "south", False, True, 0), "wren"),
    ],
)
def test_the_first_rule_that_fits_decides(mail, queue):
    assert route(mail) == queue


@given(
    st.builds(
        Mail,
        st.sampled_from(TOPICS),
        st.sampled_from(REGIONS),
        st.booleans(),
        st.booleans(),
        st.integers(0, 9999),
    )
)
def test_every_mail_has_one_of_the_queues(mail):
    assert route(mail) in QUEUES


def test_there_are_a_dozen_rules_and_each_queue_gets_mail():
    assert len(RULES) == 12
    for difficulty in ("easy", "hard"):
        drawn = problems("office.email.queue", 1500, difficulty=difficulty)
        assert {msgspec.json.decode(p.secret.answer) for p in drawn} == set(QUEUES)


def test_the_queue_can_be_worked_out_from_what_the_mail_shows():
    for problem in problems("office.email.queue", 300, difficulty="hard"):
        mail = msgspec.json.decode(problem.task.params)["content"]["mail"]
        gold = msgspec.json.decode(problem.secret.answer)
        amounts = [int(n) for n in re.findall(r"(\d+) euros", mail)]
        if "URGENT" in mail and amounts and amounts[0] > 5000:
            assert gold == "pier"
        elif "lawyer" in mail or "sue" in mail or "city.gov" in mail:
            assert gold == "oak"
        elif re.search(r"invoice", mail) and amounts:
            assert gold == ("mill" if amounts[0] > 1000 else "barn")


def test_no_prompt_names_a_rule_and_the_skill_is_marked_as_untold():
    told = {skill.name: skill.told for skill in GYM.skills()}
    assert told == {
        "office.email.queue": False,
        "office.email.reply": True,
        "office.email.order": True,
        "office.email.intent": True,
    }
    for problem in problems("office.email.queue", 50):
        question = problem.task.public.instruction
        assert msgspec.json.decode(problem.secret.answer) not in question.split()


def test_real_mail_is_the_file_that_was_brought_in_and_the_halves_are_apart():
    seen, unseen = intent.rows("seen"), intent.rows("unseen")
    assert (len(seen), len(unseen)) == (3464, 934)
    assert Counter(label for _, label, _ in unseen) == {"no": 631, "yes": 303}
    keys = [{intent._key(sentence) for *_, sentence in rows} for rows in (seen, unseen)]
    assert len(keys[0]) == len(seen)
    assert not keys[0] & keys[1]


@pytest.mark.parametrize("phrasing", ["seen", "unseen"])
def test_real_mail_is_drawn_in_equal_numbers_and_names_its_row(phrasing):
    drawn = problems("office.email.intent", 600, phrasing=phrasing)
    labels = Counter(msgspec.json.decode(p.secret.answer) for p in drawn)
    assert labels == {"yes": 300, "no": 300}
    rows = {number: (label, sentence) for number, label, sentence in intent.rows(phrasing)}
    for problem in drawn[:50]:
        origin = problem.task.origin
        assert origin.kind == "imported"
        assert origin.source == intent.SOURCE
        revision, file, line = origin.revision.split(":")
        assert (revision, file) == (intent.REVISION, intent.FILES[phrasing][1])
        label, sentence = rows[int(line)]
        assert sentence in problem.task.public.instruction
        assert label == msgspec.json.decode(problem.secret.answer)
    assert {p.task.licence for p in drawn} == {"Apache-2.0"}


def test_real_mail_ends_when_a_class_is_used_up():
    assert len(list(GYM.tasks("office.email.intent", seed=1, phrasing="unseen"))) == 606


def test_an_order_is_compared_as_json_and_partly_right_is_lenient():
    (problem,) = problems("office.email.order", 1)
    gold = json.loads(msgspec.json.decode(problem.secret.answer))
    other_order = json.dumps(dict(reversed(gold.items())))
    assert score(problem, f"Answer: {other_order}").score == 1.0
    wrong = json.dumps({**gold, "city": "Nowhere"})
    found = score(problem, f"Answer: {wrong}")
    assert found.components == {"strict": 0.0, "lenient": 0.75}
    fenced = f"```json\n{json.dumps(gold)}\n```"
    assert score(problem, fenced).components == {"strict": 0.0, "lenient": 1.0}
    quoted = json.dumps({**gold, "quantity": str(gold["quantity"])})
    assert score(problem, f"Answer: {quoted}").score == 0.0


def test_the_order_stands_in_the_mail():
    for difficulty in ("easy", "hard"):
        for problem in problems("office.email.order", 100, difficulty=difficulty):
            mail = msgspec.json.decode(problem.task.params)["content"]["mail"]
            gold = json.loads(msgspec.json.decode(problem.secret.answer))
            assert all(str(value) in mail for value in gold.values())
