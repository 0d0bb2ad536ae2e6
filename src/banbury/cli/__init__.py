"""The command line: one file per verb, in the loop's order, each loaded when it is called."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cyclopts import App

from banbury import __version__
from banbury.errors import BanburyError

LOOP = "probe -> diagnose -> source -> review -> release -> train -> probe again"

app = App(
    name="banbury",
    version=__version__,
    help=(
        "Find where a model fails, make exactly the data that repairs it, train on that data, "
        f"and measure whether the gap closed.\n\nThe loop: {LOOP}."
    ),
    help_format="plaintext",
    suppress_keyboard_interrupt=False,
)

VERBS = {
    "up": ("banbury.cli.up:up", "Start the workbench: store, server, worker, the page."),
    "gym": (
        "banbury.cli.gym:app",
        "List the kinds of work, write new ones, prove and audit their judges.",
    ),
    "probe": ("banbury.cli.probe:probe", "Find where a model fails, with few rollouts."),
    "gaps": ("banbury.cli.gaps:gaps", "Name the gaps of a probe: form, skill or knowledge."),
    "skills": ("banbury.cli.skills:app", "Propose, name, rename, merge and split skills."),
    "source": ("banbury.cli.source:source", "Reserve items and make training data for gaps."),
    "mine": ("banbury.cli.mine:mine", "Turn bug fixes of git repositories into verified tasks."),
    "capture": ("banbury.cli.capture:app", "Check head-camera footage; show the hours that count."),
    "tasks": ("banbury.cli.tasks:app", "Import tasks for people, export what they answered."),
    "campaigns": ("banbury.cli.campaigns:app", "List what people do; export or release it."),
    "review": ("banbury.cli.review:review", "Check what was made; keep every reason."),
    "release": ("banbury.cli.release:app", "Freeze reviewed episodes into a data set."),
    "train": ("banbury.cli.train:train", "Train one adapter per gap, and a router."),
    "compare": ("banbury.cli.compare:compare", "Compare two checkpoints on reserved items."),
    "report": ("banbury.cli.report:report", "Write the report of a loop from what is stored."),
    "episodes": ("banbury.cli.episodes:app", "List, read and replay episodes."),
    "play": ("banbury.cli.play:play", "Do tasks yourself, where a model sits."),
    "people": ("banbury.cli.people:app", "Ask for people, offer work to who fits it, say why."),
    "accounts": ("banbury.cli.accounts:app", "List accounts, invite people, let them in again."),
    "labs": ("banbury.cli.labs:app", "List labs, make one, bring all to this version."),
    "backup": ("banbury.cli.backup:backup", "Back up the house and every lab, without keys."),
    "restore": ("banbury.cli.backup:restore", "Bring a back-up into an empty store."),
    "doctor": ("banbury.cli.doctor:doctor", "Say what this machine can do, and what to install."),
    "demo": ("banbury.cli.demo:demo", "Run the whole loop on a small real model."),
}

for _name, (_target, _help) in VERBS.items():
    app.command(_target, name=_name, help=_help, sort_key=list(VERBS).index(_name))


def main(words: Sequence[str] | None = None) -> None:
    """Run the command line (of this process, if no words are given).

    An expected error is one line on standard error.
    """
    try:
        app(words)
    except BanburyError as error:
        sys.stderr.write(f"banbury: {error}\n")
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        sys.stderr.write("banbury: stopped; the same command carries on where it was\n")
        raise SystemExit(130) from None
