"""The standing report, and the items that follow from it."""

from __future__ import annotations

import threading
from typing import Any, Literal

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from banbury import clock
from banbury.accounts import Caller
from banbury.errors import UnknownName
from banbury.people.prediction.banks import banks_of
from banbury.people.prediction.items import Items, Retired
from banbury.people.prediction.near import near
from banbury.people.prediction.report import Report, reported
from banbury.people.prediction.simulation import simulation
from banbury.store import House
from banbury.web.context import Asking, TheHouse
from banbury.web.guard import may

FRESH_NS = 600 * 10**9
SIMULATED = 3000
"""People of a page's simulation, which takes a second; the command line's has more."""


class Reports:
    """The reports of this process, each made once in ten minutes."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._made: dict[bool, tuple[int, Report]] = {}
        self._lock = threading.Lock()

    def get(self, simulate: bool) -> Report:
        """Return the report of the house's rows, or of a simulation."""
        with self._lock:
            now = clock.mono_ns()
            held = self._made.get(simulate)
            if held is None or (not simulate and now - held[0] > FRESH_NS):
                held = (now, simulation(people=SIMULATED) if simulate else reported(self._house))
                self._made[simulate] = held
            return held[1]

    def forget(self) -> None:
        """Make the next report of the house's rows anew."""
        with self._lock:
            self._made.pop(False, None)


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of an item, with a reason that is listed."""

    do: Literal["retire", "restore"]
    reason: str


def report_of(
    request: Request[Any, Any, Any], house: House, caller: Caller, simulate: bool
) -> Report:
    """Return the report that a request asks for, without what is other labs' own."""
    held: Reports = request.app.state.reports
    found = held.get(simulate)
    return found if caller.operator else near(house, found, tuple(caller.roles))


@get("/api/prediction", opt=may("see", "prediction"), sync_to_thread=True)
def prediction(
    request: Request[Any, Any, Any],
    house: TheHouse,
    caller: Asking,
    simulate: FromQuery[bool] = False,
) -> Report:
    """Show the report of the house's own rows, or of a simulation, which says that it is one."""
    return report_of(request, house, caller, simulate)


@post(
    "/api/items/{skill:str}/{item:str}",
    opt=may("change", "items"),
    sync_to_thread=True,
    status_code=200,
)
def change(
    request: Request[Any, Any, Any],
    house: TheHouse,
    caller: Asking,
    skill: FromPath[str],
    item: FromPath[str],
    data: JSONBody[Change],
) -> list[Retired]:
    """Retire an item of an interview, or ask it again; list those that are retired."""
    known = banks_of(house)
    if skill not in known:
        raise UnknownName("skill", skill[:60], known)
    Items(house).act(known[skill], item, data.do, caller.account, data.reason)
    request.app.state.reports.forget()
    return Items(house).retired(skill)


routes = (prediction, change)
