"""Who films which scene: two wearers the same one, and nobody holds one that they do not film."""

import itertools

import pytest

from banbury.cycle.source.footage.briefs import import_briefs

_numbers = itertools.count(1)


@pytest.fixture
def lab(site, tmp_path):
    made = site.house.lab(f"scenes-{next(_numbers)}")
    site.enrol(made.name)
    path = tmp_path / "scenes.csv"
    path.write_text("trade,action\npainter,roll a wall\ncook,chop onions\n")
    import_briefs(made, path, "spring")
    site.free()
    yield made
    site.free()


def taken(site, lab, kind):
    with site.as_(kind) as client:
        return client.post(f"/api/labs/{lab.name}/seat/spring/take", json={"count": 7}).json()


def test_a_wearer_holds_one_scene_at_a_time_and_leaves_the_others_to_others(site, lab):
    first, second = taken(site, lab, "expert")["work"], taken(site, lab, "reviewer")["work"]
    assert len(first) == len(second) == 1
    assert first[0]["task"]["id"] == second[0]["task"]["id"]
    [third] = taken(site, lab, "owner")["work"]
    assert third["task"]["id"] != first[0]["task"]["id"]
    assert taken(site, lab, "expert")["work"][0]["id"] == first[0]["id"]


def test_a_wearer_for_whom_nothing_is_left_is_not_told_that_they_had_it(site, lab):
    for kind in ("expert", "reviewer"):
        person = site.caller(kind).pseudonyms[lab.name]
        assert len(lab.queue.claim("spring", person, "", 2)) == 2
    why = taken(site, lab, "owner")["why"]
    assert "or others hold it. 2 tasks still wait for other people" in why
