"""Trees without large pictures that nothing needs; all else stays as it is."""

import random

from tests.cycle.mine.history.conftest import Maker

from banbury.cycle.source.mine.history import open_repository
from banbury.cycle.source.mine.lean import EACH, MOST, thinned
from banbury.cycle.source.mine.trees import exported

LARGE = random.Random(0).randbytes(MOST // 2)
TREE = {
    "rope/__init__.py": b"",
    "rope/data/logo.png": LARGE,
    "tests/data/shot.png": LARGE,
    "imgs/a.gif": LARGE,
    "imgs/b.png": LARGE,
    "imgs/small.png": LARGE[:EACH],
    "imgs/table.csv": LARGE,
}


def written(folder, files):
    for name, data in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return folder


def test_large_pictures_go_that_no_package_and_no_test_holds(tmp_path):
    folder = written(tmp_path, TREE)
    assert thinned(folder) == ["imgs/a.gif", "imgs/b.png"]
    left = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert left == set(TREE) - {"imgs/a.gif", "imgs/b.png"}
    assert thinned(folder) == [], "what is left is small"


def test_nothing_goes_where_all_is_small(tmp_path):
    few = {
        name: data for name, data in TREE.items() if name not in ("imgs/b.png", "imgs/small.png")
    }
    assert thinned(written(tmp_path, few)) == []


def test_the_tree_of_a_commit_is_thinned_and_kept(tmp_path):
    maker = Maker(tmp_path / "rope")
    maker.commit("Begin", TREE)
    with open_repository(str(maker.path), tmp_path / "repositories") as repository:
        key, folder = exported(repository, repository.head, tmp_path / "cache")
        assert not (folder / "imgs/a.gif").exists() and (folder / "imgs/table.csv").exists()
        assert exported(repository, repository.head, tmp_path / "cache") == (key, folder)
