"""Files into a campaign and out of it: uploads, exports, releases, each a job that is watched."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from banbury.accounts.caller import Caller
from banbury.cycle.source.importing import checked_licence
from banbury.cycle.source.importing.importing import REMOVAL
from banbury.cycle.source.importing.looking import Look, look
from banbury.episode import Source
from banbury.errors import InputError, UnknownName
from banbury.store import Lab
from banbury.store.jobs import Job

FILL, EXPORT, RELEASE = "campaigns fill", "campaigns export", "campaigns release"
SUFFIXES = (".jsonl", ".csv", ".tsv", ".parquet", ".arrow", ".json", ".zip")
_SHOWN = 8
_LOOKED = 50
_LOG = 4_000


class Fill(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that was uploaded, to be taken as tasks.

    Attributes:
        upload: SHA-256 of the blob.
        file: its name, which says what it is.
        skip_broken: take the rest where rows are broken; else nothing is taken.
        known_as: results that come with the rows are `gold` or `proposals`.
        licence: SPDX id of the content, or `LicenseRef-...`; not stated if "".
        column: of a table: what is labelled; found by the columns' names if "".
    """

    upload: str
    file: str
    skip_broken: bool = False
    known_as: Literal["", "gold", "proposals"] = ""
    licence: str = ""
    column: str = ""


class Export(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """In which format a campaign is written, and whether without what has no accepted answer."""

    to: Literal["jsonl", "labelstudio", "coco"] = "jsonl"
    answered: bool = False


class Release(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the release of the accepted answers is called, and the share kept for validation."""

    name: str
    validation: float = 0.05


class Removed(msgspec.Struct, frozen=True):
    """How many tasks were taken out; those that somebody has had stay."""

    removed: int


class Run(msgspec.Struct, frozen=True):
    """A job about a campaign, with the end of its log where it failed."""

    job: Job
    log: str = ""


def fill(lab: Lab, caller: Caller, name: str, asked: Fill) -> Job:
    """Take an upload as tasks, as a job.

    Raises:
        UnknownName: there is no such campaign.
        InputError: no upload of this hash is there, or nothing is known of such files,
            or the licence is no SPDX id.
    """
    takes(lab, name, asked.file)
    checked_licence(asked.licence)
    if lab.blobs.find(asked.upload) is None:
        raise InputError("there is no such upload", where=asked.upload[:80])
    return _asked(lab, caller, FILL, name, msgspec.structs.asdict(asked))


def looked(lab: Lab, name: str, upload: str, file: str, column: str = "") -> Look:
    """Return what an upload would bring, before anything is taken.

    Raises:
        UnknownName: there is no such campaign.
        InputError: there is no such upload, or it cannot be read.
    """
    takes(lab, name, file)
    if lab.blobs.find(upload) is None:
        raise InputError("there is no such upload", where=upload[:80])
    return look(lab, lab.queue.campaign(name), upload, file, column)


def take_out(lab: Lab, name: str, job: str) -> Removed:
    """Take out the tasks of a campaign that an upload brought and nobody has had.

    Raises:
        UnknownName: there is no such campaign or job.
        InputError: the job is no upload to this campaign that has ended well.
    """
    found = lab.jobs.job(job)
    before, last = (found.result.get(k) for k in ("rank_before", "rank_last"))
    ours = found.verb == FILL and found.arguments.get("campaign") == name
    if not ours or not isinstance(before, int) or not isinstance(last, int):
        raise InputError("this is no upload that brought tasks", where=f"job {job[:40]}")
    removed = lab.queue.remove(name, before, last)
    if removed:
        lab.put_artifact(REMOVAL, name, {"job": job, "tasks": removed})
    return Removed(removed)


def takes(lab: Lab, name: str, file: str) -> None:
    """Refuse a file that a campaign cannot be filled from, before it is sent.

    Raises:
        UnknownName: there is no such campaign.
        InputError: its gym makes its tasks itself, or nothing is known of such files.
    """
    campaign = lab.queue.campaign(name)
    if campaign.gym != "labelling":
        raise InputError(
            f"the gym {campaign.gym!r} makes its tasks itself", where=f"campaign {name!r}"
        )
    _known(file)


def export(lab: Lab, caller: Caller, name: str, asked: Export) -> Job:
    """Write a campaign's tasks and accepted answers into a file, as a job.

    Raises:
        UnknownName: there is no such campaign.
    """
    lab.queue.campaign(name)
    return _asked(lab, caller, EXPORT, name, msgspec.structs.asdict(asked))


def release(lab: Lab, caller: Caller, name: str, asked: Release) -> Job:
    """Make a release of the accepted answers, as a job.

    Raises:
        UnknownName: there is no such campaign.
        InputError: nothing is accepted yet, or the release has no name.
    """
    if not lab.queue.progress(name).settled:
        raise InputError("no answer is accepted yet", do="review some first")
    if not asked.name.strip():
        raise InputError("a release needs a name", where="name")
    return _asked(lab, caller, RELEASE, name, msgspec.structs.asdict(asked))


def runs(lab: Lab, name: str) -> list[Run]:
    """Return the newest jobs about a campaign, the newest first."""
    found = [
        job
        for verb in (FILL, EXPORT, RELEASE)
        for job in lab.jobs.listed(verb=verb, limit=_LOOKED)
        if job.arguments.get("campaign") == name
    ]
    shown = sorted(found, key=lambda job: job.id, reverse=True)[:_SHOWN]
    return [Run(j, lab.jobs.log(j.id).text[-_LOG:] if j.state == "failed" else "") for j in shown]


def exported(lab: Lab, name: str, sha256: str) -> tuple[Source, str]:
    """Return where an export of a campaign lies, and what it is called.

    Raises:
        UnknownName: no export of this campaign has this hash.
    """
    for job in lab.jobs.listed(verb=EXPORT, limit=1_000):
        if job.arguments.get("campaign") == name and job.result.get("sha256") == sha256:
            return lab.blobs.source(sha256), f"{name}-{job.result.get('name', 'export')}"
    raise UnknownName("export", sha256, ())


def _known(file: str) -> None:
    if "\0" in file or not file.lower().endswith(SUFFIXES):
        raise InputError(
            f"{file[-80:]!r} is no kind of file that is known here",
            do=f"give {', '.join(SUFFIXES)}; a zip stands for a folder of images, sound or text",
        )


def _asked(lab: Lab, caller: Caller, verb: str, name: str, given: dict[str, Any]) -> Job:
    said = {k: v for k, v in given.items() if v not in ("", False)}
    by = caller.pseudonyms.get(lab.name, "")
    return lab.jobs.add(verb, {"campaign": name, **said}, by=by)
