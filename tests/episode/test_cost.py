import functools
import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banbury.episode import Cost, Money
from banbury.errors import InputError

numbers = st.integers(0, 2**62)
monies = st.builds(Money, st.integers(-(2**62), 2**62), st.sampled_from(["EUR", "USD", "JPY"]))
costs = st.builds(Cost, numbers, numbers, numbers, st.lists(monies, max_size=3).map(tuple))


def per_currency(costs):
    out = {}
    for cost in costs:
        for amount in cost.money:
            out[amount.currency] = out.get(amount.currency, 0) + amount.nano
    return out


@given(st.lists(costs, min_size=1, max_size=6))
def test_a_sum_is_exact_in_each_part(some):
    total = functools.reduce(operator.add, some, Cost())
    assert total.tokens_in == sum(c.tokens_in for c in some)
    assert total.tokens_out == sum(c.tokens_out for c in some)
    assert total.busy_ns == sum(c.busy_ns for c in some)
    assert {m.currency: m.nano for m in total.money} == per_currency(some)
    assert [m.currency for m in total.money] == sorted(m.currency for m in total.money)


@given(costs, costs, costs)
def test_the_order_of_summing_does_not_matter(a, b, c):
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a


def test_two_currencies_are_never_added():
    with pytest.raises(InputError, match="cannot add EUR and USD"):
        Money(1, "EUR") + Money(1, "USD")
