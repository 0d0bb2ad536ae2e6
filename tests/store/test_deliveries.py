"""What left a lab is written down with whose work is in it, before it leaves."""

import pytest

from banbury.episode import Actor, Parent
from banbury.errors import InputError


@pytest.fixture
def by(lab, make):
    """Write an episode of a person, with parents; return its id."""

    def write(person, *parents, sample=0):
        made = make.record(
            lab,
            sample=sample,
            actors=(Actor("person", person),),
            parents=tuple(Parent(p, "corrected") for p in parents),
        )
        lab.write([made])
        return made.episode.id

    return write


def test_it_tells_whose_work_is_in_a_copy_and_how_much(lab, by):
    ids = [by("p-ann", sample=0), by("p-ann", sample=1), by("p-ben", sample=2)]
    id = lab.deliveries.note("exported", "campaign moods", ids, format="jsonl", who="p-own")
    lab.deliveries.hashed(id, "ab" * 32)
    [one] = lab.deliveries.listed()
    assert (one.id, one.kind, one.what, one.format, one.who) == (
        id, "exported", "campaign moods", "jsonl", "p-own",
    )  # fmt: skip
    assert (one.episodes, one.people, one.sha256) == (3, 2, "ab" * 32)
    assert [d.episodes for d in lab.deliveries.of("p-ann")] == [2]
    assert lab.deliveries.of("p-eve") == []


def test_whoever_answered_first_is_in_what_another_mended(lab, by):
    first = by("p-ann", sample=0)
    lab.deliveries.note("built", "release one", [by("p-ben", first, sample=1)])
    assert [d.episodes for d in lab.deliveries.of("p-ann")] == [1]


def test_what_is_downloaded_again_is_told_again(lab, by):
    id = lab.deliveries.note("exported", "campaign c", [by("p-ann")], sha256="cd" * 32)
    lab.deliveries.again("cd" * 32, "campaign c", "p-own")
    kinds = [(d.kind, d.who, d.episodes) for d in lab.deliveries.of("p-ann")]
    assert kinds == [("downloaded", "p-own", 1), ("exported", "the machine", 1)]
    assert [d.id for d in lab.deliveries.listed(limit=1, after="")] != [id]


def test_a_program_that_reads_twice_a_day_is_told_once(lab, by):
    ids = [by("p-ann", sample=0), by("p-ben", sample=1)]
    for _ in range(2):
        lab.deliveries.read(ids, "p-own")
    lab.deliveries.read([by("p-ann", sample=2)], "p-own")
    [one] = lab.deliveries.listed()
    assert (one.kind, one.who, one.episodes, one.people) == ("read", "p-own", 3, 2)
    assert [d.episodes for d in lab.deliveries.of("p-ann")] == [2]


def test_files_name_their_people(lab):
    lab.deliveries.note("downloaded", "file", (), people=["p-ann"], sha256="ef" * 32)
    [one] = lab.deliveries.of("p-ann")
    assert (one.what, one.episodes, one.sha256) == ("file", 0, "ef" * 32)
    with pytest.raises(InputError, match="kind"):
        lab.deliveries.note("lost", "file", ())


def test_what_left_with_work_of_somebody_is_read_page_by_page(lab, by):
    ids = [by("p-ann", sample=n) for n in range(3)]
    left = [lab.deliveries.note("exported", f"campaign {n}", [id]) for n, id in enumerate(ids)]
    first = lab.deliveries.of("p-ann", limit=2)
    rest = lab.deliveries.of("p-ann", first[-1].id, 2)
    assert [d.id for d in (*first, *rest)] == left[::-1]
    assert [d.id for d in lab.deliveries.of("p-ann")] == left[::-1]


def test_it_tells_which_copies_hold_work_of_somebody_who_was_erased_since(lab, by):
    ann, ben, all_ = by("p-ann", sample=0), by("p-ben", sample=1), by("p-all", sample=2)
    both = lab.deliveries.note("exported", "campaign c", [ann, ben])
    other = lab.deliveries.note("exported", "campaign d", [ben, all_])
    lab.erase("p-ann", "answers")
    lab.erase("p-all", "all")
    # What of hers may stay has left since without her.
    lab.deliveries.note("exported", "campaign c", [ann, ben])
    assert lab.deliveries.erased_since([d.id for d in lab.deliveries.listed()]) == {both: ["p-ann"]}
    assert [d.id for d in lab.deliveries.awaiting()] == [both]
    lab.erase("p-ben", "nothing")
    assert [d.id for d in lab.deliveries.awaiting(limit=2)][1:] == [other]
    assert lab.deliveries.erased_since([both]) == {both: ["p-ann", "p-ben"]}


def test_a_training_that_goes_on_is_told_once_and_the_next_one_again(lab, by):
    ann = by("p-ann")
    begun = [lab.deliveries.training("moods", 1, "checkpoint c", [ann]) for _ in range(2)]
    assert len(set(begun)) == 1
    lab.deliveries.hashed(begun[0], "ab" * 32)
    again = lab.deliveries.training("moods", 1, "checkpoint c", [ann])
    assert [(d.id, d.place) for d in lab.deliveries.of("p-ann")] == [
        (again, "checkpoint c"), (begun[0], "checkpoint c"),
    ]  # fmt: skip
