"""What an endpoint costs: 2,000 requests, 1,000 in flight, 1 % of them failing at first.

The server is a process of its own, written here: it answers after a second, and 1 % of the requests
with 429, 500 or a dropped connection. Ours is `EndpointPolicy`, asked as a gym asks it; the peer
is the `openai` client, in an environment of its own under a temporary folder, against the same
server with the same failures. CPU is the client process's own.

Run: make bench NAME=endpoint        (about a minute; fetches the peer from the package index)
"""

import asyncio
import contextlib
import json
import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
import venv
from typing import Any

from rich.console import Console
from rich.table import Table

from banbury.actors.endpoint import EndpointPolicy
from banbury.errors import ActorError
from banbury.gyms import registry
from figures import keep

REQUESTS, FLIGHT, PAUSE_S = 2_000, 1_000, 1.0
PEER_S = 150
SKILL = "reasoning.add"
ANSWER = json.dumps(
    {
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": "Answer: 4"},
            }
        ],
        "id": "c",
        "object": "chat.completion",
        "created": 0,
        "model": "m",
        "usage": {"prompt_tokens": 30, "completion_tokens": 4, "total_tokens": 34},
    }
).encode()
PEER = """
import asyncio, json, resource, sys, time
import openai
url, count, flight, text = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
async def main():
    client = openai.AsyncOpenAI(base_url=url, api_key="k", max_retries=5)
    slots = asyncio.Semaphore(flight)
    done = 0
    async def one(i):
        nonlocal done
        async with slots:
            found = await client.chat.completions.create(
                model="m", messages=[{"role": "user", "content": text}], temperature=0,
                top_p=1, max_tokens=32, seed=i)
            done += found.choices[0].message.content == "Answer: 4"
    await one(0)
    done, cpu, wall = 0, time.process_time(), time.perf_counter()
    await asyncio.gather(*map(one, range(count)), return_exceptions=True)
    print(json.dumps({"done": done, "cpu": time.process_time() - cpu,
                      "wall": time.perf_counter() - wall, "version": openai.__version__,
                      "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
asyncio.run(main())
"""


def served(line: Any) -> None:
    """Serve until the parent ends; send the port first, and the most in flight when asked."""
    asyncio.run(_serve(line))


async def _serve(line: Any) -> None:
    number = now = most = 0
    good = b"HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (
        len(ANSWER),
        ANSWER,
    )
    bad = {
        0: b"HTTP/1.1 429 X\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n",
        1: b"HTTP/1.1 500 X\r\ncontent-length: 0\r\n\r\n",
        2: b"",
    }

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal number, now, most
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
                await reader.readexactly(length)
                number, now = number + 1, now + 1
                most = max(most, now)
                kind = number // 100 % 3 if number % 100 == 50 else None
                await asyncio.sleep(PAUSE_S)
                now -= 1
                writer.write(good if kind is None else bad[kind])
                if kind == 2:
                    break
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, backlog=4_096)
    line.send(server.sockets[0].getsockname()[1])
    loop, over = asyncio.get_running_loop(), asyncio.Event()

    def heard() -> None:
        nonlocal most
        try:
            line.recv()
        except EOFError:
            loop.remove_reader(line.fileno())
            over.set()
            return
        line.send((number, most))
        most = 0

    loop.add_reader(line.fileno(), heard)
    await over.wait()


def ours(url: str, problem: Any) -> dict[str, Any]:
    """Ask all through `EndpointPolicy` and return what it took."""
    gym, _ = registry.skill(SKILL)
    policy = EndpointPolicy(url, "m", key="k", retries=5, connections=FLIGHT)
    seen = [{"role": "user", "content": problem.task.public.instruction}]

    async def main() -> dict[str, Any]:
        slots, done = asyncio.Semaphore(FLIGHT), 0

        async def one(sample: int) -> None:
            nonlocal done
            async with slots:
                reply = await policy.complete(list(seen), seed=sample, task=problem.task)
                done += reply.text == "Answer: 4"

        await one(0)
        done, cpu, wall = 0, time.process_time(), time.perf_counter()
        lost = await asyncio.gather(*map(one, range(REQUESTS)), return_exceptions=True)
        found = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
        await policy.close()
        assert all(e is None or isinstance(e, ActorError) for e in lost), lost
        return {"done": done, **found}

    assert gym
    found = asyncio.run(main())
    return {**found, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}


def peer(url: str, text: str) -> dict[str, Any] | None:
    """Ask all through the `openai` client; None where it cannot be installed or does not end."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = f"{folder}/bin/python"
        got = subprocess.run([python, "-m", "pip", "install", "-qq", "openai"], check=False)
        if got.returncode:
            return None
        command = [python, "-c", PEER, url, str(REQUESTS), str(FLIGHT), text]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=True, timeout=PEER_S
            )
        except subprocess.TimeoutExpired:
            return None
        return json.loads(done.stdout)


def main() -> int:
    """Measure, print and keep the figures."""
    ends, theirs = multiprocessing.get_context("spawn").Pipe()
    context = multiprocessing.get_context("spawn")
    server = context.Process(target=served, args=(theirs,), daemon=True)
    server.start()
    theirs.close()
    url = f"http://127.0.0.1:{ends.recv()}/v1"
    gym, _ = registry.skill(SKILL)
    problem = next(iter(gym.tasks(SKILL, seed=0)))

    def told(found: dict[str, Any]) -> dict[str, Any]:
        ends.send("tell")
        return {**found, "flight": ends.recv()[1]}

    mine = told(ours(url, problem))
    sys.stdout.write(f"ours: {mine}\n")
    sys.stdout.flush()
    other = peer(url, problem.task.public.instruction)
    other = other and told(other)
    ends.close()
    server.join(10)
    rows = figures(mine, other)
    shown = Table("figure", "value", "unit", "must", "holds", "openai")
    for row in rows:
        shown.add_row(*(str(row.get(k, "")) for k in ("name", "value", "unit", "must", "holds")),
                      str(row.get("peer", "")))  # fmt: skip
    Console().print(shown)
    keep("endpoint", rows)
    return 0 if all(row["holds"] is not False for row in rows) else 1


def figures(mine: dict[str, Any], other: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return the rows of the result; the peer's figures stand beside ours."""

    missing = f"not installed, or not done in {PEER_S} s"

    def row(name: str, value: float, unit: str, theirs: Any, must: str | None, holds: Any) -> dict:
        peers = {f"openai {other['version']}": theirs} if other else missing
        return {
            "name": name,
            "value": value,
            "unit": unit,
            "must": must,
            "holds": holds,
            "peer": peers,
        }

    def each(found: dict[str, Any]) -> float:
        return round(1_000 * found["cpu"] / REQUESTS, 3)

    def of(key: str, digits: int = 2) -> Any:
        return round(other[key], digits) if other else None

    lost = REQUESTS - mine["done"]
    return [
        row("requests lost", lost, "", REQUESTS - of("done") if other else None, "<= 0", lost == 0),
        row("CPU a request", each(mine), "ms", each(other) if other else None, None, None),
        row("wall time", round(mine["wall"], 2), "s", of("wall"), None, None),
        row("most in flight", mine["flight"], "", of("flight"), None, None),
        row("peak memory", mine["memory"] >> 10, "MB", other and other["memory"] >> 10, None, None),
    ]


if __name__ == "__main__":
    sys.exit(main())
