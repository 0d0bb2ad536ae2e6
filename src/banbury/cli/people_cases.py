"""`banbury people look|cases`: strange records, and what is decided about them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

import msgspec
from cyclopts import Parameter

from banbury import store
from banbury.accounts import Accounts
from banbury.arena import Tally
from banbury.cli.terminal import Json, Place, bar, out, print_json, print_table
from banbury.errors import InputError, UnknownName
from banbury.people.cases import Cases, Filed
from banbury.people.cases.cases import RATE
from banbury.store import House

Words = Annotated[list[str] | None, Parameter(negative="", consume_multiple=True)]


def look(
    campaigns: Annotated[list[str] | None, Parameter(negative="", consume_multiple=True)] = None,
    /,
    *,
    rate: float = RATE,
    day: int = 0,
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Look for records that stand out beside others, and open a case for each person.

    A case is no verdict: whoever decides reads it in the workbench, and the person is heard.

    Args:
        campaigns: names; all open ones of the lab without any.
        rate: share of honest people, at most, for whom a case is opened in one look.
        day: the day for which this was asked for, so that it is asked for once.
        place: where the work is kept, and which lab.
        json: print JSON instead.
    """
    with store.open(place.store) as house:
        held = house.lab(place.lab, create=False)
        names = campaigns or [c.name for c in held.queue.campaigns() if c.state == "open"]
        cases, done = Cases(house), []
        with bar("look", quiet=json) as show:
            tally = Tally(total=len(names))
            for name in names:
                done.append(cases.look(place.lab, name, rate))
                tally.done += 1
                show(tally)
    if json:
        print_json({"looks": done, "cases": sum(len(one.found) for one in done)})
        return
    rows = [
        (one.campaign, str(one.people), str(one.looked), str(one.untold), str(len(one.found)))
        for one in done
    ]
    columns = ("campaign", "people", "looked at", "too few to compare", "cases")
    print_table(f"Looks in {place.lab}", columns, rows, right=columns[1:])
    for one in done:
        for who in one.found:
            out.print(f"a case about {who} in {one.campaign}", markup=False, highlight=False)
    if any(one.found for one in done):
        out.print("\nNext: banbury people cases", highlight=False)


def cases(
    case: str = "",
    /,
    *,
    do: Literal["", "tell", "clear", "stand"] = "",
    by: str = "",
    reason: str = "",
    pause: Words = None,
    place: Place = Place(),
    json: Json = False,
) -> None:
    """List cases, show one with its evidence, or decide it.

    Args:
        case: id, or enough of its end; all that wait without it.
        do: tell the person, who then has seven days to answer; clear them; or let it stand.
        by: e-mail of whoever decides, an operator of the house; nobody decides their own case,
            nor twice.
        reason: why; the person reads it.
        pause: with stand, the skills in which offers of work pause; nothing else follows.
        place: where the work is kept.
        json: print JSON instead.
    """
    with store.open(place.store) as house:
        held = Cases(house)
        if do and not case:
            raise InputError("a decision is about one case",
                             do="name it; without --do, those that wait are listed")  # fmt: skip
        if not case:
            _list(held.listed(), json)
            return
        found = _named(held, case)
        if do:
            with _accounts(house) as accounts:
                account = _decider(accounts, by)
            kind = "told" if do == "tell" else do
            found = held.move(found.id, kind, account, reason, pause or ())
    if json:
        print_json(_plain(found))
        return
    _show(found)


def _list(found: list[Filed], json: bool) -> None:
    if json:
        print_json({"cases": [_plain(one) for one in found]})
        return
    rows = [
        (one.id[-12:], one.lab, one.campaign, one.who, one.state,
         ", ".join(s.kind for s in one.case.suspicion.signals)) for one in found
    ]  # fmt: skip
    columns = ("case", "lab", "campaign", "who", "state", "what stands out")
    print_table("Cases that wait", columns, rows, whole=("case",))


def _show(one: Filed) -> None:
    head = f"{one.who} in {one.lab}, {one.campaign}: {one.state}"
    out.print(head, markup=False, highlight=False)
    for signal in one.case.suspicion.signals:
        line = f"  {signal.kind} (about {max(1, round(100 * signal.p))} of 100): {signal.words}"
        out.print(line, markup=False, highlight=False)
    for move in one.case.moves:
        words = f"  {move.kind}: {move.words}" if move.words else f"  {move.kind}"
        out.print(words, markup=False, highlight=False)


def _plain(one: Filed) -> dict[str, object]:
    moves = [msgspec.structs.replace(m, by="") for m in one.case.moves]
    return {
        "id": one.id, "lab": one.lab, "campaign": one.campaign, "who": one.who,
        "state": one.state, "made_ns": one.made_ns, "evidence": one.evidence, "moves": moves,
    }  # fmt: skip


def _named(held: Cases, word: str) -> Filed:
    known = [*held.listed(), *held.listed(decided=True)]
    fits = [one for one in known if one.id.endswith(word)]
    if len(fits) != 1:
        raise UnknownName("case", word, [one.id[-12:] for one in known])
    return fits[0]


@contextmanager
def _accounts(house: House) -> Iterator[Accounts]:
    accounts = Accounts(house)
    try:
        yield accounts
    finally:
        accounts.close()


def _decider(accounts: Accounts, email: str) -> str:
    if not email:
        raise InputError("a decision needs whoever decides", do="name them with --by E-MAIL")
    found = accounts.people.by_email(email)
    if found is None or found.closed or not found.operator:
        raise InputError(f"{email[:80]} is no operator of this house", do="name one with --by")
    return found.id
