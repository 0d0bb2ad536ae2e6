"""Judges the project in /work from within its container, and writes the reward.

Exported with each task, together with `banbury_inside` and `ids.py`; the standard library is all
that it needs. It puts the task's own tests back, runs them under a plugin that tells how each came
out, and counts: 1 if every test of both lists passes, else half the share of fail-to-pass tests
that pass, less what was broken.
"""

from __future__ import annotations

import importlib
import json
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
WORK = Path("/work")
_START = "import sys; sys.path.insert(0, {0!r}); from banbury_inside.watcher import main; main()"
_WORST = {
    o: n for n, o in enumerate(("passed", "xfailed", "skipped", "missing", "failed", "error"))
}


def main() -> None:
    """Judge, and write reward.json and reward.txt into the folder that is named."""
    logs = Path(sys.argv[1])
    plan = json.loads((HERE / "plan.json").read_text(encoding="utf-8"))
    restore(plan["tests"])
    outcomes = tested(plan)
    fixed = _share(plan["fail_to_pass"], outcomes)
    kept = _share(plan["pass_to_pass"], outcomes)
    whole = fixed == kept == 1.0
    reward = 1.0 if whole else 0.5 * fixed * max(0.0, 1.0 - 10.0 * (1.0 - kept))
    logs.mkdir(parents=True, exist_ok=True)
    said = {"reward": reward, "fail_to_pass": fixed, "pass_to_pass": kept}
    (logs / "reward.json").write_text(json.dumps(said), encoding="utf-8")
    (logs / "reward.txt").write_text(f"{reward}\n", encoding="utf-8")
    (logs / "outcomes.json").write_text(json.dumps(outcomes, indent=1), encoding="utf-8")


def restore(tests: dict[str, bool]) -> None:
    """Put the task's own test files back; those marked False are removed."""
    for name, there in tests.items():
        place = WORK / name
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)
        if there:
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(HERE / "files" / name, place, follow_symlinks=False)


def tested(plan: dict[str, Any]) -> dict[str, str]:
    """Run the tests and return how each came out, by steady id."""
    nonce = secrets.token_hex(16)
    request = {**plan["request"], "nonce": nonce}
    start = [request["argv"][0], "-I", "-c", _START.format(str(HERE))]
    ran = subprocess.run(
        start, input=json.dumps(request).encode(), stdout=subprocess.PIPE, env=request["env"],
        cwd=WORK, check=False,
    )  # fmt: skip
    sys.path.insert(0, str(HERE))
    steady = importlib.import_module("ids").steady  # lies beside this file in the folder

    outcomes: dict[str, str] = {}
    for line in ran.stdout.split(b"\n"):
        code, _, body = line.partition(b" ")
        if code == nonce.encode():
            kind, *rest = json.loads(body)
            if kind == "test" or (kind == "uncollected" and rest[0]):
                id = steady(rest[0], time.time())
                now = rest[1] if kind == "test" else "error"
                if _WORST[now] >= _WORST[outcomes.get(id, "passed")]:
                    outcomes[id] = now
            elif kind == "printed":
                sys.stdout.write(rest[0])
    return outcomes


def _share(names: list[str], outcomes: dict[str, str]) -> float:
    held = sum(outcomes.get(name) == "passed" for name in names)
    return 1.0 if held == len(names) else held / len(names)


if __name__ == "__main__":
    main()
