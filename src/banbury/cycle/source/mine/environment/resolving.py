"""Versions of distributions as of a time, by uv."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct
from packaging.utils import canonicalize_name, parse_wheel_filename

from banbury.errors import SetupError
from banbury.gyms.code_repair.building.files import inline
from banbury.gyms.code_repair.building.tool import uv
from banbury.gyms.code_repair.recipe import Pin

SECONDS = 240
"""Longest wait for one resolution; the index may be slow."""
MOST = 4 << 20
"""Largest wheel built here that a lock carries, in bytes."""
UNREACHABLE = re.compile(
    r"(dns error|failed to lookup|connection (refused|reset)|timed out|error sending request|"
    r"network connectivity|tls handshake|503|502)",
    re.I,
)


class Unresolved(Exception):
    """No set of versions serves.

    Args:
        text: what uv says.
        wheels: distributions that have no wheel for this Python as of their dates.
        unknown: distributions that the index does not have, or had not by then.
        late: distributions of which only later releases satisfy the bounds.
    """

    def __init__(
        self,
        text: str,
        wheels: Sequence[str] = (),
        unknown: Sequence[str] = (),
        late: Sequence[str] = (),
    ) -> None:
        super().__init__(text)
        self.text = text
        self.wheels = _names(wheels)
        self.unknown = _names(unknown)
        self.late = _names(late)


def _names(found: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(canonicalize_name(name) for name in found))


class Question(Struct, frozen=True):
    """What is asked of uv.

    Args:
        requirements: PEP 508 texts.
        when: seconds since the epoch; no release after it is taken.
        later: other such times for single distributions, by name.
        python: version for which to resolve, such as `3.11`.
    """

    requirements: tuple[str, ...]
    when: float
    later: Mapping[str, float] = {}
    python: str = f"{sys.version_info.major}.{sys.version_info.minor}"


def stamp(when: float) -> str:
    """Return seconds since the epoch as uv reads them."""
    return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def resolve(question: Question, cache: Path) -> list[Pin]:
    """Return every distribution that is to be installed, with hashes.

    Nothing of any distribution is run, since uv may take wheels alone.

    Args:
        question: what is asked.
        cache: folder of uv's cache.

    Raises:
        Unresolved: there is no such set of versions.
        SetupError: uv is missing, or the index cannot be reached.
    """
    if not question.requirements:
        return []
    later = [
        f"--exclude-newer-package={name}={stamp(when)}"
        for name, when in sorted(question.later.items())
        if when > question.when
    ]
    command = [
        uv(),
        "pip",
        "compile",
        "-",
        "--format=pylock.toml",
        "--no-header",
        "--quiet",
        "--no-config",
        "--no-build",
        f"--exclude-newer={stamp(question.when)}",
        *later,
        f"--python-version={question.python}",
        f"--python={sys.executable}",
        "--color=never",
        "--python-preference=only-system",
    ]
    with tempfile.TemporaryDirectory(prefix="banbury-resolve-") as empty:
        ran = _run(command, "\n".join(question.requirements), Path(empty), cache)
    if ran.returncode:
        raise _failure(ran.stderr)
    return _pins(ran.stdout)


def _run(
    command: Sequence[str], text: str, where: Path, cache: Path
) -> subprocess.CompletedProcess[str]:
    kept = (
        "PATH",
        "HOME",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "ALL_PROXY",
    )
    env = {
        k: v
        for k, v in os.environ.items()
        if k in kept
        or k.startswith(
            (
                "UV_INDEX",
                "UV_DEFAULT_INDEX",
                "UV_EXTRA_INDEX",
                "UV_NATIVE",
                "UV_SYSTEM_CERTS",
                "UV_HTTP",
                "UV_FIND",
            )
        )
    }
    env["UV_CACHE_DIR"] = str(cache / "uv")
    for pause_s in (1, 2, 0):
        try:
            ran = subprocess.run(
                command,
                input=text,
                cwd=where,
                env=env,
                text=True,
                check=False,
                capture_output=True,
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired:
            continue
        if not ran.returncode or not UNREACHABLE.search(ran.stderr):
            return ran
        time.sleep(pause_s)
    raise SetupError(
        "the package index cannot be reached",
        do="look at the network, or name another index in the variable UV_DEFAULT_INDEX",
    )


NAME = r"([A-Za-z0-9][\w.-]*?)(?:\[[\w,.-]+\])?"
BOUNDS = r"(?:[<>=!~]=?[^ ]*)"
WHEELS = (
    rf"all (?:the )?versions of {NAME} have no (?:usable )?wheels",
    rf"{NAME}{BOUNDS} ha(?:s|ve) no (?:usable )?wheels",
    r"Wheels are required for `([\w.-]+)`",
)
UNKNOWN = (rf"{NAME} was not found in the", rf"there (?:are|is) no versions? of {NAME} and")
LATE = (
    rf"only {NAME}{BOUNDS} (?:is|are) available",
    rf"there is no version of {NAME}{BOUNDS}",
    rf"only the following versions of {NAME} are available",
)


def _failure(text: str) -> Unresolved:
    flat = " ".join(text.split())
    wheels, unknown, late = (
        [name for pattern in patterns for name in re.findall(pattern, flat)]
        for patterns in (WHEELS, UNKNOWN, LATE)
    )
    return Unresolved(text.strip(), wheels, unknown, late)


def _pins(text: str) -> list[Pin]:
    pins = []
    for package in tomllib.loads(text).get("packages", []):
        wheels = package.get("wheels") or []
        if "archive" in package:
            pins.append(_own(package["name"], Path(package["archive"]["path"])))
            continue
        file = wheels[0] if wheels else package.get("sdist")
        if file is None or "version" not in package:
            continue
        pins.append(
            Pin(
                name=canonicalize_name(package["name"]),
                version=str(package["version"]),
                url=file["url"],
                sha256=file["hashes"]["sha256"],
                kind="wheel" if wheels else "sdist",
            )
        )
    return pins


def _own(name: str, wheel: Path) -> Pin:
    """Return a pin of a wheel that was built here; the lock carries it, as no index has it.

    Raises:
        Unresolved: it is too large for that.
    """
    data = wheel.read_bytes()
    if len(data) > MOST:
        raise Unresolved(f"cause: the wheel built of {name} has more than {MOST >> 20} MB")
    return Pin(
        name=canonicalize_name(name),
        version=str(parse_wheel_filename(wheel.name)[1]),
        url=inline(data),
        sha256=hashlib.sha256(data).hexdigest(),
        kind="wheel",
    )


def sentence(text: str) -> str:
    """Return the cause that uv names, in one line."""
    lines = [line.strip() for line in text.splitlines()]
    start = next((i for i, line in enumerate(lines) if line.startswith("cause:")), 0)
    body = []
    for line in lines[start:]:
        if not line or line.startswith("hint:"):
            break
        body.append(line)
    return " ".join(body).removeprefix("cause: ").removeprefix("error: ")[:400]
