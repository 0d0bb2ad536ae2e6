"""The standing report: prediction, items that say nothing, results by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from banbury import clock
from banbury.errors import InputError
from banbury.people.ability.fairness import (
    LEAST,
    GroupResult,
    Interviewed,
    ItemBias,
    biased_items,
    by_group,
)
from banbury.people.ability.predicting import ItemUse, Prediction, Worked, items_in_use, predictions
from banbury.people.cases.told import GROUPS, WRITING, Tellings, Told
from banbury.people.prediction.banks import banks_of
from banbury.people.prediction.items import Items, Known, Retired, known
from banbury.people.prediction.taken import ARROW, Taken, taken, worked
from banbury.store import House

TITLE = "Does the interview predict good work?"
HIDDEN = f"no two groups have {LEAST} people who told it; smaller ones are not shown"


class Use(msgspec.Struct, frozen=True):
    """What the items of one interview say of one field of work.

    Attributes:
        skill: the interview, and the field.
        asked: items that were asked.
        told: those of which there is a figure.
        retire: those that are shown to predict next to nothing.
    """

    skill: str
    asked: int
    told: int
    retire: tuple[ItemUse, ...]


class Groups(msgspec.Struct, frozen=True):
    """Results by one question that people chose to answer.

    Attributes:
        skill: of the interview.
        question: what was asked.
        results: by group, the largest first; empty where too few told.
        biased: items that treat a group otherwise than their ability says.
        compared: items and groups that were compared.
        note: why there is no figure, "" where there is one.
    """

    skill: str
    question: str
    results: tuple[GroupResult, ...]
    biased: tuple[ItemBias, ...]
    compared: int
    note: str = ""


class Report(msgspec.Struct, frozen=True):
    """The standing report.

    Attributes:
        simulated: whether all of it is made up, by stated assumptions.
        title: its heading, which says so.
        assumptions: of a simulation.
        seed: likewise.
        made_ns: when.
        interviews: that were taken.
        people: who took them.
        left_out: interviews of people about whose record a case is open or stands.
        predictions: by interview and field of work.
        uses: likewise, items.
        groups: by interview and question.
        retired: items that are asked no more, with reasons.
    """

    simulated: bool
    title: str
    assumptions: tuple[str, ...]
    seed: int
    made_ns: int
    interviews: int
    people: int
    left_out: int
    predictions: tuple[Prediction, ...]
    uses: tuple[Use, ...]
    groups: tuple[Groups, ...]
    retired: tuple[Retired, ...] = ()


def reported(house: House) -> Report:
    """Return the report of a house's own rows."""
    interviews, left_out = taken(house)
    items, told = Items(house), Tellings(house).all()
    parameters = {skill: known(items.current(bank)) for skill, bank in banks_of(house).items()}
    found = made(worked(house, interviews), interviews, told, parameters, TITLE)
    return msgspec.structs.replace(found, left_out=left_out, retired=tuple(items.retired()))


def made(
    rows: Sequence[Worked],
    interviews: Sequence[Taken],
    told: Mapping[str, Told],
    items: Mapping[str, Known],
    title: str,
    *,
    assumptions: tuple[str, ...] = (),
    seed: int = 0,
) -> Report:
    """Return a report of rows, the house's or simulated ones."""
    return Report(
        bool(assumptions), title, assumptions, seed, clock.wall_ns(), len(interviews),
        len({one.account for one in interviews}), 0, tuple(predictions(rows, seed=seed)),
        tuple(_uses(rows, items)), tuple(_groups(interviews, told)),
    )  # fmt: skip


def _uses(rows: Sequence[Worked], items: Mapping[str, Known]) -> list[Use]:
    found = []
    for skill in sorted({row.skill for row in rows}):
        mine = [row for row in rows if row.skill == skill]
        parameters = items.get(skill.partition(ARROW)[0], {})
        use = items_in_use(mine, "gold", parameters)
        retire = tuple(one for one in use if one.retire)
        told = sum(one.share is not None or one.slope is not None for one in use)
        found.append(Use(skill, len(use), told, retire))
    return found


def _groups(interviews: Sequence[Taken], told: Mapping[str, Told]) -> list[Groups]:
    first: dict[tuple[str, str], Taken] = {}
    for one in interviews:
        first.setdefault((one.skill, one.account), one)
    found = []
    for skill in sorted({skill for skill, _ in first}):
        mine = [one for (s, _), one in first.items() if s == skill]
        found += [_group(skill, name, mine, told) for name in GROUPS if name != WRITING]
    return found


def _group(skill: str, question: str, mine: Sequence[Taken], told: Mapping[str, Told]) -> Groups:
    rows = [
        Interviewed(
            getattr(told[one.account], question) if one.account in told else "",
            one.ability.mean, one.passed, one.answers,
        )
        for one in mine
    ]  # fmt: skip
    asked = GROUPS[question][0]
    try:
        results = by_group(rows)
        if len(results) < 2:
            return Groups(skill, asked, (), (), 0, HIDDEN)
        items = biased_items(rows)
    except InputError:
        return Groups(skill, asked, (), (), 0, HIDDEN)
    shown = tuple(one for one in items if one.shown)
    return Groups(skill, asked, tuple(results), shown, len(items))
