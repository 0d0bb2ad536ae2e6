"""The same one-step task under other systems, each in an environment of its own.

Each is a script that plays N tasks with an instant model and saves the results, and says what it
cost. The model answers at once and rightly, so that what is measured is the system.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from store import Row, row

CACHE = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "banbury-bench"
SCRIPTS = Path(__file__).parent
PEERS = {
    "Gymnasium 1.2.3 with JSONL": ("gymnasium==1.2.3", "gymnasium_jsonl.py"),
    "verifiers 0.1.14, results saved": ("verifiers==0.1.14", "verifiers_saved.py"),
    "Inspect 0.3.285, mockllm, log written": ("inspect_ai==0.3.285", "inspect_mockllm.py"),
}


def python(spec: str, *more: str) -> Path:
    """The interpreter of a peer's environment, with `more` beside it; made if it is not there.

    Raises:
        RuntimeError: it cannot be installed.
    """
    folder = CACHE / spec.replace("==", "-")
    inside = folder / "bin" / "python"
    if not (folder / ".ready").exists():
        print(f"installing {spec} in {folder}", file=sys.stderr)
        for command in (
            [sys.executable, "-m", "venv", str(folder)],
            [str(inside), "-m", "pip", "install", "-q", "--disable-pip-version-check", spec, *more],
        ):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise RuntimeError(f"cannot be installed: {done.stderr.strip()[-200:]}")
        (folder / ".ready").touch()
    return inside


def peers(count: int, ours_ms: float, ours_bytes: float) -> Iterator[Row]:
    """Rows of what each peer costs, and how that compares with ours."""
    for name, (spec, script) in PEERS.items():
        try:
            cost = played(python(spec), script, count)
        except RuntimeError as error:
            yield row(f"peer {name}: {error}", float("nan"), "") | {"value": None}
            continue
        ms, size = cost["cpu_s"] * 1e3 / count, cost["bytes"] / count
        unit = "CPU ms / episode"
        yield row(f"peer {name}, {count:,}", ms, unit) | {"ours": round(ours_ms / ms, 3)}
        yield row(f"peer {name}: on disk", size, "bytes / episode") | {
            "ours": round(ours_bytes / size, 3)
        }
        yield row(f"peer {name}: peak memory", cost["mb"], "MB")


def played(inside: Path, script: str, count: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [str(inside), str(SCRIPTS / script), str(count), folder],
            capture_output=True, text=True, check=False, cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": folder},
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"failed: {' '.join(done.stderr.split())[-300:]}")
        size = sum(p.stat().st_size for p in (Path(folder) / "saved").rglob("*") if p.is_file())
        return json.loads(done.stdout.splitlines()[-1]) | {"bytes": size}
