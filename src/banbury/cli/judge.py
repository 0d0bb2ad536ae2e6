"""Which model grades, where a gym asks one: `--judge`, the same in every verb that plays."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from banbury.arena import LATER, Models, asking, judges
from banbury.arena.ask import Later
from banbury.cli.terminal import Place
from banbury.gyms.contract import Ask, Gym
from banbury.store import Lab


@Parameter(name="*")
@dataclass(frozen=True)
class Judge:
    """Which model grades.

    Attributes:
        judge: the model that answers where a gym asks one to grade, as a word like any model;
            NAME=MODEL for the one that a gym asks for by that name, once for each. The
            environment's BANBURY_JUDGE if not given.
    """

    judge: Annotated[
        tuple[str, ...], Parameter(name="--judge", env_var="BANBURY_JUDGE", negative="")
    ] = ()

    def named(self) -> dict[str, str]:
        """Return the models' words by the names that gyms ask for, "" for all other names.

        Raises:
            InputError: a name is given twice.
        """
        return judges.named(self.judge)

    @contextmanager
    def asked(self, lab: Lab | None, *, later: bool = False) -> Iterator[None]:
        """Let every run within the block ask these models; each is opened when first needed.

        Args:
            lab: where a checkpoint that grades is looked up.
            later: where none is given, leave what they would grade to people.
        """
        words = self.named()
        with ExitStack() as stack:

            @functools.cache
            def models() -> Models | Later | None:
                if words:
                    return judges.opened(words, lab, stack)
                return LATER if later else None

            with asking(models):
                yield

    @contextmanager
    def aloud(self, gyms: Sequence[Gym], place: Place) -> Iterator[Ask | None]:
        """Return `ask` for the check of these gyms; None if none is given, or none is needed.

        The store is opened only for a checkpoint.
        """
        words = self.named()
        if not words or not any(gym.needs.asks for gym in gyms):
            yield None
            return
        with ExitStack() as stack:
            stored = any(spec.startswith("checkpoint:") for spec in words.values())
            lab = stack.enter_context(place.open(create=False)) if stored else None
            yield stack.enter_context(judges.opened(words, lab, stack).aloud())
