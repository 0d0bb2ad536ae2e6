"""`banbury mine` at the command line: clear errors, JSON, one candidate explained wholly."""

import json

import pytest

from banbury.cli import main
from banbury.store.mining import Found


def run(*words):
    """Run the command line; return its exit status."""
    with pytest.raises(SystemExit) as end:
        main(["mine", *words])
    return end.value.code


@pytest.fixture
def place(address, lab):
    return ["--store", address, "--lab", lab.name]


def test_nothing_to_mine_and_what_is_no_repository_are_errors(place, tmp_path, capsys):
    for words, said in (
        ([], "no repository to mine"),
        ([str(tmp_path / "none")], "no such folder"),
        ([str(tmp_path), "--since", "soon"], "no date"),
        (["--list", str(tmp_path / "list")], "cannot be read"),
    ):
        assert run(*words, *place) == 2 and said in capsys.readouterr().err


def test_a_form_names_no_folder_of_the_machine(place, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("BANBURY_REACH", "public")
    for folder in (str(tmp_path), "ext::sh", "file:///etc"):
        assert run(folder, *place) == 2
        assert "may not be named in a form" in capsys.readouterr().err


def test_a_candidate_is_explained_wholly_and_lists_say_why(place, lab, capsys):
    row = lab.mining.repository("https://host.example/a/rope", "rope")
    lab.mining.find(row.id, [Found("a" * 40, "b" * 40, 10**9, "Fix the length")])
    lab.mining.find(row.id, [Found("c" * 40, "b" * 40, 10**9, "Write", "docs", "documents alone")])
    ids = lab.mining.chosen(row.id)
    lab.mining.claim(ids, "w")
    lab.mining.finish(
        ids[0], "w", "rejected", kind="flaky", reason="it wavers", remedy="look", body=b"{}"
    )
    assert run("--show", "rope@aaaa", *place) == 0
    shown = capsys.readouterr().out
    assert "rejected (flaky): it wavers" in shown and "What to do: look" in shown
    assert run("--show", "rope@aaaa", "--json", *place) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "flaky"
    assert run("--dropped", *place) == 0
    assert "documents alone" in capsys.readouterr().out
    assert run("--table", "--json", *place) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["yield"] == 0.0 and told["repositories"][0]["run"] == 1


def test_a_rewritten_statement_needs_its_file_and_lets_the_candidate_run_again(
    place, lab, tmp_path, capsys
):
    row = lab.mining.repository("https://host.example/a/knot", "knot")
    lab.mining.find(row.id, [Found("d" * 40, "b" * 40, 10**9, "Fix it")])
    assert run("--rewrite", "knot@d", *place) == 2
    (tmp_path / "words").write_text("The knot opens when it is pulled.")
    assert run("--rewrite", "knot@d", "--words", str(tmp_path / "words"), *place) == 0
    assert "judged again" in capsys.readouterr().out
    assert lab.mining.candidate("knot@d").state == "waiting"
