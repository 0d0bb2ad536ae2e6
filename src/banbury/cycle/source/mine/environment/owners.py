"""Which distribution brings a module that is installed."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from banbury.gyms.code_repair.building import files
from banbury.gyms.code_repair.recipe import Pin


def owners(pins: Iterable[Pin], cache: Path) -> dict[str, str]:
    """Return the distribution of each top-level module of what is installed."""
    out: dict[str, str] = {}
    for pin in pins:
        for top in _tops(files.fetch(pin, cache)):
            out.setdefault(top, pin.name)
    return out


@lru_cache(maxsize=4096)
def _tops(wheel: Path) -> frozenset[str]:
    try:
        with zipfile.ZipFile(wheel) as archive:
            tops = {name.split("/")[0] for name in archive.namelist()}
    except zipfile.BadZipFile:
        return frozenset()
    return frozenset(t.split(".")[0] for t in tops if not t.endswith((".dist-info", ".data")))
