"""How often one may try."""

import pytest

from banbury import clock
from banbury.accounts.limits import Limit
from banbury.errors import TooOften


def test_a_bucket_empties_and_fills_again():
    limit = Limit("too many", burst=2, every=30)
    with clock.use(clock.Turned()) as turned:
        limit.take("a")
        limit.take("a")
        with pytest.raises(TooOften, match="in 30 seconds"):
            limit.take("a")
        limit.take("b")
        turned.turn(29.5)
        with pytest.raises(TooOften, match=r"in 1 second$"):
            limit.take("a")
        turned.turn(0.5)
        limit.take("a")


def test_a_good_try_does_not_count():
    limit = Limit("too many", burst=1, every=30)
    with clock.use(clock.Turned()):
        for _ in range(5):
            limit.take("a")
            limit.give_back("a")


def test_what_is_remembered_is_bounded():
    limit = Limit("too many", burst=1, every=30, keys=10)
    with clock.use(clock.Turned()):
        for key in range(100):
            limit.take(str(key))
        limit.take("0")
        with pytest.raises(TooOften):
            limit.take("99")
