"""A licence is told by its whole text; what only looks like one is not named."""

from pathlib import Path

import pytest

from banbury.cycle.source.mine.licence import licence, licence_files, text_licence
from banbury.episode import UNSTATED

MIT = """The MIT License (MIT)

Copyright (c) 2020 Somebody

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES
OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def test_a_text_is_named_and_one_with_more_conditions_is_not():
    assert text_licence(MIT) == "MIT"
    more = "The Software may not be used for evil, by banks, or in any product that is sold. " * 3
    assert text_licence(MIT + more) == ""
    assert text_licence(MIT.replace("without restriction", "with restrictions")) == ""
    assert text_licence("") == ""


def test_this_projects_own_licence_is_named():
    own = Path(__file__).parents[3] / "LICENSE"
    assert text_licence(own.read_text(encoding="utf-8")) == "Apache-2.0"


@pytest.mark.parametrize(
    ("texts", "stated", "found"),
    [
        ({"LICENSE": MIT}, "", "MIT"),
        ({"LICENSE": "All rights reserved."}, "", UNSTATED),
        ({"LICENSE": MIT, "LICENSE.other": "as you like"}, "", UNSTATED),
        ({}, "", UNSTATED),
        ({}, "BSD-3-Clause", "BSD-3-Clause"),
        ({"LICENSE.MIT": MIT}, "MIT OR Apache-2.0", "MIT OR Apache-2.0"),
        ({"LICENSE": MIT}, "GPL-3.0-only", UNSTATED),
        ({"LICENSE": MIT}, "whatever you want", "MIT"),
    ],
)
def test_the_project_may_state_it_but_not_against_its_text(texts, stated, found):
    assert licence(texts, f"[project]\nlicense = '{stated}'\n") == found


def test_a_broken_project_file_states_nothing():
    assert licence({"LICENSE": MIT}, "[project\n") == "MIT"
    assert licence({"LICENSE": MIT}, "project = 3") == "MIT"


def test_only_files_at_the_top_are_the_whole_trees():
    paths = ["LICENSE", "COPYING.txt", "LICENCE.md", "licenses.py", "vendor/LICENSE"]
    assert licence_files(paths) == ["COPYING.txt", "LICENCE.md", "LICENSE"]
