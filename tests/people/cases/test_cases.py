import msgspec
import pytest
import sqlalchemy as sa
from tests.people.cases.town import CLOSED, OPEN, Town

from banbury import clock
from banbury.clock import Turned
from banbury.errors import Erased, InputError, UnknownName
from banbury.people.cases import Cases, Devices, Tellings, Told
from banbury.people.offers import Standings
from banbury.people.signals import Move
from banbury.people.signals.case import APPEAL_NS, HEARING_NS
from banbury.people.signals.look import Signal
from banbury.store.personal import person_key
from banbury.web.views.cases import noted

RATE = 0.1


@pytest.fixture
def town(house, lab):
    town = Town(house, lab)
    yield town
    town.accounts.close()


@pytest.fixture
def accused(town):
    return next(id for id, pastes in town.people.items() if pastes)


@pytest.fixture
def opened(town, accused):
    """Return a case about whoever pasted."""
    cases = Cases(town.house)
    done = cases.look(town.lab.name, "work", RATE)
    assert town.names[accused] in done.found
    return next(c for c in cases.of_lab(town.lab.name) if c.account == accused)


@pytest.fixture
def boss(town):
    return town.accounts.people.add(f"boss@{town.lab.name}.org", "Boss")


def test_a_look_opens_a_case_with_all_of_its_evidence(town, accused, opened):
    assert opened.state == "new"
    assert opened.evidence.count == CLOSED + OPEN
    [typing] = [s for s in opened.case.suspicion.signals if s.kind == "typing"]
    assert "came without typing" in typing.words
    assert typing.value > typing.usual[5], "beyond 95 of 100 others"
    pasted = [a for a in opened.evidence.answers if a.length]
    assert len(pasted) == OPEN
    assert all(a.keys == 0 and a.usual > 0 for a in pasted)
    # Nobody's account is in what is kept, and nothing can be read without the key.
    assert accused not in str(opened.evidence)
    query = sa.text("SELECT body FROM signal_case WHERE id::text = :id")
    body = town.house.run(lambda c: c.execute(query, {"id": opened.id}).scalar_one())
    assert b"typing" not in bytes(body)


def test_a_lab_is_not_told_who_else_stands_in_the_evidence(town, accused, opened, boss):
    signals = (
        Signal("device", 0.01, "The same device was used by amber-owl-1, amber-owl-12.",
               ("amber-owl-1", "amber-owl-12")),
    )  # fmt: skip
    moves = (Move("stand", 1, boss, "Alike, as amber-owl-12 says."),)
    suspicion = msgspec.structs.replace(opened.case.suspicion, signals=signals)
    case = msgspec.structs.replace(opened.case, suspicion=suspicion, moves=moves)
    seen = noted(msgspec.structs.replace(opened, case=case))
    assert seen.words == ["The same device was used by somebody else, somebody else."]
    assert seen.reasons == "Alike, as somebody else says."


def test_the_same_look_again_opens_nothing_until_answers_have_doubled(town, opened):
    again = Cases(town.house).look(town.lab.name, "work", RATE)
    assert (again.looked, again.untold, again.found) == (0, 0, ())
    assert [c.account for c in Cases(town.house).of_lab(town.lab.name)].count(opened.account) == 1
    assert Cases(town.house).looks(town.lab.name)[0].found == ()


def test_too_few_people_tell_nothing(house, lab):
    town = Town(house, lab, honest=3)
    done = Cases(house).look(lab.name, "work")
    assert (done.looked, done.untold, done.found) == (0, 4, ())
    town.accounts.close()
    with pytest.raises(UnknownName):
        Cases(house).look(lab.name, "no-such-campaign")


def test_hearing_decision_and_appeal(town, accused, boss, opened):
    cases, standings = Cases(town.house), Standings(town.house)
    [skill] = opened.evidence.skills
    other = town.accounts.people.add(f"other@{town.lab.name}.org", "Other")
    assert cases.about(accused) == []
    with pytest.raises(InputError, match="not been heard"):
        cases.move(opened.id, "stand", boss, "Obvious.")
    cases.move(opened.id, "told", boss)
    [mine] = cases.about(accused)
    assert mine.state == "told"
    for by, kind in ((boss, "stand"), (accused, "clear"), (other, "answer")):
        with pytest.raises(InputError):
            cases.move(opened.id, kind, by, "So be it.")
    cases.move(opened.id, "answer", accused, "I write in another window.")
    with pytest.raises(UnknownName):
        cases.move(opened.id, "stand", boss, "Not explained.", ["another.skill"])
    stands = cases.move(opened.id, "stand", boss, "Not explained.", [skill])
    assert stands.state == "stands"
    assert standings.get(accused, skill).state == "paused"
    with pytest.raises(InputError, match="decided in a case, and is appealed there"):
        standings.act(accused, skill, "appeal", accused, "Please look again.")
    assert len(standings.get(accused, skill).acts) == 1
    for by in (boss, other):
        with pytest.raises(InputError):
            cases.move(opened.id, "appeal", by, "I appeal.")
    cases.move(opened.id, "appeal", accused, "Please look again.")
    with pytest.raises(InputError, match="does not decide on the appeal"):
        cases.move(opened.id, "clear", boss, "All right.")
    cleared = cases.move(opened.id, "clear", other, "The window is shown on video.")
    assert cleared.state == "cleared"
    assert standings.get(accused, skill).state == "working"
    with pytest.raises(InputError, match="once"):
        cases.move(opened.id, "appeal", accused, "Once more.")
    # What stood then is not brought again: of later answers there are none.
    assert cases.look(town.lab.name, "work", RATE).found == ()


def test_silence_lets_a_decision_fall_after_seven_days_and_appeals_end(town, accused, boss, opened):
    cases = Cases(town.house)
    with clock.use(Turned(clock.wall_ns())) as turned:
        cases.move(opened.id, "told", boss)
        turned.turn(HEARING_NS / 1e9 + 1)
        stands = cases.move(opened.id, "stand", boss, "No answer came.")
        assert Standings(town.house).skills(accused) == [], "nothing follows by itself"
        assert stands.case.appealable(clock.wall_ns())
        turned.turn(APPEAL_NS / 1e9 + 1)
        with pytest.raises(InputError, match="30 days"):
            cases.move(opened.id, "appeal", accused, "Late.")


def test_a_case_of_somebody_erased_cannot_be_read(town, accused, opened):
    town.house.keyring.destroy(person_key(accused))
    cases = Cases(town.house)
    assert accused not in [c.account for c in cases.of_lab(town.lab.name)]
    with pytest.raises(Erased):
        cases.one(opened.id)
    with pytest.raises(UnknownName):
        cases.one("no-such-case")


def test_who_dictates_is_compared_with_others_who_do(house, lab):
    town = Town(house, lab)
    [pasted] = [id for id, pastes in town.people.items() if pastes]
    Tellings(house).put(pasted, Told(writing="by dictation"))
    done = Cases(house).look(lab.name, "work", RATE)
    assert town.names[pasted] not in done.found
    assert done.untold == 1
    town.accounts.close()


def test_what_is_told_is_sealed_and_taken_back(house, lab):
    town = Town(house, lab, honest=1, pasters=0)
    tellings, id = Tellings(house), next(iter(town.people))
    tellings.put(id, Told(gender="woman", age="50 or more"))
    assert tellings.get(id) == Told(gender="woman", age="50 or more")
    assert tellings.all()[id].age == "50 or more"
    query = sa.text("SELECT body FROM told_group WHERE account::text = :a")
    assert b"woman" not in bytes(house.run(lambda c: c.execute(query, {"a": id}).scalar_one()))
    with pytest.raises(InputError, match="no answer about gender"):
        tellings.put(id, Told(gender="dragon"))
    tellings.put(id, Told())
    assert tellings.get(id) == Told()
    assert house.run(lambda c: c.execute(query, {"a": id}).scalar_one_or_none()) is None
    town.accounts.close()


def test_devices_are_known_by_an_opaque_mark(house, lab):
    town = Town(house, lab, honest=2, pasters=0)
    devices, (one, two) = Devices(house), town.people
    devices.note(one, "browser-a")
    devices.note(two, "browser-a")
    devices.note(two, "browser-b")
    devices.note(two, "")
    used = devices.used(lab.name)
    assert len(used[town.names[one]]) == 1 and len(used[town.names[two]]) == 2
    assert set(used[town.names[one]]) < set(used[town.names[two]])
    assert "browser" not in str(used)
    town.accounts.close()
