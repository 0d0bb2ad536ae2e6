"""The assignment as a linear program over some pairs of person and column, for HiGHS."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, sparse

from banbury.errors import BanburyError
from banbury.people.matching.crowd import Ints
from banbury.people.matching.market import Market


@dataclass(frozen=True)
class Pairs:
    """Some pairs that are allowed, sorted by person, then column.

    Attributes:
        person, column: shape (k,).
        value: above 0, shape (k,).
    """

    person: Ints
    column: Ints
    value: np.ndarray

    def __len__(self) -> int:
        return len(self.person)


@dataclass(frozen=True)
class Prices:
    """What constraints cost at the optimum of the linear program; none is below 0.

    Attributes:
        place: of a place in each column, shape (C,).
        newcomer: what is paid for one more newcomer.
        hour: of an hour due by each deadline, shape (P, deadlines): an hour of work costs the sum
            over its own deadline and all that come after.
        offer: of one of the offers that a person can have at a time, shape (P,).
        rest: of the other constraints, for each pair of the program, shape (k,).
        owed: what each person's constraints cost together, shape (P,).
    """

    place: np.ndarray
    newcomer: float
    hour: np.ndarray
    offer: np.ndarray
    rest: np.ndarray
    owed: np.ndarray


class Program:
    """max value of pairs - penalty * missing newcomers, subject to every constraint.

    Args:
        market: people and columns.
        pairs: the variables.
        exact: one row for each two pairs in conflict, so that whole solutions keep all rules;
            else one row for each two labs, which is weaker and far smaller.
    """

    def __init__(self, market: Market, pairs: Pairs, *, exact: bool) -> None:
        self.market, self.pairs, self.exact = market, pairs, exact
        self._rows: list[Ints] = []
        self._columns: list[Ints] = []
        self._numbers: list[np.ndarray] = []
        self._limits: list[np.ndarray] = []
        self._owners: list[Ints] = []
        self._height = 0
        self._kinds: dict[str, slice] = {}
        self._due: list[Ints] = []
        self._places()
        self._offers()
        self._hours()
        rest = self._height
        self._labs()
        self._campaigns()
        self._conflicts()
        self._kinds["rest"] = slice(rest, self._height)
        self._newcomers()
        self.limits = np.concatenate(self._limits)
        entries = (np.concatenate(self._rows), np.concatenate(self._columns))
        self.matrix = sparse.csr_array(
            (np.concatenate(self._numbers), entries), shape=(self._height, len(pairs) + 1)
        )
        self.gain = np.append(pairs.value.astype(np.float64), -market.penalty)

    def relaxed(self) -> tuple[np.ndarray, Prices, float]:
        """Solve without asking for whole numbers; return shares, (k,), prices, and the optimum."""
        found = optimize.linprog(
            -self.gain,
            A_ub=self.matrix,
            b_ub=self.limits,
            bounds=np.stack([np.zeros(len(self.gain)), self._most()], axis=1),
            method="highs",
        )
        if found.status != 0:
            raise BanburyError(f"the linear program was not solved: {found.message}")
        prices = self._prices(np.maximum(-found.ineqlin.marginals, 0))
        return found.x[:-1], prices, -float(found.fun)

    def whole(self, seconds: float) -> np.ndarray | None:
        """Solve in whole numbers; return which pairs are chosen, None if time was too short."""
        whole = np.ones(len(self.gain))
        whole[-1] = 0
        found = optimize.milp(
            -self.gain,
            constraints=optimize.LinearConstraint(self.matrix, ub=self.limits),
            bounds=optimize.Bounds(0, self._most()),
            integrality=whole,
            options={"time_limit": seconds, "mip_rel_gap": 0.0},
        )
        return None if found.x is None else np.asarray(found.x[:-1] > 0.5)

    def _most(self) -> np.ndarray:
        most = np.ones(len(self.gain))
        most[-1] = self.market.board.wanted
        return most

    def _prices(self, dual: np.ndarray) -> Prices:
        board, size = self.market.board, len(self.market.crowd.people)
        hour = np.zeros((size, len(board.weeks)))
        hours = self._kinds["hours"]
        hour[self._owner[hours], np.concatenate([*self._due, np.zeros(0, int)])] = dual[hours]
        offers, rest = self._kinds["offers"], self._kinds["rest"]
        offer = np.zeros(size)
        offer[self._owner[offers]] = dual[offers]
        owed = np.zeros(size)
        personal = slice(len(board), self._height - 1)
        np.add.at(owed, self._owner[personal], dual[personal] * self.limits[personal])
        others = dual[rest] @ self.matrix[rest.start : rest.stop, :-1]
        newcomer = min(float(dual[-1]), self.market.penalty)
        return Prices(dual[: len(board)], newcomer, hour, offer, np.asarray(others), owed)

    @property
    def _owner(self) -> Ints:
        """Whose constraint each row is; -1 for those of columns."""
        return np.concatenate(self._owners)

    def _places(self) -> None:
        board = self.market.board
        which = np.arange(len(self.pairs))
        nobody = np.full(len(board), -1)
        self._add(self.pairs.column, which, np.ones(len(which)), board.places, nobody)

    def _offers(self) -> None:
        begun, most = self._height, self.market.crowd.most
        self._grouped(self.pairs.person, self.pairs.person, most[self.pairs.person])
        self._kinds["offers"] = slice(begun, self._height)

    def _hours(self) -> None:
        """For each deadline: what is due by then fits into what a person has left before it."""
        begun, board, crowd = self._height, self.market.board, self.market.crowd
        person, size = self.pairs.person, len(crowd.people)
        hours = board.hours[self.pairs.column].astype(np.float64)
        due = board.deadline[self.pairs.column]
        for t, free in enumerate(crowd.free.T):
            now = due <= t
            asked = np.bincount(person[now], hours[now], minlength=size)
            here = np.bincount(person[due == t], minlength=size) > 0
            tight = np.flatnonzero(here & (asked > free + 1e-9))
            which = np.flatnonzero(now & np.isin(person, tight))
            rows = np.searchsorted(tight, person[which])
            self._add(rows, which, hours[which], free[tight], tight)
            self._due.append(np.full(len(tight), t))
        self._kinds["hours"] = slice(begun, self._height)

    def _labs(self) -> None:
        labs = len(self.market.board.labs)
        lab = self.market.board.lab[self.pairs.column]
        most = np.full(len(self.pairs), self.market.rules.per_lab)
        self._grouped(self.pairs.person * labs + lab, self.pairs.person, most)

    def _campaigns(self) -> None:
        campaign = self.market.board.campaign[self.pairs.column]
        wide = int(campaign.max(initial=0)) + 1
        one = np.ones(len(self.pairs), np.int64)
        self._grouped(self.pairs.person * wide + campaign, self.pairs.person, one)

    def _conflicts(self) -> None:
        one, other = _in_conflict(self.market, self.pairs)
        person, rules = self.pairs.person, self.market.rules
        if self.exact:
            rows = np.repeat(np.arange(len(one)), 2)
            which = np.stack([one, other], axis=1).ravel()
            ones = np.ones(len(which))
            self._add(rows, which, ones, np.ones(len(one)), person[one])
            return
        labs, lab = len(self.market.board.labs), self.market.board.lab[self.pairs.column]
        low, high = np.minimum(lab[one], lab[other]), np.maximum(lab[one], lab[other])
        key = (person[one] * labs + low) * labs + high
        keys, row = np.unique(key, return_inverse=True)
        rows, which = np.concatenate([row, row]), np.concatenate([one, other])
        entry = np.unique(rows * len(self.pairs) + which) if len(self.pairs) else rows
        rows, which = entry // max(len(self.pairs), 1), entry % max(len(self.pairs), 1)
        share = np.full(len(rows), 1 / rules.per_lab)
        self._add(rows, which, share, np.ones(len(keys)), keys // labs // labs)

    def _newcomers(self) -> None:
        new = np.flatnonzero(self.market.crowd.newcomer[self.pairs.person])
        which = np.append(new, len(self.pairs))
        wanted = np.array([-float(self.market.board.wanted)])
        self._add(np.zeros(len(which), int), which, -np.ones(len(which)), wanted, np.array([-1]))

    def _grouped(self, key: Ints, owner: Ints, most: Ints) -> None:
        """At most `most` of the pairs of each key, where there are more; both shape (k,)."""
        _, first, group, count = np.unique(
            key, return_index=True, return_inverse=True, return_counts=True
        )
        tight = count > most[first]
        which = np.flatnonzero(tight[group])
        rows = (np.cumsum(tight) - 1)[group[which]]
        self._add(rows, which, np.ones(len(which)), most[first][tight], owner[first][tight])

    def _add(
        self, rows: Ints, which: Ints, numbers: np.ndarray, limits: np.ndarray, owners: Ints
    ) -> None:
        self._rows.append(rows + self._height)
        self._columns.append(which)
        self._numbers.append(numbers)
        self._limits.append(np.asarray(limits, np.float64))
        self._owners.append(np.asarray(owners, np.int64))
        self._height += len(limits)


def _in_conflict(market: Market, pairs: Pairs) -> tuple[Ints, Ints]:
    """Each two pairs of one person whose labs are in conflict, shapes (n,), (n,)."""
    board = market.board
    lab = board.lab[pairs.column]
    risky = np.flatnonzero(np.any(board.clash, axis=1)[lab]) if len(pairs) else np.zeros(0, int)
    who = pairs.person[risky]
    ends = np.searchsorted(who, who, side="right")
    after = ends - np.arange(len(who)) - 1
    one = np.repeat(np.arange(len(who)), after)
    step = np.arange(len(one)) - np.repeat(np.cumsum(after) - after, after)
    other = one + 1 + step
    meets = board.clash[lab[risky[one]], lab[risky[other]]]
    return risky[one[meets]], risky[other[meets]]
