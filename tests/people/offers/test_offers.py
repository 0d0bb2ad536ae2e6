import itertools

import pytest

from banbury import clock
from banbury.accounts import Accounts
from banbury.clock import Turned
from banbury.errors import InputError, UnknownName
from banbury.people.matching import Belief, Rules
from banbury.people.offers import Asked, Offers, Openings, Profile, Profiles, Standings
from banbury.people.offers.offers import ANSWER_NS, rules_of
from banbury.people.offers.openings import Held
from banbury.people.standing import Result
from banbury.people.standing.standing import ANSWER_NS as APPEAL_NS
from banbury.store.queue import Campaign

_numbers = itertools.count()


class Town:
    """A lab with a campaign, and people of a skill that only this test knows."""

    def __init__(self, house, lab, count, skill=""):
        self.house, self.lab = house, lab
        self.skill = skill or f"skill{next(_numbers)}"
        self.accounts = Accounts(house)
        self.profiles, self.openings = Profiles(house), Openings(house)
        self.offers, self.standings = Offers(house), Standings(house)
        lab.queue.put(Campaign("work", "labelling"))
        self.people = [self.person(1.0 - n / 10) for n in range(count)]

    def person(self, mean, **profile):
        id = self.accounts.people.add(f"p{next(_numbers)}@{self.lab.name}.org", "Somebody")
        self.profiles.put(id, Profile(**profile))
        self.profiles.believe(id, {self.skill: Belief(mean, 0.2, 40)})
        return id

    def open(self, places=1, **more):
        return self.openings.open(
            self.lab.name, "work", Asked({self.skill: 1.0}, places, **more), by="boss"
        )

    def offered(self, person, state="offered"):
        return [o for o in self.offers.mine(person) if o.state == state and o.lab == self.lab.name]


@pytest.fixture
def town(house, lab):
    town = Town(house, lab, 4)
    yield town
    for opening in town.openings.listed(lab.name):
        town.openings.close(lab.name, opening.id)
    town.accounts.close()


def test_the_best_are_offered_the_places_and_one_accepts(town):
    opening = town.open(2)
    done = town.offers.match()
    assert done.offers >= 2
    first, second, third, _ = town.people
    [offer] = town.offered(first)
    assert any(town.skill in why for why in offer.reasons)
    assert any("may refuse" in why for why in offer.reasons)
    assert town.offers.accept(first, offer.id) == town.lab.name
    assert town.accounts.members.counts(town.lab.name)["expert"] == 1
    assert not town.offered(third)
    found = town.openings.found(town.lab.name)
    assert sorted(c.state for c in found) == ["accepted", "offered"]
    [taken] = [c for c in found if c.state == "accepted"]
    assert taken.who and taken.opening == opening
    assert all(not c.who for c in found if c.state == "offered")
    assert not any(first in why or "@" in why for c in found for why in c.told)
    [listed] = town.openings.listed(town.lab.name)
    assert (listed.offered, listed.accepted, listed.left) == (1, 1, 0)
    # A second round has nothing to give.
    town.offers.match()
    assert len(town.openings.found(town.lab.name)) == 2
    assert len(town.offered(second)) == 1


def test_a_lab_may_write_skills_and_languages_as_people_do(house, lab):
    town = Town(house, lab, 0)
    town.skill = f"tax_law{next(_numbers)}"
    person = town.person(1.0, languages=("Portuguese",))
    written = town.skill.replace("_", " ").capitalize()
    asked = Asked({written: 1.0}, languages=("portuguese", "pt-BR"))
    id = town.openings.open(lab.name, "work", asked)
    [listed] = town.openings.listed(lab.name)
    assert (set(listed.asked.skills), listed.asked.languages) == ({town.skill}, ("pt",))
    town.offers.match()
    [offer] = town.offered(person)
    assert "It needs Portuguese, which you speak." in offer.reasons
    town.offers.accept(person, offer.id)
    [found] = town.openings.found(lab.name)
    assert "Speaks Portuguese." in found.told
    town.openings.close(lab.name, id)
    for wrong in (Asked({town.skill: 1.0}, languages=("Deutsch",)), Asked({" ": 1.0})):
        with pytest.raises(InputError):
            town.openings.open(lab.name, "work", wrong)
    assert not town.openings.listed(lab.name)
    town.accounts.close()


def test_a_refusal_goes_to_the_next_and_harms_nothing(town):
    town.open()
    town.offers.match()
    first, second = town.people[:2]
    [offer] = town.offered(first)
    town.offers.refuse(first, offer.id)
    town.offers.match()
    assert town.offered(second)
    assert not town.offered(first)
    # The lab does not hear of it, and the next opening is the best one's again.
    assert [c.state for c in town.openings.found(town.lab.name)] == ["offered"]
    town.open()
    town.offers.match()
    assert town.offered(first)


def test_answers_come_once_and_from_whom_it_was_offered(town):
    town.open()
    town.offers.match()
    first, second = town.people[:2]
    [offer] = town.offered(first)
    with pytest.raises(UnknownName):
        town.offers.accept(second, offer.id)
    with pytest.raises(UnknownName):
        town.offers.refuse(first, "no-such-offer")
    town.offers.accept(first, offer.id)
    with pytest.raises(InputError, match="accepted"):
        town.offers.refuse(first, offer.id)


def test_an_offer_that_nobody_answers_ends_and_comes_to_others(town):
    with clock.use(Turned(clock.wall_ns())) as turned:
        town.open(days=30)
        town.offers.match()
        first, second = town.people[:2]
        [offer] = town.offered(first)
        turned.turn(ANSWER_NS / 1e9 + 1)
        assert town.offered(first, "ended")
        with pytest.raises(InputError, match="ended"):
            town.offers.accept(first, offer.id)
        town.profiles.put(first, Profile(looking=False))
        town.offers.match()
        assert town.offered(second)
        assert not town.offered(first)


def test_labs_in_conflict_share_nobody(town, house):
    other = house.lab(f"{town.lab.name}-rival")
    town.openings.conflict(other.name, town.lab.name)
    for person in town.people[:3]:
        town.accounts.members.join(other.name, person, "expert")
    town.open(4)
    town.offers.match()
    assert [bool(town.offered(p)) for p in town.people] == [False, False, False, True]


def test_paused_work_is_not_offered_and_an_appeal_ends_it(town):
    first, second = town.people[:2]
    bad = [Result(f"g{n}", "gold", 0.0, 0.8) for n in range(20)]
    paused = town.standings.add(first, town.skill, bad)
    assert paused.state == "paused"
    assert town.standings.add(first, town.skill, bad).acts == paused.acts, "twice is once"
    town.open()
    town.offers.match()
    assert town.offered(second)
    assert not town.offered(first)
    with pytest.raises(InputError, match="at most 4,000"):
        town.standings.act(first, town.skill, "appeal", first, "x" * 4001)
    with pytest.raises(UnknownName):
        town.standings.act("nobody", town.skill, "lift", first, "Why not?")
    town.standings.act(first, town.skill, "appeal", first, "The gold was wrong.")
    with clock.use(Turned(clock.wall_ns())) as turned:
        turned.turn(APPEAL_NS / 1e9 + 1)
        assert town.standings.get(first, town.skill).state == "working"
        # Only what came since counts.
        good = [Result(f"h{n}", "gold", 1.0, 0.8) for n in range(5)]
        assert town.standings.add(first, town.skill, good).state == "working"
    assert town.standings.skills(first) == [town.skill]


def test_closing_an_opening_ends_its_offers(town):
    id = town.open()
    town.offers.match()
    town.openings.close(town.lab.name, id)
    assert town.offered(town.people[0], "ended")
    with pytest.raises(UnknownName):
        town.openings.close(town.lab.name, id)


@pytest.mark.parametrize(
    "asked",
    [Asked({}), Asked({"a": 1}, places=0), Asked({"a": 1}, days=0), Asked({"a": -1})],
)
def test_what_cannot_be_asked_is_refused(town, asked):
    with pytest.raises(InputError):
        town.openings.open(town.lab.name, "work", asked)
    with pytest.raises(UnknownName):
        town.openings.open(town.lab.name, "no-such-campaign", Asked({"a": 1}))


def test_a_profile_is_checked(town):
    for wrong in (Profile(hours=-1), Profile(hours=200), Profile(most=99)):
        with pytest.raises(InputError):
            town.profiles.put(town.people[0], wrong)
    assert town.profiles.get(town.people[0]) == Profile()
    assert set(town.profiles.beliefs(town.people[0])) == {town.skill}


def test_rounds_together_explore_no_more_than_the_share(town):
    """Places that nobody known fits are not all given by draws, a tenth of the rest each time."""
    vague = [town.person(0.0, most=1) for _ in range(30)]
    for id in vague:
        town.profiles.believe(id, {town.skill: Belief(0.0, 9.0, 20)})
    for name in ("more", "most"):
        town.lab.queue.put(Campaign(name, "labelling"))
        town.openings.open(town.lab.name, name, Asked({town.skill: 1.0}, 15, least=0.8))
    with clock.use(Turned(clock.wall_ns())) as turned:
        for _ in range(7):
            town.offers.match()
            turned.turn(86_400 / 3)
        drawn = [o for id in vague for o in town.offered(id)]
    assert 1 <= len(drawn) <= 4, "of 15 places one or two"


def test_a_house_knows_who_of_those_it_offered_work_was_new(town):
    new = town.person(3.0)
    town.profiles.believe(new, {town.skill: Belief(3.0, 0.1, 0)})
    id = town.open(2)
    town.offers.match()
    assert town.offered(new)
    held = town.house.run(lambda c: Held.of(c, town.house.keyring))
    assert held.fresh[id] == 1


def test_draws_are_new_each_day_and_the_same_within_one(town):
    day = 86_400 * 10**9
    seeds = [town.house.run(lambda c, now=now: rules_of(c, Rules(), now).seed)
             for now in (5 * day, 6 * day - 1, 6 * day)]  # fmt: skip
    assert seeds == [5, 5, 6]


def test_a_lab_cannot_tell_who_refused_by_what_it_was_told_before(town):
    town.open()
    town.offers.match()
    [waiting] = town.openings.found(town.lab.name)
    assert (waiting.state, waiting.who, waiting.told) == ("offered", "", ())
    first = town.people[0]
    town.offers.accept(first, town.offered(first)[0].id)
    [taken] = town.openings.found(town.lab.name)
    assert taken.who and taken.told


def test_nothing_is_taken_that_was_closed_or_is_due(town):
    town.open(days=1, hours=1.0)
    town.offers.match()
    first = town.people[0]
    [offer] = town.offered(first)
    assert offer.until_ns == offer.due_ns
    with clock.use(Turned(clock.wall_ns())) as turned:
        turned.turn(86_400 + 1)
        with pytest.raises(InputError, match="ended"):
            town.offers.accept(first, offer.id)
        assert town.offered(first, "ended")


def test_who_works_for_a_rival_by_now_cannot_accept(town, house):
    rival = house.lab(f"{town.lab.name}-rival")
    town.openings.conflict(rival.name, town.lab.name)
    town.open()
    town.offers.match()
    first = town.people[0]
    [offer] = town.offered(first)
    town.accounts.members.join(rival.name, first, "expert")
    with pytest.raises(InputError, match="shares nobody"):
        town.offers.accept(first, offer.id)
    assert town.offered(first), "it may still be refused"
    town.offers.refuse(first, offer.id)
