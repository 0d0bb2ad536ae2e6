import functools
import http.server
import subprocess
import threading

import pytest

from banbury.cycle.source.mine.history import open_repository, opening
from banbury.errors import InputError


def commits(repository):
    return [unit.subject for unit in repository.units()]


def test_work_trees_bare_clones_and_linked_trees_are_opened(sums, opened, tmp_path):
    sums.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    sums.git("worktree", "add", "-q", "--detach", str(tmp_path / "linked"), "HEAD")
    for path in (sums.path, sums.path / ".git", tmp_path / "bare.git", tmp_path / "linked"):
        assert commits(opened(path)) == ["Fix the first number being ignored by total (#12)"]


def test_packed_references_and_a_detached_head_are_read(sums, opened):
    first = sums.git("rev-parse", "HEAD~1")
    sums.git("pack-refs", "--all")
    assert opened(sums.path).head == sums.git("rev-parse", "main")
    sums.git("checkout", "-q", "--detach", first)
    assert opened(sums.path).head == first


def test_hashes_of_256_bits_are_read(make, opened):
    made = make("wide", kind="sha256")
    made.commit("Begin", {"a.py": "a = 1\n"})
    made.commit("Go on", {"a.py": "a = 2\n"})
    assert commits(opened(made.path)) == ["Go on"]


def test_what_is_no_repository_gets_one_clear_error(make, tmp_path):
    (tmp_path / "plain").mkdir()
    for path, said in (
        (tmp_path / "nothing", "no such folder"),
        (tmp_path / "plain", "not a git repository"),
        (make("empty").path, "no commits"),
    ):
        with pytest.raises(InputError, match=said):
            open_repository(path, tmp_path / "cache")


@pytest.mark.parametrize(
    "address",
    [
        "ext::sh -c touch% /tmp/owned",
        "file:///etc",
        "ssh://example.org/a",
        "git@example.org:a/b.git",
        "http://example.org/a.git",
        "https://name:word@example.org/a.git",
        "https:///a",
        "fd::17/foo",
    ],
)
def test_only_plain_https_addresses_are_fetched(address, tmp_path):
    with pytest.raises(InputError, match="not fetched"):
        open_repository(address, tmp_path / "cache")


def test_nothing_that_a_repository_says_is_run(sums, opened, tmp_path):
    owned = tmp_path / "owned"
    folder = sums.path / ".git"
    with (folder / "config").open("a") as config:
        config.write(
            f'[core]\n fsmonitor = "touch {owned}"\n pager = "touch {owned}"\n'
            f' sshCommand = "touch {owned}"\n hooksPath = {folder}/hooks\n'
            f' alternateRefsCommand = "touch {owned}"\n'
            f'[diff "own"]\n textconv = "touch {owned}; cat"\n command = "touch {owned}"\n'
            f'[filter "own"]\n smudge = "touch {owned}; cat"\n clean = "touch {owned}; cat"\n'
            f'[uploadpack]\n packObjectsHook = "touch {owned}"\n[include]\n path = {owned}\n'
        )
    (folder / "info").mkdir(exist_ok=True)
    (folder / "info" / "attributes").write_text("* diff=own filter=own\n")
    for hook in ("post-checkout", "post-index-change", "reference-transaction"):
        (folder / "hooks").mkdir(exist_ok=True)
        (folder / "hooks" / hook).write_text(f"#!/bin/sh\ntouch {owned}\n")
        (folder / "hooks" / hook).chmod(0o755)
    repository = opened(sums.path)
    (unit,) = repository.units()
    repository.patch(unit.base, unit.commit, [change.path for change in unit.files])
    repository.tree(unit.commit, tmp_path / "tree")
    assert not owned.exists()
    assert (tmp_path / "tree" / "sums.py").is_file()


def test_replaced_and_grafted_commits_are_not_followed(sums, opened):
    other = sums.git("commit-tree", "HEAD^{tree}", "-m", "Another past")
    true = opened(sums.path).head
    sums.git("replace", true, other)
    (sums.path / ".git" / "info").mkdir(exist_ok=True)
    (sums.path / ".git" / "info" / "grafts").write_text(f"{true}\n")
    assert commits(opened(sums.path)) == ["Fix the first number being ignored by total (#12)"]


def test_borrowed_objects_are_refused(sums, tmp_path):
    sums.git("clone", "-q", "--shared", ".", str(tmp_path / "shared"))
    with pytest.raises(InputError, match="borrows objects"):
        open_repository(tmp_path / "shared", tmp_path / "cache")


def test_a_shallow_clone_ends_where_its_history_ends(make, opened, tmp_path):
    made = make()
    for number in range(5):
        made.commit(f"Number {number}", {"a.txt": f"{number}\n"})
    made.git("clone", "-q", "--depth", "3", f"file://{made.path}", str(tmp_path / "short"))
    assert commits(opened(tmp_path / "short")) == ["Number 4", "Number 3"]


@pytest.fixture
def served(tmp_path):
    """Serve a folder over HTTP and return its address."""
    root = tmp_path / "served"
    root.mkdir()
    handler = functools.partial(_Quiet, directory=str(root))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield root, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def published(made, root, name):
    made.git("clone", "-q", "--bare", ".", str(root / name))
    subprocess.run(["git", "update-server-info"], cwd=root / name, check=True)


def test_an_address_is_fetched_once_and_again_when_it_grew(sums, served, opened):
    root, address = served
    published(sums, root, "sums.git")
    first = opened(f"{address}/sums.git", protocols=("http",))
    assert len(commits(first)) == 1
    sums.commit("Go on", {"b.py": "b = 1\n"})
    sums.git("push", "-q", str(root / "sums.git"), "main")
    subprocess.run(["git", "update-server-info"], cwd=root / "sums.git", check=True)
    assert len(commits(opened(f"{address}/sums.git", protocols=("http",)))) == 2


def test_an_address_without_a_repository_says_so(served, tmp_path):
    _, address = served
    with pytest.raises(InputError, match="cannot be fetched"):
        open_repository(f"{address}/none.git", tmp_path / "cache", protocols=("http",))


def test_a_submodule_is_filled_from_another_repository_or_an_address(
    make, served, opened, tmp_path
):
    root, address = served
    data = make("data")
    wanted = data.commit("Data", {"case.toml": "a = 1\n"})
    data.commit("Later", {"case.toml": "a = 2\n"})
    published(data, root, "ada/data.git")
    made = make()
    modules = f'[submodule "data"]\n\tpath = tests/data\n\turl = {address}/ada/data.git\n'
    made.write({".gitmodules": modules, "a.py": "a = 1\n"})
    made.git("add", "-A")
    made.git("update-index", "--add", "--cacheinfo", f"160000,{wanted},tests/data")
    made.git("commit", "-q", "-m", "Begin")
    head = made.git("rev-parse", "HEAD")
    local = opened(made.path, clones=str(tmp_path / "{name}"))
    assert not local.tree(head, tmp_path / "one").notes
    far = opened(made.path, protocols=("http",))
    assert not far.tree(head, tmp_path / "two").notes
    for name in ("one", "two"):
        assert (tmp_path / name / "tests" / "data" / "case.toml").read_text() == "a = 1\n"
    (note,) = opened(made.path).tree(head, tmp_path / "three").notes
    assert "is left empty" in note


@pytest.mark.parametrize("name", ["../../outside", "/etc", "data"])
@pytest.mark.parametrize(
    "url", ["ext::sh -c touch% owned", "file:///etc", "../../x", "--upload-pack=x"]
)
def test_a_hostile_submodule_is_left_empty_and_told(make, opened, tmp_path, name, url):
    made = make()
    made.write({".gitmodules": f'[submodule "{name}"]\n\tpath = sub\n\turl = {url}\n'})
    made.git("add", "-A")
    made.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    made.git("commit", "-q", "-m", "Begin")
    (note,) = opened(made.path).tree(made.git("rev-parse", "HEAD"), tmp_path / "tree").notes
    assert "is left empty" in note and not (made.path / "owned").exists()


def test_the_nearest_tag_before_a_commit_is_found_loose_packed_and_fetched(make, served, opened):
    root, address = served
    made = make("tagged")
    first = made.commit("Begin", {"a.txt": "1\n"})
    made.git("tag", "v1.0")
    second = made.commit("Go on", {"a.txt": "2\n"})
    made.git("tag", "-a", "-m", "two", "v2.0", second)
    made.git("pack-refs", "--all")
    third = made.commit("Go on", {"a.txt": "3\n"})
    made.git("tag", "nightly")
    published(made, root, "tagged.git")
    for repository in (opened(made.path), opened(f"{address}/tagged.git", protocols=("http",))):
        assert [repository.tag(c) for c in (first, second, third)] == ["v1.0", "v2.0", "v2.0"]
    bare = make("bare")
    only = bare.commit("Begin")
    assert opened(bare.path).tag(only) == ""


def test_from_a_form_nothing_within_the_machines_network_is_fetched(served, monkeypatch, tmp_path):
    _, address = served
    monkeypatch.setenv("BANBURY_REACH", "public")
    with pytest.raises(InputError, match="no address of the public internet"):
        open_repository(f"{address}/any.git", tmp_path / "cache", protocols=("http",))


def test_a_fetch_is_held_to_the_addresses_that_were_looked_at(sums, served, opened, monkeypatch):
    """A name that leads elsewhere at the second question is not asked a second time."""
    root, address = served
    published(sums, root, "sums.git")
    port = address.rpartition(":")[2]
    monkeypatch.setattr(opening.reach, "pinned", lambda url: ("127.0.0.1",))
    found = opened(f"http://repository.invalid:{port}/sums.git", protocols=("http",))
    assert len(commits(found)) == 1
