"""The documents say what the code does: verbs, commands, rooms."""

import re
import runpy
import shlex
from pathlib import Path

import pytest

from banbury.cli import VERBS, app

ROOT = Path(__file__).parents[2]
MADE = ROOT / "docs" / "made"  # what `make docs` leaves
PAGES = [p for p in sorted((ROOT / "docs").rglob("*.md")) if MADE not in p.parents]
PAGES.insert(0, ROOT / "README.md")


def commands():
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        blocks = re.findall(r"```(?:sh|console)\n(.*?)```", text, flags=re.S)
        blocks += re.findall(r"(?:^    banbury .*\n)+", text, flags=re.M)
        for block in blocks:
            for line in block.splitlines():
                line = line.split("#")[0].strip() if "http" not in line else line.strip()
                if line.startswith("banbury "):
                    yield pytest.param(line, id=f"{page.name}: {line}")


@pytest.mark.parametrize("line", list(commands()))
def test_every_command_in_the_documents_is_understood(line):
    app.parse_args(shlex.split(line)[1:], exit_on_error=False, print_error=False)


def test_the_readme_lists_the_verbs_in_the_loops_order():
    table = re.findall(r"^\| `banbury (\w+)`", (ROOT / "README.md").read_text(), flags=re.M)
    assert table == list(VERBS)


def test_the_architecture_lists_every_room_and_no_other():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `([a-z]+)(?:/|\.py)` \|", text, flags=re.M))
    package = ROOT / "src" / "banbury"
    rooms = {p.name for p in package.iterdir() if p.is_dir() and (p / "__init__.py").exists()}
    rooms |= {p.stem for p in package.glob("*.py") if not p.name.startswith("__")}
    assert listed == rooms


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_between_the_documents_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_benchmarks_page_is_made_from_the_results():
    made = runpy.run_path(str(ROOT / "bench" / "page.py"))["page"]()
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert page == made, "make bench NAME=page"
