"""Shared parts of the tests: one embedded server for the whole run, a fresh lab for each test."""

import asyncio
import itertools
import signal
import time
from pathlib import Path

import pytest

# Its plug-in loads it at the end if nobody did, and Python 3.11 may fail to parse then.
from hypothesis import HealthCheck, settings

from banbury import store
from banbury.store.embedded import supervised

_numbers = itertools.count(1)

# How long a machine takes decides nothing.
settings.register_profile("banbury", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("banbury")

# A shell starts what it sends to the background with Ctrl-C ignored; tests send it.
signal.signal(signal.SIGINT, signal.default_int_handler)


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


@pytest.fixture
def lab(house):
    return house.lab(f"lab-{next(_numbers)}")


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
