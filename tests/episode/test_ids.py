import uuid

from hypothesis import given
from hypothesis import strategies as st

from banbury import clock
from banbury.episode import canonical, digest, identity, new_id

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


def test_ids_made_in_one_process_sort_in_the_order_of_their_making():
    made = [new_id() for _ in range(10_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_ids_are_uuid7_and_hold_the_time():
    with clock.use(clock.Turned(4_102_444_800_123_000_000)):
        made = uuid.UUID(new_id())
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert made.int >> 80 == 4_102_444_800_123


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=20))
def test_ids_sort_even_when_the_clock_goes_back(jumps):
    turned = clock.Turned()
    with clock.use(turned):
        made = []
        for jump in jumps:
            turned.turn(jump * (-1 if jump % 2 else 1) / 1e9)
            made.append(new_id())
    assert made == sorted(made)
    assert len(set(made)) == len(made)


@given(json_values)
def test_canonical_bytes_do_not_depend_on_the_order_of_keys(value):
    def turned(v):
        if isinstance(v, dict):
            return {k: turned(v[k]) for k in reversed(list(v))}
        return [turned(i) for i in v] if isinstance(v, list) else v

    assert canonical(value) == canonical(turned(value))


@given(st.lists(st.binary(max_size=6), min_size=1, max_size=4), st.integers(0, 3))
def test_digest_tells_where_one_part_ends(parts, at):
    joined = [b"".join(parts)]
    assert (digest(*parts) == digest(*joined)) == (parts == joined)


@given(st.dictionaries(st.text(max_size=4), st.integers(0, 99), max_size=4))
def test_identity_is_that_of_gym_family_version_and_parameters(params):
    one = identity("g", "f", "1", params)
    assert one == identity("g", "f", "1", dict(reversed(params.items())))
    assert len({one, identity("g", "f", "2", params), identity("h", "f", "1", params)}) == 3
