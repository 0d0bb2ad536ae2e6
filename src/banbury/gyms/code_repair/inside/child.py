"""The process of the tests: takes its orders, and hands over to the runner."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from . import channel, clock


def main() -> None:
    """Run the tests as ordered and exit as the runner would."""
    order, tell = channel.opened()
    work = str(Path.cwd())
    sys.path[:] = [entry for entry in sys.path if entry not in ("", order["mount"])]
    if order["cwd_first"]:
        sys.path.insert(0, work)
    sys.argv = [order["runner"], *order["args"]]
    runner = importlib.import_module(f"{__package__}.with_{order['runner']}")
    if order["clock"]:
        clock.shift(float(order["clock"]))
    code = runner.run(order, tell, work)
    tell("done", code)
    sys.stdout.flush()
    sys.stderr.flush()
    sys.exit(code)
