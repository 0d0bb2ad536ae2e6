import pytest

from banbury.cli.terminal import counted


@pytest.mark.parametrize(
    ("number", "words", "said"),
    [(0, ("task",), "0 tasks"), (1, ("task",), "1 task"), (2000, ("task",), "2,000 tasks"),
     (1.0, ("hour",), "1 hour"), (7.5, ("hour",), "7.5 hours"),
     (1, ("person", "people"), "1 person"), (3, ("person", "people"), "3 people"),
     (1, ("is", "are"), "1 is")],
)  # fmt: skip
def test_a_number_stands_with_the_word_that_fits_it(number, words, said):
    assert counted(number, *words) == said
