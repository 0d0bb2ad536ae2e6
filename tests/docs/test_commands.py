"""The commands in the documents run, in order, as a reader would type them.

Where they name SmolLM2, a model of two random layers takes its place, and where they do not say
how much, it is little: what is tried here are the commands, not the model. Blocks of `sh` are run,
those of `console` and `text` are shown.
"""

import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from banbury.cli import app

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
STAGES = [f"stages/{s}.md" for s in ("probe", "diagnose", "source", "review", "release")]
STAGES += ["stages/train.md", "stages/compare.md"]
LITTLE = {
    "probe": {"--batch": "2", "--most": "2"},
    "gaps": {"--few-shot": "1"},
    "source": {"--train": "12", "--reserve": "3", "--unseen": "1"},
    "train": {"--grpo-steps": "0"},
}


def little(words):
    """Return a command with small numbers where it names none."""
    more = LITTLE.get(words[0], {})
    return [*words, *(w for name, n in more.items() if name not in words for w in (name, n))]


def lines(page):
    """Return the commands of a page's `sh` blocks, continued lines joined, comments dropped."""
    blocks = re.findall(r"^```sh\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.S | re.M)
    joined = "".join(blocks).replace("\\\n", " ")
    return [words for line in joined.splitlines() if (words := shlex.split(line, comments=True))]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    script = ROOT / "tests" / "tiny_model.py"
    return str(runpy.run_path(str(script))["make"](tmp_path_factory.mktemp("tiny")))


@pytest.fixture
def follow(tmp_path, monkeypatch, house, address, model):
    """Return a function that follows pages in one folder with one store."""
    monkeypatch.setenv("BANBURY_URL", address)
    monkeypatch.chdir(tmp_path)

    def run(page, lab):
        monkeypatch.setenv("BANBURY_LAB", lab)
        for words in lines(page):
            if words[0] == "banbury":
                typed = little([model if w == "smollm2" else w for w in words[1:]])
                app(typed, exit_on_error=False, result_action="return_value")
            elif words[0] not in ("make", "pip"):
                subprocess.run(words, check=True, env={"PATH": str(Path(sys.executable).parent)})

    return run


@pytest.mark.slow
def test_the_commands_of_the_readme_run(follow):
    follow(ROOT / "README.md", "docs-readme")


@pytest.mark.slow
def test_the_commands_of_the_stages_run_one_after_the_other(follow):
    for page in STAGES:
        follow(DOCS / page, "docs-stages")


@pytest.mark.slow
def test_the_site_is_built_without_a_warning(tmp_path):
    made = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", "docs", str(tmp_path)]
    done = subprocess.run(made, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "made" / "verbs.html").exists()
