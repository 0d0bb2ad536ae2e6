"""A case as the accused sees it: others are letters, test tasks are not told apart."""

import msgspec
import pytest

from banbury.people.cases.evidence import Evidence, Seen
from banbury.people.cases.heard import heard
from banbury.people.signals import Case, Move, Suspicion
from banbury.people.signals.look import Signal

OTHERS = ("p-22222222", "p-2222222", "p-33333333")


def case_of(others, said="Your answers are those of {}."):
    signals = (
        Signal("alike", 0.001, "; ".join(f"9 of 9 answers are those of {o}, 3 of them wrong"
                                         for o in others), tuple(others)),
        Signal("device", 0.01, f"The same device was used by {', '.join(others)}.", tuple(others)),
    )  # fmt: skip
    rows = (
        Seen("t2", "asked", "42", 1.0, 2.0, right=False, gold="circulated", same=tuple(others)),
        Seen("t1", "asked", "41", 1.0, 2.0, right=True, gold="fresh"),
    )
    suspicion = Suspicion("p-accused2", 0.001, 100, signals)
    moves = (Move("told", 1, "op"), Move("stand", 2, "op", said.format(others[-1])))
    return Case(suspicion, moves, "account"), Evidence(suspicion, rows, 2, 0.01, ("a.b",))


def test_others_are_letters_in_words_rows_and_reasons():
    case, kept = heard(*case_of(OTHERS))
    said = msgspec.json.encode((case, kept)).decode()
    assert not any(o in said for o in OTHERS)
    assert case.suspicion.signals[0].others == tuple(f"somebody else ({x})" for x in "ABC")
    assert "those of somebody else (B), 3 of them wrong" in case.suspicion.signals[0].words
    assert case.moves[1].words == "Your answers are those of somebody else (C)."
    assert case.suspicion.person == "p-accused2", "their own name they know"


def test_rows_do_not_say_which_answers_were_tested():
    _, kept = heard(*case_of(OTHERS))
    assert {(r.right, r.gold) for r in kept.answers} == {(None, "")}
    assert {r.text for r in kept.answers} == {"41", "42"}


@pytest.mark.parametrize("count", [1, 2, 26, 27, 60])
def test_no_pseudonym_is_left_however_many_there_are_and_twice_is_once(count):
    """Names that begin as others do, such as `p-1` and `p-11`, are told apart."""
    others = [f"p-{n}" for n in range(1, count + 1)]
    once = heard(*case_of(others))
    assert len({*once[0].suspicion.signals[0].others}) == count
    left = msgspec.json.encode(once).decode().replace("p-accused2", "")
    assert "p-" not in left
    assert heard(*once) == once
