"""`banbury people`: what is believed of people, who is offered which work, how they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from cyclopts import App, Parameter
from msgspec import structs

from banbury import store
from banbury.accounts import Accounts
from banbury.cli.people_bank import bank
from banbury.cli.people_cases import cases, look
from banbury.cli.people_erase import copies, erase
from banbury.cli.people_report import calibrate, items, report
from banbury.cli.terminal import Json, Place, counted, next_command, out, print_json, print_table
from banbury.errors import InputError
from banbury.people.ability.parts import within
from banbury.people.evidence import Ledger
from banbury.people.matching import Belief, Rules
from banbury.people.offers import Asked, Offers, Openings, Profile, Profiles, Standings
from banbury.people.offers.languages import named
from banbury.people.offers.openings import weights
from banbury.people.record import readable, record, zipped
from banbury.people.standing import explained
from banbury.store import House

app = App(
    name="people",
    help="Ask for people, offer work to those who fit it best, see why, see how they stand.",
    help_format="plaintext",
)
app.command(look)
app.command(cases)
app.command(report)
app.command(calibrate)
app.command(items)
app.command(bank)
app.command(erase)
app.command(copies)
Words = Annotated[list[str] | None, Parameter(negative="", consume_multiple=True)]


@app.command
def profile(
    email: str,
    /,
    *,
    languages: Words = None,
    hours: float | None = None,
    rate: float | None = None,
    most: int | None = None,
    looking: bool | None = None,
    where: str | None = None,
    zone: str | None = None,
    skill: Words = None,
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Show what a person said and what is believed of their skills, or change what is named.

    Args:
        email: of the account.
        languages: names or codes, such as English or en.
        hours: free hours a week.
        rate: what an hour has to bring at least; 0 takes what is paid.
        most: most offers at a time.
        looking: whether they want offers now.
        where: where they are, as coarsely as they like.
        zone: their time zone, such as Europe/Berlin.
        skill: skills that they state as NAME; with NAME=MEAN,VARIANCE,RESULTS, what is believed, on
            the logit scale, 0 for an average person, until evidence comes.
        place: where the work is kept.
        json: print JSON instead.
    """
    given = {
        "languages": tuple(languages) if languages else None, "hours": hours, "rate": rate,
        "most": most, "looking": looking, "place": where, "zone": zone,
    }  # fmt: skip
    changes = {name: value for name, value in given.items() if value is not None}
    beliefs = dict(_belief(word) for word in skill or () if "=" in word)
    with _opened(place) as house:
        account, profiles = _account(house, email), Profiles(house)
        before = profiles.get(account)
        if changes or (skill and before is None):
            profiles.put(account, structs.replace(before or Profile(), **changes))
        for name in (word for word in skill or () if "=" not in word):
            profiles.state(account, name)
        profiles.believe(account, beliefs)
        kept, stated = profiles.get(account), profiles.stated(account)
        known, entries = profiles.beliefs(account), Ledger(house).of(account)
    if json:
        said = {"profile": kept, "stated": stated, "beliefs": known}
        print_json({**said, "evidence": Counter(e.source for e in entries)})
        return
    _said(email, kept, [s.skill for s in stated])
    for name, belief in known.items():
        sources = Counter(e.source for e in entries if within(e.skill, name) and not e.left_out)
        told = ", ".join(f"{n} {source}" for source, n in sources.most_common())
        line = f"  {name}: {belief.mean:+.2f}, variance {belief.variance:.2f}"
        out.print(
            f"{line}, from {counted(belief.results, 'result')}", markup=False, highlight=False
        )
        if told:
            out.print(f"    {told}", markup=False, highlight=False)


@app.command
def export(
    email: str, /, *, to: Path | None = None, place: Place = Place(), json: Json = False
) -> None:
    """Write all that is kept about a person as JSON and as a page to read.

    Args:
        email: of the account.
        to: file whose suffix says what: .json, .html, or .zip with both; printed as JSON without.
        place: where the work is kept.
        json: print JSON instead.
    """
    kinds = {".json", ".html", ".zip"}
    if to is not None and to.suffix not in kinds:
        raise InputError(f"{to.name!r} is none of {', '.join(sorted(kinds))}")
    with _opened(place) as house:
        held = record(house, _account(house, email))
    if to is None:
        print_json(held)
        return
    data = msgspec.json.format(msgspec.json.encode(held), indent=2)
    if to.suffix == ".zip":
        data = zipped(held)
    elif to.suffix == ".html":
        data = readable(held).encode()
    to.write_bytes(data)
    parts = sum(bool(value) for name, value in held.items() if name != "made_ns")
    if json:
        print_json({"file": str(to), "bytes": len(data), "parts": parts})
        return
    out.print(f"{to}: {counted(parts, 'part')}, {len(data):,} bytes", markup=False, highlight=False)


@app.command
def weigh(*, place: Place = Place(), json: Json = False) -> None:
    """Bring what labs found of people's work to the house, and believe anew; `up` does so itself.

    Args:
        place: where the work is kept.
        json: print JSON instead.
    """
    with _opened(place) as house:
        rows, ledger = house.apply_outboxes(), Ledger(house)
        skills, people = ledger.take_in(), ledger.refresh()
    if json:
        print_json({"rows": rows, "skills": skills, "people": people})
        return
    out.print(
        f"{counted(rows, 'row')} from labs; "
        f"{counted(skills, 'skill of people has', 'skills of people have')} new evidence; what is "
        f"believed of {counted(people, 'person', 'people')} is reckoned anew", highlight=False,
    )  # fmt: skip


@app.command
def ask(
    campaign: str,
    /,
    *,
    skill: Annotated[list[str], Parameter(negative="", consume_multiple=True)],
    places: int = 1,
    hours: float = 5.0,
    days: float = 7.0,
    languages: Words = None,
    difficulty: float = 0.0,
    least: float = 0.0,
    rate: float = 0.0,
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Open places in a campaign for people of some skills.

    Args:
        campaign: name of the campaign.
        skill: skills that are needed, as NAME or NAME=WEIGHT.
        places: how many people.
        hours: hours of work of one place.
        days: days until it has to be done.
        languages: all of these are needed.
        difficulty: of the work, in logits.
        least: least expected quality, 0 to 1.
        rate: most that an hour may cost.
        place: where the work is kept, and which lab.
        json: print JSON instead.
    """
    needed = weights(skill)
    asked = Asked(needed, places, hours, days, tuple(languages or ()), difficulty, least, rate)
    with _opened(place) as house:
        id = Openings(house).open(place.lab, campaign, asked, by="the machine")
    if json:
        print_json({"opening": id, "asked": asked})
        return
    open_now = counted(places, "place is", "places are")
    out.print(f"{open_now} open in {campaign}", markup=False, highlight=False)
    next_command(place, "people", "match")


@app.command
def match(
    *,
    explore: float = 0.1,
    newcomers: float = 0.1,
    seed: int = 0,
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Offer all that is open, in all labs, to those who fit it best.

    Args:
        explore: share of the places that are given to find out more about people.
        newcomers: share of the places that are kept for newcomers.
        seed: of the draws.
        place: where the work is kept.
        json: print JSON instead.
    """
    with _opened(place) as house:
        done = Offers(house).match(Rules(explore=explore, newcomers=newcomers, seed=seed))
    if json:
        print_json(done)
        return
    out.print(
        f"{counted(done.offers, 'offer')} for {counted(done.places, 'free place')}, to "
        f"{counted(done.people, 'person who looks', 'people who look')} for work; "
        f"{done.newcomers} of them to newcomers", highlight=False,
    )  # fmt: skip
    out.print(f"at least {done.share:.1%} of the best possible plan", highlight=False)
    if done.ended:
        out.print(f"{counted(done.ended, 'offer')} ended, since nobody answered", highlight=False)


@app.command
def offers(email: str = "", /, *, place: Place = Place(), json: Json = False) -> None:
    """Show one person's offers with the reasons, or who was found for a lab's openings.

    Args:
        email: of the person; without it, what the lab sees.
        place: where the work is kept, and which lab.
        json: print JSON instead.
    """
    with _opened(place) as house:
        if email:
            _mine(house, email, json)
        else:
            house.lab(place.lab, create=False)
            _found(house, place.lab, json)


@app.command
def standing(
    email: str,
    skill: str = "",
    /,
    *,
    do: Literal["", "lift", "uphold"] = "",
    reason: str = "",
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Show how a person stands and why, or decide on a pause.

    Args:
        email: of the account.
        skill: which skill; all in which there was ever a pause without it.
        do: lift a pause, or uphold it after an appeal.
        reason: why; the person reads it.
        place: where the work is kept.
        json: print JSON instead.
    """
    with _opened(place) as house:
        account, standings = _account(house, email), Standings(house)
        if do:
            if not skill:
                raise InputError("a decision is about one skill", do="name it after the e-mail")
            standings.act(account, skill, do, "the machine", reason)
        names = [skill] if skill else standings.skills(account)
        found = [standings.get(account, name) for name in names]
        ways = {name: standings.way_back(account, name) for name in names}
    if json:
        print_json({"standings": found, "ways_back": ways})
        return
    for one in found:
        for line in explained(one):
            out.print(line, markup=False, highlight=False)
        way = ways[one.skill]
        if way is not None and way.n:
            told = f"Test tasks since the pause: {way.n}, mean {way.score:.0%}, {way.left} left."
            out.print(told, markup=False, highlight=False)
    if not found:
        out.print("Their work was never paused.")


def _said(email: str, said: Profile | None, stated: list[str]) -> None:
    if said is None:
        out.print(f"{email} said nothing of themselves yet.", markup=False)
        return
    names = ", ".join(named(code) for code in said.languages)
    where = f", {said.place}" if said.place else ""
    looks = "looks for work" if said.looking else "does not look for work"
    line = f"{email}: {looks}, {counted(said.hours, 'hour')} a week, {names}{where}"
    out.print(line, markup=False, highlight=False)
    if stated:
        out.print(f"  says: {', '.join(stated)}", markup=False, highlight=False)


def _mine(house: House, email: str, json: bool) -> None:
    found = Offers(house).mine(_account(house, email))
    if json:
        print_json({"offers": found})
        return
    for offer in found:
        due = datetime.fromtimestamp(offer.due_ns / 1e9, UTC).date()
        hours = counted(offer.hours, "hour")
        head = f"{offer.campaign} ({offer.lab}): {offer.state}, {hours}, due {due}"
        out.print(head, markup=False, highlight=False)
        for why in offer.reasons:
            out.print(f"  {why}", markup=False, highlight=False)
    if not found:
        out.print("Nothing was offered yet.")


def _found(house: House, lab: str, json: bool) -> None:
    openings = Openings(house)
    listed, found = openings.listed(lab), openings.found(lab)
    if json:
        print_json({"openings": listed, "found": found})
        return
    rows = [
        (o.campaign, ", ".join(sorted(o.asked.skills)), str(o.asked.places), str(o.offered),
         str(o.accepted), str(o.left))
        for o in listed
    ]  # fmt: skip
    columns = ("campaign", "skills", "places", "offered", "accepted", "free")
    print_table(f"Open in {lab}", columns, rows, right=columns[2:])
    for one in found:
        out.print(f"\n{one.who or 'somebody'}, {one.campaign}: {one.state}", markup=False)
        for why in one.told:
            out.print(f"  {why}", markup=False, highlight=False)


@contextmanager
def _opened(place: Place) -> Iterator[House]:
    with store.open(place.store) as house:
        yield house


def _account(house: House, email: str) -> str:
    accounts = Accounts(house)
    try:
        return accounts.people.named(email).id
    finally:
        accounts.close()


def _belief(word: str) -> tuple[str, Belief]:
    name, _, numbers = word.partition("=")
    try:
        mean, variance, results = numbers.split(",")
        return name, Belief(float(mean), float(variance), int(results))
    except ValueError:
        raise InputError(
            f"{word[:80]!r} is no belief", do="write NAME=MEAN,VARIANCE,RESULTS"
        ) from None
