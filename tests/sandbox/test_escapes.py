"""Every attempt to get out of a box fails, started by root as by an ordinary user.

Nothing is skipped: where boxes cannot be made, all of this fails and says why.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.sandbox.escapes import inside, outside
from tests.sandbox.ordinary import command, users

NAMES = [*inside.ATTEMPTS, *outside.CHECKS]


@pytest.fixture(scope="module")
def outcomes() -> Iterator[dict[str, dict[str, str]]]:
    """Start the suite as each user, side by side."""
    root = str(Path(outside.__file__).parents[3])
    words = [sys.executable, "-m", outside.__name__]
    runs = {
        user: subprocess.Popen(
            command(user, words, root),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=root,
            env=os.environ | {"PYTHONPATH": ":".join(p for p in sys.path if p)},
        )
        for user in users()
    }  # fmt: skip
    found = {}
    for user, run in runs.items():
        out, err = run.communicate()
        found[user] = json.loads(out) if run.returncode == 0 else {"": err.decode()}
    yield found


@pytest.mark.parametrize("user", users())
@pytest.mark.parametrize("name", NAMES)
def test_it_fails(outcomes: dict[str, dict[str, str]], user: str, name: str) -> None:
    assert "" not in outcomes[user], f"boxes cannot be made here: {outcomes[user]['']}"
    assert outcomes[user][name] == "held"


def test_there_are_enough() -> None:
    assert len(set(NAMES)) == len(NAMES) >= 40
