"""Worded: what wearers and confirmers wrote, sealed under their keys within a sidecar.

A sidecar concerns several people; whoever reads the artifact gets their words as they were, and
`(erased)` for those of somebody who was erased.
"""

from __future__ import annotations

from typing import Any

from banbury.cycle.source.footage import sidecar
from banbury.cycle.source.footage.sidecar import Sidecar
from banbury.store import Lab


def body(lab: Lab, found: Sidecar) -> dict[str, Any]:
    """Return a sidecar as the body of an artifact: names of files and words are sealed."""
    plain = sidecar.body(found)
    people = [view["person"] if view["episode"] else "" for view in plain["views"]]

    def seal(view: int, text: str) -> str:
        return lab.sealed(people[view], text)

    for number, view in enumerate(plain["views"]):
        view["lacking"] = seal(number, view["lacking"])
    for recording in plain["recordings"]:
        for file in recording["files"]:
            file["name"] = seal(recording["view"], file["name"])
    for trouble in plain["troubles"]:
        trouble["file"] = seal(trouble["view"], trouble["file"])
    for group in plain["groups"]:
        if told := group["confirmed"]:
            by = next((a.name for a in lab.episode(told["episode"]).actors), "")
            told["said"] = lab.sealed(by, told["said"])
    return plain
