"""`banbury doctor`: what this machine can do, and what to install or change."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from banbury.cli.terminal import Json, counted, out, print_json, print_table
from banbury.sandbox import Row, machine, report
from banbury.store.address import HOME

GIB = 1 << 30
COLOURS = {"fine": "green", "weaker": "yellow", "missing": "red"}


def doctor(
    *,
    profile: Annotated[bool, Parameter(negative="")] = False,
    json: Json = False,
) -> None:
    """Say what this machine can do for Banbury, and what to install or change.

    Boxes, in which programs of strangers run, and what they need; tools; disk, memory, accelerator.
    Whatever is missing holds up only the verbs that need it.

    Args:
        profile: print the AppArmor profile for machines that hold back user namespaces.
        json: print JSON instead of a table.
    """
    if profile:
        sys.stdout.write(machine.profile())
        return
    rows = [*report(), *tools()]
    if json:
        print_json(rows)
        return
    lines = [(r.name, f"[{COLOURS[r.state]}]{r.state}[/]", r.found) for r in rows]
    print_table("", ["what", "state", "found"], lines)
    todo = [r for r in rows if r.do]
    if todo:
        out.print("\nTo do:")
    for row in todo:
        out.print(f"  {row.name}: {row.do}", markup=False, highlight=False, soft_wrap=True)


def tools() -> Iterator[Row]:
    """Look at everything but boxes."""
    yield tool("git", "git", "banbury mine reads repositories with it: apt install git")
    yield tool(
        "uv", uv(), "environments of mined repositories need it: pip install 'banbury[mine]'"
    )
    yield tool("chromium", "chromium", "only pictures of pages need it: apt install chromium")
    yield from (disk(), memory(), accelerator())


def tool(name: str, program: str, do: str) -> Row:
    """Look for a program and its version."""
    path = shutil.which(program)
    if not path:
        return Row(name, "missing", "not installed", do)
    try:
        words = [path, "--version"]
        told = subprocess.run(words, capture_output=True, text=True, timeout=20, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return Row(name, "weaker", f"{path}, which does not start", do)
    number = re.search(r"\d+(\.\d+)+", told)
    return Row(name, "fine", f"{number.group()} at {path}" if number else path)


def uv() -> str:
    """Return the path of uv as Python's package, or its plain name."""
    try:
        return str(import_module("uv").find_uv_bin())
    except (ImportError, FileNotFoundError):
        return "uv"


def disk() -> Row:
    """Say how much room there is where Banbury keeps things."""
    folder = home()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / GIB
    found = f"{free:.0f} GiB free at {folder}"
    return low("disk", found, free, 10, "make room, or set BANBURY_HOME to another disk")


def memory() -> Row:
    """Say how much memory this machine has to give."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    kib = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    free, size = (kib[name] / (1 << 20) for name in ("MemAvailable", "MemTotal"))
    found = f"{free:.1f} of {size:.1f} GiB free, {counted(os.cpu_count() or 1, 'processor')}"
    return low("memory", found, free, 2, "a box may use 2 GiB, a small model as much: close others")


def low(name: str, found: str, value: float, least: float, do: str) -> Row:
    """Return a row that is weaker below a value."""
    return Row(name, "fine", found) if value >= least else Row(name, "weaker", found, do)


def accelerator() -> Row:
    """Look for a graphics processor, without loading PyTorch."""
    looks: dict[str, Callable[[], bool]] = {
        "NVIDIA": lambda: Path("/dev/nvidiactl").exists(),
        "AMD": lambda: Path("/dev/kfd").exists(),
    }
    found = [name for name, there in looks.items() if there()]
    if not found:
        return Row("accelerator", "weaker", "none; small models train on the processor")
    listed = shutil.which("nvidia-smi") if "NVIDIA" in found else None
    if listed:
        words = [listed, "--query-gpu=name,memory.total", "--format=csv,noheader"]
        told = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False).stdout
        found = told.strip().splitlines() or found
    return Row("accelerator", "fine", "; ".join(found))


def home() -> Path:
    """Return the folder that holds the store of this machine."""
    return Path(os.environ.get("BANBURY_HOME") or HOME).expanduser().absolute()
