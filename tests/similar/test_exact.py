import pytest
from hypothesis import given
from hypothesis import strategies as st

from banbury.errors import InputError
from banbury.similar.exact import digest, exact_duplicates, normalise

texts = st.text(max_size=40)


@given(texts)
def test_normalising_twice_changes_nothing_more(text):
    assert normalise(normalise(text)) == normalise(text)


@given(texts, st.sampled_from([" ", "\n", "\t  ", "\u00a0"]))
def test_spacing_and_case_do_not_matter(text, space):
    spaced = space + text.replace(" ", space * 2) + space
    assert digest(spaced) == digest(text)
    assert digest(normalise(text)) == digest(text)


def test_encodings_of_one_character_are_one():
    assert digest("cafe\u0301 \ufb01n") == digest("CAF\u00c9 fin")


def test_digits_and_punctuation_do_matter():
    assert len({digest(t) for t in ("2 + 3", "2 - 3", "2 + 4", "23")}) == 4


def test_hostile_text_has_a_digest():
    assert len(digest("\ud800 lone")) == 64
    assert digest("") == digest(" \n")


@given(st.lists(texts, max_size=20))
def test_every_copy_is_found_and_one_of_each_is_left(listed):
    matches = exact_duplicates(listed)
    dropped = {match.text for match in matches}
    left = [digest(text) for i, text in enumerate(listed) if i not in dropped]
    assert sorted(left) == sorted({digest(text) for text in listed})
    for match in matches:
        assert match.other < match.text
        assert match.other not in dropped
        assert digest(listed[match.other]) == digest(listed[match.text])


@given(st.lists(texts, max_size=20), st.lists(texts, max_size=20))
def test_against_references(listed, references):
    known = {digest(text) for text in references}
    found = {match.text for match in exact_duplicates(listed, references)}
    assert found == {i for i, text in enumerate(listed) if digest(text) in known}


@pytest.mark.parametrize("wrong", ["one string", [1], [None], [b"bytes"]])
def test_refuses_what_is_no_list_of_texts(wrong):
    with pytest.raises(InputError):
        exact_duplicates(wrong)
