"""Uploads that can be interrupted and taken up again: tus 1.0.0, and lists as JSON.

See https://tus.io/protocols/resumable-upload; the extensions are creation, creation-with-upload,
expiration, checksum (sha256, sha1) and termination. A finished upload's answer to GET names the
SHA-256 of the whole, under which the lab holds the file as a blob.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, delete, get, head, patch, post, route
from litestar.enums import HttpMethod
from litestar.exceptions import ClientException, MethodNotAllowedException
from litestar.params import FromPath, FromQuery

from banbury.accounts import Caller
from banbury.store import Lab
from banbury.store.upload import LARGEST, Upload
from banbury.web import tus
from banbury.web.context import Asking, Mine, TheLab
from banbury.web.guard import may
from banbury.web.receiving import Receiver
from banbury.web.views import uploads as view

_ALL = "/api/labs/{lab_name:str}/uploads"
_ONE = _ALL + "/{upload:str}"
_CHANGE = may("change", "uploads")


@route(_ALL, http_method=HttpMethod.OPTIONS, opt=may("see", "uploads"), include_in_schema=False)
async def offer(lab: TheLab) -> Response[None]:
    """Say which version and extensions of tus there are, and how large a file may be."""
    return Response(None, status_code=204, headers=tus.OFFER)


@get(_ALL, opt=may("see", "uploads"), sync_to_thread=True)
def listed(
    lab: TheLab,
    caller: Asking,
    mine: Mine,
    task: FromQuery[str] = "",
    fingerprint: FromQuery[str] = "",
    own: FromQuery[bool] = False,
) -> list[view.UploadShown]:
    """List the newest 200 uploads: one's own, or all where the caller sees all and not `own`."""
    return view.listed(lab, caller, mine, task, fingerprint, own)


@post(_ALL, opt=may("make", "uploads"), request_max_body_size=LARGEST)
async def create(
    request: Request[Any, Any, Any], lab: TheLab, caller: Asking, mine: Mine
) -> Response[None]:
    """Begin an upload (tus: creation), and take a first part if one comes along.

    `Upload-Length` says how long the file is. `Upload-Metadata` names it: `filename`, `filetype`,
    `task` (for whom the file is), `fingerprint` (by which its sender knows it again).
    """
    tus.spoken(request)
    if "upload-defer-length" in request.headers:
        raise ClientException("say how long the file is, in Upload-Length")
    size, named, sum_ = (
        tus.number(request, "Upload-Length"),
        tus.named(request),
        tus.checksum(request),
    )
    if size > LARGEST:
        raise ClientException(f"a file has at most {LARGEST:,} bytes", status_code=413)
    upload = await asyncio.to_thread(_made, lab, caller, mine, size, named)
    where = f"/api/labs/{quote(lab.name, safe='')}/uploads/{upload.id}"
    if tus.is_bytes(request):
        upload = await _receiver(request).receive(lab, upload, 0, sum_, request.stream())
    headers = {"Location": where, **tus.standing(upload)}
    return Response(None, status_code=201, headers=headers)


@get(_ONE, opt=may("see", "uploads"))
async def read(
    request: Request[Any, Any, Any],
    lab: TheLab,
    caller: Asking,
    mine: Mine,
    upload: FromPath[str],
) -> view.UploadShown:
    """Return how far an upload is; once its `state` is `kept`, `sha256` names the file."""
    found = await asyncio.to_thread(view.one, lab, caller, upload, mine)
    if found.state == "whole":
        found = await _receiver(request).finished(lab, found)
    return view.shown(found)


@head(_ONE, opt=may("see", "uploads"))
async def ask(
    request: Request[Any, Any, Any], lab: TheLab, caller: Asking, upload: FromPath[str]
) -> Response[None]:
    """Say where an upload ends, so that its sender goes on there."""
    tus.spoken(request)
    found = await asyncio.to_thread(view.one, lab, caller, upload, True)
    await _receiver(request).free(found.id)
    found = await asyncio.to_thread(lab.uploads.get, found.id)
    headers = tus.standing(found)
    headers |= {"Upload-Length": str(found.size), "Upload-Metadata": tus.naming(found)}
    return Response(None, headers={**headers, "Cache-Control": "no-store"})


@patch(_ONE, opt=_CHANGE, request_max_body_size=LARGEST, status_code=204)
async def append(
    request: Request[Any, Any, Any], lab: TheLab, caller: Asking, upload: FromPath[str]
) -> Response[None]:
    """Append the body at `Upload-Offset`, where the upload ends.

    Before the answer comes, all of it is on the disk. With `Upload-Checksum`, nothing of a body
    is kept that does not fit it (460).
    """
    tus.spoken(request)
    if not tus.is_bytes(request):
        raise ClientException(f"the body is to be {tus.BYTES}", status_code=415)
    offset, sum_ = tus.number(request, "Upload-Offset"), tus.checksum(request)
    found = await asyncio.to_thread(view.one, lab, caller, upload, True)
    length = request.headers.get("content-length", "")
    if length.isdigit() and offset + int(length) > found.size:
        raise ClientException(
            f"this goes beyond the {found.size:,} bytes that were declared", status_code=413
        )
    after = await _receiver(request).receive(lab, found, offset, sum_, request.stream())
    return Response(None, status_code=204, headers=tus.standing(after))


@delete(_ONE, opt=may("remove", "uploads"))
async def remove(
    request: Request[Any, Any, Any],
    lab: TheLab,
    caller: Asking,
    mine: Mine,
    upload: FromPath[str],
) -> Response[None]:
    """Remove an upload and what had come of it (tus: termination)."""
    found = await asyncio.to_thread(view.one, lab, caller, upload, mine)
    await _receiver(request).free(found.id)
    await asyncio.to_thread(lab.uploads.remove, found.id)
    return Response(None, status_code=204)


@post(_ONE, opt=_CHANGE, request_max_body_size=LARGEST, include_in_schema=False)
async def overridden(
    request: Request[Any, Any, Any], lab: TheLab, caller: Asking, upload: FromPath[str]
) -> Response[None]:
    """Append, for a sender who can send no PATCH and says so in X-HTTP-Method-Override."""
    if request.headers.get("x-http-method-override", "").upper() != "PATCH":
        raise MethodNotAllowedException("X-HTTP-Method-Override may say PATCH here")
    done: Response[None] = await append.fn(request, lab, caller, upload)
    return done


def _receiver(request: Request[Any, Any, Any]) -> Receiver:
    held: Receiver = request.app.state.receiver
    return held


def _made(lab: Lab, caller: Caller, mine: bool, size: int, named: tus.Named) -> Upload:
    who = view.leave(lab, caller, named.task, mine)
    return lab.uploads.create(
        named.filename,
        size,
        who,
        task=named.task,
        media=named.filetype,
        fingerprint=named.fingerprint,
        most=view.bound(lab, who, named.task) if mine else 0,
    )


routes = (offer, listed, create, read, ask, append, remove, overridden)
