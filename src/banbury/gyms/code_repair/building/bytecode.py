"""Compiled modules of installed wheels, made once for each wheel and shared by environments.

A box cannot write to /env, so without them each run of the tests would compile pytest anew.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from banbury.gyms.code_repair.recipe import Pin

MOST = 6 << 20
"""Most source of one wheel that is compiled, in bytes."""
SKIPPED = frozenset({"tests", "test", "testing", "idlelib", "examples", "_vendor_tests"})
SECONDS = 180


def compile_all(site: Path, pins: Iterable[Pin], cache: Path) -> None:
    """Give an environment the compiled modules of its wheels.

    Args:
        site: the environment's site-packages.
        pins: what was installed.
        cache: where compiled modules are kept, by the wheel's hash.
    """
    missing: list[tuple[Path, list[str]]] = []
    for pin in pins:
        sources = _sources(site, pin)
        store = cache / "bytecode" / sys.implementation.cache_tag / pin.sha256
        if store.is_dir():
            _link(store, site)
        elif sources:
            missing.append((store, sources))
    if missing:
        _compile(site, [s for _, sources in missing for s in sources])
        for store, sources in missing:
            _keep(site, sources, store)


def _sources(site: Path, pin: Pin) -> list[str]:
    """Return the wheel's modules that are worth compiling, relative to site-packages."""
    stem = f"{pin.name.replace('-', '_')}-"
    folders = [
        p
        for p in site.glob("*.dist-info")
        if p.name.lower()
        .replace("-", "_")
        .replace(".", "_")
        .startswith(stem.replace("-", "_").replace(".", "_"))
    ]
    names: list[str] = []
    size = 0
    for folder in folders[:1]:
        for line in (folder / "RECORD").read_text("utf-8", "replace").splitlines():
            name = line.split(",")[0].strip('"')
            parts = name.split("/")
            if (
                not name.endswith(".py")
                or ".." in parts
                or name.startswith("/")
                or SKIPPED & set(parts[1:-1])
            ):
                continue
            if (site / name).is_file():
                size += (site / name).stat().st_size
                names.append(name)
    return names if size <= MOST else []


def _compile(site: Path, names: list[str]) -> None:
    """Compile the modules; what does not compile here is left as it is."""
    # The compiler reads them and runs nothing of them.
    subprocess.run(
        [
            sys.executable,
            "-I",
            "-m",
            "compileall",
            "-q",
            "-q",
            "--invalidation-mode",
            "unchecked-hash",
            "-s",
            str(site),
            "-p",
            f"/env/lib/{site.parent.name}/site-packages",
            "-i",
            "-",
        ],
        input="\n".join(str(site / n) for n in names),
        text=True,
        timeout=SECONDS,
        check=False,
        capture_output=True,
    )


def _compiled(name: str) -> Path:
    path = Path(name)
    return path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc"


def _keep(site: Path, names: list[str], store: Path) -> None:
    part = store.with_name(f".{store.name}.{os.getpid()}")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for name in names:
        made = _compiled(name)
        if (site / made).is_file():
            (part / made).parent.mkdir(parents=True, exist_ok=True)
            os.link(site / made, part / made)
    try:
        part.rename(store)
    except OSError:  # another process was faster
        shutil.rmtree(part, ignore_errors=True)


def _link(store: Path, site: Path) -> None:
    for folder, _, names in os.walk(store):
        into = site / Path(folder).relative_to(store)
        into.mkdir(parents=True, exist_ok=True)
        for name in names:
            if not (into / name).exists():
                os.link(Path(folder) / name, into / name)
