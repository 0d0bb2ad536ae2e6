"""Answers that hold more than anybody can mean: comparing them costs nothing."""

from banbury.gyms.labelling.actions import Box, Label, Result
from banbury.gyms.labelling.agreement import distances

FLOOD = 100_000
"""Two answers with so many boxes each would need a matrix of 80 GB."""


def flooded(shift):
    box = Box(label="a", x=shift, y=0.0, width=0.1, height=0.1)
    return Label(results={"boxes": Result(boxes=(box,) * FLOOD)})


def test_floods_of_regions_are_the_same_or_far_apart_and_never_matched():
    assert distances(flooded(0.1), flooded(0.2)) == {"boxes": 1.0}
    assert distances(flooded(0.1), flooded(0.1)) == {"boxes": 0.0}


def test_floods_of_controls_are_not_matched_either():
    many = {f"c{n}": Result(text="a b " * 4_000 + str(n)) for n in range(200)}
    other = {name: Result(text=r.text + " c") for name, r in many.items()}
    assert set(distances(Label(results=many), Label(results=other)).values()) == {1.0}
