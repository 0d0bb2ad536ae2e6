import pytest
from hypothesis import given
from hypothesis import strategies as st

from banbury.errors import InputError
from banbury.similar.overlap import overlaps

word = st.text("abcdefghij", min_size=3, max_size=8)


@given(st.lists(word, min_size=13, max_size=20), st.lists(word), st.lists(word))
def test_a_run_of_13_words_is_always_found(run, before, after):
    shared = " ".join(run)
    task = f"{' '.join(before)} {shared.upper()} {' '.join(after)}"
    (match,) = overlaps([task], ["nothing here", f"Once upon a time, {shared}!"])
    assert (match.text, match.other, match.kind) == (0, 1, "overlap")


def test_a_short_task_inside_a_long_page_is_found(paragraphs):
    question = "How many legs do 3 cats have?"
    page = " ".join(paragraphs[:20]) + f" {question} " + " ".join(paragraphs[20:40])
    (match,) = overlaps([question, "How many moons does Mars have?"], [paragraphs[50], page])
    assert (match.text, match.other, match.score) == (0, 1, 1.0)
    assert "100% of its 8-character pieces" in match.reason


def test_a_run_names_its_words(paragraphs):
    (match,) = overlaps(["x y z " + paragraphs[0]], paragraphs[:3])
    assert match.other == 0
    assert "13 words in a row" in match.reason


def test_most_edited_copies_of_held_out_text_are_found(paragraphs, edited):
    matches = overlaps(edited[:300], paragraphs)
    right = sum(match.other == match.text for match in matches)
    assert right >= 0.85 * 300


def test_texts_of_their_own_do_not_overlap():
    texts = ["Sort these numbers: 5, 2, 9.", "Which queue does this mail belong to?"]
    assert overlaps(texts, ["Spell the word 'banana' backwards.", ""]) == []


def test_references_may_be_a_stream_and_tiny_texts_are_left_to_exact():
    stream = (text for text in ["2+2", "what is two plus two"])
    matches = overlaps(["2+2", "What is two plus two?"], stream)
    assert [(match.text, match.other) for match in matches] == [(1, 1)]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: overlaps("text", ["a"]),
        lambda: overlaps(["text"], "a"),
        lambda: overlaps(["text"], ["a"], words=1),
        lambda: overlaps(["text"], ["a"], share=0),
        lambda: overlaps([3], ["a"]),
    ],
)
def test_refuses_bad_input(wrong):
    with pytest.raises(InputError):
        wrong()
