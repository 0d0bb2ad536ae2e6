import hashlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from banbury.episode import Step, decode_steps, encode_steps
from banbury.errors import CorruptBlob

steps = st.lists(
    st.builds(
        Step,
        st.integers(0, 2**31 - 1),
        st.sampled_from(["action", "observation", "reward", "note", "control"]),
        st.integers(-1, 9),
        st.text(max_size=8),
        st.text(max_size=8),
        st.integers(0, 2**62),
        st.integers(0, 2**62),
        st.binary(max_size=40),
    ),
    max_size=20,
).map(tuple)


@given(steps)
def test_steps_come_back_and_encode_to_the_same_bytes(some):
    sha256, data = encode_steps(some)
    assert hashlib.sha256(data).hexdigest() == sha256
    assert decode_steps(data, sha256) == some
    assert encode_steps(decode_steps(data, sha256)) == (sha256, data)


@given(steps, st.integers(0), st.integers(1, 255))
def test_one_changed_byte_is_found(some, where, change):
    sha256, data = encode_steps(some)
    at = where % len(data)
    spoiled = data[:at] + bytes([data[at] ^ change]) + data[at + 1 :]
    with pytest.raises(CorruptBlob, match="does not have the hash"):
        decode_steps(spoiled, sha256)


@pytest.mark.parametrize("data", [b"", b"no zstd", zstandard.compress(b"no steps")])
def test_bytes_that_hold_no_steps_are_one_clear_error(data):
    with pytest.raises(CorruptBlob, match="cannot be read"):
        decode_steps(data, hashlib.sha256(data).hexdigest())
