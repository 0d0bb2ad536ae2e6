"""How a run is perturbed, so that tests which rest on chance are seen in time."""

from __future__ import annotations

import msgspec

DAY_S = 86_400.0


class How(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a run is perturbed in; the defaults leave it as it is.

    Attributes:
        hash_seed: PYTHONHASHSEED.
        order: seed of the order of files and tests; None leaves it.
        clock: seconds by which the clock is shifted.
        zone: time zone.
        locale: locale.
    """

    hash_seed: int = 0
    order: int | None = None
    clock: float = 0.0
    zone: str = "UTC"
    locale: str = "C.UTF-8"

    @property
    def words(self) -> str:
        """Return what is perturbed, in a few words."""
        parts = [f"hash seed {self.hash_seed}"] if self.hash_seed else []
        parts += [f"order {self.order}"] if self.order is not None else []
        parts += [f"clock {self.clock / DAY_S:+.0f} days"] if self.clock else []
        parts += [self.zone] if self.zone != "UTC" else []
        parts += [self.locale] if self.locale != "C.UTF-8" else []
        return ", ".join(parts)


PLAIN = How()
SECOND = How(hash_seed=1, order=1)
"""The second run of the whole suite: another hash seed, another order."""
LUCK = tuple(How(hash_seed=seed) for seed in (11, 12, 13, 14))
"""Runs without the fix: a test that passes in one of them tells nothing of the fix."""
PERTURBED = (
    How(hash_seed=2),
    How(hash_seed=3, order=2),
    How(order=3),
    How(order=4, hash_seed=4),
    How(clock=37 * DAY_S),
    How(clock=-200 * DAY_S, hash_seed=5),
    How(zone="America/Los_Angeles"),
    How(zone="Asia/Kathmandu", order=5),
    How(locale="C"),
    How(locale="POSIX", zone="Pacific/Auckland", hash_seed=6, order=6, clock=190 * DAY_S),
)
"""Ten runs: hash seed, order, clock, time zone, locale, one by one and together."""
