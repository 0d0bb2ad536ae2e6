"""`banbury source`: reserve items and make training data for gaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from cyclopts import Parameter

from banbury.cli.choose import skills as chosen
from banbury.cli.judge import Judge
from banbury.cli.terminal import Json, Place, bar, counted, next_command, print_json, print_table
from banbury.cycle.diagnose import SkillMap, choose
from banbury.cycle.source import source as make


def source(
    skills: Annotated[Sequence[str], Parameter(consume_multiple=True)] = (),
    *,
    map: str | None = None,
    count: int = 3,
    name: str = "source",
    train: int = 240,
    reserve: int = 32,
    unseen: int = 20,
    seed: int = 0,
    difficulty: str | None = None,
    judge: Judge = Judge(),
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Reserve items and make training data for gaps.

    Args:
        skills: the gaps; the `count` best of the map if not given.
        map: name of the map to choose from, `probe` if no skills are given; what it found of them
            is worked on at the difficulty at which it was found.
        count: how many gaps to choose.
        name: name of the run.
        train: reference episodes for each gap.
        reserve: items reserved in wordings that training sees.
        unseen: items reserved in wordings that training never sees.
        seed: of the tasks.
        difficulty: of the tasks, whatever the map says.
        judge: which model grades, where a gym asks one.
        place: where the work is kept.
        json: print JSON instead.
    """
    with place.open() as lab, judge.asked(lab):
        mapped = lab.artifact("map", map or "probe") if map or not skills else None
        gaps = msgspec.convert(mapped.body, SkillMap).gaps if mapped else ()
        names = chosen(skills, lab) if skills else [g.skill for g in choose(gaps, count)]
        with bar("references", quiet=json) as show:
            made = make(
                lab,
                names,
                name=name,
                train=train,
                reserve=reserve,
                unseen=unseen,
                seed=seed,
                difficulty=difficulty or {g.skill: g.difficulty for g in gaps},
                parents=[mapped.id] if mapped else [],
                progress=show,
            )
    if json:
        print_json({"id": made.id, "version": made.version, **made.body})
        return
    print_table(
        f"{counted(made.body['episodes'], 'reference episode')} in {made.body['seconds']:.1f} s",
        ("skill", "difficulty", "to train on", "reserved", "of these in unseen wordings"),
        [
            (
                s["skill"],
                s["difficulty"] or "several",
                str(len(s["train"])),
                str(len(s["reserved_seen"]) + len(s["reserved_unseen"])),
                str(len(s["reserved_unseen"])),
            )
            for s in made.body["skills"]
        ],
        right=("to train on", "reserved", "of these in unseen wordings"),
    )
    next_command(place, "review", name)
