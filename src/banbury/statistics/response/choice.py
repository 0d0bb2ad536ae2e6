"""Which item comes next: most information where the ability may lie, kinds in balance.

An item's information is weighed by the whole posterior rather than taken at its mean, which keeps
the first, uncertain choices from items that tell much only at one point (Veerkamp & Berger 1997;
van der Linden 1998).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from banbury.errors import InputError
from banbury.statistics.inputs import FloatArray
from banbury.statistics.response.ability import Estimate, estimate, posterior, prior
from banbury.statistics.response.items import Items
from banbury.statistics.response.stopping import Reason, Rule

BoolArray = NDArray[np.bool_]


class Balance:
    """Shares of an interview by kind of item (Kingsbury & Zara 1989).

    Args:
        kinds: of each item of the bank.
        shares: wanted of each kind, in any unit; None takes the bank's own.

    Raises:
        InputError: a share is negative, or a kind of the bank has none.
    """

    def __init__(self, kinds: Sequence[str], shares: Mapping[str, float] | None = None) -> None:
        self.names = tuple(dict.fromkeys(kinds))
        held = shares or {k: float(kinds.count(k)) for k in self.names}
        missing = [k for k in self.names if k not in held]
        wanted = np.array([held.get(k, 0.0) for k in self.names])
        if missing or (wanted < 0).any() or not wanted.sum() > 0:
            what = f"shares {dict(held)} of kinds {sorted(self.names)}"
            raise InputError(what, where="Balance", do="give each kind a share of 0 or more")
        self.shares: FloatArray = wanted / wanted.sum()
        place = {k: i for i, k in enumerate(self.names)}
        self.member: BoolArray = np.zeros((len(self.names), len(kinds)), dtype=bool)
        self.member[[place[k] for k in kinds], np.arange(len(kinds))] = True

    def owed(self, given: FloatArray, allowed: BoolArray) -> BoolArray:
        """Return which allowed items are of the kind that is furthest behind its share.

        Args:
            given: how many items of each kind were given, shape (..., kinds).
            allowed: items that may come, shape (..., n).
        """
        total = given.sum(axis=-1, keepdims=True) + 1.0
        behind = self.shares * total - given
        there = allowed.astype(np.float64) @ self.member.T > 0
        behind = np.where(there & (self.shares > 0), behind, -np.inf)
        kind = behind.argmax(axis=-1)
        none = ~np.isfinite(behind.max(axis=-1))
        chosen = allowed & self.member[kind]
        return np.where(none[..., None], allowed, chosen)


class AdaptiveTest:
    """One adaptive interview: ask `next`, tell `answered`, until `next` returns None.

    It holds no clock and draws no lots: the same answers after the same times give the same items.

    Args:
        items: of the bank.
        rule: when to stop.
        eligible: items that may be given in this interview, all if None; shape (n,).
        balance: of kinds; None goes by information alone.
        handicap: taken from each item's information, shape (n,); see `exposure`.
        before: weights on the grid before any answer, `prior()` if None.
    """

    def __init__(
        self,
        items: Items,
        rule: Rule,
        eligible: BoolArray | None = None,
        balance: Balance | None = None,
        handicap: FloatArray | None = None,
        before: FloatArray | None = None,
    ) -> None:
        self._items, self._rule, self._balance = items, rule, balance
        self._free = np.ones(items.size, dtype=bool) if eligible is None else eligible.copy()
        self._handicap = np.zeros(items.size) if handicap is None else handicap
        if self._free.shape != (items.size,) or self._handicap.shape != (items.size,):
            what = f"shapes {self._free.shape}, {self._handicap.shape} for {items.size} items"
            raise InputError(what, where="AdaptiveTest")
        self._information = items.information()
        self.weights = prior() if before is None else before
        self.asked: list[int] = []
        self.right: list[bool] = []
        self.stopped: Reason | None = None

    @property
    def estimate(self) -> Estimate:
        """Return what is believed of the ability now."""
        return estimate(self.weights, len(self.right))

    def next(self, seconds: float = 0.0) -> int | None:
        """Return the place of the next item, None where the interview is over.

        Args:
            seconds: since its beginning.
        """
        self.stopped = self._rule.reason(len(self.right), self.estimate.error, seconds)
        if self.stopped is None and not self._free.any():
            self.stopped = "none left"
        if self.stopped is not None:
            return None
        allowed = self._free
        if self._balance is not None:
            given = self._balance.member[:, self.asked].sum(axis=1).astype(np.float64)
            allowed = self._balance.owed(given, allowed)
        told = self._information @ self.weights - self._handicap
        told = np.where(allowed, told, -np.inf)
        return int(told.argmax())

    def answered(self, item: int, right: bool) -> None:
        """Add the answer to an item, which will not come again.

        Raises:
            InputError: the item may not be given here, or was answered already.
        """
        if not (0 <= item < self._items.size and self._free[item]):
            raise InputError(f"item {item} is not open in this interview", where="AdaptiveTest")
        self._free[item] = False
        self.asked.append(item)
        self.right.append(bool(right))
        self.weights = posterior(self._items, [item], [float(right)], self.weights)
