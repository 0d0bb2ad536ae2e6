"""The server: uvicorn on a socket that is bound before anybody is told of it."""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Self

import uvicorn
from litestar import Litestar

from banbury.errors import SetupError
from banbury.web.heads import Bounded


def bound(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one.

    Raises:
        SetupError: the address is in use or not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    link = socket.socket(family, socket.SOCK_STREAM)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        link.bind((host, port))
    except (OSError, OverflowError) as error:
        link.close()
        raise SetupError(
            f"cannot listen on {host} port {port}: {getattr(error, 'strerror', None) or error}",
            do="choose another with --port, or stop what uses it",
        ) from None
    link.listen(1024)
    return link


def server(app: Litestar) -> uvicorn.Server:
    """Return a server for an application; run it with `run(sockets=[...])`."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="on",
        http=Bounded,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
    )
    made = uvicorn.Server(config)
    app.state.hub.ends_with(lambda: made.should_exit)
    return made


class Served:
    """An application served from a thread of this process; a context manager.

    Attributes:
        app: the application.
        origin: such as `http://127.0.0.1:8080`.
    """

    def __init__(self, app: Litestar, host: str = "127.0.0.1", port: int = 0) -> None:
        self.app = app
        self._link = bound(host, port)
        self.origin = f"http://{host}:{self._link.getsockname()[1]}"
        self._server = server(app)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._link]}, name="banbury-web"
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._link.close()
