"""`banbury people bank check|add|show|remove`: items for interviews, an operator's or a lab's."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from banbury import store
from banbury.cli.terminal import Json, Place, counted, out, print_json, print_table
from banbury.errors import UnknownName
from banbury.gyms.interview.bank import Bank
from banbury.people.interviews.banks import Banks, checked
from banbury.people.interviews.exposure import CAP, exposure
from banbury.people.prediction.taken import taken

bank = App(
    name="bank",
    help="Check, add and look at banks of items for interviews.",
    help_format="plaintext",
)
Everybody = Annotated[bool, Parameter(negative="")]


@bank.command
def check(file: Path, /, *, json: Json = False) -> None:
    """Check a bank in TOML: every item has what its kind needs, and tries share none.

    Args:
        file: the bank.
        json: print JSON instead.
    """
    _told(checked(file), json, "can be used")


@bank.command
def add(
    file: Path, /, *, everybody: Everybody = False, place: Place = Place(), json: Json = False
) -> None:
    """Keep a bank: only members of the lab are asked from it, and only the lab sees its interviews.

    A bank of the same skill takes the place of the lab's own before. Whoever was interviewed is
    told as much as the bank's `tells` says.

    Args:
        file: the bank, in TOML; images, sounds and videos that it names lie beside it.
        everybody: ask everybody on this machine; for its operator.
        place: where the work is kept, and which lab's it is.
        json: print JSON instead.
    """
    with store.open(place.store) as house:
        kept = Banks(house).add(file, "" if everybody else place.lab, by="the machine")
    whose = "everybody" if everybody else f"members of {place.lab}"
    _told(kept.bank, json, f"is kept; {whose} can be interviewed")


@bank.command
def show(skill: str = "", /, *, place: Place = Place(), json: Json = False) -> None:
    """List the banks, or how often each item of one was seen.

    A share above a quarter, or answers that become right more often with time, are signs that an
    item leaked; `banbury people items SKILL ITEM --do retire` asks it no more.

    Args:
        skill: of the bank; all banks without it.
        place: where the work is kept.
        json: print JSON instead.
    """
    with store.open(place.store) as house:
        banks = Banks(house).authored()
        if skill and skill not in banks:
            raise UnknownName("skill", skill, banks)
        found, _ = taken(house)
    if skill:
        rows = exposure(banks[skill].bank, found)
        if json:
            print_json({"skill": skill, "items": rows})
            return
        seen = [(e.item, e.kind, str(e.asked), f"{e.share:.0%}", _percent(e.early),
                  _percent(e.late), "often" if e.share > CAP and e.asked >= 20 else "")
                 for e in rows]  # fmt: skip
        heads = ("item", "kind", "seen", "share", "right early", "right late", "")
        print_table(f"{banks[skill].bank.title}", heads, seen, right=heads[2:6])
        return
    counts = Counter(t.skill for t in found)
    told = [(s, h.bank.title, str(len(h.bank.items)), h.lab or "everybody",
             "added here" if h.private else "comes with Banbury", str(counts[s]))
            for s, h in sorted(banks.items())]  # fmt: skip
    if json:
        keys = ("skill", "title", "items", "for", "source", "interviews")
        print_json([dict(zip(keys, row, strict=True)) for row in told])
        return
    columns = ("skill", "title", "items", "for", "", "interviews")
    print_table("Banks", columns, told, right=("items", "interviews"))


@bank.command
def remove(
    skill: str, /, *, everybody: Everybody = False, place: Place = Place(), json: Json = False
) -> None:
    """Ask nobody from a bank any more; what was asked from it stays.

    Args:
        skill: of the bank.
        everybody: it is everybody's, not a lab's.
        place: where the work is kept, and whose it is.
        json: print JSON instead.
    """
    with store.open(place.store) as house:
        Banks(house).remove(skill, "" if everybody else place.lab)
    if json:
        print_json({"removed": skill})
        return
    out.print(f"nobody is asked from {skill} any more", markup=False, highlight=False)


def _told(found: Bank, json: bool, said: str) -> None:
    kinds = Counter(item.kind for item in found.items)
    if json:
        print_json({"skill": found.skill, "hash": found.hash, "items": len(found.items),
                    "kinds": kinds})  # fmt: skip
        return
    parts = ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items()))
    out.print(f"{found.skill} ({found.title}) {said}: {counted(len(found.items), 'item')}, {parts}",
              markup=False, highlight=False)  # fmt: skip


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"
