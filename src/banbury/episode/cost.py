"""Cost: tokens, seconds, and money in integer nano-units."""

from __future__ import annotations

import msgspec

from banbury.errors import InputError

NANO = 1_000_000_000


class Money(msgspec.Struct, frozen=True):
    """An amount in nano-units (10^-9) of an ISO 4217 currency."""

    nano: int
    currency: str

    def __add__(self, other: Money) -> Money:
        """Add two amounts of one currency.

        Raises:
            InputError: the currencies differ.
        """
        if self.currency != other.currency:
            raise InputError(
                f"cannot add {self.currency} and {other.currency}", do="keep one sum per currency"
            )
        return Money(self.nano + other.nano, self.currency)


class Cost(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an episode cost.

    Attributes:
        tokens_in: prompt tokens that a model read, counted once per request.
        tokens_out: tokens that a model wrote.
        busy_ns: wall nanoseconds during which actors and gym worked.
        money: one amount per currency.
    """

    tokens_in: int = 0
    tokens_out: int = 0
    busy_ns: int = 0
    money: tuple[Money, ...] = ()

    def __add__(self, other: Cost) -> Cost:
        """Add two costs, currency by currency."""
        sums: dict[str, Money] = {}
        for amount in self.money + other.money:
            sums[amount.currency] = (
                sums[amount.currency] + amount if amount.currency in sums else amount
            )
        return Cost(
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.busy_ns + other.busy_ns,
            tuple(sums[c] for c in sorted(sums)),
        )
