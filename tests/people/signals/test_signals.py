import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from banbury.errors import InputError
from banbury.people.signals import Answer, Case, Look, Move, Suspicion, look, moved, needed
from banbury.people.signals.alike import Pairs
from banbury.people.signals.calibrate import combined
from banbury.people.signals.case import HEARING_NS
from banbury.people.signals.record import recorded

values = st.sampled_from([-np.inf, 0.0, 0.1, 0.5, 1.0, 2.0, 7.0])


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 25).flatmap(lambda n: arrays(np.float64, (n, 3), elements=values)))
def test_at_most_a_share_u_of_any_crowd_has_a_p_value_below_u(table):
    """Exactly, whatever the signals are and however they hang together; ties included."""
    each = [combined(row, np.delete(table, n, axis=0)) for n, row in enumerate(table)]
    for u in np.arange(1, len(table) + 1) / len(table):
        assert sum(p <= u + 1e-12 for p, _ in each) <= u * len(table) + 1e-9
        for kind in range(table.shape[1]):
            assert sum(one[kind] <= u + 1e-12 for _, one in each) <= u * len(table) + 1e-9


def crowd(seed, count, items=30):
    """Honest people: closed items of four options, and three open ones."""
    rng = np.random.default_rng(seed)
    ease = rng.normal(0.5, 1, items)
    long = rng.normal(3, 0.6, items + 3)
    made = []
    for n in range(count):
        able, speed = rng.normal(0, 0.7), rng.normal(0, 0.3)
        for i in range(items):
            right = bool(rng.random() < 1 / (1 + np.exp(-ease[i] - able)))
            text = "0" if right else str(1 + int(3 * rng.random() ** 2))
            took = float(np.exp(long[i] + speed + rng.normal(0, 0.4)))
            gold = ("circulated", "fresh", "")[i % 3]
            made.append(Answer(f"p{n}", f"i{i}", text, took, right=right, gold=gold,
                               device=f"d{n}"))  # fmt: skip
        for i in range(3):
            text = " ".join(f"w{x}" for x in rng.integers(0, 40, 20))
            made.append(Answer(f"p{n}", f"open{i}", text, float(np.exp(long[items + i])),
                               int(len(text) * rng.uniform(0.8, 1.2)), open=True))  # fmt: skip
    return made


MODELS = {f"open{i}": [" ".join(f"m{x}" for x in range(25))] for i in range(3)}


def by(answers, person):
    return [a for a in answers if a.person == person]


def changed(answers, person, **how):
    return [
        msgspec.structs.replace(a, **{k: v(a) for k, v in how.items()})
        if a.person == person and ("text" not in how or a.open)
        else a
        for a in answers
    ]


@pytest.fixture(scope="module")
def honest():
    return crowd(1, 140)


TRUSTED = frozenset(f"p{n}" for n in range(110))


def suspects(found: Look):
    return {s.person: s for s in found.suspicions}


def test_a_pasted_answer_of_a_model_is_brought_with_its_evidence(honest):
    answers = changed(
        honest, "p120", text=lambda a: MODELS[a.item][0] + " indeed", keys=lambda a: 2
    )
    found = suspects(look(answers, TRUSTED, rate=0.1, models=MODELS))
    signals = {s.kind: s for s in found["p120"].signals}
    assert {"typing", "model"} <= set(signals)
    assert "3 of 3 long answers" in signals["typing"].words
    assert "word for word" in signals["model"].words


def test_who_copies_and_who_was_copied_are_brought_together(honest):
    key = {a.item: a for a in by(honest, "p130") if not a.open}
    answers = [
        msgspec.structs.replace(a, text=key[a.item].text, right=key[a.item].right)
        if a.person == "p131" and a.item in key
        else a
        for a in honest
    ]
    found = suspects(look(answers, TRUSTED, rate=0.1))
    assert {"p130", "p131"} <= set(found)
    alike = {s.kind: s for s in found["p131"].signals}["alike"]
    assert alike.others[0] == "p130"
    assert "30 of 30 answers are those of p130" in alike.words


def test_a_shared_device_alone_is_said_with_its_innocent_reason(honest):
    answers = changed(honest, "p125", device=lambda a: "d126")
    found = suspects(look(answers, TRUSTED, rate=0.1))
    for suspicion in found.values():
        for signal in suspicion.signals:
            if signal.kind == "device":
                assert "Families" in signal.words


def test_a_public_machine_tells_nothing(honest):
    everybody = [msgspec.structs.replace(a, device="library") for a in honest]
    found = look(everybody, TRUSTED, rate=0.1)
    assert all(s.kind != "device" for x in found.suspicions for s in x.signals)


def test_haste_and_known_gold_show(honest):
    fast = changed(honest, "p121", seconds=lambda a: a.seconds / 20)
    assert "haste" in {s.kind for s in suspects(look(fast, TRUSTED, rate=0.1))["p121"].signals}
    known = [
        msgspec.structs.replace(a, right=a.gold == "circulated", text="0" if a.gold else "1")
        if a.person == "p122" and a.gold
        else a
        for a in honest
    ]
    signals = {s.kind: s for s in suspects(look(known, TRUSTED, rate=0.1))["p122"].signals}
    assert "10 of 10 were right, of fresh ones 0 of 10" in signals["gold"].words


def test_people_are_compared_with_their_like_or_not_at_all(honest):
    answers = changed(honest, "p123", keys=lambda a: 0, text=lambda a: a.text)
    assert "p123" in suspects(look(answers, TRUSTED, rate=0.1))
    alone = look(answers, TRUSTED, rate=0.1, like={"p123": "dictates"})
    assert "p123" in alone.untold
    assert "p123" not in suspects(alone)


def test_nobody_is_suspected_without_enough_to_compare_with(honest):
    found = look(honest, frozenset({"p1", "p2"}))
    assert found.suspicions == ()
    assert found.looked == 0
    assert needed(0.01) == 99
    assert look([], frozenset()).suspicions == ()
    assert look(by(honest, "p1"), frozenset()).untold == ("p1",)
    with pytest.raises(InputError):
        look(honest, TRUSTED, rate=0)


def test_the_evidence_of_copying_is_below_one_on_the_average():
    """Under no copying a likelihood ratio has mean 1; the weaker of two has less."""
    pairs = Pairs(recorded(crowd(3, 120)))
    others, evidence = pairs.nearest()
    assert evidence.shape == (120, 2)
    assert (others != np.arange(120)[:, None]).all()
    each = [pairs.between(f"p{a}", f"p{b}") for a in range(40) for b in range(40, 80)]
    assert np.exp(each).mean() < 1.5
    assert np.mean(np.array(each) > 5) < 0.01


SUSPICION = Suspicion("p", 0.001, 200, ())
TOLD = Move("told", 10, "")


def test_a_person_decides_after_the_accused_was_heard():
    told = moved(Case(SUSPICION), TOLD)
    heard = moved(told, Move("answer", 20, "p", "I dictate."))
    assert heard.decided is None
    cleared = moved(heard, Move("clear", 30, "boss", "That explains it."))
    assert cleared.decided.words == "That explains it."
    late = moved(told, Move("stand", 10 + HEARING_NS, "boss", "No answer, and a clear record."))
    assert late.decided.kind == "stand"


@pytest.mark.parametrize(
    ("moves", "bad"),
    [
        ([], Move("answer", 1, "p", "why?")),
        ([], Move("stand", 1, "boss", "obvious")),
        ([TOLD], Move("stand", 11, "boss", "obvious")),
        ([TOLD], Move("clear", 11, "p", "I am honest")),
        ([TOLD], Move("answer", 11, "friend", "they are honest")),
        ([TOLD], Move("clear", 11, "boss", " ")),
        ([TOLD, Move("clear", 11, "boss", "fine")], Move("stand", 12, "boss", "no, wait")),
    ],
)
def test_moves_that_may_not_be_are_refused(moves, bad):
    case = Case(SUSPICION)
    for move in moves:
        case = moved(case, move)
    with pytest.raises(InputError):
        moved(case, bad)
