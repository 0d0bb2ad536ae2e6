import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banbury.errors import InputError
from banbury.people.standing import Act, Result, Standing, after, explained, found
from banbury.people.standing.standing import ANSWER_NS, replayed

LINE = 0.8


def gold(scores):
    return [Result(f"g{n}", "gold", float(s), LINE) for n, s in enumerate(scores)]


def reviews(scores, by):
    return [Result(f"{by}{n}", "review", float(s), LINE, by) for n, s in enumerate(scores)]


FALLEN = found(gold([1] * 32 + [0] * 15))
PAUSE = Act("pause", 10, finding=FALLEN)


def test_a_fall_is_found_and_explained():
    assert FALLEN.fallen
    assert FALLEN.since in range(24, 33)
    assert FALLEN.high < LINE
    said = " ".join(explained(after(Standing("p", "code"), PAUSE)))
    for part in ("paused", "80 % is asked for", "at most 1 %", "appeal", "stays and is paid"):
        assert part in said


def test_one_reviewer_alone_pauses_nobody():
    alone = found(gold([1] * 5) + reviews([0] * 30, "r"))
    assert not alone.fallen
    assert alone.spared == "r"
    both = found(reviews([0] * 12, "r") + reviews([0] * 12, "s"))
    assert both.fallen
    assert both.spared == ""


def test_ten_bad_luck_items_do_not_pause_whoever_is_good():
    """Seven of ten is what somebody at 0.8 has in a third of all tens."""
    assert not found(gold([1, 0, 1, 1, 0, 1, 1, 0, 1, 1])).fallen


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["pause", "case", "appeal", "lift", "uphold", "requalify", "expire"]))
)
def test_any_acts_lead_to_a_known_state_or_are_refused(kinds):
    standing, now = Standing("p", "code"), 0
    for kind in kinds:
        now += ANSWER_NS
        by = {"appeal": "p", "pause": ""}.get(kind, "boss")
        kind = "pause" if kind == "case" else kind
        act = Act(kind, now, by, "since", FALLEN if kind == "pause" else None, gone=5)
        if kind in standing.can:
            standing = after(standing, act)
            assert explained(standing)
        else:
            with pytest.raises(InputError, match="not possible"):
                after(standing, act)
    assert replayed("p", "code", standing.acts) == standing
    # Nobody is held without a way back.
    assert set(standing.can) & {"pause", "lift", "requalify", "expire"}


def test_what_a_case_paused_is_appealed_in_the_case():
    paused = after(Standing("p", "code"), Act("pause", 10, "boss", "It was copied."))
    assert "appeal" not in paused.can
    with pytest.raises(InputError, match="decided in a case, and is appealed there") as refused:
        after(paused, Act("appeal", 11, "p", "It was not."))
    assert "About your record" in refused.value.do
    said = " ".join(explained(paused))
    assert "About your record" in said
    assert "nobody decides" not in said, "silence ends nothing that a person decided"
    lifted = after(paused, Act("lift", 12, "boss", "It was not."))
    again = after(lifted, Act("pause", 13, finding=FALLEN))
    assert after(again, Act("appeal", 14, "p", "It did not fall.")).state == "appealed"


def test_an_appeal_of_before_is_still_read():
    """Of a pause that a case decided, made while such appeals were taken."""
    acts = [Act("pause", 10, "boss", "It was copied."), Act("appeal", 11, "p", "It was not.")]
    assert replayed("p", "code", acts).state == "appealed"


def test_a_return_starts_afresh():
    paused = after(Standing("p", "code"), PAUSE)
    back = after(paused, Act("lift", 20, "boss", "the gold was wrong", gone=45))
    assert back.state == "working"
    assert back.fresh == 45
    assert "the gold was wrong" in explained(back)[0]


@pytest.mark.parametrize(
    ("standing", "act"),
    [
        (Standing("p", "code"), Act("pause", 1)),
        (Standing("p", "code"), Act("pause", 1, finding=found(gold([1] * 20)))),
        (after(Standing("p", "code"), PAUSE), Act("appeal", 11, "p", " ")),
        (after(Standing("p", "code"), PAUSE), Act("appeal", 11, "other", "unfair")),
        (after(Standing("p", "code"), PAUSE), Act("lift", 11, "p", "I say so")),
        (after(Standing("p", "code"), PAUSE), Act("lift", 9, "boss", "before the pause")),
        (
            after(after(Standing("p", "code"), PAUSE), Act("appeal", 11, "p", "unfair")),
            Act("expire", 12),
        ),
    ],
)
def test_acts_that_may_not_be_are_refused(standing, act):
    with pytest.raises(InputError):
        after(standing, act)


def test_no_result_is_said():
    with pytest.raises(InputError, match="no results"):
        found([])


def test_standing_is_plain_data():
    standing = after(Standing("p", "code"), PAUSE)
    assert msgspec.json.decode(msgspec.json.encode(standing), type=Standing) == standing


def test_nearly_nobody_good_is_paused_and_nearly_everybody_who_fell_is():
    rng = np.random.default_rng(3)
    good = sum(found(gold(rng.random(100) < 0.85)).fallen for _ in range(40))
    bad = sum(found(gold(rng.random(100) < 0.5)).fallen for _ in range(40))
    assert good <= 2
    assert bad >= 39
