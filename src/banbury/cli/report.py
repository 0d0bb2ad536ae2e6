"""`banbury report`: the report and result of a loop, from what is stored."""

from __future__ import annotations

from pathlib import Path

import msgspec

from banbury.cli.terminal import Json, Place, counted, out, print_json, print_table
from banbury.cycle.compare.report import render
from banbury.cycle.compare.report_data import ReportData
from banbury.errors import StoreFull
from banbury.experiments import result, stages, summary


def report(
    loop: str,
    *,
    out_dir: Path = Path(),
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Write the report of a loop, computed again from the stored episodes.

    Args:
        loop: name of the loop, such as demo-0.
        out_dir: folder for report.html and result.json.
        place: where the work is kept.
        json: print the result as JSON as well.
    """
    with place.open(create=False) as lab:
        data = summary(lab, stages(lab, loop), command=f"banbury report {loop}")
    write(data, out_dir)
    if json:
        print_json(result(data))
    else:
        tell(data, out_dir)


def write(data: ReportData, folder: Path) -> None:
    """Write report.html and result.json, each aside and renamed.

    Raises:
        StoreFull: the folder cannot be written.
    """
    pages = {
        "report.html": render(data).encode(),
        "result.json": msgspec.json.format(msgspec.json.encode(result(data)), indent=2) + b"\n",
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in pages.items():
            aside = folder / f".{name}.part"
            try:
                aside.write_bytes(content)
                aside.replace(folder / name)
            finally:
                aside.unlink(missing_ok=True)
    except OSError as error:
        raise StoreFull(
            f"the report cannot be written: {error.strerror}",
            where=str(folder),
            do="choose a folder that you may write, on a disk with room",
        ) from error


def tell(data: ReportData, folder: Path) -> None:
    """Print in a few lines what the report says."""
    worked = [s for s in data.skills if s.worked_on and s.after and s.difference]
    print_table(
        f"{data.model}: {counted(len(data.gaps), 'gap')} in {counted(len(data.skills), 'skill')}, "
        f"{len(worked)} worked on",
        ("skill", "kind", "before", "after", "difference", ""),
        [
            (
                s.skill,
                s.kind or "",
                f"{s.before.passes} of {s.before.n}",
                f"{s.after.passes} of {s.after.n}",
                f"{100 * s.difference.value:+.0f} "
                f"({100 * s.difference.low:+.0f} to {100 * s.difference.high:+.0f})",
                "closed" if s.closed else "not closed",
            )
            for s in worked
            if s.after and s.difference
        ],
        right=("before", "after"),
    )
    if data.guard:
        out.print(
            f"\nOther skills: {data.guard.verdict} "
            f"({counted(data.guard.pooled.n, 'item')}, margin {100 * data.guard.margin:.0f} points)"
        )
    out.print(
        f"{counted(data.rollouts, 'rollout')}, {counted(data.episodes, 'episode')}, "
        f"cycle time {data.cycle_seconds / 60:.1f} min"
    )
    out.print(f"Read {folder / 'report.html'}; the figures are in {folder / 'result.json'}")
