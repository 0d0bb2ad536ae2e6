"""Charts: well-formed XML whatever the text, positions where the values say."""

from __future__ import annotations

import math
from xml.etree import ElementTree

from hypothesis import example, given
from hypothesis import strategies as st

from banbury.charts import Bar, Mark, SkillMark, axis, bars, curve, shown, skill_map, strip

ANY = st.text(max_size=60)
SHARE = st.floats(0, 1)


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


@given(SHARE, ANY)
def test_a_dot_lies_where_its_value_says(value: float, label: str) -> None:
    root = parsed(strip([Mark(value, 0.0, 1.0)], shown(label), line=0.5))
    (dot,) = root.findall("circle")
    assert math.isclose(float(dot.get("cx").rstrip("%")), 100 * value, abs_tol=0.006)
    assert root.get("aria-label").replace("\n", " ").replace("\t", " ") == shown(label).replace(
        "\n", " "
    ).replace("\t", " ")


def test_values_beyond_the_edges_stop_there() -> None:
    root = parsed(strip([Mark(-2.0, -3.0, 5.0)], "x", low=-1, high=1))
    assert root.find("circle").get("cx") == "0%"
    whisker = [e for e in root.findall("line") if "whisker" in e.get("class")]
    assert (whisker[0].get("x1"), whisker[0].get("x2")) == ("0%", "100%")


@given(st.lists(st.tuples(st.floats(), st.floats()), max_size=20))
@example([(-5e-324, -5e-324), (6.2e16, 5e-324)])
@example([(-1.7e308, 1.7e308), (1.7e308, -1.7e308)])
@example([(1.0, -2.0), (1.0, -2.0)])
def test_a_curve_takes_any_numbers(points: list[tuple[float, float]]) -> None:
    points = sorted((p for p in points if not math.isnan(p[0])), key=lambda p: p[0])
    root = parsed(curve([p[0] for p in points], [p[1] for p in points], "loss"))
    for line in root.findall("polyline"):
        for point in line.get("points").split():
            across, down = map(float, point.split(","))
            assert 0 <= across <= 240
            assert 0 <= down <= 48


def test_a_timeline_keeps_its_proportions() -> None:
    root = parsed(bars([Bar(25, 75)], "train", end=100))
    line = next(e for e in root.findall("line") if "bar" in e.get("class"))
    assert (line.get("x1"), line.get("x2")) == ("25%", "75%")
    assert parsed(bars([Bar(0, 0)], "nothing", end=0)) is not None
    assert len(parsed(axis([(0, "0"), (1, "1")])).findall("text")) == 2


@given(st.lists(st.builds(SkillMark, ANY, ANY, st.just(9), st.integers(0, 9), SHARE, SHARE, ANY)))
def test_the_map_is_well_formed_and_holds_every_skill(rows: list[SkillMark]) -> None:
    root = parsed(skill_map(rows, title="<map> & more", line=0.5))
    dots = root.iter("{http://www.w3.org/2000/svg}circle")
    assert len(list(dots)) == len(rows)


@given(st.text())
def test_shown_text_is_never_hidden_or_cut_in_silence(text: str) -> None:
    out = shown(text)
    assert not any(c < " " and c not in "\n\t" for c in out)
    assert "\u202e" not in out
    out.encode()
    if len(text) > 5:
        assert f"of {len(text):,} characters" in shown(text, 5)
