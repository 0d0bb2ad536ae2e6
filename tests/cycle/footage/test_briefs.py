"""Briefs from a table: each scene once, and one clear error for what is broken."""

import pytest

from banbury.cycle.source.footage.briefs import import_briefs
from banbury.errors import InputError
from banbury.gyms.capture.film import brief_of
from banbury.store.queue import Campaign

ROWS = "trade,action,place,light,good_hours\npainter,roll a wall,hall,daylight,4\ncook,fry,,,\n"


@pytest.fixture
def table(tmp_path):
    def write(text, name="scenes.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_rows_become_scenes_of_a_campaign_in_which_views_are_not_compared(lab, table):
    path = table(ROWS)
    got = import_briefs(lab, path, "spring", views=3, licence="CC-BY-4.0")
    assert (got.rows, got.new, got.views) == (2, 2, 3)
    held = lab.queue.campaign("spring")
    assert (held.gym, held.overlap, held.review, held.tasks) == ("capture", 3, 0.0, 2)
    briefs = {b.trade: b for b in (brief_of(lab.problem(t.id)) for t in lab.tasks(gym="capture"))}
    assert (briefs["painter"].place, briefs["painter"].good_hours) == ("hall", 4.0)
    assert (briefs["cook"].views, briefs["cook"].light) == (3, "")
    assert {t.licence for t in lab.tasks(gym="capture")} == {"CC-BY-4.0"}
    more = table(ROWS + "baker,knead,shop,neon,2\n")
    assert import_briefs(lab, more, "spring").new == 1
    assert import_briefs(lab, more, "spring").new == 0


def test_json_lines_may_bring_notes_and_views(lab, table):
    line = '{"trade": "cook", "action": "fry", "views": 2, "notes": ["gas stove", "no radio"]}\n\n'
    import_briefs(lab, table(line, "scenes.jsonl"), "day")
    [task] = lab.tasks(gym="capture")
    assert brief_of(lab.problem(task.id)).notes == ("gas stove", "no radio")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("trade,action\n,fry\n", "trade is missing"),
        ("trade,action,colour\ncook,fry,red\n", "no column 'colour'"),
        ("trade,action,views\ncook,fry,1\n", "views are from 2"),
        ("trade,action,views\ncook,fry,nan\n", "views are from 2"),
        ("trade,action,good_hours\ncook,fry,lots\n", "good_hours is no number"),
        (f"trade,action\ncook,{'x' * 400}\n", "action has 1 to 300"),
    ],
)
def test_a_broken_row_is_named_and_nothing_is_taken(lab, table, row, why):
    with pytest.raises(InputError, match=why):
        import_briefs(lab, table(row), "day")
    assert list(lab.tasks()) == [] and lab.queue.campaigns() == []


def test_broken_rows_can_be_left_out_with_their_reasons(lab, table):
    path = table("trade,action\ncook,fry\n,\n")
    got = import_briefs(lab, path, "day", skip_broken=True)
    assert (got.new, got.broken) == (1, ("row 2: trade is missing",))


def test_a_campaign_has_one_number_of_views_and_is_of_this_gym(lab, table):
    with pytest.raises(InputError, match="2 and 3 views"):
        import_briefs(lab, table("trade,action,views\na,b,2\nc,d,3\n"), "day")
    import_briefs(lab, table("trade,action\na,b\n"), "day")
    with pytest.raises(InputError, match="has 2"):
        import_briefs(lab, table("trade,action,views\nc,d,3\n"), "day")
    lab.queue.put(Campaign("mail", "office"))
    with pytest.raises(InputError, match="gym 'office'"):
        import_briefs(lab, table("trade,action\na,b\n"), "mail")
    with pytest.raises(InputError, match="cannot be read"):
        import_briefs(lab, table("") / "none.csv", "day")
