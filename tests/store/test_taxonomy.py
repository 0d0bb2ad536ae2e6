"""Names of skills: appended, given once, followed for ever."""

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from banbury.episode import new_id
from banbury.episode.definition import Listed, Part
from banbury.errors import InputError, StoreError
from banbury.store import Named, Taxonomy, lab_tables


def row(name, act="name", parts=(), replaces=(), **more):
    return Named(
        name=name,
        title=name,
        act=act,
        parts=tuple(parts),
        skill=new_id(),
        replaces=replaces,
        **more,
    )


def test_a_lab_begins_with_the_gyms_own(lab):
    taxonomy = lab.taxonomy
    assert (taxonomy.version, taxonomy.rows) == (0, ())
    assert taxonomy.parts("a.b") == taxonomy.ever("a.b") == (Part("a.b"),)
    assert taxonomy.current("a.b") == ("a.b",)


def test_each_act_is_a_version_and_stays(lab):
    first = lab.put_names([row("a.c", "rename", [Part("a.b")], ("a.b",), who="ann", why="clearer")])
    second = lab.put_names(
        [row(n, "split", [Part("a.b", (Listed((n,)),))], ("a.c",)) for n in ("a.d", "a.e")]
    )
    assert (first.version, second.version) == (1, 2)
    assert second.rows[0] == first.rows[0]
    assert (first.rows[0].who, first.rows[0].why) == ("ann", "clearer")
    assert second.current("a.b") == second.current("a.c") == ("a.d", "a.e")
    assert [r.name for r in second.history("a.b")] == ["a.c", "a.d", "a.e"]
    assert [r.name for r in second.history("a.d")] == ["a.c", "a.d"]
    assert second.ever("a.b") == (Part("a.b"),)
    assert {p.skill for p in second.parts("a.b")} == {"a.b"}


@pytest.mark.parametrize("name", ["a.c", "a.b", "a.n"])
def test_a_name_is_given_once_and_nothing_is_half_written(lab, name):
    lab.put_names([row("a.c", "rename", [Part("a.b")], ("a.b",)), row("a.n")])
    with pytest.raises(InputError, match="was given before"):
        lab.put_names([row("a.new"), row(name)])
    assert lab.taxonomy.names() == ["a.c", "a.n"]


def test_what_is_out_of_use_is_not_changed_again(lab):
    lab.put_names([row("a.c", "rename", [Part("a.b")], ("a.b",))])
    with pytest.raises(InputError, match=r"'a.b' is out of use.*Use what took its place: a\.c"):
        lab.put_names([row("a.d", "rename", [Part("a.b")], ("a.b",))])


def test_no_row_can_be_changed_or_removed(lab):
    lab.put_names([row("a.n")])
    for statement in (lab_tables.skill.delete(), lab_tables.skill.update().values(title="other")):
        with pytest.raises(StoreError):
            lab._database.run(lambda c, s=statement: c.execute(s))
    count = sa.select(sa.func.count()).select_from(lab_tables.skill)
    assert lab._database.run(lambda c: c.execute(count).scalar_one()) == 1


@given(st.data())
def test_every_name_leads_to_names_in_use(data):
    """Whatever was merged and split, in whatever order, no old name leads nowhere or astray."""
    in_use, rows = ["g.a", "g.b", "g.c"], []
    for version in range(1, data.draw(st.integers(1, 8)) + 1):
        olds = data.draw(st.lists(st.sampled_from(in_use), min_size=1, max_size=2, unique=True))
        count = 2 if len(olds) == 1 and data.draw(st.booleans()) else 1
        news = [f"n{version}.{i}" for i in range(count)]
        made = Taxonomy(rows)
        parts = [p for old in olds for p in made.own(old)]
        act = "split" if count == 2 else "merge"
        rows += [row(n, act, parts, tuple(olds), version=version) for n in news]
        in_use = [n for n in in_use if n not in olds] + news
        made = Taxonomy(rows)
        for name in ["g.a", "g.b", "g.c", *made.names()]:
            assert set(made.current(name)) <= set(in_use)
            assert made.current(name)
            assert {p.skill for p in made.own(name)} <= {p.skill for p in made.ever(name)}
