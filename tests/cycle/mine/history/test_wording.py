import pytest
from hypothesis import given
from hypothesis import strategies as st

from banbury.cycle.source.mine.history import prose, wording, words
from banbury.cycle.source.mine.history.calls import calls
from banbury.cycle.source.mine.history.given_away import Secrets
from banbury.cycle.source.mine.history.observed import observed

OPEN = Secrets((), (), frozenset({"_inner"}), frozenset(), frozenset())


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("Fix bug where sums are lost (#12)", "Sums are lost"),
        ("Fix parsing when it is named `x`", "Problem with parsing when it is named `x`"),
        ("Fix `A.eq` to return false for None", "`A.eq` should return false for None"),
        ("fix: ensure order of names is kept", "Ensure order of names is kept"),
        ("Add missing plural of years", "Missing plural of years"),
        ("Changed `open` mode to `w`", ""),
        ("Cast to mapping type in serialize", ""),
        ("Add tests for the parser", ""),
        ("cookie sets `Path=/` again", "Expected: cookie sets `Path=/` again"),
        ("Raise GrammarError for names", "Raise GrammarError for names"),
        ("`x` no longer silently drops 0", "Expected: `x` no longer silently drops 0"),
        ("Fixes #12", ""),
        ("Fix #12 by not calling back", ""),
    ],
)
def test_titles_say_what_is_wrong_and_not_the_change(raw, said):
    assert wording.title(words.unmarked(prose.plain(raw))) == said


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("Thanks :user:`bob` for reporting and for the PR.", ""),
        ("Close the temp file before unlinking it when done.", ""),
        ("For each of these, call an internal check if it is not valid.", ""),
        ("This PR fixes a bug where `x` is lost (see #3).", "`x` is lost."),
        ("Raise `ValueError` if a value is invalid (:issue:`1`, :pr:`2`).",
         "`ValueError` should be raised if a value is invalid."),
        ("{meth}`A.run` no longer fails. {issue}`3731` {pr}`3764`.", "`A.run` no longer fails."),
        ("It broke when #12 began to write, per :rfc:`3986`..",
         "It broke when an earlier change began to write, per RFC 3986."),
        ("A regression introduced in 8.4.0 by {pr}`1572`.",
         "A regression introduced in 8.4.0 by an earlier change."),
    ],
)  # fmt: skip
def test_sentences_tell_behaviour_without_markup_and_credits(raw, said):
    assert wording.sentence(prose.plain(raw), listed=True) == said


def test_failures_are_told_in_words_and_grouped():
    failures = {
        "t.py::test_bad[a]": "Failed: DID NOT RAISE <class 'x.errors.Bad'>",
        "t.py::test_bad[b]": "Failed: DID NOT RAISE <class 'x.errors.Bad'>",
        "t.py::TestSum::test_one_two": "AssertionError: assert 2 == 3",
        "t.py::test_read": "FileNotFoundError: no file /work/src/data/x.txt at 0x7f00",
        "t.py::test_secret": "NameError: name '_inner' is not defined",
    }
    assert observed(failures, OPEN) == [
        '- "bad" (for a, b): `Bad` is expected, but is not raised.',
        '- "one two": `2 == 3` does not hold.',
        '- "read": it ends with `FileNotFoundError: no file x.txt`.',
        '- "secret": does not pass.',
    ]


def test_what_the_tests_call_is_shown_as_a_call():
    test = "def test_x():\n    assert total([1], start=3) == mean\n    box.width\n"
    assert calls("start", [test]) == "total(..., start=...)"
    assert calls("total", [test]) == "total(..., start=...)"
    assert calls("width", [test]) == "box.width" and calls("other", [test]) == "other"


@given(st.text(alphabet="aB `.,;:()[]{}#1*_@'\"/\n-", max_size=60))
def test_any_text_is_told_or_dropped(text):
    for raw in prose.sentences(text):
        plain = prose.plain(raw)
        assert "  " not in plain and not plain.startswith("()")
        wording.title(plain)
        wording.sentence(plain, listed=True)
