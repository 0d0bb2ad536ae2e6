"""From every method's answer to one verdict.

Sound measures to microseconds and tells drift; the others check it. Where there is no sound to
compare, a phone's code, or two methods that agree, synchronize to their own precision; one alone is
put before a person. A timecode never decides: nobody knows whether the counters were set alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from msgspec.structs import replace

from banbury.gyms.capture.sync.result import Method, Pairing, Piece, Verdict

ECHO_S = 0.006
"""Room between sound and any other method: two metres of way."""


def checked(found: Pairing, others: Sequence[Method]) -> Pairing:
    """Hold a pair that sound synchronized against the other methods' answers."""
    methods, said = [], list(found.reasons)
    verdict = found.verdict
    for method in others:
        gap = None if not method.found else _gap(found.pieces, method)
        if gap is None:
            methods.append(method)
            continue
        room = method.plus_minus_s + ECHO_S
        agrees = abs(gap) <= room
        methods.append(replace(method, used=agrees))
        if not agrees:
            said.append(f"{method.name} says {gap:+.3f} s of what sound says")
            if method.name != "timecode":
                verdict = "disputed"
    return replace(found, verdict=verdict, methods=(*found.methods, *methods), reasons=tuple(said))


def _gap(pieces: Sequence[Piece], method: Method) -> float:
    """The least distance between a method's lag and the sound's, over the pieces' ends."""
    gaps = []
    for piece in pieces:
        ends = [_lag(method, t) - (piece.at(t) - t) for t in (piece.start_s, piece.end_s)]
        gaps += [0.0] if min(ends) <= 0 <= max(ends) else ends
    return min(gaps, key=abs)


def _lag(method: Method, t_s: float) -> float:
    """B's time less a's by a method, at a's time."""
    return method.offset_s + (method.drift_ppm or 0.0) * 1e-6 * t_s


def without_sound(
    heard: Method, reason: str, others: Sequence[Method], spans: tuple[float, float], silent: bool
) -> Pairing:
    """Return what the other methods say where sound says nothing.

    Args:
        heard: the sound's answer.
        reason: why sound says nothing.
        others: the other methods' answers.
        spans: the takes' seconds.
        silent: there was no sound to compare, so that nothing speaks against the others.
    """
    found = [m for m in others if m.found and m.name != "timecode"]
    agreeing = _agreeing(found)
    if not found:
        return Pairing("refused", methods=(heard, *others), reasons=(reason,))
    best = min(agreeing or found, key=lambda m: m.plus_minus_s)
    used = agreeing or [best]
    methods = tuple(replace(m, used=m in used) for m in others)
    sure = len(agreeing) >= 2 or best.name == "codes"
    verdict: Verdict = "synchronized" if silent and sure and _all_agree(found) else "disputed"
    drift, half = best.drift_ppm or 0.0, best.drift_plus_minus_ppm
    rate = 1 + drift * 1e-6
    start = max(0.0, -best.offset_s / rate)
    end = min(spans[0], (spans[1] - best.offset_s) / rate)
    if end <= start:
        said = (reason, f"{best.name} would have it that the takes do not overlap")
        return Pairing("refused", methods=(heard, *others), reasons=said)
    names = " and ".join(m.name for m in used)
    told = "no drift" if half is None else f"the drift to {half:.1f} ppm"
    said = (reason, f"{names} alone: the offset to {1e3 * best.plus_minus_s:.0f} ms, {told}")
    return Pairing(
        verdict,
        (Piece(start, end, best.offset_s, drift),),
        best.offset_s,
        best.offset_s - best.plus_minus_s,
        best.offset_s + best.plus_minus_s,
        drift,
        None if half is None else drift - half,
        None if half is None else drift + half,
        residual_ms=1e3 * best.plus_minus_s,
        methods=(heard, *methods),
        reasons=said,
    )


def _agreeing(found: Sequence[Method]) -> list[Method]:
    pairs = [pair for pair in combinations(found, 2) if _meet(*pair)]
    return [m for m in found if any(m in pair for pair in pairs)]


def _all_agree(found: Sequence[Method]) -> bool:
    return all(_meet(one, other) for one, other in combinations(found, 2))


def _meet(one: Method, other: Method) -> bool:
    return abs(one.offset_s - other.offset_s) <= one.plus_minus_s + other.plus_minus_s + ECHO_S
