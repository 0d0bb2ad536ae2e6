import numpy as np
import pytest

from banbury.errors import InputError
from banbury.people.ability.fairness import Interviewed, biased_items, by_group
from banbury.people.ability.predicting import Worked, items_in_use, predictions


def workers(n, validity, seed=0, line=-0.3):
    """People of whom those above the line work; half the items are about nothing."""
    rng = np.random.default_rng(seed)
    ability = rng.standard_normal(n)
    score = ability + 0.4 * rng.standard_normal(n)
    gold = np.clip(
        0.7 + 0.15 * (validity * ability + np.sqrt(1 - validity**2) * rng.normal(size=n)), 0, 1
    )
    rows = []
    for i in range(n):
        live = {
            f"live {k}": bool(rng.random() < 1 / (1 + np.exp(-1.5 * ability[i]))) for k in range(3)
        }
        dead = {f"dead {k}": bool(rng.random() < 0.5) for k in range(3)}
        came = {"gold": float(gold[i])} if score[i] > line else {}
        rows.append(Worked(f"p{i}", "office.email", float(score[i]), came, live | dead))
    return rows


def test_the_report_shows_both_correlations_and_the_corrected_one_is_nearer_the_truth():
    (found,) = predictions(workers(1500, 0.6))
    assert found.worked < found.interviewed == 1500
    assert found.observed.estimate < found.corrected.estimate
    true = 0.6 / np.sqrt(1.16)
    assert found.corrected.low < true < found.corrected.high


def test_few_people_get_a_reason_instead_of_a_figure():
    (found,) = predictions(workers(40, 0.6, line=0.5))
    assert found.observed is None
    assert "30" in found.note


def test_items_that_say_nothing_retire_and_none_for_lack_of_answers():
    known = {f"{sort} {k}": (1.5, 0.0, 0.0) for sort in ("live", "dead") for k in range(3)}
    use = {one.item: one for one in items_in_use(workers(4000, 0.7), "gold", known)}
    assert all(use[f"dead {k}"].retire for k in range(3))
    assert not any(use[f"live {k}"].retire for k in range(3))
    assert not any(one.retire for one in items_in_use(workers(90, 0.7), "gold", known))
    assert items_in_use(workers(40, 0.7), "gold", {}) == []


def test_an_item_that_measures_something_else_says_nothing_of_work_beside_the_rest():
    rng = np.random.default_rng(3)
    ability = rng.standard_normal(6000)
    rows = []
    for i, a in enumerate(ability):
        # Who looks able is asked the hard items, and only who passes works, as interviews do it.
        live = {f"live {k}": bool(rng.random() < 1 / (1 + np.exp(-2 * a))) for k in range(4)}
        if sum(live.values()) >= 2:
            live["good"] = bool(rng.random() < 1 / (1 + np.exp(-2 * (a - 1))))
            live["dead"] = bool(rng.random() < 0.5)
        came = {"gold": float(np.clip(0.6 + 0.15 * a + 0.1 * rng.standard_normal(), 0, 1))}
        passed = sum(live.values()) >= 4
        rows.append(Worked(f"p{i}", "s", float(a), came if passed else {}, live))
    known = {name: (2.0, float(name == "good"), 0.0) for name in [*live, "good", "dead"]}
    use = {one.item: one for one in items_in_use(rows, "gold", known)}
    assert use["good"].share.low > 0.7
    assert use["dead"].share.high < 0.5
    assert use["dead"].retire
    assert not use["good"].retire


def test_rows_that_cannot_be_are_refused():
    with pytest.raises(InputError, match="two interviews"):
        predictions([Worked("a", "s", 0.0), Worked("a", "s", 1.0)])
    with pytest.raises(InputError, match="outside"):
        predictions([Worked("a", "s", 0.0, {"gold": 1.2})])


def told(n, seed=0):
    """Two groups alike but for one item, which is harder for the second, and one tiny group."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        group = "b" if i % 3 == 0 else "a"
        ability = rng.standard_normal()
        answers = {
            f"item {k}": bool(
                rng.random() < 1 / (1 + np.exp(-1.3 * (ability - 1.0 * (k == 0 and group == "b"))))
            )
            for k in range(8)
        }
        score = ability + 0.3 * rng.standard_normal()
        rows.append(Interviewed(group, score, bool(score > 0.2), answers))
    return [*rows, *[Interviewed("c", 0.0, True)] * 5, Interviewed("", 0.0, True)]


def test_groups_are_compared_with_the_largest_and_small_ones_are_not_shown():
    reference, other = by_group(told(900))
    assert (reference.group, reference.n, reference.impact) == ("a", 600, None)
    assert other.group == "b"
    assert other.impact.low < 1 < other.impact.high
    with pytest.raises(InputError, match="10 people"):
        by_group([Interviewed("c", 0.0, True)] * 5)


def test_the_item_that_differs_is_found_and_no_other():
    found = biased_items(told(3000))
    assert [(one.item, one.shown) for one in found if one.shown] == [("item 0", True)]
    assert len(found) == 8
    assert found[0].found.delta < 0
