"""Link: one way to call the API: tokens, errors as our own, tries again where that is safe."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx
import msgspec

from banbury import errors
from banbury.client.operations import OPERATIONS, PARTS
from banbury.errors import BanburyError, InputError, StoreUnavailable, TooOften, UnknownName

TRIES = 6
LONGEST_S = 8.0
"""The longest wait before another try."""
_BLOCK = 1 << 20
_KINDS: Mapping[int, type[BanburyError]] = {
    401: errors.SignInNeeded,
    403: errors.Forbidden,
    409: errors.Sealed,
    423: errors.Occupied,
    460: errors.Garbled,
    502: errors.ActorError,
    503: StoreUnavailable,
    504: errors.DeadlineError,
    507: errors.StoreFull,
}
_AGAIN = (502, 503, 504)


class Link:
    """A connection to a workbench; a context manager.

    Args:
        origin: such as `https://banbury.example.org`.
        token: an API token, made on one's account page.
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
        head = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self.origin = origin.rstrip("/")
        self._http = httpx.Client(base_url=self.origin, headers=head, timeout=timeout)
        self._tries = tries
        self._wait = wait

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
        self._http.close()

    def do(
        self,
        operation: str,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        *,
        again: bool = False,
        **path: str,
    ) -> Any:
        """Call an operation and return its answer, decoded where it is JSON, else as bytes.

        Args:
            operation: a name of `OPERATIONS`.
            body: what is sent, as JSON.
            query: parameters of the query; None ones are left out.
            again: it may be made twice although it writes, since twice does it once.
            path: parameters of the path.

        Raises:
            BanburyError: what the server says is wrong, of the kind that it is there.
            StoreUnavailable: the server cannot be reached.
        """
        method, template = OPERATIONS[operation]
        data = b"" if body is None else msgspec.json.encode(body)
        head = {"Content-Type": "application/json"} if data else {}
        safe = again or method == "GET"
        path_ = _filled(template, path)
        return _decoded(self._tried(method, path_, safe, query, head, lambda: data))

    def put_file(self, operation: str, file: Path, query: Mapping[str, Any], /, **path: str) -> Any:
        """Send a file as it lies on the disk; raises as `do` does."""
        method, template = OPERATIONS[operation]
        head = {
            "Content-Type": "application/octet-stream",
            "Content-Length": str(file.stat().st_size),
        }
        path_ = _filled(template, path)
        return _decoded(self._tried(method, path_, True, query, head, lambda: _read(file)))

    def bare(
        self,
        operation: str,
        head: Mapping[str, str],
        body: bytes = b"",
        *,
        again: bool = True,
        **path: str,
    ) -> Mapping[str, str]:
        """Call an operation that is all headers and bytes; return the answer's headers.

        Raises:
            BanburyError: what `do` raises; where bytes begin elsewhere, `Misplaced`.
        """
        method, template = {**OPERATIONS, **PARTS}[operation]
        path_ = _filled(template, path)
        try:
            return self._tried(method, path_, again, None, head, lambda: body).headers
        except errors.Sealed as error:
            raise errors.Misplaced(error.what, where=error.where, do=error.do) from error

    def _tried(
        self,
        method: str,
        path: str,
        safe: bool,
        query: Mapping[str, Any] | None,
        head: Mapping[str, str],
        content: Callable[[], Any],
    ) -> httpx.Response:
        given = {k: v for k, v in (query or {}).items() if v is not None}
        for number in range(1, self._tries + 1):
            last = number == self._tries
            try:
                answer = self._http.request(
                    method, path, params=given, headers=head, content=content() or None
                )
            except httpx.TransportError as error:
                if last or not (safe or isinstance(error, httpx.ConnectError)):
                    raise StoreUnavailable(
                        f"the workbench cannot be reached: {error}", where=self.origin
                    ) from error
                self._wait(_pause(number))
                continue
            wrong = _wrong(answer)
            if wrong is None:
                return answer
            if last or not _passes(wrong, answer.status_code, safe):
                raise wrong
            self._wait(wrong.seconds if isinstance(wrong, TooOften) else _pause(number))
        raise AssertionError("at least one try is made")


def _filled(template: str, path: Mapping[str, str]) -> str:
    return template.format(**{k: quote(v, safe="") for k, v in path.items()})


def _read(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while block := opened.read(_BLOCK):
            yield block


def _pause(number: int) -> float:
    return min(LONGEST_S, 0.1 * 2.0**number) * random.uniform(0.5, 1.0)


def _passes(wrong: BanburyError, status: int, safe: bool) -> bool:
    """Return whether another try may bring something else, and does no harm."""
    if isinstance(wrong, TooOften):
        return wrong.seconds <= LONGEST_S
    return safe and status in _AGAIN


def _decoded(answer: httpx.Response) -> Any:
    if "json" in answer.headers.get("content-type", ""):
        return msgspec.json.decode(answer.content)
    return answer.content


def _wrong(answer: httpx.Response) -> BanburyError | None:
    """Return what the server says is wrong, as the error that it raised."""
    if answer.status_code < 300:
        return None
    try:
        said = msgspec.json.decode(answer.content, type=dict[str, Any])
    except msgspec.MsgspecError:
        said = {"what": f"the server answered {answer.status_code}"}
    what, where, do = (str(said.get(k, "")) for k in ("what", "where", "do"))
    if answer.status_code == 429:
        seconds = answer.headers.get("retry-after", "1")
        return TooOften(what, seconds=int(seconds) if seconds.isdigit() else 1)
    if answer.status_code == 404:
        return _unknown(what, where, do)
    kind = _KINDS.get(answer.status_code)
    if kind is None:
        kind = InputError if answer.status_code < 500 else BanburyError
    return kind(what, where=where, do=do)


def _unknown(what: str, where: str, do: str) -> UnknownName:
    error = UnknownName("name", "", (), where=where)
    error.what, error.do, error.args = what, do, (what,)
    return error
