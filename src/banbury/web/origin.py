"""Origin: by which address the workbench is reached, and whether a request comes from its pages."""

from __future__ import annotations

import ipaddress
import os
import socket
from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.exceptions import ClientException, PermissionDeniedException

from banbury.errors import InputError

SETTING = "BANBURY_ORIGIN"
_Connection = ASGIConnection[Any, Any, Any, Any]


def configured() -> str:
    """Return the address that the environment's BANBURY_ORIGIN names, "" if it names none.

    Raises:
        InputError: it is no origin.
    """
    text = os.environ.get(SETTING, "").strip().rstrip("/")
    if not text:
        return ""
    parts = urlsplit(text)
    plain = not (parts.path or parts.query or parts.fragment or parts.username)
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain:
        raise InputError(
            f"{SETTING} is {text[:80]!r}, which is no origin",
            do="write it as https://banbury.example.org",
        )
    usual = {"http": ":80", "https": ":443"}[parts.scheme]
    return f"{parts.scheme}://{parts.netloc}".lower().removesuffix(usual)


class Origins:
    """The addresses by which this server may be reached.

    Args:
        origin: the only one besides loopback, "" for any address or name of this machine.
    """

    def __init__(self, origin: str) -> None:
        self.origin = origin
        name = socket.gethostname().lower()
        self._names = {"localhost", name, f"{name}.local", socket.getfqdn().lower()}

    def of(self, connection: _Connection) -> str:
        """Return the origin by which a request came, such as `http://localhost:8080`.

        Raises:
            ClientException: it came by a name that is not ours, as when a stranger's domain
                points to this machine.
        """
        host = connection.headers.get("host", "").lower()
        scheme = {"ws": "http", "wss": "https"}.get(
            connection.scope["scheme"], connection.scope["scheme"]
        )
        here = f"{scheme}://{host}"
        if self.origin and host == urlsplit(self.origin).netloc:
            return self.origin
        if not self._ours(host):
            raise ClientException(
                f"this server does not answer to {host[:100]!r}; its {SETTING} says where it stands"
            )
        return here

    def check(self, connection: _Connection) -> None:
        """Refuse what a page of another origin makes a browser send.

        Raises:
            PermissionDeniedException: the request says that it comes from elsewhere.
        """
        here = self.of(connection)
        came = connection.headers.get("origin")
        site = connection.headers.get("sec-fetch-site", "same-origin")
        if (came is not None and came.lower() != here) or site not in ("same-origin", "none"):
            raise PermissionDeniedException("this request comes from a page of another origin")

    def _ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        address = _address(name)
        if self.origin:
            return name == "localhost" or (address is not None and address.is_loopback)
        return address is not None or name in self._names or name.endswith(".localhost")


def origin_of(connection: _Connection) -> str:
    """Return the origin by which a request reached the running server."""
    origins: Origins = connection.app.state.origins
    return origins.of(connection)


def shown_origin(connection: _Connection) -> str:
    """Return the origin that others should use: what is configured, else how a request came."""
    origins: Origins = connection.app.state.origins
    return origins.origin or origins.of(connection)


def here_only(origin: str) -> bool:
    """Say whether an origin reaches this machine from this machine only."""
    name = urlsplit(origin).hostname or ""
    address = _address(name)
    loopback = address is not None and address.is_loopback
    return loopback or name == "localhost" or name.endswith(".localhost")


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def local(path: str) -> str:
    """Return a path of ours to go to after a log-in, `/` for anything that leads elsewhere."""
    sound = path.startswith("/") and not path.startswith("//") and path.isascii()
    if not sound or len(path) > 500 or any(c in '\\{}"<>' or ord(c) <= 32 for c in path):
        return "/"
    return path
