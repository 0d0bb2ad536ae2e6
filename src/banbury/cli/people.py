"""`banbury people profile|ask|match|offers|standing`: who is offered which work, and why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Literal

from cyclopts import App, Parameter

from banbury import store
from banbury.accounts import Accounts
from banbury.cli.people_cases import cases, look
from banbury.cli.people_report import calibrate, items, report
from banbury.cli.terminal import Json, Place, next_command, out, print_json, print_table
from banbury.errors import InputError, UnknownName
from banbury.people.matching import Belief, Rules
from banbury.people.offers import Asked, Offers, Openings, Profile, Profiles, Standings
from banbury.people.offers.openings import weights
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
Words = Annotated[list[str] | None, Parameter(negative="", consume_multiple=True)]


@app.command
def profile(
    email: str,
    /,
    *,
    languages: Words = None,
    hours: float = 10.0,
    rate: float = 0.0,
    most: int = 3,
    looking: bool = True,
    skill: Words = None,
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Set what a person said of themselves, and what is believed of their skills.

    Args:
        email: of the account.
        languages: codes such as en.
        hours: free hours a week.
        rate: what an hour has to bring at least; 0 takes what is paid.
        most: most offers at a time.
        looking: whether they want offers now.
        skill: beliefs as NAME=MEAN,VARIANCE,RESULTS on the logit scale, 0 for an average person.
        place: where the work is kept.
        json: print JSON instead.
    """
    said = Profile(tuple(languages or ["en"]), hours, rate, most, looking)
    beliefs = dict(_belief(word) for word in skill or ())
    with _opened(place) as house:
        account, profiles = _account(house, email), Profiles(house)
        profiles.put(account, said)
        profiles.believe(account, beliefs)
        kept, known = profiles.get(account), profiles.beliefs(account)
    if json:
        print_json({"profile": kept, "beliefs": known})
        return
    out.print(f"{email}: {hours:g} hours a week, {', '.join(said.languages)}", markup=False)
    for name, belief in known.items():
        told = f"  {name}: {belief.mean:+.2f}, variance {belief.variance:.2f}"
        out.print(f"{told}, from {belief.results} results", markup=False, highlight=False)


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
    out.print(f"{places} places are open in {campaign}", markup=False, highlight=False)
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
        f"{done.offers} offers for {done.places} free places, to {done.people} people who look for "
        f"work; {done.newcomers} of them to newcomers", highlight=False,
    )  # fmt: skip
    out.print(f"at least {done.share:.1%} of the best possible plan", highlight=False)
    if done.ended:
        out.print(f"{done.ended} offers ended, since nobody answered them", highlight=False)


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
    if json:
        print_json({"standings": found})
        return
    for one in found:
        for line in explained(one):
            out.print(line, markup=False, highlight=False)
    if not found:
        out.print("Their work was never paused.")


def _mine(house: House, email: str, json: bool) -> None:
    found = Offers(house).mine(_account(house, email))
    if json:
        print_json({"offers": found})
        return
    for offer in found:
        due = datetime.fromtimestamp(offer.due_ns / 1e9, UTC).date()
        head = f"{offer.campaign} ({offer.lab}): {offer.state}, {offer.hours:g} hours, due {due}"
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
        found = accounts.people.by_email(email)
        if found is None:
            near = [a.email for a in accounts.people.listed(email[:1], 50)]
            raise UnknownName("account", email, near)
        return found.id
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
