"""Rate limits: nothing passes sooner than allowed, and nothing waits for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banbury.actors.endpoint import Price
from banbury.actors.throttle import LONGEST_WAIT_S, Bucket, Rate, Throttle, span
from banbury.episode import Money
from banbury.errors import InputError


@given(
    st.floats(1, 10_000),
    st.lists(st.tuples(st.floats(0, 5), st.floats(0.1, 50)), min_size=1, max_size=60),
)
def test_never_more_passes_than_flows_in_and_a_burst(per_minute, calls):
    bucket = Bucket(per_minute)
    now, passed = 0.0, []
    for gap, amount in calls:
        now += gap
        passed.append((now + bucket.take(amount, now), amount))
    rate = per_minute / 60
    burst = max(6.0, 1 / rate)
    for i, (begin, _) in enumerate(passed):
        for j in range(i, len(passed)):
            end = passed[j][0]
            # What lies strictly behind the first flows in between; the first may be in debt.
            taken = sum(amount for _, amount in passed[i + 1 : j + 1])
            assert taken <= rate * (end - begin + burst) * (1 + 1e-9) + 1e-6


def test_a_thousand_at_once_are_spread_over_their_minute():
    throttle = Throttle(Rate(requests=600))
    waits = [throttle.take(1, 0.0) for _ in range(1_000)]
    assert waits[0] == 0
    assert waits == sorted(waits)
    assert waits[-1] == pytest.approx((1_000 - 60) / 10)


def test_tokens_that_were_not_used_are_given_back():
    throttle = Throttle(Rate(tokens=6_000))
    assert throttle.take(600, 0.0) == 0
    throttle.settle(600, 100)
    assert throttle.take(500, 0.0) == 0
    assert throttle.take(100, 0.0) == pytest.approx(1.0)


def test_one_refusal_holds_back_everybody():
    throttle = Throttle()
    assert throttle.take(1, 10.0) == 0
    assert throttle.heed(429, {"retry-after": "7"}, 10.0, 0.0) == 7
    assert throttle.take(1, 12.0) == 5
    assert throttle.held(17.0) == 0


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"retry-after": "1.5"}, 1.5),
        (429, {"retry-after-ms": "250"}, 0.25),
        (429, {"retry-after": "Thu, 01 Jan 1970 00:01:40 GMT"}, 10.0),
        (429, {"retry-after": "Thu, 01 Jan 1970 00:00:10 GMT"}, 0.0),
        (503, {"retry-after": "soon"}, 0.0),
        (503, {"retry-after": "86400"}, LONGEST_WAIT_S),
        (200, {"retry-after": "9"}, 0.0),
        (200, {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m2s"}, 60.0),
        (200, {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "120ms"}, 0.12),
        (200, {"x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": "1m"}, 0.0),
        (429, {"x-ratelimit-remaining-requests": "0"}, 0.0),
    ],
)
def test_what_an_endpoint_asks_for_is_heeded(status, headers, seconds):
    assert Throttle().heed(status, headers, 0.0, 90.0) == pytest.approx(seconds)


@given(st.text(max_size=30))
def test_a_span_is_never_less_than_nothing(text):
    assert span(text) >= 0


def test_a_limit_that_lets_nothing_through_is_refused():
    with pytest.raises(InputError):
        Rate(requests=0)


def test_tokens_out_of_the_cache_have_their_own_price():
    price = Price(10.0, 20.0, "EUR", cached=1.0)
    assert price.of(1_000_000, 0, 400_000) == Money(6_400_000_000, "EUR")
    assert price.of(100, 0, 1_000) == price.of(100, 0, 100)
    assert Price(10.0, 20.0).of(10, 1, 5) == Price(10.0, 20.0).of(10, 1)
