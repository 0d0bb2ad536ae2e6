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
