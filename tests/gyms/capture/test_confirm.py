import itertools

import msgspec
import pytest

from banbury.errors import GymError
from banbury.gyms.capture import actions as do
from banbury.gyms.capture import confirm, problems
from banbury.gyms.capture.gym import CaptureGym
from banbury.gyms.capture.views import Pairs, Piece, View, common
from banbury.gyms.check import act

GYM = CaptureGym()
SHOWN = Pairs(
    (
        View("View 1", duration_s=60.0),
        View("View 2", duration_s=60.0, pieces=(Piece(0.0, 60.0, -10.0, 20.0),)),
    )
)
LOOKS = [do.Look(10.0, 20.0), do.Look(30.0, 35.0), do.Look(55.0, 60.0)]


def problem(offset_ms=-10_000, related=True):
    truth = confirm.Truth((0, offset_ms * 1000), related)
    return problems.confirm(SHOWN, truth=truth)


def judged(made, *actions):
    return GYM.judge(act(GYM, made, actions), made)


def said(made, *actions):
    env = GYM.start(made)
    env.opening()
    return [env.step("solver", a).observations["solver"][0].text for a in actions]


def test_the_common_time_is_told_on_the_references_clock():
    low, high = common(SHOWN)
    assert low == pytest.approx(10.0, abs=1e-3)
    assert high == 60.0


def test_a_right_clock_is_confirmed_after_a_look_at_each_part():
    assert judged(problem(), *LOOKS, do.Confirm()).passed
    *_, refused = said(problem(), LOOKS[0], do.Confirm())
    assert refused == "Error: play the views first in the middle and at the end."
    assert not judged(problem(), LOOKS[0], do.Confirm()).passed


def test_the_last_nudge_of_a_view_counts():
    off = problem(-9_950)
    assert not judged(off, *LOOKS, do.Confirm()).passed
    assert judged(off, do.Nudge(1, 500), *LOOKS, do.Nudge(1, 48.5), do.Confirm()).passed
    assert not judged(off, *LOOKS, do.Nudge(1, 48.5), do.Nudge(1, 0), do.Confirm()).passed


@pytest.mark.parametrize("view", [0, 2, 99])
def test_neither_the_reference_nor_what_is_not_there_can_be_moved(view):
    assert said(problem(), do.Nudge(view, 10)) == ["Error: that view cannot be moved."]


@pytest.mark.parametrize("look", [(5.0, 5.0), (9.0, 3.0), (-1e12, 1e12), (float("nan"), 1.0)])
def test_a_look_at_nothing_is_none(look):
    assert said(problem(), do.Look(*look)) == ["Error: that is no stretch of the views."]


def test_unrelated_views_are_refused_as_such():
    strange = problem(related=False)
    assert judged(strange, do.Refuse("not the same scene")).passed
    assert not judged(strange, do.Refuse("it cannot be told")).passed
    assert not judged(strange, *LOOKS, do.Confirm()).passed
    assert not judged(problem(), do.Refuse("not the same scene")).passed


def test_where_nobody_knows_the_truth_a_decision_is_enough():
    real = problems.confirm(SHOWN)
    assert judged(real, do.Refuse("they run apart")).passed
    assert "only its form" in judged(real, *LOOKS, do.Confirm()).evidence
    assert not judged(real, *LOOKS).passed
    assert not GYM.solution(real)
    assert not GYM.cheats(real)


def test_views_without_a_common_time_can_only_be_refused_or_placed():
    far = msgspec.structs.replace(SHOWN.views[1], pieces=(Piece(0.0, 60.0, 500.0),))
    apart = problems.confirm(Pairs((SHOWN.views[0], far)))
    *_, text = said(apart, do.Confirm())
    assert text.startswith("Error: the views share no time")


def test_two_people_agree_where_they_decided_the_same():
    made = problem()
    a = act(GYM, made, [*LOOKS, do.Nudge(1, 10), do.Confirm()])
    b = act(GYM, made, [*LOOKS, do.Nudge(1, 30), do.Confirm()])
    c = act(GYM, made, [*LOOKS, do.Nudge(1, 90), do.Confirm()])
    d = act(GYM, made, [do.Refuse("other")])
    assert GYM.agreement(a, b) == 1.0
    assert GYM.agreement(a, c) == GYM.agreement(a, d) == 0.0
    assert GYM.agreement(a, act(GYM, made, [])) == 0.0


def test_a_task_without_two_views_is_an_error_of_whoever_made_it():
    alone = problems.confirm(Pairs((SHOWN.views[0],)))
    with pytest.raises(GymError, match="shows no views"):
        GYM.start(alone)


def test_exercises_are_small_and_of_every_case():
    drawn = list(itertools.islice(GYM.tasks("capture.confirm", seed=3), 20))
    assert all(len(p.task.public.inputs) < 150_000 for p in drawn)
    assert {confirm.truth_of(p).related for p in drawn} == {True, False}
