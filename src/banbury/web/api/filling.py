"""Files into a campaign and out of it."""

from __future__ import annotations

import asyncio
import tempfile
from typing import Any, BinaryIO, Literal

from litestar import Request, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Stream

from banbury.cycle.source.importing.looking import Look
from banbury.store import Lab
from banbury.store.jobs import Job
from banbury.store.room import Disk
from banbury.web.context import Asking, TheLab
from banbury.web.guard import may
from banbury.web.sending import attached, chunks
from banbury.web.views import filling as view
from banbury.web.views.episodes import own_name

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
    blob = await _received(request, lab)
    asked = view.Fill(blob, file, skip_broken, known_as, licence)
    return await asyncio.to_thread(view.fill, lab, caller, name, asked)


@put(_ONE + "/uploads/{file:str}", opt=may("make", "tasks"), request_max_body_size=MOST)
async def keep(
    request: Request[Any, Any, Any], lab: TheLab, name: FromPath[str], file: FromPath[str]
) -> Look:
    """Upload a file, the body as it is, and say what it would bring; `fill` takes it."""
    await asyncio.to_thread(view.takes, lab, name, file)
    blob = await _received(request, lab)
    return await asyncio.to_thread(view.looked, lab, name, blob, file)


@post(_ONE + "/look", opt=may("make", "tasks"), sync_to_thread=True, status_code=200)
def look(lab: TheLab, name: FromPath[str], data: JSONBody[view.Fill]) -> Look:
    """Say what an upload would bring, with a column chosen; nothing is taken."""
    return view.looked(lab, name, data.upload, data.file, data.column)


@post(_ONE + "/uploads/{job:str}/out", opt=may("remove", "tasks"), sync_to_thread=True)
def take_out(lab: TheLab, name: FromPath[str], job: FromPath[str]) -> view.Removed:
    """Take out the tasks that an upload brought, but those that somebody has had."""
    return view.take_out(lab, name, job)


@post(_ONE + "/fill", opt=may("make", "tasks"), sync_to_thread=True)
def fill(lab: TheLab, caller: Asking, name: FromPath[str], data: JSONBody[view.Fill]) -> Job:
    """Take a file that was uploaded before, such as without its broken rows."""
    return view.fill(lab, caller, name, data)


@post(_ONE + "/exports", opt=may("export", "campaigns"), sync_to_thread=True)
def export(lab: TheLab, caller: Asking, name: FromPath[str], data: JSONBody[view.Export]) -> Job:
    """Write tasks and accepted answers as JSON lines, Label Studio JSON or COCO, in a job."""
    return view.export(lab, caller, name, data)


@get(_ONE + "/exports/{sha256:str}", opt=may("export", "campaigns"), sync_to_thread=True)
def exported(lab: TheLab, caller: Asking, name: FromPath[str], sha256: FromPath[str]) -> Stream:
    """Download what an export wrote."""
    source, called = view.exported(lab, name, sha256)
    lab.deliveries.again(sha256, f"campaign {name}", own_name(lab, caller))
    headers = attached(called) | {"Content-Length": str(source.stat().st_size)}
    return Stream(chunks(source), media_type="application/octet-stream", headers=headers)


@post(_ONE + "/release", opt=may("make", "releases"), sync_to_thread=True)
def release(lab: TheLab, caller: Asking, name: FromPath[str], data: JSONBody[view.Release]) -> Job:
    """Check what people accepted and make a release of it, in a job."""
    return view.release(lab, caller, name, data)


@get("/api/labs/{lab_name:str}/disk", opt=may("see", "stages"), sync_to_thread=True)
def disk(lab: TheLab) -> Disk:
    """Return how many bytes the lab's files take, and the most that they may."""
    return lab.blobs.room.disk()


@get(_ONE + "/jobs", opt=may("see", "jobs"), sync_to_thread=True)
def jobs(lab: TheLab, name: FromPath[str]) -> list[view.Run]:
    """List the newest uploads, exports and releases of a campaign."""
    return view.runs(lab, name)


async def _received(request: Request[Any, Any, Any], lab: Lab) -> str:
    """Keep a request's body as a blob; return its hash."""
    room = lab.blobs.room
    left = await asyncio.to_thread(room.left)
    room.fits(int(request.headers.get("content-length", "0")), left)
    with tempfile.TemporaryFile(dir=_aside(lab)) as held:
        with room.coming() as more:
            async for part in request.stream():
                more(len(part))
                await asyncio.to_thread(held.write, part)
        held.seek(0)
        return await asyncio.to_thread(_kept, lab, held)


def _aside(lab: Lab) -> str:
    """Return a folder on the disk of the blobs, which has the room."""
    lab.blobs.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return str(lab.blobs.root)


def _kept(lab: Lab, held: BinaryIO) -> str:
    return lab.blobs.put(held).sha256


routes = (upload, keep, look, take_out, fill, export, exported, release, jobs, disk)
