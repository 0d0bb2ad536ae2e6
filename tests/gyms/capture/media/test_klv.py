"""The reader of GPMF: any tree comes back, no bytes break it, and a public parser agrees."""

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.gyms.capture.media import peer
from tests.gyms.capture.media.test_probe import FOOTAGE
from tests.gyms.capture.media.written import device, item, nest, squeezed, stream, words

from banbury.gyms.capture.media import klv
from banbury.gyms.capture.media.pieces import pieces
from banbury.gyms.capture.media.telemetry import packets

RAW = sorted(FOOTAGE.glob("*.raw"))
PACK = {
    "b": "b", "B": "B", "s": "h", "S": "H", "l": "i", "L": "I",
    "f": "f", "d": "d", "j": "q", "J": "Q", "q": "i", "Q": "q",
}  # fmt: skip
keys = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcxyz0189", min_size=4, max_size=4)


def fits(kind):
    """Return values that a type holds."""
    if kind in "fd":
        return st.floats(width=32, allow_nan=False, allow_infinity=False)
    size = struct.calcsize(">" + PACK[kind])
    low = 0 if PACK[kind].isupper() else -(1 << 8 * size - 1)
    return st.integers(low, low + (1 << 8 * size) - 1)


@st.composite
def leaves(draw):
    """Return a key, a type, rows of values, and their bytes."""
    kind = draw(st.sampled_from(sorted(PACK)))
    across = draw(st.integers(1, 4))
    rows = draw(st.lists(st.lists(fits(kind), min_size=across, max_size=across), max_size=5))
    size = across * klv.SIZES[kind]
    data = b"".join(struct.pack(f">{across}{PACK[kind]}", *row) for row in rows)
    return draw(keys), kind, size, rows, data


trees = st.recursive(
    leaves(), lambda inner: st.tuples(keys, st.lists(inner, max_size=4)), max_leaves=12
)


def packed(tree):
    if len(tree) == 2:
        return nest(tree[0], *map(packed, tree[1]))
    key, kind, size, _, data = tree
    return item(key, kind, size, data)


def check(found, tree):
    assert found.key == tree[0]
    if len(tree) == 2:
        assert found.type == klv.NEST
        for inner, sub in zip(found.items, tree[1], strict=True):
            check(inner, sub)
        return
    _, kind, size, rows, _ = tree
    assert (found.type, found.size, found.repeat) == (kind, size, len(rows))
    values, texts = klv.table(found, klv.kinds(found, ""))
    scale = {"q": 2.0**16, "Q": 2.0**32}.get(kind, 1.0)
    assert texts is None
    assert values.tolist() == [[float(v) / scale for v in row] for row in rows]


@settings(deadline=None)
@given(st.lists(trees, max_size=4))
def test_any_tree_comes_back_as_it_was_written(forest):
    found, whole = klv.items(b"".join(map(packed, forest)))
    assert whole
    for one, tree in zip(found, forest, strict=True):
        check(one, tree)


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(data):
    for payload in (data, nest("DEVC", data) if len(data) < 256 else data):
        klv.items(payload)
        pieces(payload)


@settings(deadline=None)
@given(st.data())
def test_a_damaged_payload_breaks_nothing(data):
    payload = bytearray(data.draw(st.sampled_from(RAW)).read_bytes())
    for at in data.draw(st.lists(st.integers(0, len(payload) - 1), max_size=20)):
        payload[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(payload)))
    found, _ = pieces(bytes(payload[:cut]))
    assert all(len(p.values) == len(p.entries) for p in found)


def test_nests_without_end_are_left():
    data = b""
    for _ in range(200):
        data = nest("DEVC", data)
    found, whole = klv.items(data)
    assert (len(found), whole) == (1, False)


@settings(deadline=None)
@given(leaves(), st.floats(-50, 1000).filter(lambda s: abs(s) > 0.01))
def test_the_public_parser_reads_any_numbers_as_we_do(leaf, scale):
    key, kind, size, rows, data = leaf
    key = "x" + key[1:]  # capitals alone may be a key of the format's own
    if kind in "qQd" or not rows:
        return  # the public parser does not scale these
    payload = device(
        stream(item("SCAL", "f", 4, struct.pack(">f", scale)), item(key, kind, size, data))
    )
    theirs = dict(peer.every(payload))[key]
    (ours,) = pieces(payload)[0]
    assert np.array_equal(ours.values, theirs)


@pytest.mark.parametrize("path", [*RAW, FOOTAGE / "karma.mp4"], ids=lambda p: p.name)
def test_every_stream_of_real_samples_equals_the_public_parser(path):
    payloads = [path.read_bytes()] if path.suffix == ".raw" else [p.data for p in packets(path)]
    counts = {}
    for payload in payloads:
        found, differ = peer.compared(payload)
        assert pieces(payload)[1] == []
        assert differ == set()
        counts |= found
    assert {"ACCL", "GYRO", "SHUT"} <= counts.keys()


def test_a_structure_with_arrays_and_texts():
    row = struct.pack(">4s3fB16s", b"URBA", 0.5, 1.5, 2.5, 7, b"191118234516.470")
    payload = device(
        stream(words("STNM", "Scenes"), words("TYPE", "Ff[3]BU"), item("ABCD", "?", 33, row * 2))
    )
    (piece,), faults = pieces(payload)
    assert faults == []
    assert piece.values[1, 1:5].tolist() == [0.5, 1.5, 2.5, 7.0]
    assert piece.texts[0].tolist() == ["URBA", "", "", "", "", "191118234516.470"]


@pytest.mark.parametrize(
    ("inner", "word"),
    [
        ([item("ABCD", "?", 6, bytes(12))], "cannot be read"),
        ([words("TYPE", "fX"), item("ABCD", "?", 5, bytes(10))], "cannot be read"),
        ([item("ABCD", "#", 6, bytes(12))], "cannot be read"),
        ([item("ABCD", "s", 5, bytes(10))], "cannot be read"),
        ([item("SCAL", "s", 2, bytes(8)), item("ABCD", "s", 6, bytes(12))], "4 scales"),
    ],
)
def test_what_cannot_be_read_is_told_and_the_rest_is_read(inner, word):
    good = stream(item("SHUT", "f", 4, struct.pack(">f", 0.25)))
    found, faults = pieces(device(stream(*inner), good))
    assert [p.key for p in found] == ["SHUT"]
    assert len(faults) == 1
    assert word in faults[0]


def test_a_scale_of_zero_leaves_the_numbers_as_they_are():
    payload = device(stream(item("SCAL", "s", 2, bytes(2)), item("ABCD", "B", 1, b"\x05")))
    assert pieces(payload)[0][0].values.tolist() == [[5.0]]


def test_units_are_one_for_all_or_one_each():
    made, _ = pieces((FOOTAGE / "hero5.raw").read_bytes())
    units = {p.key: p.units for p in made}
    assert units["ACCL"] == ("m/s²",)
    assert units["GPS5"] == ("deg", "deg", "m", "m/s", "m/s")


@st.composite
def courses(draw):
    """Return a type and rows of numbers that mostly change little, as sensors do."""
    kind = draw(st.sampled_from("sSbB"))
    span = 7 if kind in "bB" else 15
    low = 0 if kind.isupper() else -(1 << span)
    step = st.one_of(st.just(0), st.integers(-40, 40), st.integers(-(1 << span), 1 << span))
    across = draw(st.integers(1, 3))
    rows = [[draw(st.integers(0, 1 << span - 1)) for _ in range(across)]]
    for _ in range(draw(st.integers(1, 60))):
        rows.append([min(max(v + draw(step), low), (1 << span) - 1) for v in rows[-1]])
        if draw(st.booleans()):
            rows += [rows[-1]] * draw(st.sampled_from([1, 20, 200]))
    return kind, rows


@settings(deadline=None, max_examples=40)
@given(courses())
def test_compressed_samples_come_back(course):
    kind, rows = course
    (piece,), faults = pieces(device(stream(squeezed("xyzw", kind, rows))))
    assert faults == []
    assert piece.values.tolist() == rows


@pytest.mark.parametrize("kind", ["s", "S", "b", "B"])
def test_the_public_parser_reads_compressed_samples_as_we_do(kind):
    """Where each sample differs from the one before.

    Where one stays, the public parser gives it the next value: GoPro's writer codes the run of
    zeros before the value, and its reader adds the value before it writes the run.
    """
    rng = np.random.default_rng(2)
    steps = rng.choice([-2, -1, 1, 2], (80, 3))
    rows = (60 + np.cumsum(steps, axis=0)).tolist()
    payload = device(stream(squeezed("xyzw", kind, rows)))
    (piece,), _ = pieces(payload)
    assert piece.values.tolist() == rows
    assert np.array_equal(dict(peer.every(payload))["xyzw"], np.array(rows, dtype=float))


@settings(deadline=None)
@given(st.data())
def test_damaged_compressed_samples_are_told(data):
    payload = bytearray(device(stream(squeezed("xyzw", "s", [[k, -k] for k in range(50)]))))
    for at in data.draw(st.lists(st.integers(40, len(payload) - 1), min_size=1, max_size=5)):
        payload[at] = data.draw(st.integers(0, 255))
    pieces(bytes(payload))
