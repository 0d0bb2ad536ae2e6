import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banbury.errors import InputError
from banbury.similar.exact import digest
from banbury.similar.near import _bands, jaccard, near_duplicates, pieces


def test_edited_copies_are_found_at_99_of_100(paragraphs, edited):
    matches = {match.text: match for match in near_duplicates(edited, paragraphs)}
    right = sum(i in matches and matches[i].other == i for i in range(len(edited)))
    assert right >= 0.99 * len(edited)


def test_nothing_is_reported_that_is_not_similar_and_little_is_missed(paragraphs):
    some = paragraphs[:400]
    sets = [pieces(text) for text in some]
    true = {i for i in range(400) if any(jaccard(sets[i], sets[j]) >= 0.5 for j in range(i))}
    matches = near_duplicates(some)
    for match in matches:
        assert match.other < match.text
        assert match.score == jaccard(sets[match.text], sets[match.other]) >= 0.5
    found = {match.text for match in matches}
    assert found <= true
    assert len(found) >= 0.98 * len(true)


def test_the_first_of_each_kind_stays(paragraphs, edited):
    mixed = paragraphs[:50] + [text.upper() for text in paragraphs[:50]] + edited[:50]
    matches = {match.text: match for match in near_duplicates(mixed)}
    assert all(matches[i].kind == "exact" and matches[i].other == i - 50 for i in range(50, 100))
    assert sum(i in matches for i in range(100, 150)) >= 49
    assert "%" in matches[100].reason


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=30), max_size=12), st.floats(0.05, 1))
def test_exact_copies_are_always_found(texts, threshold):
    matches = {match.text: match for match in near_duplicates(texts, threshold=threshold)}
    for i, text in enumerate(texts):
        if digest(text) in {digest(earlier) for earlier in texts[:i]}:
            assert matches[i].kind == "exact"
    against = {match.text for match in near_duplicates(texts, texts, threshold=threshold)}
    assert against == set(range(len(texts)))


def test_short_tasks_and_scripts_without_spaces():
    matches = near_duplicates(
        ["What is the capital of France?", "what's the capital of France", "Spell 'xylophone'."]
    )
    assert [(match.text, match.other) for match in matches] == [(1, 0)]
    chinese = "请将下面的句子翻译成英文并保持原来的语气和格式不变"
    assert near_duplicates([chinese, chinese.replace("句子", "段落")])[0].score > 0.5
    assert near_duplicates([]) == near_duplicates([], ["a"]) == near_duplicates(["a"], []) == []


@given(st.floats(0.01, 1))
def test_bands_hold_their_promise(threshold):
    rows, bands = _bands(threshold)
    assert rows * bands <= 256
    if threshold >= 0.03:
        assert (1 - threshold**rows) ** bands <= 0.005


@pytest.mark.parametrize("threshold", [0, -1, 1.5, float("nan")])
def test_refuses_a_bad_threshold(threshold):
    with pytest.raises(InputError, match="threshold"):
        near_duplicates(["a"], threshold=threshold)


def test_refuses_what_is_no_list_of_texts():
    with pytest.raises(InputError):
        near_duplicates("one string")
    with pytest.raises(InputError):
        near_duplicates(["a"], [1])
