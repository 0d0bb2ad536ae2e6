"""Shared parts of the tests: one embedded server for the whole run, a fresh lab for each test."""

import asyncio
import itertools
import os
import shutil
import signal
import tempfile
import time
from pathlib import Path

import pytest

# Its plug-in loads it at the end if nobody did, and Python 3.11 may fail to parse then.
from hypothesis import HealthCheck, settings

from banbury import store
from banbury.store.embedded import supervised

_numbers = itertools.count(1)
# The columns of the house that name a lab.
_NAMING = """
    SELECT a.attrelid::regclass::text, a.attname
    FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f' AND c.confrelid = 'lab'::regclass
    UNION
    SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND column_name = 'lab'
"""

# What a run needs at its largest, in bytes.
ROOM = 3 << 30

# How long a machine takes decides nothing. CI tries the same examples each time, so that what
# fails there is of the change; everybody else tries new ones.
settings.register_profile(
    "banbury",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
settings.load_profile("banbury")

# A shell starts what it sends to the background with Ctrl-C ignored; tests send it.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_sessionstart(session):
    """Say in one sentence what a thousand errors would say on a full disk."""
    at = session.config.option.basetemp or tempfile.gettempdir()
    free = shutil.disk_usage(at if Path(at).exists() else Path(at).absolute().parent).free
    if free < ROOM and not hasattr(session.config, "workerinput"):
        pytest.exit(
            f"the tests need {ROOM >> 30} GB of room in {at}, {free / (1 << 30):.1f} GB are free: "
            "free some, or name another folder with TMPDIR=FOLDER",
            returncode=1,
        )


def stopped(home, seconds=60.0):
    """Wait until no supervisor holds the folder; say whether that came to pass."""
    last = time.monotonic() + seconds
    while supervised(home):
        if time.monotonic() > last:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    """Return the address of the run's store."""
    # Thrown away in the end: a checkpoint of a hundred labs would wait for 30,000 files.
    return f"banbury://{tmp_path_factory.mktemp('house')}?durable=no"


@pytest.fixture(scope="session")
def house(address):
    with store.open(address) as opened:
        yield opened
    home = Path(address.removeprefix("banbury://").removesuffix("?durable=no"))
    assert stopped(home), "the embedded server did not stop after its last user"
    shutil.rmtree(home)


def drop(house, lab):
    """Drop a lab with all that the house knows of it: 11 MB, and a run makes hundreds."""
    lab.close()
    house._labs.pop(lab.name, None)
    name = house.databases()[lab.name]
    with house.server.connect(house.server.house) as connection:
        connection.autocommit = True
        connection.execute(f'DROP DATABASE "{name}" (FORCE)')
        connection.execute("SET session_replication_role = replica")
        for table, column in connection.execute(_NAMING).fetchall():
            connection.execute(f'DELETE FROM "{table}" WHERE "{column}" = %s', [lab.name])
        connection.execute("DELETE FROM lab WHERE name = %s", [lab.name])


@pytest.fixture
def lab(house):
    made = house.lab(f"lab-{next(_numbers)}")
    yield made
    drop(house, made)


@pytest.fixture(autouse=True)
def loop_of_the_browser(request):
    """Let a test without a browser run event loops of its own, after one with a browser.

    Playwright's driver leaves the loop that it runs claimed by the main thread.
    """
    claimed = asyncio._get_running_loop()
    if claimed is None or "chromium" in request.fixturenames:
        yield
        return
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(claimed)
