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
    "probe": {"--batch": "12", "--most": "12", "--threshold": "0.9"},
    "gaps": {"--few-shot": "1"},
    "source": {"--train": "12", "--reserve": "3", "--unseen": "1"},
    "train": {"--recipe": "little.json"},
    "compare": {"--guard-items": "5"},
}

RECIPE = (
    '{"epochs": 0.5, "validation": 2, "grpo_steps": 0, "joint_epochs": 0.1, "router_prompts": 20,'
    ' "max_tokens": 4}'
)


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
        (tmp_path / "little.json").write_text(RECIPE)
        for words in lines(page):
            if words[0] == "banbury":
                typed = little([model if w == "smollm2" else w for w in words[1:]])
                app(typed, exit_on_error=False, result_action="return_value")
            elif words[0] not in ("make", "pip"):
                subprocess.run(words, check=True, env={"PATH": str(Path(sys.executable).parent)})

    return run


def test_the_readme_shows_the_commands_of_the_stages():
    known = [line for page in STAGES for line in lines(DOCS / page)]
    assert [line for line in lines(ROOT / "README.md") if line not in known] == [
        ["banbury", "gym", "list", "reasoning"]
    ]


@pytest.mark.slow
def test_the_commands_of_the_stages_run_one_after_the_other(follow):
    for page in STAGES:
        follow(DOCS / page, "docs-stages")
