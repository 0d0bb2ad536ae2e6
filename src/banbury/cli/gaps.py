"""`banbury gaps`: name the gaps of a probe: form, skill or knowledge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from banbury.actors.open import open_model
from banbury.cli.judge import Judge
from banbury.cli.terminal import (
    Json,
    Place,
    bar,
    between,
    counted,
    next_command,
    notes,
    out,
    percent,
    print_json,
    print_table,
)
from banbury.cycle.diagnose import SkillMap, diagnose
from banbury.cycle.diagnose.picture import picture as draw_map


def gaps(
    model: str,
    *,
    probe: str = "probe",
    name: str | None = None,
    few_shot: int = 8,
    picture: Path | None = None,
    judge: Judge = Judge(),
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Name the gaps of a probe: form, skill or knowledge.

    Args:
        model: the model that was probed; it is shown three solved examples now.
        probe: name of the probe.
        name: name of the map; the probe's if not given.
        few_shot: items of each gap tried again with examples.
        picture: file to write the map to, as SVG.
        judge: which model grades, where a gym asks one.
        place: where the work is kept.
        json: print JSON instead.
    """
    with place.open(create=False) as lab, judge.asked(lab):
        probed = lab.artifact("probe", probe)
        with open_model(model, lab) as policy, bar("few-shot", quiet=json) as show:
            artifact = diagnose(
                lab, probed, policy.with_shots, name=name or probe, few_shot=few_shot, progress=show
            )
    found = msgspec.convert(artifact.body, SkillMap)
    if picture:
        picture.write_text(draw_map(probed.body, artifact.body), encoding="utf-8")
        notes.print(f"the map is in {picture}")
    if json:
        print_json({"id": artifact.id, "version": artifact.version, **artifact.body})
    else:
        show_gaps(found, probed.body)
        if found.gaps:
            next_command(place, "source", "--map", artifact.name)
        else:
            none_found(probed.body)


def show_gaps(found: SkillMap, probed: dict[str, Any]) -> None:
    """Print the gaps, ranked, with up to three failures each."""
    print_table(
        f"Gaps: {len(found.gaps)} of {counted(len(probed['skills']), 'skill')}",
        ("gap", "kind", "strict", "interval", "any form", "3 examples", "signal", "rank"),
        [
            (
                g.skill,
                g.kind,
                percent(g.strict),
                between(g.low, g.high),
                percent(g.lenient),
                percent(g.few_shot),
                percent(g.signal),
                f"{g.rank:.3f}",
            )
            for g in found.gaps
        ],
        right=("strict", "any form", "3 examples", "signal", "rank"),
    )
    for gap in found.gaps:
        level = f"  {gap.difficulty}" if gap.difficulty else ""
        out.print(f"\n[bold]{gap.skill}[/]{level}", highlight=False)
        for example in gap.examples:
            for label, text in (
                ("asked", example.asked),
                ("right", example.right),
                ("said", example.said),
            ):
                out.print(f"  {label}: {_one_line(text)}", markup=False, highlight=False)


def none_found(probed: dict[str, Any]) -> None:
    """Say why a probe gave no gap, and what would show one."""
    undecided = [r["skill"] for r in probed["skills"] if r["decision"] == "undecided"]
    line = percent(probed["threshold"])
    if undecided:
        out.print(
            f"\nNo skill is shown to lie below {line}; "
            f"{counted(len(undecided), 'is', 'are')} undecided: probe again with more rollouts "
            "(--most).",
            highlight=False,
        )
    else:
        out.print(f"\nAll skills lie above {line}: probe others, or harder tasks (--dial).")


def _one_line(text: str, most: int = 160) -> str:
    flat = " / ".join(text.split("\n"))
    return flat if len(flat) <= most else f"{flat[:most]}... ({len(text)} characters)"
