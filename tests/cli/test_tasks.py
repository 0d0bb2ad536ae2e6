import json

import pytest

from banbury.cli import main


@pytest.fixture
def banbury(address, lab, capsys):
    def run(*words, code=0):
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main(["tasks", *words, "--store", address, "--lab", lab.name])
        assert end.value.code == code
        return capsys.readouterr().out

    return run


def test_tasks_go_in_and_out(banbury, tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("text,mood\nfine,good\npoor,bad\n")
    words = ("import", str(path), "--controls", "choice mood: good, bad", "--gold", "mood=mood")
    assert "2 put into the campaign moods" in banbury(*words, "--campaign", "moods")
    assert "taken before; nothing was done" in banbury(*words, "--campaign", "moods")
    (held,) = json.loads(banbury("list", "--json"))
    assert (held["campaign"]["name"], held["campaign"]["tasks"]) == ("moods", 2)
    assert "poor" in banbury("list", "--campaign", "moods")
    assert "labelling.choice" in banbury("list", "--skill", "labelling.*")
    out = tmp_path / "out.jsonl"
    assert json.loads(banbury("export", str(out), "--campaign", "moods", "--json"))["tasks"] == 2
    assert "good" not in json.loads(out.read_text().splitlines()[0]).get("gold", {})


def test_a_model_is_named_with_the_import(banbury, tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("text\nfine\n")
    words = ("import", str(path), "--controls", "choice mood: good, bad", "--propose", "script:x")
    said = banbury(*words, "--campaign", "moods")
    assert "1 of 1 open task answered by script:x" in said
    assert "0 of these have the right form" in said
    banbury(*words, code=2)


def test_a_gold_column_of_no_control_is_refused(banbury, tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("text\nfine\n")
    gold = ("--controls", "choice mood: a, b", "--gold", "tone=text")
    banbury("import", str(path), *gold, code=2)
