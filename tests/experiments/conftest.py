import runpy
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory):
    """A chat model with random weights; see tests/tiny_model.py."""
    script = Path(__file__).parents[1] / "tiny_model.py"
    return runpy.run_path(str(script))["make"](tmp_path_factory.mktemp("tiny"))
