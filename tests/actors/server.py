"""A real HTTP server that speaks as an OpenAI-compatible endpoint does, or as badly as asked."""

import asyncio
import contextlib
import json
import threading


class Server:
    """A real HTTP server in a thread; `answer(body, number)` says what it sends.

    It returns (status, body) or (status, body, headers), or bytes to send as they are, or None
    to close the connection; an awaitable of these is awaited. `requests` keeps the first line,
    the headers and the body of each.
    """

    def __init__(self, answer):
        self.answer = answer
        self.requests = []
        self.now = self.most = 0
        self._up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def __enter__(self):
        self._thread.start()
        assert self._up.wait(30)
        return self

    def __exit__(self, *error):
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(30)
        assert not self._thread.is_alive()

    async def _serve(self):
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        writers = []

        async def connected(reader, writer):
            writers.append(writer)
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._connected(reader, writer)
            writer.transport.abort()

        server = await asyncio.start_server(connected, "127.0.0.1", 0, backlog=2048)
        self.port = server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self._up.set()
        await self._over.wait()
        server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _connected(self, reader, writer):
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *rest = head.strip().split("\r\n")
            fields = {k.lower(): v for k, v in (line.split(": ", 1) for line in rest)}
            body = json.loads(await reader.readexactly(int(fields["content-length"])))
            self.requests.append((first, fields, body))
            self.now += 1
            self.most = max(self.most, self.now)
            sent = self.answer(body, len(self.requests))
            if asyncio.iscoroutine(sent):
                sent = await sent
            self.now -= 1
            if sent is None:
                return
            writer.write(sent if isinstance(sent, bytes) else response(*sent))
            await writer.drain()


def response(status, body, headers=()):
    head = [f"HTTP/1.1 {status} X", f"content-length: {len(body)}"]
    head += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*head, "", ""]).encode() + body


def completion(content, usage=(30, 4), **more):
    choice = {"message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
    counts = {"prompt_tokens": usage[0], "completion_tokens": usage[1]}
    return json.dumps({"choices": [choice | more], "usage": counts}).encode()
