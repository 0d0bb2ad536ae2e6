"""The map of skills as a picture."""

from __future__ import annotations

from xml.etree import ElementTree

from banbury.cycle.diagnose.picture import picture

PROBED = {
    "actor": {"name": "<small> & co"},
    "threshold": 0.5,
    "skills": [
        {"skill": "a.x", "title": "X", "n": 12, "passes": 1, "low": 0.0, "high": 0.4, "gym": "a"},
        {"skill": "b.y", "title": "Y", "n": 12, "passes": 11, "low": 0.6, "high": 1.0},
    ],
}


def test_a_picture_shows_each_skill_and_names_the_gap() -> None:
    svg = picture(PROBED, {"gaps": [{"skill": "a.x", "kind": "form", "rank": 1.0}]})
    root = ElementTree.fromstring(svg)
    words = [e.text for e in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "<small> & co: 2 skills, 1 gap" in words
    assert words.count("form gap") == 1
    assert {"X", "Y", "1/12", "11/12"} <= set(words)


def test_without_a_map_no_skill_is_called_a_gap() -> None:
    root = ElementTree.fromstring(picture(PROBED))
    assert "<small> & co: 2 skills" in [
        e.text for e in root.iter("{http://www.w3.org/2000/svg}text")
    ]
