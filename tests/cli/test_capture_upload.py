"""`banbury capture upload`: into a store here and to a workbench elsewhere, again and again."""

import json

import pytest
from tests.web.conftest import served, site  # noqa: F401  its server is the one to send to

from banbury.cli.capture_upload import TOKEN, upload
from banbury.cli.terminal import Place
from banbury.errors import InputError


@pytest.fixture
def files(tmp_path):
    made = [tmp_path / "a.mp4", tmp_path / "b.wav"]
    for number, file in enumerate(made):
        file.write_bytes(bytes([number]) * 1000)
    return made


def test_files_of_this_machine_come_into_a_lab_once(files, address, house, capsys):
    house.lab("brought")
    for _ in range(2):
        upload(files, task="t", place=Place(address, "brought"), json=True)
        said = json.loads(capsys.readouterr().out)
        assert [s["name"] for s in said] == ["a.mp4", "b.wav"]
        assert {s["state"] for s in said} == {"kept"}
    lab = house.lab("brought")
    assert lab.blobs.read(said[1]["sha256"]) == b"\1" * 1000
    assert len(lab.uploads.listed()) == 2
    upload(files, task="t", place=Place(address, "brought"))
    shown = capsys.readouterr()
    assert said[0]["sha256"] in shown.out.replace("\n", "") or "a.mp4" in shown.out


def test_files_go_to_a_workbench_elsewhere(files, site, monkeypatch, capsys):  # noqa: F811
    with pytest.raises(InputError, match="is not set"):
        upload(files, at=site.origin, place=Place(lab="site"))
    caller = site.caller("researcher")
    token = site.accounts.tokens.make(caller, "a test", frozenset({"*:*"}), lab="", days=1)
    monkeypatch.setenv(TOKEN, token.code)
    upload(files, task="over", at=site.origin, place=Place(lab="site"), json=True)
    said = json.loads(capsys.readouterr().out)
    assert site.house.lab("site").blobs.read(said[0]["sha256"]) == b"\0" * 1000


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        upload([tmp_path / "none.mp4"])
