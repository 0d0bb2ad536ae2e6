"""One's own résumé: a file or text, read in a box, seen and removed by its owner."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar import Request, delete, get, put

from banbury.accounts.limits import Limit
from banbury.errors import InputError
from banbury.people.resumes import LARGEST, Resumes
from banbury.web.context import Asking, TheHouse
from banbury.web.guard import may

_RESUME = "/api/resume"
TRIES = Limit("you hand in files too often", 10, 30.0)


class Shown(msgspec.Struct, frozen=True):
    """The words of a résumé, "" where there is none."""

    text: str


@get(_RESUME, opt=may("see", "interviews"))
async def resume(house: TheHouse, caller: Asking) -> Shown:
    """Show one's own résumé, as it was read."""
    return Shown(await asyncio.to_thread(Resumes(house).get, caller.account))


@put(_RESUME, opt=may("work", "interviews"), request_max_body_size=1 << 40)
async def hand_in(request: Request[Any, Any, Any], house: TheHouse, caller: Asking) -> Shown:
    """Hand in a résumé, the body as it is: a PDF, a Word file or text; the one before goes."""
    TRIES.take(caller.account)
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > LARGEST:
            raise InputError(
                f"a résumé has at most {LARGEST >> 20} MB", do="hand in another file, or the text"
            )
    return Shown(await asyncio.to_thread(Resumes(house).put, caller.account, bytes(data)))


@delete(_RESUME, opt=may("work", "interviews"))
async def remove(house: TheHouse, caller: Asking) -> None:
    """Remove one's résumé."""
    await asyncio.to_thread(Resumes(house).remove, caller.account)


routes = (resume, hand_in, remove)
