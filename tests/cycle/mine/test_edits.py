"""Edits lead from one text to the other, each of a passage that occurs once."""

from hypothesis import given
from hypothesis import strategies as st

from banbury.cycle.source.mine.edits import edits, reference
from banbury.gyms.code_repair.files import File

LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "a b\n", "\n", "end"]), max_size=12)


@given(LINES, LINES)
def test_edits_lead_to_the_new_text_or_there_are_none(old, new):
    was, now = "".join(old), "".join(new)
    text = was
    made = edits("p", was, now)
    for one in made:
        assert text.count(one.old) == 1
        text = text.replace(one.old, one.new)
    assert text == now or not made


def test_a_small_change_of_a_large_file_is_a_small_edit():
    old = "".join(f"line {n}\n" for n in range(2000))
    [one] = edits("p", old, old.replace("line 700\n", "other\n"))
    assert one.old == "line 699\nline 700\nline 701\n" and "other" in one.new


def test_what_cannot_be_edited_is_written():
    told = reference({"a": None}, {"a": File(text="new"), "b": None})
    assert '"do":"write"' in told and "rm -f b" in told
