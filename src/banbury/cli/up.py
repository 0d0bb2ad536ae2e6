"""`banbury up`: the workbench: the store, the server and a worker, until Ctrl-C."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path
from typing import Any

from banbury import store
from banbury.accounts import Accounts
from banbury.cli.terminal import Json, Place, notes, print_json
from banbury.store import House
from banbury.web.keeper import Keeper, Part, module
from banbury.web.serve import bound

PORT = 8080


def up(
    *,
    host: str = "127.0.0.1",
    port: int = PORT,
    browser: bool = True,
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Start the workbench: the store, the server, a worker; open the page. Ctrl-C ends them.

    The first start prints a link that makes the first account. Others come in by invitation.

    Args:
        host: the address to listen on; by default only this machine reaches it.
        port: to listen on; 0 takes a free one.
        browser: open the page.
        place: where the work is kept; the lab is made if there is none of its name.
        json: print where it is as JSON.
    """
    with store.open(place.store) as house:
        house.lab(place.lab)
        link = bound(host, port)
        with link:
            origin = f"http://{_name(host)}:{link.getsockname()[1]}"
            first = _first(house)
            with Keeper(_parts(place, link.fileno()), _say) as kept:
                _tell(origin, first, host, house, kept, json)
                if browser and _has_screen():
                    webbrowser.open(origin + (first or "/"))
                kept.keep()
                if not json:
                    notes.print("ending", highlight=False)


def _parts(place: Place, link: int) -> list[Part]:
    at = [] if place.store is None else [_absolute(place.store)]
    return [
        Part("server", module("banbury.cli.up_server", "{life}", str(link), *at), (link,)),
        Part("worker", module("banbury.cli.up_worker", "{life}", *at)),
    ]


def _absolute(store: str) -> str:
    """Return the store's address so that it means the same from any folder."""
    return store if "://" in store else str(Path(store).expanduser().absolute())


def _first(house: House) -> str:
    """Return the path of the link that makes the first account, "" if there is one already."""
    accounts = Accounts(house)
    try:
        return accounts.links.first().path if accounts.people.none_yet() else ""
    finally:
        accounts.close()


def _tell(origin: str, first: str, host: str, house: House, kept: Keeper, json: bool) -> None:
    link = origin + first if first else ""
    if json:
        told: dict[str, Any] = {"address": origin, "store": house.where}
        print_json({**told, "first": link, "processes": kept.processes()})
        sys.stdout.flush()
        return
    if link:
        say = f"Open this once to make the first account:\n\n    {link}\n"
    else:
        say = f"The workbench is at {origin}"
    sys.stdout.write(say + "\n")
    sys.stdout.write(f"The store is {house.where}. Ctrl-C ends the workbench.\n")
    if not _loopback(host):
        sys.stdout.write(
            f"It listens on {host}: others can reach it. Put a server with https in front of it, "
            "and set\nBANBURY_ORIGIN to the address that people type, such as "
            "https://banbury.example.org.\n"
        )
    sys.stdout.flush()


def _say(line: str) -> None:
    notes.print(f"banbury: {line}", markup=False, highlight=False)


def _loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _name(host: str) -> str:
    """Return how a browser on this machine calls it; passkeys work under a name only."""
    if host in ("0.0.0.0", "::", "localhost") or host.startswith("127."):
        return "localhost"
    return f"[{host}]" if ":" in host else host


def _has_screen() -> bool:
    """Say whether a browser could show anything here."""
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
