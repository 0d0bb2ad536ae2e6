"""Find out which mutants of the library its own tests catch: writes `library/bugs.json`.

Run it as `python -m banbury.gyms.code_repair.planting` when the library or an operator changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from banbury.gyms.code_repair import mutation, rooms, testing, trees
from banbury.gyms.code_repair.planted import LIBRARY, RECIPE, Bug, library
from banbury.sandbox import Limits

_LIMITS = Limits(cpu_s=1, wall_s=60)
"""A mutant that loops for ever is no bug to plant."""


def main() -> None:
    """Write the list."""
    found = list(caught(50))
    (LIBRARY / "bugs.json").write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=0))


def caught(limit: int | None = None) -> Iterator[Bug]:
    """Yield the mutants of each module that make some of its tests fail, and nothing else.

    Args:
        limit: mutants of each module, all if None.
    """
    with TemporaryDirectory() as aside:
        base = Path(aside) / "tree"
        trees.unpack(trees.archived({p: t.encode() for p, t in library().items()}), base)
        for path, text in library().items():
            if path.startswith("satchel/"):
                for one in mutation.mutants(text, limit=limit):
                    if fails := _fails(base, path, one.source):
                        yield Bug(path, one.operator, *one.place, one.now, fails)


def _fails(base: Path, path: str, source: str) -> tuple[str, ...]:
    with rooms.box(base, RECIPE) as box:
        box.write(f"/work/{path}", source.encode())
        tested = testing.run(box, RECIPE, limits=_LIMITS)
    if tested.trouble or any(o not in ("passed", "failed") for o in tested.outcomes.values()):
        return ()
    return tuple(sorted(id for id, o in tested.outcomes.items() if o == "failed"))


if __name__ == "__main__":
    main()
