import io
import os
import tarfile

import pytest
import zstandard

from banbury.errors import GymError, InputError
from banbury.gyms.code_repair import trees


def grown(folder):
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "text.py").write_text("x = 1\n")
    (folder / "run.sh").write_bytes(b"\xff\x00#!")
    (folder / "run.sh").chmod(0o755)
    (folder / "link").symlink_to("a/b/text.py")
    (folder / "empty").mkdir()
    os.mkfifo(folder / "pipe")
    return folder


def test_a_tree_comes_back_as_it_was_and_the_same_files_give_the_same_bytes(tmp_path):
    one, two = grown(tmp_path / "one"), grown(tmp_path / "two")
    (two / "run.sh").chmod(0o700)
    data = trees.packed(one)
    assert data == trees.packed(two)
    trees.unpack(data, tmp_path / "back")
    back = tmp_path / "back"
    assert (back / "a/b/text.py").read_text() == "x = 1\n"
    assert (back / "run.sh").read_bytes() == b"\xff\x00#!"
    assert os.access(back / "run.sh", os.X_OK) and not os.access(back / "a/b/text.py", os.X_OK)
    assert (back / "link").readlink().as_posix() == "a/b/text.py"
    assert (back / "empty").is_dir() and not (back / "pipe").exists()
    assert trees.packed(back) == data


def archive(*entries):
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as tar:
        for name, kind, link in entries:
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, link
            tar.addfile(entry, io.BytesIO())
    return zstandard.compress(held.getvalue())


FILE, LINK, HARD = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE


@pytest.mark.parametrize(
    "entries",
    [
        [("/etc/x", FILE, "")],
        [("../x", FILE, "")],
        [("a/../../x", FILE, "")],
        [("a", FILE, ""), ("a/b", FILE, "")],
    ],
)
def test_nothing_is_written_outside_the_folder(tmp_path, entries):
    with pytest.raises(InputError):
        trees.unpack(archive(*entries), tmp_path / "in" / "tree")
    assert not (tmp_path / "x").exists() and not (tmp_path / "in" / "x").exists()


def test_nothing_is_written_through_a_link_and_hard_links_are_left_out(tmp_path):
    data = archive(("out", LINK, ".."), ("hard", HARD, "/etc/passwd"), ("b", FILE, ""))
    trees.unpack(data, tmp_path / "tree")
    assert sorted(p.name for p in (tmp_path / "tree").iterdir()) == ["b", "out"]
    with pytest.raises(InputError):
        trees.unpack(archive(("out", LINK, ".."), ("out/x", FILE, "")), tmp_path / "other")
    assert not (tmp_path / "x").exists()


def test_a_large_tree_is_a_blob_that_somebody_must_be_able_to_read(tmp_path):
    data = trees.archived({"noise": os.urandom(100_000)})
    tree = trees.tree(data)
    assert tree.data == "" and tree.size == len(data)
    small = trees.tree(trees.archived({"a.py": b"x = 1\n"}))
    assert trees.archive(small) and small.data
    with pytest.raises(GymError, match="nobody can read"):
        trees.archive(tree)
    with pytest.raises(GymError, match="do not have its hash"):
        trees.archive(tree, lambda sha256: b"other")
    place = trees.folder(tmp_path, tree, {tree.sha256: data}.__getitem__)
    assert trees.folder(tmp_path, tree) == place  # unpacked already


def test_trees_that_nobody_has_used_for_a_day_go(tmp_path, monkeypatch):
    monkeypatch.setattr(trees, "KEPT", 2)
    made = [trees.tree(trees.archived({"n": str(n).encode()})) for n in range(4)]
    places = [trees.folder(tmp_path, tree) for tree in made[:3]]
    for place in places:
        os.utime(place, (1, 1))
    trees.folder(tmp_path, made[1])
    trees.folder(tmp_path, made[3])
    left = {p.name for p in tmp_path.iterdir()}
    assert left == {made[1].sha256, made[3].sha256}


@pytest.mark.parametrize("data", [b"", b"no archive", zstandard.compress(b"no tar at all" * 99)])
def test_what_is_no_archive_says_so(tmp_path, data):
    with pytest.raises(InputError, match="no archive"):
        trees.unpack(data, tmp_path / "tree")


def test_a_tree_can_be_read_by_others_whatever_the_umask(tmp_path):
    data = trees.archived({"a/b/c.py": b"x = 1\n"})
    before = os.umask(0o077)
    try:
        trees.unpack(data, tmp_path / "tree")
    finally:
        os.umask(before)
    for place in (tmp_path / "tree", *(tmp_path / "tree").rglob("*")):
        assert place.stat().st_mode & 0o044 == 0o044
