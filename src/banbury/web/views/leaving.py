"""Leaving: what a program takes out of a lab is written down; what a person looks at is not.

A page that somebody reads in the workbench stays in it. What goes to a program by a token, or to
the disk of whoever asks for a file, is a copy.
"""

from __future__ import annotations

from collections.abc import Sequence

from banbury.accounts import Caller
from banbury.store import Lab
from banbury.web.views.episodes import own_name


def read_by(caller: Caller, lab: Lab, episodes: Sequence[str]) -> None:
    """Write down that a program read episodes."""
    if caller.via == "token":
        lab.deliveries.read(episodes, own_name(lab, caller))


def file_to(caller: Caller, lab: Lab, sha256: str, *, asked: bool) -> None:
    """Write down that a file that a person sent is taken as one, or by a program.

    Args:
        caller: who takes it.
        lab: where it is.
        sha256: of the file.
        asked: whether the browser was told to keep it, not to play it.
    """
    if not asked and caller.via != "token":
        return
    people = {upload.person for upload in lab.uploads.listed(sha256=sha256, limit=50)}
    if people:
        who = own_name(lab, caller)
        lab.deliveries.note("downloaded", "file", (), who=who, sha256=sha256, people=people)
