import json
import subprocess

import pytest
from tests.cycle.importing.coding.repairs import RIGHT, TESTS, repair

from banbury.cycle.source.importing.coding import export_code
from banbury.cycle.source.importing.coding.swebench_out import repository
from banbury.errors import InputError
from banbury.formats.harbor import read_task
from banbury.formats.swebench import read_row


def test_a_row_holds_diffs_that_git_applies(lab, tmp_path):
    base = tmp_path / "project"
    lab.put_tasks([repair(base)])
    got = export_code(lab, tmp_path / "rows.jsonl", "swebench")
    assert (got.tasks, got.reasons) == (1, [])
    row = read_row(json.loads((tmp_path / "rows.jsonl").read_text()))
    assert row.repo == "acme/shop"
    assert row.fail_to_pass == ("tests/test_prices.py::Prices::test_all",)
    for patch in (row.patch, row.test_patch):
        subprocess.run(["git", "apply", "-"], input=patch.encode(), cwd=base, check=True)
    assert (base / "shop/prices.py").read_text() == RIGHT
    assert (base / "tests/test_prices.py").read_text() == TESTS


def test_folders_are_written_once_and_tasks_can_be_named(lab, tmp_path):
    problem = repair(tmp_path / "project")
    lab.put_tasks([problem])
    out = tmp_path / "harbor"
    assert export_code(lab, out, "harbor", tasks=[problem.task.id[:10]]).tasks == 1
    assert export_code(lab, out, "harbor").there == 1
    (folder,) = out.iterdir()
    assert folder.name.startswith("shop-")
    docker = read_task(folder).environment["Dockerfile"].decode()
    assert docker.startswith("FROM python:3.11-slim\n")
    with pytest.raises(InputError, match="no repair"):
        export_code(lab, out, "harbor", tasks=["zzz"])
    with pytest.raises(InputError, match="no task"):
        export_code(lab, out, "harbor", skill="code_repair.other")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://example.org/acme/shop.git", "acme/shop"),
        ("git@example.org:acme/shop", "acme/shop"),
        ("/srv/mirrors/acme/shop/", "acme/shop"),
    ],
)
def test_a_repository_is_named_by_owner_and_name(address, name):
    assert repository(address) == name
