"""How a belief came about and fades, what objections do, and what people say of themselves."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banbury import clock
from banbury.errors import InputError, UnknownName
from banbury.people.ability.belief import DAY_NS, belief
from banbury.people.evidence import Entry, Objections, likelihoods
from banbury.people.evidence.history import history
from banbury.people.offers import Profile
from banbury.people.offers.languages import codes, languages
from banbury.people.record import readable, record
from banbury.people.resumes import Resumes

NOW = 2_000 * DAY_NS


def entries(scores, days=1.0, source="gold"):
    return [
        Entry(n, "a.b", source, "lab", str(n), NOW - int((len(scores) - n) * days * DAY_NS),
              score=s, line=0.7, good=s)
        for n, s in enumerate(scores)
    ]  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([0.0, 0.5, 1.0]), max_size=40), st.floats(0.1, 30))
def test_the_history_ends_in_what_is_believed(scores, days):
    held = entries(scores, days)
    past = history(held, NOW)
    kept = belief(likelihoods(held), NOW)
    assert past.now.low < past.now.mean < past.now.high
    assert sum(m.n for m in past.moved) == len(held)
    assert [m.at_ns for m in past.moments] == sorted(m.at_ns for m in past.moments)
    # One entry a day and source is what beliefs take; here each piece fades by itself.
    assert past.now.high - past.now.low < 0.97
    assert (past.now.mean > 0.5) == (kept.mean > 0) or abs(kept.mean) < 0.05
    far = history(held, NOW + 20_000 * DAY_NS).now
    assert far.mean == pytest.approx(0.5, abs=1e-3)


def test_high_agreement_does_not_say_more_than_gold():
    gold = belief(likelihoods(entries([1, 1, 1, 0, 1, 1])), NOW)
    alike = belief(likelihoods(entries([1, 1, 1, 0, 1, 1], source="agreement")), NOW)
    assert 0 < alike.mean < gold.mean
    assert alike.error > gold.error


def test_what_was_objected_to_is_left_out_once_somebody_else_decides(shop):
    account, person = shop.hire()
    other, _ = shop.hire()
    shop.fill(14)
    shop.do(person, [0] * 4)
    shop.told()
    before = shop.profiles.beliefs(account)[shop.skill]
    objections = Objections(shop.house)
    id = objections.make(account, shop.skill, "gold", "The keys were wrong.")
    with pytest.raises(InputError, match="already"):
        objections.make(account, shop.skill, "gold", "Again.")
    with pytest.raises(InputError, match="somebody else"):
        objections.decide(id, True, account, "I say so.")
    with pytest.raises(InputError, match="reason"):
        objections.decide(id, True, other, " ")
    assert objections.decide(id, True, other, "They were.").state == "left out"
    after = shop.profiles.beliefs(account)[shop.skill]
    assert before.mean < -0.5
    assert after.mean == pytest.approx(0.0, abs=1e-6)
    assert after.results == 0
    # What was left out does not count towards a pause either, and what comes later does.
    shop.do(person, [0] * 4)
    shop.told()
    assert shop.standings.get(account, shop.skill).state == "working"
    assert shop.profiles.beliefs(account)[shop.skill].results == 4
    shop.do(person, [0] * 6)
    shop.told()
    assert shop.standings.get(account, shop.skill).state == "paused"
    [held] = objections.of(account)
    assert (held.reason, held.decision) == ("The keys were wrong.", "They were.")


def test_an_objection_may_be_withdrawn_by_its_maker_alone(shop):
    account, person = shop.hire()
    other, _ = shop.hire()
    shop.fill(1)
    shop.do(person, [0])
    shop.told()
    objections = Objections(shop.house)
    with pytest.raises(InputError, match="no evidence"):
        objections.make(account, shop.skill, "interview", "What interview?")
    id = objections.make(account, shop.skill, "gold", "No.")
    with pytest.raises(UnknownName):
        objections.withdraw(other, id)
    objections.withdraw(account, id)
    with pytest.raises(InputError, match="withdrawn"):
        objections.decide(id, True, other, "Too late.")


def test_what_a_person_says_is_kept_and_taken_back(shop):
    account, _ = shop.hire()
    said = Profile(("English", "de-AT"), 8, place="Lisbon", zone="Europe/Lisbon",
                   times=("weekend mornings",))  # fmt: skip
    shop.profiles.put(account, said)
    assert shop.profiles.get(account).languages == ("de", "en")
    assert shop.profiles.get(account).times == ("weekend mornings",)
    shop.profiles.state(account, "Tax law", "Ten years")
    assert shop.profiles.beliefs(account)["tax_law"].results == 0
    shop.profiles.withdraw(account, "tax_law")
    assert shop.profiles.beliefs(account) == {}
    assert shop.profiles.stated(account) == []
    with pytest.raises(UnknownName):
        shop.profiles.withdraw(account, "tax_law")


@pytest.mark.parametrize(
    "wrong",
    [Profile(("Klingonish",)), Profile(zone="Mars/Olympus"), Profile(times=("at night",)),
     Profile(place="x" * 101)],
)  # fmt: skip
def test_what_nobody_could_use_is_refused(shop, wrong):
    account, _ = shop.hire()
    with pytest.raises(InputError):
        shop.profiles.put(account, wrong)
    assert shop.profiles.get(account) is None, "nothing is half-written"
    for name in ("", "a b/c", "x" * 101, "a..b", "<b>"):
        with pytest.raises(InputError):
            shop.profiles.state(account, name)


def test_languages_are_found_by_code_or_name():
    assert codes(["german", "EN-gb", "Portuguese", " "]) == ("de", "en", "pt")
    assert all(codes([name]) == (code,) for code, name in languages().items())
    with pytest.raises(InputError, match="Did you mean German"):
        codes(["Germn"])


def test_the_export_holds_everything_that_was_planted(shop):
    account, person = shop.hire()
    _, other = shop.hire()
    shop.fill(3, gold=False, review=1.0)
    shop.do(person, [1])
    [lease] = shop.claim(other, kinds=("review",))
    shop.review(lease, "return", reasons=("No.",))
    shop.told()
    shop.profiles.put(account, Profile(place="Planted <town>"))
    shop.profiles.state(account, "planted_skill", "planted note")
    Resumes(shop.house).put(account, b"planted career")
    Objections(shop.house).make(account, shop.skill, "reviews", "planted objection")
    held = record(shop.house, account)
    page = readable(held)
    for word in ("planted_skill", "planted note", "planted career", "planted objection", other,
                 shop.skill, person):  # fmt: skip
        assert word in str(held)
        assert word in page
    assert "Planted &lt;town&gt;" in page
    assert "<town>" not in page
    assert "argon2" not in str(held), "nothing secret"


def test_the_export_names_nobody_who_decided(shop):
    account, _ = shop.hire()
    boss, _ = shop.hire()
    why = shop.skill, boss, "It was copied."
    shop.house.run(lambda c: shop.standings.pause(c, account, *why))
    shop.standings.act(account, shop.skill, "try", account, "")
    held = record(shop.house, account)
    assert boss not in str(held)
    assert [a["by"] for a in held["standings"][0]["standing"]["acts"]] == ["somebody else", account]


def test_a_belief_of_a_whole_takes_in_its_parts(shop):
    account, person = shop.hire()
    shop.skill = f"{shop.skill}.part"
    shop.fill(2)
    shop.do(person, [1, 1])
    shop.told()
    whole = shop.skill.removesuffix(".part")
    beliefs = shop.profiles.beliefs(account)
    assert set(beliefs) == {shop.skill, whole}
    assert beliefs[whole].mean == pytest.approx(beliefs[shop.skill].mean)
    later = clock.wall_ns() + 180 * DAY_NS
    assert shop.ledger.belief(account, whole, later).mean < beliefs[whole].mean
