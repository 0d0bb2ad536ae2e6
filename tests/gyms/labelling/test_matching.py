import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banbury.gyms.labelling.actions import Box, Label, Point, Polygon, Result, TextSpan
from banbury.gyms.labelling.agreement import distances
from banbury.gyms.labelling.shapes import outline, overlaps
from banbury.gyms.labelling.words import distance, edits, error_rate

unit = st.floats(0.0, 0.5)
boxes = st.builds(Box, unit, unit, st.floats(0.05, 0.5), st.floats(0.05, 0.5), st.just("x"))
words = st.lists(st.sampled_from("abc"), max_size=8)


def plain_edits(a, b):
    if not a or not b:
        return len(a) + len(b)
    if a[0] == b[0]:
        return plain_edits(a[1:], b[1:])
    return 1 + min(plain_edits(a[1:], b), plain_edits(a, b[1:]), plain_edits(a[1:], b[1:]))


@given(boxes, boxes)
def test_overlap_is_symmetric_within_bounds_and_one_for_the_same(a, b):
    matrix = overlaps([a, b], [a, b])
    assert matrix[0, 0] == matrix[1, 1] == 1.0
    assert matrix[0, 1] == pytest.approx(matrix[1, 0])
    assert np.all((matrix >= 0.0) & (matrix <= 1.0))


@settings(max_examples=40)
@given(boxes, boxes)
def test_the_grid_gives_what_the_exact_overlap_gives(a, b):
    exact = overlaps([a], [b])[0, 0]
    as_polygons = [Polygon(outline(box), "x") for box in (a, b)]
    counted = overlaps(as_polygons[:1], as_polygons[1:])[0, 0]
    assert counted == pytest.approx(exact, abs=0.03)


def test_a_box_turned_by_a_half_turn_about_its_corner_is_the_box_beside_it():
    turned = Box(0.5, 0.5, 0.2, 0.1, "x", rotation=180.0)
    beside = Box(0.3, 0.4, 0.2, 0.1, "x")
    assert overlaps([turned], [beside], aspect=0.5)[0, 0] == pytest.approx(1.0, abs=0.02)


@given(words, words)
def test_edits_are_levenshtein_s(a, b):
    assert edits(a, b) == plain_edits(a, b)


def test_word_error_rate():
    assert error_rate("The cat sat", "the cat  sat") == 0.0
    assert error_rate("the cat", "the cat sat") == pytest.approx(1 / 3)
    assert error_rate("", "the cat sat") == 1.0
    assert error_rate("", "") == 0.0
    assert error_rate("a word " * 1_000_000, "the cat sat") == 1.0
    assert distance("kitten", "sitting") == pytest.approx(3 / 7)


def test_distances_by_kind():
    one = Label({"c": Result(("a",)), "s": Result(spans=(TextSpan(0, 10, "x"),))})
    two = Label({"c": Result(("b",)), "s": Result(spans=(TextSpan(0, 5, "x"),))})
    assert distances(one, two) == {"c": 1.0, "s": 0.5}
    assert distances(one, one) == {"c": 0.0, "s": 0.0}
    near = Label({"p": Result(points=(Point(0.5, 0.5, "x"),))})
    nearer = Label({"p": Result(points=(Point(0.503, 0.5, "x"),))})
    far = Label({"p": Result(points=(Point(0.503, 0.5, "y"),))})
    assert distances(near, nearer)["p"] == pytest.approx(0.05)
    assert distances(near, far) == {"p": 1.0}
    assert distances(near, Label({})) == {"p": 1.0}
    assert distances(Label({"p": Result()}), Label({"p": Result()})) == {"p": 0.0}


def test_a_thousand_outlines_over_one_another_are_compared():
    def star(turn):
        corners = [
            (0.5 + 0.4 * math.cos(turn + i), 0.5 + 0.4 * math.sin(turn + i)) for i in range(5)
        ]
        return Polygon(tuple(corners), "x")

    matrix = overlaps([star(i / 100) for i in range(1000)], [star(i) for i in range(20)])
    assert matrix.shape == (1000, 20)
    assert matrix.max() > 0.9


def test_texts_of_any_length_are_compared_in_bounded_time():
    """Both would take hours row by row."""
    long, other = "a b " * 250_000, "b b " * 249_000
    assert error_rate(other, long) == 1.0
    there = [str(i) for i in range(40_000)]
    near = ["x" if i % 10 == 0 else word for i, word in enumerate(there)]
    assert error_rate(" ".join(near), " ".join(there)) == pytest.approx(0.1)
    whole = "".join(chr(97 + i * i % 23) for i in range(20_000))
    assert 0.0 < distance(whole, whole[::-1]) < 1.0
