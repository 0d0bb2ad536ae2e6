"""A crowd at the workbench: people who label, play at the desk, look into the inbox, take back.

One process, one event loop, HTTP/1.1 over raw sockets, so that the crowd costs the machine that it
shares with the server as little as it can. What the server acknowledged is kept, to be looked for
in the store at the end. An answer whose acknowledgement did not arrive is sent again under the same
id, as the page's outbox does.
"""

import asyncio
import itertools
import json
import random
import resource
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from banbury.accounts.codes import csrf_of

PAUSE_S = (5.0, 20.0)
"""How long a person takes for one action."""
AHEAD, AT_HAND = 7, 4
LABELS = ("good", "bad", "unclear")
PATIENCE_S = 60.0
SOME = {"active_ms": 4000, "wall_ms": 6000, "keys": 2, "pastes": [], "blurs": 0}


class Lost(Exception):
    """The connection ended before the answer was whole."""


class Refused(Exception):
    """The server answered with an error."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"{status}: {body[:300]!r}")
        self.status = status


class Link:
    """One browser's connection, opened when it is first used and again when it was lost."""

    def __init__(self, host: str, port: int, code: str) -> None:
        self.place = (host, port)
        self.head = (
            f"Host: {host}:{port}\r\nCookie: banbury={code}\r\nOrigin: http://{host}:{port}\r\n"
            f"X-CSRF-Token: {csrf_of(code)}\r\n"
        )
        self.read: asyncio.StreamReader | None = None
        self.write: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, body: Any = None) -> bytes:
        """Return the body of the answer."""
        data = b"" if body is None else json.dumps(body).encode()
        kind = "Content-Type: application/json\r\n" if data else ""
        head = f"{method} {path} HTTP/1.1\r\n{self.head}{kind}Content-Length: {len(data)}\r\n\r\n"
        try:
            if self.write is None:
                self.read, self.write = await asyncio.open_connection(*self.place)
            self.write.write(head.encode() + data)
            status, answer = await self._answer()
        except (OSError, asyncio.IncompleteReadError) as error:
            self.close()
            raise Lost(str(error)) from None
        except asyncio.CancelledError:
            self.close()
            raise
        if status >= 300:
            raise Refused(status, answer)
        return answer

    async def _answer(self) -> tuple[int, bytes]:
        assert self.read is not None
        head = (await self.read.readuntil(b"\r\n\r\n")).lower()
        status = int(head[9:12])
        at = head.find(b"content-length:")
        length = int(head[at + 15 : head.index(b"\r\n", at)]) if at >= 0 else 0
        answer = await self.read.readexactly(length) if length else b""
        if b"connection: close" in head:
            self.close()
        return status, answer

    def close(self) -> None:
        if self.write is not None:
            self.write.close()
        self.read = self.write = None


@dataclass
class Book:
    """What happened: seconds by kind of action, errors, what was acknowledged."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    kept: list[tuple[str, str, str]] = field(default_factory=list)
    """(lease, submission, episode) of each acknowledged answer."""
    acts: dict[str, int] = field(default_factory=dict)
    """Of each lease of a live task: actions acknowledged."""
    lost: int = 0
    again: int = 0
    measuring: bool = True


class Person:
    """One of the crowd."""

    def __init__(self, link: Link, book: Book, lab: str, campaign: str, seed: int) -> None:
        self.link, self.book = link, book
        self.campaign = campaign
        self.at = f"/api/labs/{lab}/seat"
        self.lab = lab
        self.random = random.Random(seed)
        self.work: list[dict[str, Any]] = []
        self.done: list[str] = []
        self.name = f"{seed:x}"
        self.numbers = itertools.count()

    async def live(self, until: float) -> None:
        """Come in at a moment of one's own, then act every 5 to 20 s."""
        await asyncio.sleep(self.random.uniform(0.0, PAUSE_S[1]))
        while time.monotonic() < until:
            begun = time.monotonic()
            try:
                await self.act()
            except Refused as error:
                self.book.errors.append(f"{type(self).__name__} {error}")
            gone = time.monotonic() - begun
            await asyncio.sleep(max(0.0, self.random.uniform(*PAUSE_S) - gone))
        self.link.close()

    async def act(self) -> None:
        raise NotImplementedError

    async def timed(self, kind: str, method: str, path: str, body: Any = None) -> Any:
        """Ask until an answer comes, and count how long it took from the first try on."""
        begun = time.perf_counter()
        last = begun + PATIENCE_S
        wait = 0.05
        while True:
            try:
                got = await self.link.ask(method, path, body)
                break
            except Lost:
                self.book.lost += 1
            except Refused as error:
                if error.status not in (502, 503, 504):
                    raise
            if time.perf_counter() > last:
                raise Refused(0, b"no answer in a minute")
            await asyncio.sleep(wait + self.random.uniform(0.0, wait))
            wait = min(2.0, 2 * wait)
        if self.book.measuring:
            self.book.seconds[kind].append(time.perf_counter() - begun)
        return json.loads(got) if path.startswith("/api/") and got else None

    async def take(self) -> None:
        """Hold some tasks ahead, as the page does, which names those that it has."""
        have = [w["id"] for w in self.work if w.get("task")]
        got = await self.timed("next task", "POST", f"{self.at}/{self.campaign}/take",
                               {"count": AHEAD, "have": have})  # fmt: skip
        there = {w["id"]: w for w in self.work if w.get("task")}
        self.work = [there.get(w["id"], w) for w in got["work"]]


class Labeller(Person):
    """Labels texts; takes the last answer back now and then, looks into the inbox."""

    async def act(self) -> None:
        what = self.random.random()
        if what < 0.06:
            await self.timed("inbox", "GET", "/inbox")
        elif what < 0.12 and self.done:
            await self.undo()
        else:
            if not self.work:
                await self.take()
            if self.work:
                await self.answer(self.work.pop(0)["id"])
                if len(self.work) < AT_HAND:
                    await self.take()

    async def undo(self) -> None:
        lease = self.done[-1]
        try:
            await self.timed("undo", "POST", f"{self.at}/leases/{lease}/undo")
        except Refused as error:
            # The page undoes again what it does not know to be undone; reviewed ones stay.
            if error.status != 400:
                raise
            self.done.remove(lease)
            return
        await asyncio.sleep(self.random.uniform(0.5, 2.0))
        await self.answer(lease)

    async def answer(self, lease: str) -> None:
        said = {"results": {"mood": {"choices": [self.random.choice(LABELS)]}}, "do": "label"}
        submission = f"{self.name}-{next(self.numbers)}"
        body = {"submission": submission, "action": said, "evidence": SOME}
        got = await self.timed("submit", "POST", f"{self.at}/leases/{lease}/answer", body)
        self.book.kept.append((lease, submission, got["episode"]))
        self.book.again += got["how"] == "again"
        self.done = [*(d for d in self.done if d != lease), lease][-10:]


class Player(Person):
    """Plays at the desk: each action is one call, stored before it is acted on."""

    plans: dict[str, list[Any]]

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.lease = ""
        self.left: list[Any] = []
        self.number = 0

    async def act(self) -> None:
        if not self.lease:
            await self.begin()
            return
        number, action = self.number, self.left[0]
        body = {"number": number, "action": action, "evidence": SOME}
        got = await self.timed("live action", "POST", f"{self.at}/leases/{self.lease}/act", body)
        self.book.acts[self.lease] = number + 1
        self.left.pop(0)
        self.number += 1
        if got.get("over") or not self.left:
            if got.get("over") != "done":
                self.book.errors.append(f"a desk episode ended as {got}"[:300])
            self.lease = ""

    async def begin(self) -> None:
        self.work = []
        await self.take()
        if not self.work:
            return
        held = self.work[0]
        self.lease = held["id"]
        self.left = list(self.plans[held["task"]["id"]])
        opened = await self.timed(
            "open a live task", "POST", f"{self.at}/leases/{self.lease}/open", {}
        )
        self.number = opened["number"]
        self.left = self.left[self.number :]


async def crowd(people: list[Person], seconds: float) -> tuple[float, float]:
    """Let people work for a while; return wall and CPU seconds of this process."""
    until = time.monotonic() + seconds
    wall, cpu = time.monotonic(), _cpu()
    results = await asyncio.gather(*(p.live(until) for p in people), return_exceptions=True)
    for wrong in (r for r in results if isinstance(r, BaseException)):
        people[0].book.errors.append(f"{type(wrong).__name__}: {wrong}"[:300])
    return time.monotonic() - wall, _cpu() - cpu


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
