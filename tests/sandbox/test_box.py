"""A box runs commands over layers, keeps what differs, goes back, forks and freezes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.sandbox.ordinary import command, users

from banbury.errors import InputError
from banbury.sandbox import Box, Limits, available

ROOT = Path(__file__).parents[2]
ODD = """
import sys
from pathlib import Path
from banbury.sandbox import Box
folder = Path(sys.argv[1])
with Box([folder / "merged"]) as box:
    assert box.run(["sh", "-c", "echo more >> a/x; rm b"]).code == 0
    assert box.changes() == {"a/x": b"xmore\\n", "b": None}, box.changes()
    layer = box.freeze(folder / "frozen")
with Box([layer]) as box:
    assert box.run(["cat", "a/x"]).out == b"xmore\\n"
print("fine")
"""
MOUNT = """
cd "$1"; mkdir upper work merged
mount -t overlay o -o lowerdir=tree,upperdir=upper,workdir=work merged
shift; exec "$@"
"""


@pytest.fixture(scope="module", autouse=True)
def possible() -> None:
    assert available() == ""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tree/a").mkdir(parents=True)
    (tmp_path / "tree/a/x").write_text("x")
    (tmp_path / "tree/b").write_text("b")
    return tmp_path / "tree"


def test_what_differs_from_the_layers_comes_out(tree: Path) -> None:
    with Box([tree]) as box:
        ran = box.run(["sh", "-c", "rm -r a; mkdir a; echo new > a/y; echo b > c; cat b"])
        assert (ran.code, ran.out, ran.end) == (0, b"b", "exit")
        assert box.changes() == {"a/x": None, "a/y": b"new\n", "c": b"b\n"}
    assert (tree / "a/x").read_text() == "x"


def test_restore_and_fork_begin_where_the_snapshot_was(tree: Path) -> None:
    with Box([tree]) as box:
        box.write("a/x", b"first")
        before = box.snapshot()
        box.run(["sh", "-c", "rm -r /work/*; touch /tmp/seen"])
        box.restore(before)
        assert box.run(["sh", "-c", "cat a/x b; ls /tmp"]).out == b"firstbhome\n"
        one, two = box.fork(2)
        box.close()
        with one, two:
            one.write("b", b"one")
            assert (one.read("b"), two.read("b")) == (b"one", b"b")
            assert two.changes() == {"a/x": b"first"}


def test_a_frozen_tree_is_a_layer(tree: Path, tmp_path: Path) -> None:
    with Box([tree]) as box:
        box.run(["sh", "-c", "echo z > z; mkfifo p; ln -s /etc/passwd l; chmod 4755 b"])
        layer = box.freeze(tmp_path / "frozen")
        with pytest.raises(InputError):
            box.freeze(tmp_path / "frozen")
    assert sorted(p.name for p in layer.path.iterdir()) == ["a", "b", "l", "z"]
    assert (layer.path / "b").stat().st_mode & 0o7777 == 0o755
    with Box([layer]) as box:
        assert box.run(["sh", "-c", "echo more >> z; cat z b"]).out == b"z\nmore\nb"


def test_codes_output_and_input() -> None:
    with Box(limits=Limits(output=10)) as box:
        assert box.run(["cat"], stdin=b"abc").out == b"abc"
        assert box.run(["no-such-program"]).code == 127
        assert box.run(["sh", "-c", "exit 3"]).code == 3
        assert box.run(["sh", "-c", "kill -9 $$"]).end == "signal"
        ran = box.run(["sh", "-c", "head -c 3000000 /dev/zero"])
        assert (len(ran.out), ran.cut) == (10, 2_999_990)


@pytest.mark.parametrize("user", users())
def test_layers_may_lie_where_owners_cannot_be_mapped(
    tree: Path, tmp_path_factory: pytest.TempPathFactory, user: str
) -> None:
    """On an overlay, as Docker's root folder is; the ordinary user is root of a namespace there."""
    folder = tmp_path_factory.mktemp("odd")
    tree.rename(folder / "tree")
    words = ["sh", "-ec", MOUNT, "sh", str(folder), sys.executable, "-c", ODD, str(folder)]
    as_root = user != users()[-1]
    words = ["unshare", "--mount", *([] if as_root else ["--map-root-user"]), *words]
    if os.geteuid() == 0 and not as_root:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, 12345, 12345)
    done = subprocess.run(
        command(user, words, str(ROOT), str(folder)), cwd=ROOT, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": ":".join(p for p in sys.path if p)}, check=False,
    )  # fmt: skip
    assert done.stdout == "fine\n", done.stderr
