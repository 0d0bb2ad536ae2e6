"""Answers that are said aloud: a recording comes in pieces, and goes on where it was cut off."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import msgspec
from litestar import Request, post
from litestar.params import FromPath, FromQuery

from banbury.errors import InputError, UnknownName
from banbury.people.interviews import Interview, Interviews
from banbury.people.interviews.transcripts import Transcripts, Written
from banbury.store import House, Lab
from banbury.store.upload import Upload
from banbury.web.context import Asking, TheHouse
from banbury.web.guard import may
from banbury.web.speech import Speech

_VOICE = "/api/interviews/{interview:str}/voice"
_WORK = may("work", "interviews")
LARGEST = 20 << 20
PIECE = 4 << 20
MOST = 60
"""Recordings of one interview: its questions, each a few times."""


class Recorded(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far a recording is.

    Attributes:
        upload: its id.
        received: bytes that are on the disk for good.
        sha256: once all of it is there.
        words: what is said in it, where a model for speech is configured.
        note: why there are no words, where one is.
    """

    upload: str
    received: int
    sha256: str = ""
    words: str = ""
    note: str = ""


@post(_VOICE, opt=_WORK, sync_to_thread=True, status_code=200)
def begin(
    request: Request[Any, Any, Any],
    house: TheHouse,
    caller: Asking,
    interview: FromPath[str],
    size: FromQuery[int],
    media: FromQuery[str],
    number: FromQuery[int],
) -> Recorded:
    """Make room for a recording, or find the one that was cut off."""
    held, lab = _held(house, interview, caller.account)
    if not 0 < size <= LARGEST or not media.startswith(("audio/", "video/")):
        raise InputError(f"a recording is sound of at most {LARGEST >> 20} MB")
    mark = f"{held.id}.{number}.{size}"
    mine = partial(lab.uploads.listed, person=held.pseudonym, task=held.task)
    if not mine(fingerprint=mark, state="open") and len(mine(limit=MOST)) >= MOST:
        raise InputError(f"an interview has at most {MOST} recordings", do="write your answer")
    made = lab.uploads.create(
        "answer",
        size,
        held.pseudonym,
        task=held.task,
        media=media.partition(";")[0],
        fingerprint=mark,
    )
    return Recorded(made.id, made.received)


@post(_VOICE + "/{upload:str}", opt=_WORK, status_code=200, request_max_body_size=PIECE)
async def piece(
    request: Request[Any, Any, Any],
    house: TheHouse,
    caller: Asking,
    interview: FromPath[str],
    upload: FromPath[str],
    offset: FromQuery[int],
) -> Recorded:
    """Append a piece; with the last one, return the recording's hash and what is said in it."""
    data = await request.body()
    speech: Speech = request.app.state.speech
    held, lab = await asyncio.to_thread(_held, house, interview, caller.account)
    there = await asyncio.to_thread(_appended, lab, held, upload, offset, data)
    if there.state != "kept":
        return Recorded(upload, there.received)
    said = await asyncio.to_thread(_words, house, lab, held, there, speech)
    return Recorded(upload, there.received, there.sha256, said.words, said.note)


def _held(house: TheHouse, id: str, account: str) -> tuple[Interview, Lab]:
    held = Interviews(house).get(id, account)
    if not held.voice or held.ended_ns is not None:
        raise InputError("nothing is recorded in this interview", where=id)
    return held, Interviews(house).lab(held)


def _appended(lab: Lab, held: Interview, id: str, offset: int, data: bytes) -> Upload:
    there = lab.uploads.get(id)
    if there.person != held.pseudonym or there.task != held.task:
        raise UnknownName("recording", id[:64], ())
    if there.state == "open" and offset == there.received:
        there = lab.uploads.append(id, offset, data)
    return lab.uploads.finish(id) if there.state == "whole" else there


def _words(house: House, lab: Lab, held: Interview, there: Upload, speech: Speech) -> Written:
    if not speech:
        return Written()

    def hear() -> str:
        return speech.words(lab.blobs.read(there.sha256), there.media)

    return Transcripts(house).written(held.account, there.sha256, hear)


routes = (begin, piece)
