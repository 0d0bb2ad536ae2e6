"""Amounts of money as whole cents."""

from __future__ import annotations

from collections.abc import Sequence


def parse(text: str) -> int:
    """Return the cents of an amount such as `1,234.50`, `-3` or `7.5`.

    Raises:
        ValueError: it is no amount, or has more than two decimals.
    """
    text = text.strip()
    negative = text.startswith("-")
    whole, point, rest = text.lstrip("+-").replace(",", "").partition(".")
    if not whole.isdigit() or (point and not rest.isdigit()) or len(rest) > 2:
        raise ValueError(f"no amount: {text!r}")
    cents = int(whole) * 100 + int((rest or "0").ljust(2, "0"))
    return -cents if negative else cents


def shown(cents: int) -> str:
    """Return an amount with two decimals and commas between the thousands."""
    whole, rest = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    return f"{sign}{whole:,}.{rest:02d}"


def split(cents: int, parts: int) -> list[int]:
    """Return an amount in so many nearly equal parts, the larger ones first.

    Raises:
        ValueError: there is not even one part.
    """
    if parts < 1:
        raise ValueError("at least one part")
    each, left = divmod(cents, parts)
    return [each + 1] * left + [each] * (parts - left)


def shared(cents: int, weights: Sequence[int]) -> list[int]:
    """Return an amount by weights; what is left over goes to the heaviest, cent by cent.

    Raises:
        ValueError: no weight is above zero, or one is below.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights must not be negative, and not all zero")
    out = [cents * weight // total for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-weights[i], i))
    for i in order[: cents - sum(out)]:
        out[i] += 1
    return out


def with_tax(cents: int, percent: int) -> int:
    """Return an amount with tax added, rounded half up to a cent."""
    return cents + (cents * percent + 50) // 100


def change(cents: int, coins: Sequence[int] = (200, 100, 50, 20, 10, 5, 2, 1)) -> dict[int, int]:
    """Return how many of each coin pay an amount, the largest ones first."""
    out: dict[int, int] = {}
    for coin in sorted(coins, reverse=True):
        number, cents = divmod(cents, coin)
        if number:
            out[coin] = number
    return out
