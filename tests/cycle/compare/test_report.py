"""The report: what it says, what it never lets through, that it stands alone."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cycle.compare.report_sample import HOSTILE, guard, rate, sample

from banbury.cycle.compare import report_data as d
from banbury.cycle.compare import report_words as say
from banbury.cycle.compare.report import LIMIT, render

VOID = {"meta", "br", "line", "circle", "rect", "polyline"}


class Page(HTMLParser):
    """Collects tags, text and attributes, and checks that tags are balanced."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open, self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(attrs)
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))


def test_the_first_thing_said_is_what_was_wrong_and_whether_it_helped() -> None:
    page = Page(render(sample()))
    assert page.tags.index("h1") < page.tags.index("svg") < page.tags.index("h2")
    assert (
        "SmolLM2-135M-Instruct passes too rarely (below 50 %) at 8 of 15 skills tried. "
        "Training on 942 reviewed examples closed 3 of the 4 gaps worked on, and the other "
        "11 skills are shown safe to within 10 points." in page.text
    )


def test_it_needs_no_script_no_file_and_no_network() -> None:
    html = render(sample())
    page = Page(html)
    assert not {"script", "link", "img", "iframe", "object", "base"} & set(page.tags)
    assert not {"src", "href", "onload", "onclick"} & set(page.attributes)
    assert "url(" not in html
    assert "@import" not in html
    assert "prefers-color-scheme: dark" in html


def test_hostile_text_is_shown_as_text_and_long_text_says_how_long_it_is() -> None:
    html = render(
        sample(model=HOSTILE, notes=(HOSTILE,), command=HOSTILE, settings={HOSTILE: HOSTILE})
    )
    page = Page(html)
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert "<script>alert('x')</script></style>" in page.text
    assert "{{ 7*7 }}" in page.text
    assert "\u202e" not in html
    assert "⟨U+202E⟩" in html
    assert f"of {len(HOSTILE) + 100_000:,} characters" in page.text
    assert "x" * (LIMIT + 1) not in html


def test_failures_stay_in() -> None:
    text = Page(render(sample())).text
    assert "not closed +21" in text
    assert "skill gap, left open" in text
    harmed = Page(render(sample(guard=guard("harmed", 22)))).text
    assert "but it harmed other skills (Write in capitals): this checkpoint is refused" in harmed
    unsure = Page(render(sample(guard=guard("not shown safe")))).text
    assert "but the other skills are not shown to be safe" in unsure


def test_the_two_sentences_for_every_outcome() -> None:
    whole = sample()
    none_closed = tuple(msgspec.structs.replace(s, closed=False) for s in whole.skills)
    assert say.answer(sample(skills=none_closed, guard=None))[1] == (
        "Training on 942 reviewed examples closed none of the 4 gaps worked on; "
        "whether other skills suffered was not measured."
    )
    one = next(s for s in whole.skills if s.closed)
    assert say.answer(sample(skills=(one,), sourced=()))[1].startswith(
        "Training closed the one gap worked on, and"
    )
    lost = msgspec.structs.replace(one, closed=False)
    assert "did not close the gap worked on" in say.answer(sample(skills=(lost,)))[1]
    untried = msgspec.structs.replace(one, difference=None, after=None)
    assert "has not been measured" in say.answer(sample(skills=(untried,)))[1]
    fine = d.SkillRow("a.b", "B", "a", "ours", rate(9, 10))
    first, second = say.answer(sample(skills=(fine,)))
    assert "shows no gap below" in first
    assert second == "No gap has been worked on yet."


def test_a_report_with_nothing_but_a_probe_still_renders() -> None:
    whole = sample()
    bare = d.ReportData("m", "r", "", 0.5, tuple(s for s in whole.skills if not s.worked_on))
    page = Page(render(bare))
    assert "No gap has been worked on yet." in page.text
    assert page.tags.count("circle") >= len(bare.skills)
    half = msgspec.structs.replace(whole.skills[0], after=None, difference=None)
    assert "not measured" in Page(render(sample(skills=(half,)))).text


def test_the_data_survives_json_and_gives_the_same_page() -> None:
    whole = sample(pairs=(), gaps=())
    again = msgspec.json.decode(msgspec.json.encode(whole), type=d.ReportData)
    assert again == whole
    assert render(again) == render(whole)


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(exclude_categories=())), st.integers(0, 75))
def test_any_text_gives_a_page_that_can_be_saved(text: str, passed: int) -> None:
    row = d.SkillRow(text or "s", text, text, text, rate(passed, 75), rate(75 - passed, 75),
                     "form", True, d.Difference(0.1, -0.1, 0.2))  # fmt: skip
    pair = d.Pair(text, text, text, text, text, text, True, False)
    html = render(d.ReportData(text, text, text, 0.5, (row,), pairs=(pair,), notes=(text,)))
    html.encode()
    Page(html)


@pytest.mark.parametrize(
    ("value", "words"),
    [(8.44, "8.4\u202fs"), (75, "75\u202fs"), (760, "12\u202fmin 40\u202fs"),
     (720, "12\u202fmin"), (12_000, "3\u202fh 20\u202fmin")],
)  # fmt: skip
def test_times_are_words(value: float, words: str) -> None:
    assert say.seconds(value) == words
