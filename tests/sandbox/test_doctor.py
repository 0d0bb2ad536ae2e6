"""`banbury doctor` says what there is and what to do."""

import json

import pytest

from banbury import cli
from banbury.sandbox import available, machine, report
from banbury.sandbox.launcher import filter


def test_boxes_can_be_made_here() -> None:
    assert available() == ""
    rows = {row.name: row for row in report()}
    assert {"boxes", "Linux", "bubblewrap", "user namespaces", "memory and processes"} <= {*rows}
    assert rows["boxes"].state == "fine"


def test_the_command_prints_rows(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["doctor", "--json"])
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert {"boxes", "git", "uv", "disk", "memory", "accelerator"} <= {*rows}
    assert all(row["do"] for row in rows.values() if row["state"] == "missing")


def test_the_profile_names_the_programs(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["doctor", "--profile"])
    assert "userns," in capsys.readouterr().out


def test_without_bubblewrap_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert "apt install bubblewrap" in machine.advice()


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("counted", [True, False])
def test_a_filter_is_a_program_whose_jumps_stay_inside(machine: str, counted: bool) -> None:
    program = filter.program(counted=counted, machine=machine)
    lines = [program[n : n + 8] for n in range(0, len(program), 8)]
    for at, line in enumerate(lines):
        if line[0] & 0x07 == 0x05:
            assert at + 1 + max(line[2], line[3]) < len(lines)
    assert lines[-1][0] == 0x06


def test_no_filter_is_made_up_for_an_unknown_processor() -> None:
    assert filter.program(counted=True, machine="vax") == b""
