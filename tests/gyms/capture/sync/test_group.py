from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.gyms.capture.sync.scenes import Take, camera, scene, truth

from banbury.gyms.capture.sync import Pairing, Piece, group
from banbury.gyms.capture.sync.clocks import after, apart, turned
from banbury.gyms.capture.sync.grouping import grouped

STARTS, PPM = (3.0, 0.5, 6.2, 4.4), (0.0, 30.0, -22.0, 55.0)


def test_three_cameras_and_a_stranger() -> None:
    world = scene(50, 31)
    takes = [Take(camera(world, STARTS[n], 40, PPM[n], 8, n)) for n in range(3)]
    found = group([*takes, Take(scene(40, 77))])
    (loop,) = found.loops
    assert abs(loop.error_ms) < 0.2
    assert found.verdict == "disputed"
    assert found.reasons == ("take 4 is synchronized with no other",)
    assert not found.clocks[3].pieces and found.reference < 3
    r = found.reference
    for n in range(3):
        true = truth(STARTS[r], STARTS[n], PPM[n] - PPM[r], 20.0)
        (piece,) = found.clocks[n].pieces
        assert abs(piece.at(20.0) - true) < 0.00025


def _made(i: int, j: int, wrong_s: float = 0.0) -> Pairing:
    offset = STARTS[i] - STARTS[j] + wrong_s
    start = max(0.0, -offset)
    return Pairing(
        "synchronized", (Piece(start, 35.0, offset, 0.0),), offset, offset - 1e-5, offset + 1e-5
    )


@pytest.mark.parametrize(("count", "left_out"), [(3, 3), (4, 1)])
def test_a_loop_that_does_not_close_is_disputed(count: int, left_out: int) -> None:
    pairs = {(i, j): _made(i, j) for i, j in combinations(range(count), 2)}
    pairs[0, 1] = _made(0, 1, wrong_s=0.5)
    found = grouped(pairs, [40.0] * count)
    assert found.verdict == "disputed"
    wrong = [key for key, pair in found.pairs.items() if pair.verdict == "disputed"]
    assert len(wrong) == left_out and (0, 1) in wrong
    if count == 4:
        for n, clock in enumerate(found.clocks):
            true = STARTS[found.reference] - STARTS[n]
            assert abs(clock.pieces[0].offset_s - true) < 1e-9


def _off(i: int, j: int, by_s: float, half_s: float) -> Pairing:
    offset = STARTS[i] - STARTS[j] + by_s
    span = max(0.0, -offset), 35.0
    return Pairing(
        "synchronized", (Piece(*span, offset, 0.0),), offset, offset - half_s, offset + half_s,
        drift_low=-0.1, drift_high=0.1,
    )  # fmt: skip


def test_all_pairs_are_fitted_together_each_by_its_interval() -> None:
    pairs = {(i, j): _off(i, j, 0.0, 1e-4) for i, j in combinations(range(3), 2)}
    pairs[0, 2] = _off(0, 2, 0.003, 1e-4)
    even = grouped(pairs, [40.0] * 3)
    [loop] = even.loops
    assert abs(loop.error_ms) == pytest.approx(3.0, abs=0.01)
    assert abs(loop.left_ms or 0.0) == pytest.approx(1.0, abs=0.05)
    pairs[0, 2] = _off(0, 2, 0.003, 1e-2)
    sure = grouped(pairs, [40.0] * 3)
    r = sure.reference
    for n in range(3):
        true = STARTS[r] - STARTS[n]
        assert abs(sure.clocks[n].pieces[0].at(20.0) - 20.0 - true) < 1e-5
    assert sure.verdict == even.verdict == "synchronized"


def test_a_pair_in_contradiction_is_named_with_what_is_left() -> None:
    pairs = {(i, j): _off(i, j, 0.0, 1e-4) for i, j in combinations(range(4), 2)}
    pairs[1, 3] = _off(1, 3, 0.008, 1e-4)
    found = grouped(pairs, [40.0] * 4)
    assert found.verdict == "synchronized"
    [said] = found.reasons
    assert said.startswith("takes 2 and 4 contradict the others by +4.0 ms")
    pairs[1, 3] = _off(1, 3, 0.5, 1e-4)
    assert "takes 2 and 4 contradict all others, and are left out" in (
        grouped(pairs, [40.0] * 4).reasons
    )


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(st.tuples(*[st.floats(-5, 5)] * 4), st.tuples(*[st.floats(-80, 80)] * 4))
def test_pairs_that_agree_are_left_as_they_are(
    starts: tuple[float, ...], ppm: tuple[float, ...]
) -> None:
    def clock(i: int, j: int) -> Pairing:
        rate = (1 + ppm[j] * 1e-6) / (1 + ppm[i] * 1e-6)
        offset = (1 + ppm[j] * 1e-6) * (starts[i] - starts[j])
        piece = Piece(max(0.0, -offset), 60.0, offset, (rate - 1) * 1e6)
        return Pairing("synchronized", (piece,), offset, offset - 1e-4, offset + 1e-4)

    pairs = {(i, j): clock(i, j) for i, j in combinations(range(4), 2)}
    found = grouped(pairs, [60.0] * 4)
    r = found.reference
    for n in range(4):
        true = clock(min(r, n), max(r, n)).pieces if n != r else (Piece(0, 60, 0.0, 0.0),)
        wanted = turned(true)[0] if n < r else true[0]
        for t in (10.0, 50.0):
            assert abs(found.clocks[n].pieces[0].at(t) - wanted.at(t)) < 1e-6


@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(-100, 100)), min_size=2, max_size=2))
def test_a_clock_and_back_is_none(made: list[tuple[float, float]]) -> None:
    (offset, drift), (offset_2, drift_2) = made
    one = [Piece(0.0, 10.0, offset, drift), Piece(10.0, 30.0, offset + 1.0, drift)]
    two = [Piece(-200.0, 200.0, offset_2, drift_2)]
    back = after(one, turned(one))
    assert all(abs(p.offset_s) < 1e-9 and abs(p.drift_ppm) < 1e-6 for p in back)
    whole = after(one, two)
    assert whole and abs(apart(after(whole, turned(two)), one) or 0.0) < 1e-9
