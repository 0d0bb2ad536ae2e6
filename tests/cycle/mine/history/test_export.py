import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banbury.cycle.source.mine.history.paths import inside, refused
from banbury.errors import InputError


def test_a_tree_is_written_as_it_is_without_history(make, opened, tmp_path):
    made = make()
    made.write({"a/b.py": "b\r\n", "run.sh": "#!/bin/sh\n", ".gitattributes": "* text eol=crlf\n"})
    (made.path / "run.sh").chmod(0o755)
    (made.path / "a" / "link").symlink_to("b.py")
    head = made.commit("Begin", {"näme.txt": "x", "line\nbreak": "y"})
    done = opened(made.path).tree(head, tmp_path / "tree")
    tree = tmp_path / "tree"
    assert done.files == 6 and not done.notes
    assert (tree / "run.sh").stat().st_mode & 0o111
    assert (tree / "a" / "link").readlink().name == "b.py" and not (tree / ".git").exists()
    assert (tree / "line\nbreak").read_text() == "y" and (tree / "näme.txt").is_file()


def test_links_that_lead_out_are_left_out_and_told(make, opened, tmp_path):
    made = make()
    links = {"out": "../x", "abs": "/etc/passwd", "up": ".", "over": "up/../x", "ring": "ring"}
    for name, to in links.items():
        (made.path / name).symlink_to(to)
    (made.path / "e" / "f").mkdir(parents=True)
    (made.path / "e" / "f" / "root").symlink_to("../..")
    (made.path / "e" / "f" / "trick").symlink_to("root/../secret")
    head = made.commit("Begin", {"a.py": ""})
    done = opened(made.path).tree(head, tmp_path / "tree")
    told = " ".join(done.notes)
    for name in ("'out'", "'abs'", "'over'", "'ring'", "'e/f/trick'"):
        assert name in told
    assert sorted(p.name for p in (tmp_path / "tree").iterdir()) == ["a.py", "e", "up"]


def test_hostile_names_are_left_out_and_told(make, opened, tmp_path):
    made = make()
    blob = made.blob(b"owned")
    names = [b"../escaped", b"/rooted", b".git", b".GIT", b"a//b", b"fine", b"x" * 300]
    head = made.raw([("100644", name, blob) for name in names])
    done = opened(made.path).tree(head, tmp_path / "tree")
    assert [path.name for path in (tmp_path / "tree").iterdir()] == ["fine"]
    assert len(done.notes) == 6 and not (tmp_path / "escaped").exists()


def test_a_link_and_a_folder_of_one_name_do_not_lead_out(make, opened, tmp_path):
    made = make()
    blob, link = made.blob(b"owned"), made.blob(str(tmp_path).encode())
    inner = b"100644 owned\0" + bytes.fromhex(blob)
    tree = made.git("hash-object", "-t", "tree", "-w", "--stdin", stdin=inner)
    head = made.raw([("120000", b"sub", link), ("40000", b"sub", tree)])
    opened(made.path).tree(head, tmp_path / "tree")
    assert not (tmp_path / "owned").exists() and not (tmp_path / "tree" / "sub").is_symlink()


def test_names_that_differ_in_case_are_told(make, opened, tmp_path):
    made = make()
    head = made.commit("Begin", {"Read.py": "1", "read.py": "2"})
    (note,) = opened(made.path).tree(head, tmp_path / "tree").notes
    assert "differ only in case" in note


def test_a_huge_file_is_left_out_and_told(make, opened, tmp_path, monkeypatch):
    monkeypatch.setattr("banbury.cycle.source.mine.history.export.LARGEST", 100)
    made = make()
    head = made.commit("Begin", {"big.bin": b"0" * 101, "small.bin": b"0" * 100})
    (note,) = opened(made.path).tree(head, tmp_path / "tree").notes
    assert "'big.bin' is left out" in note
    assert [path.name for path in (tmp_path / "tree").iterdir()] == ["small.bin"]


def test_only_an_empty_folder_is_written_to(sums, opened, tmp_path):
    repository = opened(sums.path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("keep")
    with pytest.raises(InputError, match="not empty"):
        repository.tree(repository.head, tmp_path / "full")
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(InputError, match="not empty"):
        repository.tree(repository.head, tmp_path / "link")


def test_a_bad_encoding_in_message_and_path_is_kept(make, opened, tmp_path):
    made = make()
    head = made.raw([("100644", b"caf\xe9.py", made.blob(b"x"))], message="Caf\udce9")
    repository = opened(made.path)
    repository.tree(head, tmp_path / "tree")
    assert [os.fsencode(p.name) for p in (tmp_path / "tree").iterdir()] == [b"caf\xe9.py"]


part = st.sampled_from(["a", "b", "..", ".", "", "l", "m", ".git", "n\0"])
paths = st.lists(part, min_size=1, max_size=6).map("/".join)


@given(paths)
def test_a_path_that_is_not_refused_stays_below_its_root(path):
    if not refused(path):
        assert os.path.normpath(path) == path and not path.startswith(("/", ".."))


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(["l", "m", "a/l", "a/b/m"]), paths, max_size=4))
def test_a_link_that_stays_inside_resolves_below_the_root(tmp_path_factory, links):
    kept = {path: to for path, to in links.items() if inside(path, links) and "\0" not in to}
    root = tmp_path_factory.mktemp("links") / "root"
    (root / "a" / "b").mkdir(parents=True)
    for path, to in kept.items():
        (root / path).symlink_to(to)
    for path in kept:
        try:
            where = (root / path).resolve()
        except RuntimeError:  # a ring, which leads nowhere
            continue
        assert where.is_relative_to(root)
