"""What of a row is refused before its environment is resolved, which needs an index of packages."""

import subprocess

import pytest
from tests.cycle.importing.coding.repairs import RIGHT, WRONG

from banbury.cycle.source.importing.coding import code_format, import_code
from banbury.errors import InputError
from banbury.formats.swebench import SweBenchRow, write_rows
from banbury.gyms.code_repair import patches

FIX = patches.diff("prices.py", WRONG.splitlines(True), RIGHT.splitlines(True))
TEST = patches.diff("test_prices.py", None, ["def test_a():\n", "    assert 1\n"])


@pytest.fixture
def repository(tmp_path):
    """A repository of one commit; return its folder and the commit."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "prices.py").write_text(WRONG)
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "first"]):
        subprocess.run(["git", "-C", str(folder), *words], check=True)
    said = subprocess.run(
        ["git", "-C", str(folder), "rev-parse", "HEAD"], capture_output=True, check=True
    )
    return folder, said.stdout.decode().strip()


def row(commit, **changes):
    held = {
        "instance_id": "acme__shop-1",
        "repo": "acme/shop",
        "base_commit": commit,
        "patch": FIX,
        "test_patch": TEST,
        "problem_statement": "The total is wrong.",
        "created_at": "2024-05-01T00:00:00Z",
    }
    return SweBenchRow(**{**held, **changes})


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"base_commit": "f" * 40}, "no commit ffff"),
        ({"patch": FIX.replace("prices[1:]", "other")}, "its patch does not apply"),
        (
            {"test_patch": TEST.replace("test_prices.py", "../out.py")},
            "its test_patch does not apply",
        ),
        ({"patch": ""}, "its patch does not apply"),
        ({"created_at": "last May"}, "no time in ISO 8601"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_the_reason(lab, tmp_path, repository, changes, why):
    folder, commit = repository
    write_rows([row(commit, **changes)], tmp_path / "rows.jsonl")
    with pytest.raises(InputError, match=why):
        import_code(lab, tmp_path / "rows.jsonl", repository=str(folder))
    assert not (tmp_path / "out.py").exists()


def test_rows_need_a_repository(lab, tmp_path):
    write_rows([row("a" * 40)], tmp_path / "rows.parquet")
    assert code_format(tmp_path / "rows.parquet") == "swebench"
    with pytest.raises(InputError, match="Add --repository"):
        import_code(lab, tmp_path / "rows.parquet")
    with pytest.raises(InputError, match="rows are broken"):
        import_code(lab, tmp_path / "rows.parquet", repository=str(tmp_path / "none"))
