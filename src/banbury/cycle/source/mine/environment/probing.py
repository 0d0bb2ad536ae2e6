"""Whether an environment serves: pytest collects the tests of a tree in a box."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

from banbury.gyms.code_repair.building import environment
from banbury.gyms.code_repair.recipe import Recipe
from banbury.sandbox import Box, Limits, Mount

LIMITS = Limits(cpu_s=90, wall_s=300, memory=2 << 30, output=8 << 20)
SITE = re.compile(
    r"(?:/env/lib/python[\d.]+/site-packages|\.\./env/lib/python[\d.]+/site-packages)/"
    r"([\w.-]+)"
)
PYTHON = re.compile(r"/lib/python\d\.\d+/(?!site-packages)")
MISSING = re.compile(r"No module named '?([\w.]+)'?")
TELLING = re.compile(r"^(E |ERROR: |(\w+\.)*\w*(Error|Exception|Warning): )|: error: ")
COUNTED = re.compile(r"^(\S+?\.\w+)(?:::|: \d+$)", re.M)


class Probe(Struct, frozen=True):
    """What came of a collection.

    Args:
        tests: how many tests were collected.
        broken: test files that could not be.
        fault: the last lines of the first failure, "" where there is none.
        printed: what pytest printed.
        end: why it ended: `exit`, or the limit that ended it.
        cpu_s: CPU seconds.
    """

    tests: int
    broken: tuple[str, ...]
    fault: str
    printed: str
    end: str
    cpu_s: float

    @property
    def serves(self) -> bool:
        """Say whether tests were collected, and from all files or nearly all."""
        return self.tests > 0 and not self.broken and not self.fault

    @property
    def mostly(self) -> bool:
        """Say whether more files with tests were collected than not."""
        files = {m[1] for m in COUNTED.finditer(self.printed)} - set(self.broken)
        return self.tests > 0 and len(files) > len(self.broken)


def probe(tree: Path, recipe: Recipe, cache: Path) -> Probe:
    """Collect the tests of a tree, in a box.

    Args:
        tree: the commit's files.
        recipe: the environment, and how pytest is called.
        cache: folder of caches.

    Raises:
        SetupError: the environment cannot be made.
        SandboxError: the box itself failed.
    """
    place = environment(recipe, cache)
    env = {
        "PATH": "/env/bin:/usr/local/bin:/usr/bin:/bin",
        "VIRTUAL_ENV": "/env",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TZ": "UTC",
        **recipe.env,
    }
    with Box([tree], mounts=[Mount(place, "/env")], limits=LIMITS, env=env) as box:
        for command in recipe.install:
            ran = box.run(command)
            if ran.code:
                text = _tail((ran.out + ran.err).decode(errors="replace"), 12)
                return Probe(0, (), f"installing the project failed: {text}", text, ran.end, 0.0)
        ran = box.run(
            [
                "/env/bin/python",
                *recipe.test[1:],
                "--collect-only",
                "--verbosity=-1",
                "--tb=short",
                "--color=no",
            ]
        )
    text = (ran.out + b"\n" + ran.err).decode(errors="replace")
    broken = tuple(dict.fromkeys(re.findall(r"^ERROR (?:collecting )?(\S+)", text, re.M)))
    fault = "" if ran.code in (0, 5) and ran.end == "exit" else _fault(text)
    return Probe(_count(text), broken, fault, text, ran.end, ran.cpu_s)


def _count(text: str) -> int:
    ids = len(re.findall(r"^\S.*::\S", text, re.M))
    return ids or sum(int(n) for n in re.findall(r"^\S+\.\w+: (\d+)$", text, re.M))


def _fault(text: str) -> str:
    """Return the part of the output that says what went wrong first."""
    start = re.search(
        r"^(_{5,} ERROR|ImportError while loading conftest|INTERNALERROR|"
        r"Traceback|ERROR: |\S*pytest\S*: error: |__main__.py: error: |usage: )",
        text,
        re.M,
    )
    part = text[start.start() :] if start else text[-4000:]
    end = re.search(r"\n(_{5,} ERROR|=+ short test summary)", part[10:])
    return part[: end.start() + 10] if end else part[:6000]


def _tail(text: str, lines: int) -> str:
    return " | ".join(text.strip().splitlines()[-lines:])


def cause(fault: str) -> str:
    """Return a failure's last telling line."""
    lines = [x.strip() for x in fault.splitlines() if x.strip()]
    errors = [x.removeprefix("E ").strip() for x in lines if TELLING.search(x)]
    named = [x for x in errors if re.match(r"(\w+\.)*\w*(Error|Exception|Warning)\b", x)]
    return ((named or errors or lines or ["pytest ended without a word"])[-1])[:300]


def missing(fault: str) -> str:
    """Return the module that was not found, "" where that is not the failure."""
    found = MISSING.findall(cause(fault)) or MISSING.findall(fault)
    return found[-1] if found else ""


def guilty(fault: str) -> str:
    """Return the installed package in which a failure arose, "" where it arose elsewhere."""
    frames = [
        x
        for x in fault.splitlines()
        if re.match(r"^(?:INTERNALERROR> )?\s*(?:File \")?(?:\.\./|/)?[\w./<>-]+\.py", x)
        or 'File "' in x
    ]
    for line in reversed(frames):
        if "/work/" in line or PYTHON.search(line) or "<frozen" in line:
            if PYTHON.search(line) or "<frozen" in line:
                continue
            return ""
        match = SITE.search(line)
        if match:
            return match[1].removesuffix(".py")
        return ""
    return ""
