"""`banbury release make|export|verify|list`."""

from __future__ import annotations

from pathlib import Path

import msgspec
from cyclopts import App

from banbury.cli.terminal import Json, Place, counted, next_command, out, print_json, print_table
from banbury.cycle.release import Format, verify
from banbury.cycle.release import export as write_files
from banbury.cycle.release import release as make_release

app = App(name="release", help="Freeze reviewed episodes into a data set.", help_format="plaintext")


@app.default
def make(
    name: str,
    *,
    run: str = "source",
    validation: float = 0.05,
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Freeze the accepted episodes of a run into a versioned data set.

    Args:
        name: name of the release.
        run: the reviewed run.
        validation: share of rows kept for validation.
        place: where the work is kept.
        json: print JSON instead.
    """
    with place.open(create=False) as lab:
        made = make_release(lab, name, run=run, validation=validation)
    if json:
        print_json(made)
        return
    splits = ", ".join(f"{count} {part}" for part, count in made.body["splits"].items())
    rows = counted(made.body["rows"], "row")
    out.print(f"{made.name} version {made.version}: {rows} ({splits})")
    out.print(f"sha256 {made.body['sha256']}")
    next_command(place, "train", name, "--others", "SKILLS")


@app.command
def export(
    name: str,
    folder: Path,
    /,
    *,
    version: int | None = None,
    format: Format = "parquet",
    place: Place = Place(),
) -> None:
    """Write the files of a release into a folder, whole or not at all.

    Args:
        name: name of the release.
        folder: where to; it must not exist yet.
        version: the newest if not given.
        format: parquet (loads with Hugging Face datasets), trl or atif.
        place: where the work is kept.
    """
    with place.open(create=False) as lab:
        write_files(lab, lab.artifact("release", name, version), folder, format=format)
    out.print(f"{name} is in {folder}")


@app.command(name="verify")
def verify_(folder: Path, /, *, sha256: str = "", json: Json = False) -> None:
    """Hash every file of an exported release again.

    Args:
        folder: the exported release.
        sha256: the hash that the manifest must have.
        json: print the manifest as JSON.
    """
    manifest = verify(folder, sha256)
    if json:
        print_json(msgspec.to_builtins(manifest))
    else:
        out.print(f"{folder} is whole")


@app.command(name="list")
def list_(*, place: Place = Place(), json: Json = False) -> None:
    """List the releases of a lab.

    Args:
        place: where the work is kept.
        json: print JSON instead.
    """
    with place.open(create=False) as lab:
        found = list(lab.artifacts("release"))
    if json:
        print_json(found)
        return
    print_table(
        "Releases",
        ("release", "version", "rows", "sha256"),
        [(a.name, str(a.version), str(a.body["rows"]), a.body["sha256"][:16]) for a in found],
        right=("version", "rows"),
    )
