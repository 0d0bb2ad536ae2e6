import msgspec
import numpy as np
import pytest

from banbury.errors import InputError, UnknownName
from banbury.people.ability.predicting import ItemUse
from banbury.people.cases import Tellings, Told
from banbury.people.prediction.html import whole
from banbury.people.prediction.items import Items
from banbury.people.prediction.near import near
from banbury.people.prediction.report import reported
from banbury.people.prediction.simulation import simulation
from banbury.people.prediction.taken import taken

SKILL = "interview.python_repair"


def test_the_report_rests_on_the_houses_own_rows(hall):
    found = reported(hall.house)
    assert not found.simulated
    assert found.interviews >= 80
    [gold] = [p for p in found.predictions if p.skill == f"{SKILL} -> code_repair"
              and p.outcome == "gold"]  # fmt: skip
    assert gold.worked < gold.interviewed
    assert gold.observed.estimate > 0
    assert gold.observed.estimate < gold.corrected.estimate
    [gender] = [g for g in found.groups if g.skill == SKILL and g.question == "Gender"]
    assert sorted(r.group for r in gender.results) == ["man", "woman"]
    assert all(r.n >= 10 for r in gender.results)
    page = whole(found)
    assert "simulation" not in page and "code_repair" in page


def test_somebody_elses_report_has_installed_gyms_fields_and_a_simulation_whole(hall):
    found = reported(hall.house)
    assert near(hall.house, found, ()).predictions == found.predictions, "all of it is public"
    own = msgspec.structs.replace(found.predictions[0], skill=f"{SKILL} -> a_labs_own_field")
    more = msgspec.structs.replace(found, predictions=(*found.predictions, own))
    assert near(hall.house, more, ()).predictions == found.predictions
    whole_ = msgspec.structs.replace(more, simulated=True)
    assert near(hall.house, whole_, ()) is whole_


def test_groups_of_fewer_than_ten_are_not_shown(hall):
    for id in hall.people[:9]:
        Tellings(hall.house).put(id, Told(gender="another", age="50 or more"))
    found = reported(hall.house)
    by = {g.question: g for g in found.groups if g.skill == SKILL}
    assert "another" not in [r.group for r in by["Gender"].results]
    assert by["Age"].results == () and "10 people" in by["Age"].note
    assert "another" not in whole(found)


def test_people_under_suspicion_do_not_count(hall):
    before, out = taken(hall.house)
    hall.suspected(hall.people[20])
    after, more = taken(hall.house)
    assert (len(after), more) == (len(before) - 1, out + 1)
    assert hall.people[20] not in {one.account for one in after}
    assert reported(hall.house).left_out == more


def test_calibration_makes_versions_and_goes_back(hall):
    items = Items(hall.house)
    interviews, left_out = taken(hall.house)
    first = items.calibrate(hall.bank, interviews, left_out)
    assert first.version == 1 and first.items and first.left_out == left_out
    assert all(one.answers >= 30 for one in first.items.values())
    now = items.current(hall.bank)
    assert now.hash != hall.bank.hash
    assert [i.id for i in now.items] == [i.id for i in hall.bank.items]
    true = {i.id: i.difficulty for i in hall.bank.items}
    found = [(f.difficulty, true[i]) for i, f in first.items.items()]
    assert np.corrcoef(*np.array(found).T)[0, 1] > 0.8
    back = items.back(SKILL, 0)
    assert back.version == 2 and items.current(hall.bank).hash == hall.bank.hash
    assert items.back(SKILL, 1).items == first.items
    with pytest.raises(UnknownName):
        items.back(SKILL, 9)
    with pytest.raises(InputError, match="30 answers"):
        items.calibrate(hall.bank, interviews[:5])


def test_items_retire_by_the_rule_and_come_back_by_a_person(hall):
    items = Items(hall.house)
    use = simulation(people=300).uses[0]
    bad = msgspec.structs.replace(
        _use(hall.bank.items[3].id), why="It says 3% of what it should of later work."
    )
    assert items.by_rule(hall.bank, [*use.retire, bad], "code_repair") == [bad.item]
    [gone] = [r for r in items.retired(SKILL) if r.item == bad.item]
    assert gone.by_rule and "3% of what it should" in gone.reason
    now = items.current(hall.bank)
    assert [i.id for i in now.items if i.retired] == [bad.item]
    with pytest.raises(InputError):
        items.act(hall.bank, bad.item, "retire", "boss", "again")
    with pytest.raises(InputError, match="reason"):
        items.act(hall.bank, bad.item, "restore", "boss", " ")
    items.act(hall.bank, bad.item, "restore", "boss", "The answers were of one school.")
    assert items.retired(SKILL) == []
    assert items.by_rule(hall.bank, [bad], "code_repair") == [], "a person restored it"
    with pytest.raises(UnknownName):
        items.act(hall.bank, "no-such-item", "retire", "boss", "why not")


def test_most_of_a_bank_stays(hall):
    items, count = Items(hall.house), len(hall.bank.items)
    uses = [msgspec.structs.replace(_use(i.id), why="Flat.") for i in hall.bank.items[4:]]
    done = items.by_rule(hall.bank, uses, "work")
    assert len(done) <= count / 5
    for item in done:
        items.act(hall.bank, item, "restore", "boss", "test")


def test_a_simulation_says_that_it_is_one():
    found = simulation(seed=2, people=700)
    assert found.simulated and "simulation" in found.title.lower()
    assert any("drawn, not observed" in a for a in found.assumptions)
    assert found.seed == 2
    gold = found.predictions[0]
    assert gold.observed.estimate < gold.corrected.estimate
    assert "This is a simulation" in whole(found)
    again = simulation(seed=2, people=700)
    assert again.predictions == found.predictions


def _use(item):
    return ItemUse(item, 500, None, None, "")
