"""The worker's process: `python -m banbury.cli.up_worker LIFE [STORE]`.

LIFE is a pipe that ends with the process that keeps this one.
"""

from __future__ import annotations

import logging
import signal
import sys

from banbury import store
from banbury.errors import BanburyError
from banbury.web.jobs.worker import Worker
from banbury.web.keeper import end_with


def main(words: list[str]) -> int:
    """Work until this process is told to end; return its status."""
    life, *at = words
    logging.basicConfig(format="banbury worker: %(message)s", level=logging.INFO)
    asked: list[int] = []
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda number, _: asked.append(number))
    end_with(int(life))
    with store.open(at[0] if at else None) as house:
        Worker(house, [f"--store={a}" for a in at]).run(lambda: bool(asked))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except BanburyError as error:
        sys.stderr.write(f"banbury: {error}\n")
        sys.exit(error.exit_code)
