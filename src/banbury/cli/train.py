"""`banbury train`: one adapter per gap and a router, from a release."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from banbury.cli.choose import skills as chosen
from banbury.cli.judge import Judge
from banbury.cli.settings import settings
from banbury.cli.terminal import Json, Place, bar, next_command, print_json, print_table
from banbury.cycle.difficulty import sources_of
from banbury.cycle.train.examples import released
from banbury.cycle.train.recipe import Recipe
from banbury.cycle.train.stage import train as run_train


def train(
    release: str,
    *,
    model: str = "smollm2",
    name: str | None = None,
    others: Annotated[Sequence[str], Parameter(consume_multiple=True)] = (),
    recipe: Path | None = None,
    grpo_steps: int | None = None,
    seed: int = 0,
    judge: Judge = Judge(),
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Train one adapter per gap, and a router, from a release.

    Args:
        release: name of the release.
        model: the base.
        name: name of the checkpoint; the release's if not given.
        others: other skills whose prompts teach the router what belongs to the base.
        recipe: a JSON file of settings, such as {"epochs": 2}.
        grpo_steps: steps of reinforcement learning for one gap, whatever the recipe says.
        seed: of training.
        judge: which model grades, where a gym asks one.
        place: where the work is kept.
        json: print JSON instead.
    """
    told = settings(Recipe, recipe, "recipe", grpo_steps=grpo_steps)
    with place.open(create=False) as lab, judge.asked(lab), bar("train", quiet=json) as show:
        frozen = lab.artifact("release", release)
        artifact = run_train(
            lab,
            frozen,
            model=model,
            name=name or release,
            others=chosen(others, lab) if others else [],
            recipe=told,
            seed=seed,
            progress=show,
        )
        tasks = [e.task for rows in released(lab, frozen).values() for e in rows]
        sources = [a.name for a in sources_of(lab, tasks)]
    if json:
        print_json({"id": artifact.id, "version": artifact.version, **artifact.body})
        return
    print_table(
        f"Checkpoint {artifact.name} version {artifact.version}",
        ("adapter", "method", "examples", "steps", "seconds"),
        [
            (t["name"], t["method"], str(t["examples"]), str(t["steps"]), f"{t['seconds']:.0f}")
            for t in artifact.body["training"]
        ],
        right=("examples", "steps", "seconds"),
    )
    measured = ["--source", sources[-1]] if sources else []
    next_command(place, "compare", model, f"checkpoint:{artifact.name}", *measured)
