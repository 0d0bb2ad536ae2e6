"""One person's change, taken in at once: what was told stays, and the house's rows decide."""

import pytest
from tests.people.offers.test_offers import Town

from banbury.people.offers import Live, Profile
from banbury.people.standing import Result


@pytest.fixture
def town(house, lab):
    town = Town(house, lab, 4)
    yield town
    for opening in town.openings.listed(lab.name):
        town.openings.close(lab.name, opening.id)
    town.accounts.close()


@pytest.fixture
def live(town):
    live = Live(town.house)
    yield live
    live.close()


def refused(town, live, person):
    [offer] = town.offered(person)
    return live.changed(person, town.offers.refuse(person, offer.id))


def test_a_refusal_is_offered_to_the_next_at_once_and_nobody_is_moved(town, live):
    town.open(2)
    live.round()
    first, second, third, fourth = town.people
    before = [o.id for o in town.offered(second)]
    assert before and town.offered(first) and not town.offered(third)
    assert refused(town, live, first) == 1
    assert town.offered(third) and not town.offered(fourth)
    assert [o.id for o in town.offered(second)] == before
    assert any("may refuse" in why for why in town.offered(third)[0].reasons)
    # Until nobody is left, and nobody is asked twice.
    assert [refused(town, live, p) for p in (second, third, fourth)] == [1, 0, 0]
    assert not any(town.offered(p) for p in town.people)
    assert len(town.openings.found(town.lab.name)) == 0


def test_who_comes_later_is_offered_what_is_free(town, live):
    town.open(5)
    live.round()
    assert all(town.offered(p) for p in town.people)
    late = town.person(0.2)
    assert live.changed(late) == 1
    assert town.offered(late)
    later = town.person(0.9)
    assert live.changed(later) == 0, "no place is free"
    assert refused(town, live, late) == 1
    assert town.offered(later)


def test_accepting_and_changing_the_profile_take_nothing_from_others(town, live):
    town.open(3)
    live.round()
    first, second, third, fourth = town.people
    [offer] = town.offered(first)
    town.offers.accept(first, offer.id)
    assert live.changed(first) == 0
    town.profiles.put(second, Profile(looking=False))
    assert live.changed(second) == 0
    assert town.offered(second), "what was told stays until it is answered"
    assert town.offered(third) and not town.offered(fourth)


def test_who_was_paused_elsewhere_or_looks_no_more_is_passed_over(town, live):
    town.open(1)
    live.round()
    first, second, third, fourth = town.people
    bad = [Result(f"g{n}", "gold", 0.0, 0.8) for n in range(20)]
    assert town.standings.add(second, town.skill, bad).state == "paused"
    town.profiles.put(third, Profile(looking=False))
    assert refused(town, live, first) == 1
    assert not town.offered(second) and not town.offered(third)
    assert town.offered(fourth)


def test_a_place_that_another_process_gave_away_is_not_given_twice(town, live):
    town.open(1)
    live.round()
    first, second = town.people[:2]
    [offer] = town.offered(first)
    freed = town.offers.refuse(first, offer.id)
    town.offers.match()
    assert town.offered(second)
    assert live.changed(first, freed) == 0
    [listed] = town.openings.listed(town.lab.name)
    assert listed.offered == 1


def test_new_places_are_a_round_for_all_in_the_background(town, live):
    assert not live.ready
    town.open(1)
    assert live.changed(town.people[0]) == 0
    live.close()
    assert live.ready and town.offered(town.people[0])
    town.open(1)
    assert live.changed(town.people[1]) == 0
    live.close()
    assert town.offered(town.people[1])
