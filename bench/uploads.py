"""Uploads on localhost: MB/s, server CPU a gigabyte, memory, slow senders, and kill -9 under way.

The server is `banbury up`'s own, on the embedded store. A file goes up in parts with checksums as
`send_file` sends them, then as one body without, as other clients of tus may. Then the server is
killed with -9 at random moments while a file goes up; it must arrive exactly, and what was
acknowledged is not sent again. In the end forty senders trickle a byte a second, and others ask.

The disk and both sides' CPU share this machine, so CPU time says more than MB/s; the last rows give
what the same bytes cost one process that hashes twice and writes, without a network.

Run: make bench NAME=uploads                       (about three minutes)
     python bench/uploads.py --mb 100 --kills 1    (a smaller one, which writes no results)
"""

import argparse
import contextlib
import hashlib
import os
import random
import signal
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from banbury import store
from banbury.accounts import Accounts
from banbury.client import Client, Sent
from banbury.client.sending import PART
from figures import Row, row, tell
from workbench import LAB, up
from workbench_kill import servers

MB, KILLS, SLOW, SEED = 1000, 3, 40, 7
KEPT = (
    "import banbury.web.keeper as k, sys; k.SOUND_S = 0.5; from banbury.cli import main; "
    "main(sys.argv[1:])"
)
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


def peak_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def filled(file: Path, size: int, seed: int) -> str:
    """Write random bytes; return their SHA-256."""
    chance, digest = random.Random(seed), hashlib.sha256()
    block = bytearray(chance.randbytes(1 << 20))
    with file.open("wb") as out:
        for number in range(0, size, 1 << 20):
            block[:8] = number.to_bytes(8, "big")
            part = bytes(block[: min(1 << 20, size - number)])
            digest.update(part)
            out.write(part)
    return digest.hexdigest()


def people(home: Path) -> list[tuple[str, str]]:
    """Make the people who send; return the token and pseudonym of each."""
    with store.open(str(home)) as house:
        house.lab(LAB)
        made = Accounts(house)
        out = []
        for number in range(1 + SLOW // 8):
            id = made.people.add(f"sender{number}@bench.example", f"Sender {number}")
            made.members.join(LAB, id, "researcher")
            caller = made.sessions.caller(made.sessions.start(id, "bench"))
            token = made.tokens.make(caller, "bench", frozenset({"*:*"}), lab="", days=1)
            out.append((token.code, caller.pseudonyms[LAB]))
        made.close()
    return out


def measured(pid: int, size: int, send: Callable[[], str], wanted: str) -> dict[str, float]:
    before, peak, begun = cpu_s(pid), peak_mb(pid), time.perf_counter()
    right = send() == wanted
    seconds = time.perf_counter() - begun
    cpu = cpu_s(pid) - before
    return {
        "mb_s": size / 1e6 / seconds,
        "cpu": cpu / (size / 1e9),
        "mb": peak_mb(pid) - peak,
        "wrong": float(not right),
    }


def in_parts(address: str, token: str, file: Path) -> str:
    with Client(address, token) as client:
        return client.lab(LAB).send_file(file).sha256


def in_one(address: str, token: str, file: Path) -> str:
    head = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=address, headers=head, timeout=600.0) as client:
        size = str(file.stat().st_size)
        made = client.post(f"/api/labs/{LAB}/uploads", headers={**TUS, "Upload-Length": size})
        at = made.headers["location"]
        with file.open("rb") as body:
            blocks = iter(lambda: body.read(1 << 18), b"")
            more = {**BYTES, "Upload-Offset": "0", "Content-Length": size}
            client.patch(at, headers=more, content=blocks).raise_for_status()
        return str(client.get(at).json()["sha256"])


class Counted:
    """A client whose parts are counted, to see what is sent twice."""

    def __init__(self, address: str, token: str) -> None:
        self.client = Client(address, token, tries=60, wait=lambda s: time.sleep(min(s, 0.5)))
        self.sent = 0
        link: Any = self.client.lab(LAB)._link
        plain = link._http.request

        def request(method: str, *words: Any, **more: Any) -> httpx.Response:
            if method == "PATCH":
                self.sent += len(more["content"])
            answer: httpx.Response = plain(method, *words, **more)
            return answer

        link._http.request = request


def killed(told: dict[str, Any], token: str, file: Path, kills: int) -> tuple[Sent, int, int]:
    """Send a file while the server is killed; return it, the bytes sent, and how often."""
    counted, chance, done = Counted(told["address"], token), random.Random(SEED), [0]
    over = threading.Event()
    size = file.stat().st_size
    marks = sorted(chance.uniform(0.05, 0.95) for _ in range(kills))

    def strike(share: float) -> None:
        while done[0] < len(marks) and share >= marks[done[0]]:
            done[0] += 1
            threading.Timer(chance.uniform(0.0, 0.05), now).start()

    def now() -> None:
        for pid in servers(told["pid"]):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    with counted.client as client:
        sent = client.lab(LAB).send_file(file, report=strike)
    over.set()
    return sent, counted.sent - size, done[0]


def asked_ms(address: str, token: str, count: int = 60) -> float:
    """Return the median milliseconds of a question that needs a thread and the store."""
    head = {"Authorization": f"Bearer {token}"}
    took = []
    with httpx.Client(base_url=address, headers=head, timeout=60.0) as client:
        for _ in range(count):
            begun = time.perf_counter()
            client.get(f"/api/labs/{LAB}/campaigns").raise_for_status()
            took.append((time.perf_counter() - begun) * 1e3)
    return statistics.median(took)


@contextlib.contextmanager
def trickling(address: str, senders: list[tuple[str, str]]) -> Iterator[int]:
    """Hold bodies open that come a byte a second, eight a person; yield how many."""
    there, links, ending = urlsplit(address), [], threading.Event()
    for token, _ in senders:
        head = {"Authorization": f"Bearer {token}"}
        for _ in range(8):
            made = httpx.post(
                f"{address}/api/labs/{LAB}/uploads",
                headers={**head, **TUS, "Upload-Length": "1000"},
            )
            link = socket.create_connection((there.hostname, there.port))
            lines = {**head, **BYTES, "Host": there.netloc, "Upload-Offset": "0"}
            lines["Content-Length"] = "1000"
            said = "".join(f"{k}: {v}\r\n" for k, v in lines.items())
            link.sendall(f"PATCH {made.headers['location']} HTTP/1.1\r\n{said}\r\n".encode())
            links.append(link)

    def trickle() -> None:
        while not ending.wait(1.0):
            for link in links:
                link.sendall(b"x")

    thread = threading.Thread(target=trickle)
    thread.start()
    try:
        yield len(links)
    finally:
        ending.set()
        thread.join()
        for link in links:
            link.close()


def floor_s(file: Path, home: Path) -> float:
    """Return the CPU seconds to read, hash twice, write and fsync a file in parts."""
    before, whole = time.process_time(), hashlib.sha256()
    with file.open("rb") as source, (home / "floor").open("wb") as out:
        while part := source.read(PART):
            hashlib.sha256(part).digest()
            whole.update(part)
            out.write(part)
            out.flush()
            os.fsync(out.fileno())
    return time.process_time() - before


def figures(given: argparse.Namespace, home: Path) -> Iterator[Row]:
    size = given.mb * 10**6
    senders = people(home)
    token = senders[0][0]
    file = home / "a.bin"
    with up(home, [sys.executable, "-c", KEPT]) as told:
        at = told["address"]
        for how, send, seed in (("in parts with SHA-256", in_parts, 1), ("one body", in_one, 2)):
            wanted = filled(file, size, seed)
            [pid] = servers(told["pid"])
            got = measured(pid, size, lambda send=send: send(at, token, file), wanted)
            yield row(f"{how}: throughput", got["mb_s"], "MB/s")
            yield row(f"{how}: server CPU", got["cpu"], "s/GB")
            yield row(f"{how}: server memory, growth of its peak", got["mb"], "MB", "<= 64")
            yield row(f"{how}: files that arrived otherwise", got["wrong"], "", "== 0")
        floor = floor_s(file, home) / (size / 1e9)
        yield row("hashing twice and writing alone: CPU", floor, "s/GB")
        wanted = filled(file, size, 3)
        sent, twice, kills = killed(told, token, file, given.kills)
        yield row("killed with -9 under way", kills, "times", f"== {given.kills}", seed=SEED)
        yield row("killed: files that arrived otherwise", sent.sha256 != wanted, "", "== 0")
        yield row("killed: sent twice, a kill", twice / 1e6 / given.kills, "MB",
                  f"<= {2 * PART / 1e6}")  # fmt: skip
        alone = asked_ms(at, token)
        with trickling(at, senders[1:]) as slow:
            beside = asked_ms(at, token)
        yield row("senders of a byte a second", slow)
        yield row("a question beside them against one alone, median", beside / alone, "times",
                  "<= 1.5")  # fmt: skip
    left = list((home / "blobs").glob("*/uploads/*"))
    yield row("files left that no sender is at", len(left) - slow, "", "== 0")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--mb", type=int, default=MB)
    parser.add_argument("--kills", type=int, default=KILLS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="banbury-bench-") as home:
        rows = list(figures(given, Path(home)))
    return tell("uploads", rows, kept=(given.mb, given.kills) == (MB, KILLS))


if __name__ == "__main__":
    sys.exit(main())
