"""Reach: which addresses may be named where somebody other than the machine's operator does it.

A member of a lab who types a model's address into a form makes this machine send a request there.
Their stages run with `BANBURY_REACH=public`: an address must then resolve to public addresses
alone, or be one that the operator lists in `BANBURY_MODELS`; a folder must be listed there, too.
The same holds for the addresses of repositories, and of their submodules.
"""

from __future__ import annotations

import errno
import os
import re
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver

from banbury.errors import InputError

REACH = "BANBURY_REACH"
"""`public` in the environment of a stage that somebody else than the operator started."""
MODELS = "BANBURY_MODELS"
"""Addresses, and folders of models, that every member may name, parted by spaces."""
_ID = re.compile(r"[A-Za-z0-9_][\w.-]*(/[A-Za-z0-9_][\w.-]*)?", re.ASCII)
_CARRIES_IPV4 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
"""Gateways that lead to an IPv4 address, private ones included (RFC 6052, RFC 8215)."""


def public_only() -> bool:
    """Say whether this process may reach public addresses and listed ones alone."""
    return os.environ.get(REACH) == "public"


def public(address: str) -> bool:
    """Say whether an IP address is one of the public internet, and leads nowhere else."""
    ip: IPv4Address | IPv6Address | None = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        if any(ip in net for net in _CARRIES_IPV4) or ip.teredo or ip.is_site_local:
            return False
        ip = ip.ipv4_mapped or ip.sixtofour or ip
    return ip is not None and ip.is_global and not ip.is_multicast


def listed(url: str) -> bool:
    """Say whether the operator lists the origin of an address."""
    return _origin(url) in [_origin(one) for one in _models() if "://" in one]


def see_address(url: str, proxy: str | None = None) -> None:
    """Let an endpoint's address pass, or not.

    What it resolves to is looked at again at each connection, see `PublicResolver`.

    Raises:
        InputError: it leads into a network that is not public, and is not listed; or it would be
            resolved by a proxy, so that nobody here knows where it leads.
    """
    if not public_only() or listed(url):
        return
    host = urlsplit(url).hostname or ""
    if proxy is not None:
        raise _refused(f"this machine reaches {host} by a proxy", url)
    if not all(map(public, _resolved(host))):
        raise _refused(f"{host} is no address of the public internet", url)


def pinned(url: str) -> tuple[str, ...]:
    """Return the IP addresses to which alone a program may connect for an address.

    Nothing where any will do: the machine's operator started this, or lists the address.

    Raises:
        InputError: it leads into a network that is not public, or nowhere.
    """
    if not public_only() or listed(url):
        return ()
    host = urlsplit(url).hostname or ""
    found = _resolved(host)
    if not found:
        raise InputError("there is no such host", where=url[:200], do="look at the address")
    if not all(map(public, found)):
        raise _refused(f"{host} is no address of the public internet", url)
    return tuple(found)


def _resolved(host: str) -> list[str]:
    """Return the IP addresses of a host, none where it has none: then there is no connection."""
    try:
        return sorted({str(row[4][0]) for row in socket.getaddrinfo(host, None)})
    except (OSError, UnicodeError):
        return []


def see_name(name: str) -> None:
    """Let the name of a model of this process pass: an id of the hub, or a folder that is listed.

    Raises:
        InputError: it is a folder that is not listed.
    """
    if public_only() and name not in _models() and not _ID.fullmatch(name):
        raise _refused("this is no id of the hub", name)


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses alone, so that a name cannot change in between."""

    def __init__(self) -> None:
        self._resolver = DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host.

        Raises:
            OSError: it has none that is public.
        """
        found = await self._resolver.resolve(host, port, family)
        good = [one for one in found if public(one["host"])]
        if not good:
            raise OSError(errno.EACCES, f"{host} is no address of the public internet")
        return good

    async def close(self) -> None:
        """Close what it holds."""
        await self._resolver.close()


def _models() -> list[str]:
    return os.environ.get(MODELS, "").split()


def _origin(url: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return "", "", None
    return parts.scheme, parts.hostname or "", port


def _refused(why: str, what: str) -> InputError:
    return InputError(
        f"this may not be named in a form: {why}",
        where=what[:200],
        do=f"ask the operator of this machine to add it to {MODELS}",
    )
