"""Results by group, where people chose to tell: adverse impact, items that differ.

Groups are what people said of themselves; who said nothing is in none. Groups of fewer than
`LEAST` people are not shown, since a figure would tell about single people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from banbury.errors import InputError
from banbury.statistics.impact import Impact, impact
from banbury.statistics.inputs import check_level
from banbury.statistics.multiple import holm
from banbury.statistics.response.functioning import Functioning, by_ability, mantel_haenszel

LEAST = 10
LEAST_ITEM = 20
"""People of a group who answered an item below which it is not compared: too few to tell."""


class Interviewed(msgspec.Struct, frozen=True):
    """One person's result.

    Attributes:
        group: as they told it, "" where they did not.
        ability: estimated.
        passed: whether they were let to work.
        answers: whether each item was answered rightly.
    """

    group: str
    ability: float
    passed: bool
    answers: Mapping[str, bool] = {}


class GroupResult(msgspec.Struct, frozen=True):
    """How one group fares beside the reference.

    Attributes:
        group: its name.
        n: its people.
        passed: those that passed.
        mean: of their abilities.
        impact: ratio of pass rates to the reference group's, None for the reference itself.
    """

    group: str
    n: int
    passed: int
    mean: float
    impact: Impact | None


class ItemBias(msgspec.Struct, frozen=True):
    """How an item treats a group.

    Attributes:
        item: its name.
        group: compared with the reference.
        found: Mantel-Haenszel within strata of ability.
        shown: whether it differs after Holm's correction over all items and groups compared, and
            by more than ETS calls negligible; a person then looks at its words.
    """

    item: str
    group: str
    found: Functioning
    shown: bool


def by_group(rows: Sequence[Interviewed], level: float = 0.95) -> list[GroupResult]:
    """Return each group's result, the reference (that with most people) first.

    Raises:
        InputError: no group has enough people.
    """
    groups = _groups(rows)
    reference = next(iter(groups))
    base = groups[reference]
    found = []
    for name, mine in groups.items():
        passed = sum(r.passed for r in mine)
        held = None
        if name != reference:
            held = impact(passed, len(mine), sum(r.passed for r in base), len(base), level)
        mean = float(np.mean([r.ability for r in mine]))
        found.append(GroupResult(name, len(mine), passed, mean, held))
    return found


def biased_items(
    rows: Sequence[Interviewed], alpha: float = 0.05, strata: int = 5
) -> list[ItemBias]:
    """Return every item and group that can be compared, the least likely alike first.

    Raises:
        InputError: no group has enough people, or alpha is out of range.
    """
    check_level(alpha, "biased_items", "alpha")
    groups = _groups(rows)
    reference = next(iter(groups))
    compared: list[tuple[str, str, Functioning]] = []
    for item in sorted({name for row in rows for name in row.answers}):
        for group in list(groups)[1:]:
            held = [r for r in (*groups[reference], *groups[group]) if item in r.answers]
            focal = [r.group == group for r in held]
            if min(sum(focal), len(held) - sum(focal)) < LEAST_ITEM:
                continue
            right = [r.answers[item] for r in held]
            levels = by_ability([r.ability for r in held], strata)
            try:
                found = mantel_haenszel(right, focal, levels)
            except InputError:
                continue  # nobody differs there: all of a group right, or all wrong
            compared.append((item, group, found))
    if not compared:
        return []
    adjusted = holm([f.p_value for _, _, f in compared])
    told = [
        ItemBias(item, group, found, bool(p <= alpha) and found.size != "negligible")
        for (item, group, found), p in zip(compared, adjusted, strict=True)
    ]
    return sorted(told, key=lambda one: one.found.p_value)


def _groups(rows: Sequence[Interviewed]) -> dict[str, list[Interviewed]]:
    held: dict[str, list[Interviewed]] = {}
    for row in rows:
        if row.group:
            held.setdefault(row.group, []).append(row)
    enough = {name: mine for name, mine in held.items() if len(mine) >= LEAST}
    if not enough:
        raise InputError(
            f"no group has {LEAST} people who told it",
            where="fairness",
            do="show results without groups until there are more",
        )
    return dict(sorted(enough.items(), key=lambda pair: (-len(pair[1]), pair[0])))
