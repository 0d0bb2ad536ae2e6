import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banbury.gyms.code_write.inside.values import Unplain, as_json, decode, encode, same

HASHED = st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"))
HASHED = HASHED | st.binary() | st.tuples(HASHED, HASHED)
PLAIN = st.recursive(
    HASHED | st.floats(allow_nan=False) | st.complex_numbers(allow_nan=False),
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(HASHED, inner)
        | st.sets(HASHED)
        | st.frozensets(HASHED)
    ),
    max_leaves=12,
)


@given(PLAIN)
def test_plain_values_come_back_as_they_were(value):
    data = json.loads(as_json(encode(value)))
    assert data == encode(value)
    back = decode(data)
    assert back == value
    assert type(back) is type(value)
    assert same(back, value)


@given(PLAIN, PLAIN)
def test_same_is_equality_on_plain_values(a, b):
    if a != b:
        assert not same(a, b) or repr(a) != repr(b)
    else:
        assert same(a, b)


def test_no_value_speaks_for_itself():
    class Yes(str):
        def __eq__(self, other):
            return True

        __hash__ = str.__hash__

    class All(list):
        def __iter__(self):
            return iter(["right"])

    assert encode(Yes("x")) == "x"
    assert encode(All(["wrong"])) == ["wrong"]
    assert not same(decode(encode(object())), decode(encode(object())))
    assert encode(int) == {"y": "int"}
    assert encode(range(3)) == {"o": "range"}


def test_kinds_of_containers_are_told_apart_and_numbers_are_not():
    assert not same((1, 2), [1, 2])
    assert not same([1, [2, (3,)]], [1, [2, [3]]])
    assert same([1.0, True], [1, 1])
    assert same(0.1 + 0.2, 0.3)
    assert not same(0.1001, 0.1)
    assert not same("1", 1)
    assert not same(float("inf"), 10**400)


@pytest.mark.parametrize(
    "data", [{"?": 1}, {"t": 1, "s": 2}, {"x": "zz"}, {"d": [[[], 1]]}, {"d": 3}]
)
def test_what_is_no_encoding_is_refused(data):
    with pytest.raises(Unplain):
        decode(data)


def test_what_holds_itself_or_is_too_deep_is_refused():
    held = []
    held.append(held)
    deep = []
    for _ in range(200):
        deep = [deep]
    for value in (held, deep):
        with pytest.raises(Unplain):
            encode(value)
    assert math.isnan(decode(encode(math.nan)))
