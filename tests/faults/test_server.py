"""The database after a crash."""

import contextlib
import sys

import pytest


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has syncfs")
def test_a_server_that_crashed_does_not_write_out_every_file_one_by_one(house):
    # With a hundred labs these are 30,000 files, and nobody is served meanwhile.
    with contextlib.closing(house._server.connect("postgres")) as admin:
        assert admin.execute("SHOW recovery_init_sync_method").fetchone() == ("syncfs",)
