"""`banbury skills propose`: what failures have in common that no skill names."""

from __future__ import annotations

from typing import Annotated

import msgspec
from cyclopts import Parameter

from banbury.cli.terminal import (
    Json,
    Place,
    between,
    counted,
    out,
    percent,
    print_json,
    print_table,
)
from banbury.cycle.diagnose.propose import Proposal, Proposals
from banbury.cycle.diagnose.propose import propose as run_propose
from banbury.errors import InputError
from banbury.statistics.intervals import Interval


def propose(
    *,
    probe: str | None = None,
    run: str | None = None,
    skill: str | None = None,
    actor: str | None = None,
    name: str | None = None,
    any_form: Annotated[bool, Parameter(negative="")] = False,
    across: Annotated[bool, Parameter(negative="")] = False,
    embed: Annotated[bool, Parameter(negative="")] = False,
    least: int = 5,
    seed: int = 0,
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Find what failures have in common that no skill names.

    Args:
        probe: name of the probe whose failures are looked at.
        run: name of any run instead.
        skill: only this skill, under any name that it ever had, or `office.*`.
        actor: whose failures, where several acted.
        name: name of the proposals; the probe's or run's if not given.
        any_form: a right answer in the wrong form is no failure.
        across: look for what failures of several skills share, not within each skill.
        embed: use sentence embeddings too; needs the extra `embed`.
        least: fewest failures in a cluster.
        seed: of the halves: one to find clusters in, the other to see how they fare.
        place: where the work is kept.
        json: print JSON instead.
    """
    if probe and run:
        raise InputError("a probe and a run are both named", do="give one of the two")
    with place.open(create=False) as lab:
        parents = []
        if probe:
            probed = lab.artifact("probe", probe)
            run, parents = str(probed.body["run"]), [probed.id]
        artifact = run_propose(
            lab,
            name=name or probe or run or "all",
            run=run,
            skill=skill,
            actor=actor,
            any_form=any_form,
            across=across,
            embedded=embed,
            least=least,
            seed=seed,
            parents=parents,
        )
    if json:
        print_json(
            {
                "id": artifact.id,
                "name": artifact.name,
                "version": artifact.version,
                **artifact.body,
            }
        )
    else:
        show(artifact.name, msgspec.convert(artifact.body, Proposals))


def show(name: str, found: Proposals) -> None:
    """Print the proposals with three failures each, and what was left out."""
    attempts = counted(found.attempts, "attempt")
    out.print(
        f"{found.failures} of {attempts} by {found.actor.split('@')[0]} failed"
        f"{' in any form' if found.any_form else ''}. {found.first} were looked at for clusters, "
        f"the other {found.other} give the figures below.",
        highlight=False,
    )
    if found.proposals:
        out.print()
        print_table(
            f"{counted(len(found.proposals), 'proposal')} in {name}",
            ("", "passed", "interval", "others passed", "comes back", "same kind", "words"),
            [
                (
                    p.name,
                    _of(p.inside),
                    between(p.inside.low, p.inside.high),
                    _of(p.outside) if p.outside else "-",
                    percent(p.stability),
                    percent(p.precision),
                    ", ".join(p.words[:4]),
                )
                for p in found.proposals
            ],
            right=("passed", "others passed", "comes back", "same kind"),
        )
    for proposal in found.proposals:
        _examples(name, proposal)
    out.print(
        f"\nAlso looked at: {counted(found.alike, 'group that fails', 'groups that fail')} no more "
        f"than the rest, {found.covered} that the proposals explain, {found.unstable} that do not "
        "come back when failures are left out.",
        highlight=False,
    )
    if not found.proposals:
        out.print(
            "Nothing stands out: within each skill, tasks that failed read like those that passed, "
            "or nothing passed at all. More rollouts may show more."
        )


def _of(rate: Interval) -> str:
    return f"{round(rate.estimate * rate.n)} of {rate.n}"


def _examples(name: str, proposal: Proposal) -> None:
    out.print(
        f"\n[bold]{name}/{proposal.name}[/]  in {', '.join(proposal.skills)}, "
        f"{counted(len(proposal.episodes), 'failure')}; perhaps {proposal.suggestion}",
        highlight=False,
    )
    for one in proposal.examples:
        for label, text in (("asked", one.asked), ("said", one.said)):
            out.print(f"  {label}: {_one_line(text)}", markup=False, highlight=False)


def _one_line(text: str, most: int = 160) -> str:
    flat = " / ".join(text.split("\n"))
    return flat if len(flat) <= most else f"{flat[:most]}... ({len(text)} characters)"
