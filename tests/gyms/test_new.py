"""A stranger's gym: written by `banbury gym new`, installed outside the tree, found and probed."""

import json
import os
import subprocess
import sys

import pytest
from tests.gyms.test_check import failed

from banbury.errors import InputError
from banbury.gyms.check import check
from banbury.gyms.new.folder import new_gym
from banbury.gyms.table.gym import table_gym

PROGRAM = "from banbury.cli import main; main()"


def ran(words, **environment):
    env = {**os.environ, **{k: str(v) for k, v in environment.items()}}
    return subprocess.run(
        [sys.executable, *words], env=env, capture_output=True, text=True, timeout=120, check=False
    )


def banbury(line, **environment):
    return ran(["-c", PROGRAM, *line.split()], **environment)


def install(folder, target):
    words = "-m pip install -q --no-deps --no-build-isolation --disable-pip-version-check --target"
    done = ran([*words.split(), str(target), str(folder)])
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_package_outside_the_tree_is_listed_proved_and_probed(tmp_path, address, house):
    new_gym("parcels", tmp_path / "parcels")
    install(tmp_path / "parcels", tmp_path / "site")
    new_gym("broken", tmp_path / "broken")
    (tmp_path / "broken" / "broken" / "gym.py").write_text("import no_such_module")
    install(tmp_path / "broken", tmp_path / "site")
    at = {"PYTHONPATH": tmp_path / "site", "BANBURY_URL": address}

    listed = banbury("gym list --json", **at)
    rows = {row["gym"]: row for row in json.loads(listed.stdout)}
    assert rows["parcels"]["skills"] == 1
    assert {"office", "reasoning"} <= set(rows)
    assert "no_such_module" in rows["broken"]["left_out"]

    proved = banbury("gym check parcels", **at)
    assert proved.returncode == 0, proved.stdout
    refused = banbury("gym check broken", **at)
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "no_such_module" in refused.stderr

    line = "probe script:Answer:_amber parcels --lab stranger --batch 6 --most 12 --json"
    words = [word.replace("_", " ") for word in line.split()]
    probed = ran(["-c", PROGRAM, *words], **at)
    (skill,) = json.loads(probed.stdout)["skills"]
    assert skill["skill"] == "parcels.gate"
    assert skill["n"] == 12


def test_the_written_tests_of_the_new_gym_pass(tmp_path):
    new_gym("parcels", tmp_path / "parcels")
    done = ran(
        ["-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path / "parcels" / "tests")],
        PYTHONPATH=tmp_path / "parcels",
    )
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout


def test_the_new_table_is_a_gym_that_keeps_the_contract(tmp_path):
    new_gym("messages", tmp_path / "here", table=True)
    gym = table_gym(tmp_path / "here")
    assert gym.name == "messages"
    assert failed(check(gym)) == []


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "parcels").mkdir()
    new_gym("parcels", tmp_path / "parcels")
    before = sorted(p.stat().st_mtime_ns for p in (tmp_path / "parcels").rglob("*"))
    with pytest.raises(InputError, match="nothing is overwritten"):
        new_gym("parcels", tmp_path / "parcels")
    assert sorted(p.stat().st_mtime_ns for p in (tmp_path / "parcels").rglob("*")) == before
    assert [p.name for p in tmp_path.iterdir()] == ["parcels"]


@pytest.mark.parametrize("name", ["", "Parcels", "2nd", "a-b", "../x", "class", "json", "numpy"])
def test_a_name_that_cannot_be_is_refused_and_nothing_written(tmp_path, name):
    with pytest.raises(InputError):
        new_gym(name, tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_a_gym_has_is_refused(tmp_path):
    with pytest.raises(InputError, match="there is a gym 'office'"):
        new_gym("office", tmp_path / "x", table=True)
