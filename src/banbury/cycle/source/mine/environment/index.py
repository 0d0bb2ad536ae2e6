"""What the package index has of one distribution: files, upload times, hashes."""

from __future__ import annotations

import html
import os
import platform
import re
import time
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

import httpx
import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import sys_tags
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from banbury.errors import SetupError

FRESH = 86_400.0
"""How long a page of the index is kept, in seconds."""
SECONDS = 60.0
ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.1"
ANCHOR = re.compile(r"<a\s([^>]*)>([^<]+)</a>", re.I)


class File(msgspec.Struct, frozen=True):
    """One file of a distribution.

    Args:
        url: where it lies.
        sha256: its hash, or "".
        version: of the distribution.
        kind: wheel that runs on this Python, or source archive.
        when: upload time, seconds since the epoch; 0 where the index does not say.
    """

    url: str
    sha256: str
    version: str
    kind: Literal["wheel", "sdist"]
    when: float = 0.0


def address() -> str:
    """Return the index's address, as uv and pip are told it."""
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        if os.environ.get(name):
            return os.environ[name].rstrip("/")
    return "https://pypi.org/simple"


def files(name: str, folder: Path) -> list[File]:
    """Return the wheels for this Python and the source archives of a distribution, oldest first.

    Args:
        name: normalised name.
        folder: where pages are kept for a day.

    Raises:
        SetupError: the index cannot be reached.
    """
    page = folder / "index" / f"{name}.json"
    try:
        if time.time() - page.stat().st_mtime < FRESH:
            return msgspec.json.decode(page.read_bytes(), type=list[File])
    except (OSError, msgspec.DecodeError):
        pass
    found = sorted(_fetched(name), key=lambda f: (f.when, Version(f.version)))
    page.parent.mkdir(parents=True, exist_ok=True)
    part = page.with_suffix(f".{os.getpid()}")
    part.write_bytes(msgspec.json.encode(found))
    part.replace(page)
    return found


def _fetched(name: str) -> list[File]:
    for pause_s in (1, 2, 0):
        try:
            answer = httpx.get(
                f"{address()}/{name}/",
                headers={"Accept": ACCEPT},
                timeout=SECONDS,
                follow_redirects=True,
            )
        except httpx.HTTPError:
            time.sleep(pause_s)
            continue
        if answer.status_code == 404:
            return []
        if answer.status_code < 400:
            return [f for raw in _raw(answer) if (f := _file(raw)) is not None]
        time.sleep(pause_s)
    raise SetupError(
        "the package index cannot be reached",
        where=address(),
        do="look at the network, or name another index in UV_DEFAULT_INDEX",
    )


def _raw(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    if "json" in answer.headers.get("content-type", ""):
        yield from answer.json().get("files", [])
        return
    for match in ANCHOR.finditer(answer.text):
        words = dict(re.findall(r'([\w-]+)="([^"]*)"', match[1]))
        url, _, hashed = html.unescape(words.get("href", "")).partition("#")
        yield {
            "url": str(answer.url.join(url)),
            "filename": html.unescape(match[2]).strip(),
            "hashes": dict([hashed.split("=", 1)]) if "=" in hashed else {},
            "upload-time": words.get("data-upload-time", ""),
            "requires-python": html.unescape(words.get("data-requires-python", "")),
            "yanked": "data-yanked" in words,
        }


@cache
def _tags() -> frozenset[str]:
    return frozenset(str(tag) for tag in sys_tags())


def _file(raw: dict[str, Any]) -> File | None:
    name, kind = str(raw.get("filename", "")), "sdist"
    try:
        if name.endswith(".whl"):
            _, version, _, tags = parse_wheel_filename(name)
            kind = "wheel"
            if not any(str(tag) in _tags() for tag in tags):
                return None
        else:
            _, version = parse_sdist_filename(name)
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None
    if raw.get("yanked") or not _runs(str(raw.get("requires-python") or "")):
        return None
    return File(
        url=str(raw.get("url", "")),
        sha256=str((raw.get("hashes") or {}).get("sha256", "")),
        version=str(version),
        kind="wheel" if kind == "wheel" else "sdist",
        when=_seconds(str(raw.get("upload-time") or "")),
    )


def _runs(python: str) -> bool:
    try:
        return SpecifierSet(python).contains(platform.python_version(), prereleases=True)
    except InvalidSpecifier:
        return True


def _seconds(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return 0.0


def fitting(found: list[File], specifier: str, kind: str) -> list[File]:
    """Return the files of a kind whose version the bounds admit, no pre-release if possible."""
    bounds = SpecifierSet(specifier)
    serve = [f for f in found if f.kind == kind and bounds.contains(f.version, prereleases=True)]
    return [f for f in serve if not Version(f.version).is_prerelease] or serve


def first(found: list[File], specifier: str, after: float) -> float:
    """Return from when on a wheel serves: the time of the first one after a time; 0 for never."""
    times = [f.when for f in fitting(found, specifier, "wheel") if f.when > after]
    return min(times) + 1 if times else 0.0
