import pytest
from tests.gyms.code_repair.projects import environment


@pytest.fixture(scope="session")
def with_pytest(tmp_path_factory):
    """An environment that has pytest, and nothing else."""
    return environment(tmp_path_factory.mktemp("env"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("BANBURY_CACHE", str(tmp_path_factory.getbasetemp() / "repair-cache"))
