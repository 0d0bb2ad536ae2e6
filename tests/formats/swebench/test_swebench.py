import json

import pyarrow.parquet as pq
import pytest

from banbury.errors import InputError
from banbury.formats.swebench import SweBenchRow, read_row, row_values, write_rows

ROW = SweBenchRow(
    instance_id="acme__thing-1",
    repo="acme/thing",
    base_commit="a" * 40,
    patch="diff --git a/x b/x\n",
    test_patch="diff --git a/t b/t\n",
    problem_statement="It breaks.",
    fail_to_pass=("t.py::test_a[1-\u00e9]",),
    pass_to_pass=("t.py::test_b", "t.py::test_c"),
)


def test_a_row_comes_back_from_its_columns():
    values = row_values(ROW)
    assert json.loads(values["FAIL_TO_PASS"]) == ["t.py::test_a[1-\u00e9]"]
    assert read_row(values) == ROW
    assert (
        read_row({**values, "FAIL_TO_PASS": ["t.py::test_a[1-\u00e9]"], "hints_text": None}) == ROW
    )


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.parquet"])
def test_files_hold_all_columns_as_text(tmp_path, name):
    assert write_rows([ROW, ROW], tmp_path / "new" / name) == 2
    path = tmp_path / "new" / name
    if path.suffix == ".parquet":
        held = pq.read_table(path).to_pylist()
    else:
        held = [json.loads(line) for line in path.read_text().splitlines()]
    assert [read_row(one) for one in held] == [ROW, ROW]
    assert list(held[0]) == list(row_values(ROW))
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("change", [{"FAIL_TO_PASS": "t.py"}, {"repo": 7}, {"FAIL_TO_PASS": "{}"}])
def test_a_broken_row_is_refused_with_its_place(change):
    with pytest.raises(InputError, match="line 3"):
        read_row({**row_values(ROW), **change}, "x.jsonl, line 3")
    with pytest.raises(InputError, match="instance_id"):
        read_row({"repo": "acme/thing"})
