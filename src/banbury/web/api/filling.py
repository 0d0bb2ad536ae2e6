"""Files into a campaign and out of it."""

from __future__ import annotations

import asyncio
import tempfile
from typing import Any, BinaryIO, Literal

from litestar import Request, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import File

from banbury.store import Lab
from banbury.store.jobs import Job
from banbury.web.context import Asking, TheLab
from banbury.web.guard import may
from banbury.web.views import filling as view

_ONE = "/api/labs/{lab_name:str}/campaigns/{name:str}"
MOST = 64 << 30
"""Bytes of one upload."""


@put(_ONE + "/files/{file:str}", opt=may("make", "tasks"), request_max_body_size=MOST)
async def upload(
    request: Request[Any, Any, Any],
    lab: TheLab,
    caller: Asking,
    name: FromPath[str],
    file: FromPath[str],
    skip_broken: FromQuery[bool] = False,
    known_as: FromQuery[Literal["", "gold", "proposals"]] = "",
    licence: FromQuery[str] = "",
) -> Job:
    """Upload a file, the body as it is, and take its rows as tasks in a job.

    JSON lines, CSV, Parquet, Label Studio or COCO JSON, or a zip of a folder. It goes to the disk
    as it comes, so that its size does not matter. If a row is broken nothing is taken, unless
    `skip_broken` says to take the rest.
    """
    await asyncio.to_thread(view.takes, lab, name, file)
    with tempfile.TemporaryFile(dir=_aside(lab)) as held:
        async for part in request.stream():
            await asyncio.to_thread(held.write, part)
        held.seek(0)
        blob = await asyncio.to_thread(_kept, lab, held)
    asked = view.Fill(blob, file, skip_broken, known_as, licence)
    return await asyncio.to_thread(view.fill, lab, caller, name, asked)


@post(_ONE + "/fill", opt=may("make", "tasks"), sync_to_thread=True)
def fill(lab: TheLab, caller: Asking, name: FromPath[str], data: JSONBody[view.Fill]) -> Job:
    """Take a file that was uploaded before, such as without its broken rows."""
    return view.fill(lab, caller, name, data)


@post(_ONE + "/exports", opt=may("export", "campaigns"), sync_to_thread=True)
def export(lab: TheLab, caller: Asking, name: FromPath[str], data: JSONBody[view.Export]) -> Job:
    """Write tasks and accepted answers as JSON lines, Label Studio JSON or COCO, in a job."""
    return view.export(lab, caller, name, data)


@get(_ONE + "/exports/{sha256:str}", opt=may("export", "campaigns"), sync_to_thread=True)
def exported(lab: TheLab, name: FromPath[str], sha256: FromPath[str]) -> File:
    """Download what an export wrote."""
    path, called = view.exported(lab, name, sha256)
    return File(path, filename=called, media_type="application/octet-stream")


@post(_ONE + "/release", opt=may("make", "releases"), sync_to_thread=True)
def release(lab: TheLab, caller: Asking, name: FromPath[str], data: JSONBody[view.Release]) -> Job:
    """Check what people accepted and make a release of it, in a job."""
    return view.release(lab, caller, name, data)


@get(_ONE + "/jobs", opt=may("see", "jobs"), sync_to_thread=True)
def jobs(lab: TheLab, name: FromPath[str]) -> list[view.Run]:
    """List the newest uploads, exports and releases of a campaign."""
    return view.runs(lab, name)


def _aside(lab: Lab) -> str:
    """Return a folder on the disk of the blobs, which has the room."""
    lab.blobs.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return str(lab.blobs.root)


def _kept(lab: Lab, held: BinaryIO) -> str:
    return lab.blobs.put(held).sha256


routes = (upload, fill, export, exported, release, jobs)
