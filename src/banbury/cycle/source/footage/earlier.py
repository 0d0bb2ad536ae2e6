"""Footage of other scenes that was handed in earlier, to know it when it is handed in again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

import msgspec

from banbury.cycle.source.footage import sidecar
from banbury.errors import Erased
from banbury.gyms.capture.quality import Prints, Quality, copies
from banbury.store import Artifact, Lab
from banbury.store.artifacts import Header

KIND = "footage"
"""Kind of the artifact that holds a sidecar."""
MOST = 2000
"""Scenes that footage is compared with at most, the newest first."""
_PAGE = 100

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Prints | None).decode


class Earlier:
    """The footage of a lab's other scenes that was handed in before one scene's.

    Args:
        lab: the lab.
        name: of the scene's own sidecars.
        episodes: in which its footage was handed in.
    """

    def __init__(self, lab: Lab, name: str, episodes: Sequence[str]) -> None:
        self._lab, self._name = lab, name
        self._before = min(episodes)

    def marked(self, quality: Quality) -> Quality:
        """Return a recording's quality with what earlier footage shows too among its faults."""
        if quality.prints is None:
            return quality
        found = [copy for one in self for copy in copies.copies(quality.prints, one)]
        return copies.with_copies(quality, found) if found else quality

    def __iter__(self) -> Iterator[dict[str, Prints]]:
        """Yield the prints of a scene's recordings by name, one scene at a time."""
        for header in self._headers():
            made = self._lab.artifact(KIND, header.id)
            yield _prints(self._lab, made)

    def _headers(self) -> Iterator[Header]:
        """Yield the newest sidecar of each scene that was filmed earlier."""
        seen = {self._name}
        last: str | None = None
        while page := self._lab.artifact_headers(KIND, before=last, limit=_PAGE):
            for header in page:
                new = header.name not in seen
                seen.add(header.name)
                # Ids tell the time: what was handed in first is the original.
                if new and min(header.parents[:-1], default="~") < self._before:
                    yield header
                if len(seen) > MOST:
                    return
            last = page[-1].id


def _prints(lab: Lab, made: Artifact) -> dict[str, Prints]:
    """Return the prints of a scene's recordings by name, but those of who is erased."""
    told = sidecar.read(made.body)
    where = told.scene.get("action", "") or "another scene"
    out = {}
    for number in range(len(told.recordings)):
        blob = made.blobs.get(name_of_prints(number))
        with suppress(Erased):
            if blob and (found := _decode(lab.blobs.read(blob.sha256))) is not None:
                out[f"recording {number + 1} of an earlier scene ({where})"] = found
    return out


def name_of_prints(number: int) -> str:
    """Return the name of the blob beside a sidecar with the prints of one of its recordings."""
    return f"prints-{number}.json"


def packed(quality: Quality) -> bytes:
    """Return the prints of a recording as their blob holds them."""
    return _encode(quality.prints)
