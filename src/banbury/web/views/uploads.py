"""Uploads as pages and the API see them: who may begin one, and whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from banbury.accounts import Caller
from banbury.episode import Problem, Source
from banbury.errors import Forbidden, InputError, UnknownName
from banbury.store import Lab
from banbury.store.upload import Upload
from banbury.web.views.seat import person

GYMS = frozenset({"capture"})
"""Gyms whose tasks ask people for files of their own."""
BOUND = "upload_gb"
"""The setting of a campaign: gigabytes that one person may have declared and not sent yet."""
BOUND_GB = 50.0
"""Where it says nothing: five hours of 22 Mbit/s; files that have come whole count no more."""


class UploadShown(msgspec.Struct, frozen=True):
    """An upload: how far it is, and the hash of the file where it is kept.

    Attributes:
        id: of the upload.
        name: of the file.
        size: bytes of the whole.
        received: bytes that are there for good.
        state: `open`, `whole` (being hashed) or `kept`.
        task: id of the task it belongs to.
        fingerprint: by which its sender knows it again.
        sha256: of the whole, once it is kept.
        person: pseudonym of the sender.
        media: its media type, in the sender's words.
        expires_ns: when an open one is removed unless more of it comes; UTC nanoseconds.
        created_ns: when it began.
    """

    id: str
    name: str
    size: int
    received: int
    state: str
    task: str
    fingerprint: str
    sha256: str
    person: str
    media: str
    expires_ns: int
    created_ns: int


def shown(upload: Upload) -> UploadShown:
    """Return an upload as it is shown."""
    u = upload
    sha256 = u.sha256 if u.state == "kept" else ""
    times = (u.expires_ns if u.state == "open" else 0, u.created_ns)
    return UploadShown(
        *(u.id, u.name, u.size, u.received, u.state, u.task, u.fingerprint, sha256),
        *(u.person, u.media, *times),
    )


def leave(lab: Lab, caller: Caller, task: str, mine: bool) -> str:
    """Return the pseudonym under which a caller may begin an upload for a task.

    Whoever makes campaigns may for any task, or none; everybody else for a task that they hold,
    or held until their time ran out, of a campaign that asks for files.

    Raises:
        Forbidden: the caller holds no such task.
    """
    who = person(caller, lab)
    if mine and not _holds(lab, who, task):
        raise Forbidden(
            "you hold no task here that asks for files",
            where=task,
            do="take the task first, then upload from its page",
        )
    return who


def bound(lab: Lab, who: str, task: str) -> int:
    """Return the bytes that whoever holds a task may have declared and not sent; 0 for no bound."""
    names = {e.campaign for e in lab.queue.leases_of(who, task) if e.kind == "work"}
    said = [bound_gb(lab.queue.campaign(name).settings) for name in names]
    return 0 if 0.0 in said else round(1e9 * max(said, default=BOUND_GB))


def bound_gb(settings: Mapping[str, Any]) -> float:
    """Return the bound that a campaign's settings set, in GB; 0 for none."""
    said = settings.get(BOUND, BOUND_GB)
    return float(said) if _is_bound(said) else BOUND_GB


def bounded(settings: Mapping[str, Any]) -> None:
    """Refuse a bound that is none.

    Raises:
        InputError: it is no number of gigabytes.
    """
    if not _is_bound(settings.get(BOUND, BOUND_GB)):
        raise InputError(
            "this is no number of gigabytes", where=f"settings.{BOUND}", do="give one, or 0 for any"
        )


def _is_bound(said: object) -> bool:
    return isinstance(said, int | float) and not isinstance(said, bool) and 0 <= said < 1e6


def _holds(lab: Lab, who: str, task: str) -> bool:
    leases = lab.queue.leases_of(who, task)
    held = any(e.kind == "work" and e.state in ("active", "expired") for e in leases)
    return held and lab.task(task).gym in GYMS


def own_files(lab: Lab, who: str, problem: Problem) -> Problem:
    """Return a task in whose seat a person reaches its own files and those that they uploaded."""
    named = {span.blob.sha256 for span in problem.task.public.media}

    def place(sha256: str) -> Source:
        if sha256 not in named and not lab.uploads.listed(
            person=who, sha256=sha256, state="kept", limit=1
        ):
            raise Forbidden("you have not uploaded this file; upload it from your camera first")
        return lab.blobs.source(sha256)

    return msgspec.structs.replace(problem, place=place)


def one(lab: Lab, caller: Caller, id: str, mine: bool) -> Upload:
    """Return an upload.

    Raises:
        UnknownName: there is none, or it is another person's and the caller sees only their own.
    """
    upload = lab.uploads.get(id)
    if mine and upload.person != person(caller, lab):
        raise UnknownName(
            "upload", id, (), hint="It may have been removed; begin anew and send the file again"
        )
    return upload


def listed(
    lab: Lab, caller: Caller, mine: bool, task: str, fingerprint: str, own: bool = False
) -> list[UploadShown]:
    """List uploads, the newest first: one's own, or all where the caller sees all and asks so."""
    found = lab.uploads.listed(
        person=person(caller, lab) if mine or own else None,
        task=task or None,
        fingerprint=fingerprint or None,
    )
    return [shown(u) for u in found]
