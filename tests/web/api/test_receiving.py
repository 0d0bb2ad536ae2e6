"""Bodies that are given up at any moment: what was acknowledged is exactly what had come."""

import asyncio
import hashlib
import os
import random

from banbury.store import streams
from banbury.store.appending import Checksum
from banbury.web import receiving
from banbury.web.receiving import Receiver

DATA = os.urandom(400_000)


async def parts(data, size, after):
    """Yield a body in parts; `after` is called before each."""
    for at in range(0, len(data), size):
        after(at)
        await asyncio.sleep(0)
        yield data[at : at + size]
    yield b""


def test_a_body_that_is_given_up_at_any_moment_can_be_gone_on_with(lab, monkeypatch):
    monkeypatch.setattr(receiving, "BLOCK", 10_000)
    monkeypatch.setattr(receiving, "COMMIT", 30_000)
    chance = random.Random(5)
    receiver = Receiver()

    async def tries(upload):
        given_up = 0
        while (now := lab.uploads.get(upload.id)).state == "open":
            last = chance.randrange(now.received, now.received + 200_000)
            checksum = None
            if chance.random() < 0.3:
                checksum = Checksum("sha256", hashlib.sha256(DATA[now.received :]).digest())

            def after(at, last=last, begun=now.received):
                if begun + at >= last:
                    asyncio.current_task().cancel()

            body = parts(DATA[now.received :], 7_000, after)
            work = receiver.receive(lab, now, now.received, checksum, body)
            loop = asyncio.get_running_loop()
            task = loop.create_task(work)
            if chance.random() < 0.3:  # while a thread locks the file, or just after
                loop.call_later(chance.random() / 500, task.cancel)
            try:
                await task
            except asyncio.CancelledError:
                given_up += 1
            after_ = lab.uploads.get(upload.id).received
            if checksum and task.cancelled():  # all of it was there, and right, or nothing is kept
                assert after_ in (now.received, len(DATA))
            place = lab.blobs.root / "uploads" / upload.id
            if place.exists():
                with streams.opened(place, upload.key, lab.keyring) as held:
                    assert held.read(after_) == DATA[:after_]
            assert receiver.bodies == {}
        await receiver.finished(lab, now)
        return given_up

    given_up = 0
    for number in range(6):
        upload = lab.uploads.create("f", len(DATA), "ann", task=str(number))
        given_up += asyncio.run(tries(upload))
        kept = lab.uploads.finish(upload.id)
        assert kept.sha256 == hashlib.sha256(DATA).hexdigest()
    assert given_up > 6
    receiver.close()
