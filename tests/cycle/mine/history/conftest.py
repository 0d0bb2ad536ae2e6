import os
import subprocess

import pytest

from banbury.cycle.source.mine.history import open_repository


class Maker:
    """A small real repository, made by git with fixed dates."""

    def __init__(self, path, kind="sha1"):
        self.path = path
        self.when = 1_600_000_000
        path.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main", f"--object-format={kind}", ".")

    def git(self, *arguments, stdin=None):
        told = {
            "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org",
            "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org",
            "GIT_AUTHOR_DATE": f"{self.when} +0000", "GIT_COMMITTER_DATE": f"{self.when} +0000",
            "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
        }  # fmt: skip
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, input=stdin, check=True, capture_output=True,
            env={**os.environ, **told},
        )  # fmt: skip
        return done.stdout.decode().strip()

    def write(self, files):
        for name, content in files.items():
            path = self.path / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def commit(self, message, files=(), when=None):
        self.when = when or self.when + 3600
        self.write(dict(files))
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def raw(self, entries, message="raw", parent=None):
        """Commit a tree of (mode, name bytes, id) as it is, however wrong."""
        body = b"".join(
            mode.encode() + b" " + name + b"\0" + bytes.fromhex(oid) for mode, name, oid in entries
        )
        tree = self.git("hash-object", "-t", "tree", "-w", "--stdin", "--literally", stdin=body)
        self.when += 3600
        parents = ["-p", parent] if parent else []
        commit = self.git("commit-tree", tree, *parents, "-m", message)
        self.git("update-ref", "refs/heads/main", commit)
        return commit

    def blob(self, content):
        return self.git("hash-object", "-w", "--stdin", stdin=content)


@pytest.fixture
def make(tmp_path):
    return lambda name="project", **kwargs: Maker(tmp_path / name, **kwargs)


@pytest.fixture
def opened(tmp_path):
    """Open a repository that is closed when the test ends."""
    kept = []

    def open_one(path, **kwargs):
        kept.append(open_repository(path, tmp_path / "cache", **kwargs))
        return kept[-1]

    yield open_one
    for repository in kept:
        repository.close()


BUGGY = '''"""Sums."""


def total(numbers):
    """Return the sum."""
    result = 0
    for number in numbers[1:]:
        result += number
    return result
'''
RIGHT = BUGGY.replace("numbers[1:]", "numbers")
TEST = "from sums import total\n\n\ndef test_two():\n    assert total([0, 2]) == 2\n"
MORE = TEST + "\n\ndef test_first_counts():\n    assert total([1, 2]) == 3\n"


@pytest.fixture
def sums(make):
    """Return a project with a bug and a repair of it."""
    made = make("sums")
    made.commit("Begin", {"sums.py": BUGGY, "test_sums.py": TEST, "README.md": "Sums\n"})
    made.commit(
        "Fix the first number being ignored by total (#12)\n\nThe sum was wrong. Fixes #11",
        {"sums.py": RIGHT, "test_sums.py": MORE},
    )
    return made
