import tomllib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from banbury.errors import InputError
from banbury.formats.harbor import (
    Config,
    HarborTask,
    read_config,
    read_task,
    reward,
    write_config,
    write_task,
)
from banbury.formats.harbor.config import Named, Surroundings

PLAIN = st.text(st.characters(codec="utf-8"))
KEYS = st.text(st.characters(codec="utf-8"), min_size=1)


def task(**changes):
    held = HarborTask(
        Config(task=Named("acme/repair"), environment=Surroundings(network_mode="no-network")),
        "Repair it.",
        {"Dockerfile": b"FROM python:3.11-slim\n", "tree/a.py": b"x = 1\n"},
        {"test.sh": b"#!/bin/bash\n"},
        {"solve.sh": b"#!/bin/bash\n"},
    )
    return msgspec.structs.replace(held, **changes)


def test_a_task_comes_back_from_its_folder_as_it_was(tmp_path):
    write_task(task(), tmp_path / "one")
    assert read_task(tmp_path / "one") == task(instruction="Repair it.\n")
    assert (tmp_path / "one/tests/test.sh").stat().st_mode & 0o100
    said = tomllib.loads((tmp_path / "one/task.toml").read_text())
    assert said["schema_version"] == "1.4"
    assert said["environment"] == {"network_mode": "no-network"}


@given(
    st.dictionaries(KEYS, PLAIN | st.integers(-(2**60), 2**60) | st.booleans() | st.lists(PLAIN))
)
def test_whatever_metadata_are_written_are_read(metadata):
    config = Config(metadata={**metadata, "inner table": dict(metadata)})
    assert read_config(write_config(config)) == config


def test_old_spellings_are_read():
    said = (
        b'version = "1.0"\n[environment]\nmemory = "2G"\nstorage="512M"\nallow_internet = false\n'
    )
    found = read_config(said).environment
    assert (found.memory_mb, found.storage_mb, found.network_mode) == (2048, 512, "no-network")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"x = [", "no task.toml"),
        (b"\xff", "no task.toml"),
        (b"[environment]\nmemory = 'much'", "no size"),
        (b"[verifier]\ntimeout_sec = 'soon'", "float"),
        (b"[environment]\nnetwork_mode = 'wild'", "wild"),
    ],
)
def test_what_is_no_task_toml_is_refused(said, why):
    with pytest.raises(InputError, match=why):
        read_config(said)


def test_a_folder_that_lacks_something_says_what(tmp_path):
    with pytest.raises(InputError, match=r"cannot be read.*task\.toml"):
        read_task(tmp_path)
    write_task(task(tests={}), tmp_path / "a")
    with pytest.raises(InputError, match=r"no tests/test\.sh"):
        read_task(tmp_path / "a")
    write_task(task(), tmp_path / "b")
    (tmp_path / "b/tests/passwd").symlink_to("/etc/passwd")
    with pytest.raises(InputError, match="link"):
        read_task(tmp_path / "b")
    with pytest.raises(InputError, match="there already"):
        write_task(task(), tmp_path / "b")
    steps = msgspec.structs.replace(task().config, steps=({"name": "one"},))
    write_task(task(config=msgspec.structs.replace(task().config)), tmp_path / "c")
    (tmp_path / "c/task.toml").write_text('[[steps]]\nname = "one"\n')
    with pytest.raises(InputError, match="1 steps"):
        read_task(tmp_path / "c")
    assert steps.steps


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"reward.txt": b"1\n"}, 1.0),
        ({"reward.txt": b"0.25"}, 0.25),
        ({"reward.json": b'{"reward": 1}', "reward.txt": b"0"}, 1.0),
        ({"reward.json": b'{"tests": 1, "style": 0.5}'}, 0.75),
        ({"reward.json": b"[1]"}, None),
        ({"reward.json": b"{}"}, None),
        ({"reward.txt": b"nan"}, None),
        ({"reward.txt": b"passed"}, None),
        ({}, None),
    ],
)
def test_a_reward_is_a_number_or_none(files, found):
    assert reward(files) == found
