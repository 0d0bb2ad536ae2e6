"""Which model grades, where a gym asks one: `--judge`, the same in every verb that plays."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from banbury.actors.open import open_policy
from banbury.actors.policy import Policy
from banbury.arena import LATER, Models, asking
from banbury.arena.ask import Later
from banbury.cli.terminal import Place
from banbury.errors import InputError
from banbury.gyms.contract import Ask, Gym
from banbury.store import Lab

_NAMED = re.compile(r"([A-Za-z][\w.-]*)=(.+)", re.DOTALL)


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
        found: dict[str, str] = {}
        for word in self.judge:
            match = _NAMED.fullmatch(word)
            name, spec = (match[1], match[2]) if match else ("", word)
            if name in found:
                raise InputError(
                    f"two judges are given for {name or 'every name'}: {found[name]}, {spec}",
                    where="--judge",
                    do="give one of them as NAME=MODEL",
                )
            found[name] = spec
        return found

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
                    return _opened(words, lab, stack)
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
            yield stack.enter_context(_opened(words, lab, stack).aloud())


def _opened(words: dict[str, str], lab: Lab | None, stack: ExitStack) -> Models:
    open_: dict[str, Policy] = {}
    for spec in words.values():
        if spec not in open_:
            open_[spec] = stack.enter_context(open_policy(spec, lab))
    named = {name: open_[spec] for name, spec in words.items()}
    default = named.pop("", None)
    return Models(named, default)
