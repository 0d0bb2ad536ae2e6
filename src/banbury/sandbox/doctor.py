"""Whether boxes can be made here, and what to do where they cannot."""

from __future__ import annotations

from banbury.errors import SandboxError
from banbury.sandbox.box import Box


def available() -> str:
    """Return "" where boxes can be made, else why not and what to do, in one sentence."""
    try:
        with Box() as box:
            ran = box.run(["true"])
    except SandboxError as error:
        return str(error)
    return "" if ran.code == 0 else f"a box ran `true`, which failed: {ran.err.decode()}"
