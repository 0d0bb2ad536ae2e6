"""Client: the workbench from Python, with an API token."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from banbury.client.lab import LabClient
from banbury.client.link import TRIES, Link


class Client:
    """The workbench's API; a context manager.

    It is used so::

        with Client("http://localhost:8080", "bby_...") as client:
            lab = client.lab("main")

    Errors are those of `banbury.errors`, with the server's words: what, where, what to do. What
    may be done twice is tried again where the server cannot be reached or is not ready; answers
    and reviews carry an id, so that twice counts once.

    Args:
        origin: where the workbench is.
        token: an API token; make one on your account's page.
        tries: how often a call is made that may be made again.
        timeout: seconds that one try may take.
        wait: called with the seconds to wait before another try.
    """

    def __init__(
        self,
        origin: str,
        token: str,
        *,
        tries: int = TRIES,
        timeout: float = 60.0,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._link = Link(origin, token, tries=tries, timeout=timeout, wait=wait)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._link.close()

    def lab(self, name: str) -> LabClient:
        """Return a lab; whether it is there shows at the first call."""
        return LabClient(self._link, name)

    def labs(self) -> Any:
        """Return the labs of which the token's owner is a member."""
        return self._link.do("labs")

    def make_lab(self, name: str) -> Any:
        """Make a lab; only the machine's operator may."""
        return self._link.do("make_lab", {"name": name})

    def inbox(self) -> Any:
        """Return what waits for the token's owner, over all labs."""
        return self._link.do("inbox")

    def leave_work(self) -> None:
        """Stop working in the lab where one is at work now, so as to begin in another."""
        self._link.do("leave_work")

    def account(self) -> Any:
        """Return whose token this is."""
        return self._link.do("account")

    def health(self) -> Any:
        """Return the server's version, if it answers."""
        return self._link.do("health")
