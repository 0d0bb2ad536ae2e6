"""A back-up brings back all but keys, into an empty store only, and shows where it was changed."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from banbury import store
from banbury.accounts import Accounts
from banbury.errors import CorruptBlob, InputError, StoreError
from banbury.store.backup import MANIFEST, back_up
from banbury.store.restoring import restore, unreadable

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a store with two labs and a person, and a back-up of it."""
    folder = tmp_path_factory.mktemp("backup")
    with store.open(f"banbury://{folder / 'home'}?durable=no") as house:
        one, two = house.lab("one"), house.lab("two")
        accounts = Accounts(house)
        ann = accounts.people.add("ann@x.org", "Ann", "a hash")
        accounts.members.join("one", ann, "owner")
        accounts.close()
        kept = one.blobs.put(b"some bytes of lab one")
        two.put_artifact("note", "kept", {"words": "of lab two"})
        manifest = back_up(house, folder / "backup")
        yield folder, manifest, kept, ann


def test_no_back_up_lies_beside_the_keys(tmp_path, made, monkeypatch):
    folder, *_ = made
    keys = folder / "home" / "keys"
    with store.open(f"banbury://{folder / 'home'}?durable=no") as house:
        with pytest.raises(InputError, match="keys"):
            back_up(house, keys / "backup")
        assert not (keys / "backup").exists()
        monkeypatch.setattr(house.keyring, "folder", tmp_path / "new" / "keys")
        with pytest.raises(InputError, match="keys"):
            back_up(house, tmp_path / "new")


def test_it_names_what_it_holds_and_links_files(made):
    folder, manifest, kept, _ = made
    assert [(lab.name, lab.files) for lab in manifest.labs] == [("one", 1), ("two", 0)]
    [file] = (folder / "backup" / "blobs").rglob(kept.sha256)
    assert file.stat().st_nlink == 2
    assert not list((folder / "backup").rglob("keys"))
    names = {p.name for p in (folder / "home" / "keys").iterdir() if p.suffix != ".gone"}
    assert names.isdisjoint(p.name for p in (folder / "backup").rglob("*"))


def test_it_comes_back_whole_with_its_keys_and_every_lab_stays_alone(made, tmp_path, monkeypatch):
    folder, _, kept, ann = made
    monkeypatch.setenv("BANBURY_KEYS", str(folder / "home" / "keys"))
    url = f"banbury://{tmp_path / 'again'}?durable=no"
    restore(folder / "backup", url)
    with store.open(url) as house:
        assert house.labs() == ["one", "two"] and unreadable(house) == 0
        accounts = Accounts(house)
        assert accounts.people.by_email("ann@x.org").id == ann
        assert [m.name for m in accounts.members.page("one", "an", whole=True).people] == ["Ann"]
        accounts.close()
        one, two = house.lab("one"), house.lab("two")
        assert one.blobs.read(kept.sha256) == b"some bytes of lab one"
        assert two.artifact("note", "kept").body == {"words": "of lab two"}
        house.lab("three").put_artifact("note", "new", {})
        with pytest.raises(StoreError):
            one._database.run(lambda c: c.execute(sa.text("SELECT * FROM pg_database")).all())
        with pytest.raises(InputError, match="holds something"):
            restore(folder / "backup", url)


def test_without_its_keys_a_back_up_says_nothing_of_anybody(made, tmp_path, monkeypatch):
    monkeypatch.setenv("BANBURY_KEYS", str(tmp_path / "none"))
    url = f"banbury://{tmp_path / 'bare'}?durable=no"
    restore(made[0] / "backup", url)
    with store.open(url) as house:
        accounts = Accounts(house)
        assert unreadable(house) == 1
        assert accounts.people.by_email("ann@x.org") is None
        with pytest.raises(CorruptBlob, match="not in the keyring"):
            accounts.people.account(made[3])
        accounts.close()


def test_an_unfinished_or_changed_back_up_is_refused(made, tmp_path):
    folder, _, kept, _ = made
    url = f"banbury://{tmp_path / 'no'}?durable=no"
    with pytest.raises(InputError, match="no back-up"):
        restore(tmp_path, url)
    copy = tmp_path / "copy"
    for file in (p for p in (folder / "backup").rglob("*") if p.is_file()):
        to = copy / file.relative_to(folder / "backup")
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(file.read_bytes())
    [blob] = copy.rglob(kept.sha256)
    blob.write_bytes(b"other bytes")
    with pytest.raises(CorruptBlob, match="was changed"):
        restore(copy, url)
    made_ = json.loads((copy / MANIFEST).read_bytes()) | {"sums": "0" * 64}
    (copy / MANIFEST).write_text(json.dumps(made_))
    with pytest.raises(CorruptBlob, match="list of files"):
        restore(copy, url)
    assert not (tmp_path / "no").exists()


def test_a_back_up_wants_a_new_folder(made, tmp_path):
    (tmp_path / "there").write_text("something")
    with store.open(f"banbury://{made[0] / 'home'}?durable=no") as house:
        with pytest.raises(InputError, match="something already"):
            back_up(house, Path(tmp_path))
