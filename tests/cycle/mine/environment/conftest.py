"""A package index of this machine's own, with pytest as it is installed here."""

import contextlib
import hashlib
import io
import tarfile
import threading
import zipfile
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from pathlib import Path

import pytest

from banbury.cycle.source.mine.environment.archive import archive
from banbury.sandbox import available

BACKEND = """
import os, zipfile
def build_wheel(folder, settings=None, metadata=None):
    assert os.getuid() and not os.path.exists("/etc/shadow")
    info = "two-1.0.dist-info"
    with zipfile.ZipFile(os.path.join(folder, "two-1.0-py3-none-any.whl"), "w") as w:
        w.writestr("two.py", "made = 'in a box'")
        w.writestr(info + "/METADATA", "Metadata-Version: 2.1\\nName: two\\nVersion: 1.0\\n")
        w.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        w.writestr(info + "/RECORD", "")
    return "two-1.0-py3-none-any.whl"
"""
RUNNER = ("pytest", "pluggy", "iniconfig", "packaging", "pygments")


def installed(name):
    """Return a wheel made of an installed distribution: its file name and bytes."""
    found = metadata.distribution(name)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as wheel:
        for file in found.files or ():
            path = Path(str(found.locate_file(file)))
            if ".." not in file.parts and file.suffix != ".pyc" and path.is_file():
                wheel.write(path, str(file))
    return f"{found.name.replace('-', '_')}-{found.version}-py3-none-any.whl", out.getvalue()


def wheel(name, version):
    """Return a small wheel: its file name and bytes."""
    stem = f"{name}-{version}"
    data = archive(name, version, stem, {f"{name}.py": f"__version__ = {version!r}\n"})
    return f"{stem}-py3-none-any.whl", data


def sdist(name, version, files):
    """Return a source archive: its file name and bytes."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for path, text in files.items():
            member = tarfile.TarInfo(f"{name}-{version}/{path}")
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    return f"{name}-{version}.tar.gz", out.getvalue()


class Index:
    """Files by distribution, with upload times, as a simple index shows them."""

    def __init__(self, folder):
        self.folder = folder
        self.address = ""
        self.asked = []

    def add(self, name, file, when):
        """Add a file that came at a day such as 2020-01-01."""
        place = self.folder / "simple" / name
        place.mkdir(parents=True, exist_ok=True)
        (place / file[0]).write_bytes(file[1])
        digest = hashlib.sha256(file[1]).hexdigest()
        stamp = datetime.fromisoformat(when).replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
        with (place / "index.html").open("a") as page:
            page.write(
                f'<a href="{self.address}/simple/{name}/{file[0]}#sha256={digest}" '
                f'data-upload-time="{stamp}">{file[0]}</a><br/>\n'
            )


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words):
        self.server.asked.append(self.path)

    def copyfile(self, source, outputfile):
        with contextlib.suppress(ConnectionError):  # uv stops reading when it knows enough
            super().copyfile(source, outputfile)


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    found = Index(tmp_path_factory.mktemp("index"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(found.folder)))
    server.asked = found.asked
    found.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    for name in RUNNER:
        found.add(name, installed(name), "2019-01-01")
    for version, when in (("1.0", "2020-01-01"), ("1.1", "2020-05-01"), ("2.0", "2020-07-01")):
        found.add("one", wheel("one", version), when)
    build = "[build-system]\nrequires = []\nbuild-backend = 'own'\nbackend-path = ['.']\n"
    found.add(
        "two", sdist("two", "1.0", {"pyproject.toml": build, "own.py": BACKEND}), "2020-01-01"
    )
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def index(served, monkeypatch):
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"{served.address}/simple")
    return served


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    """Return a folder of caches that the tests share: pytest is compiled once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def boxes():
    if trouble := available():
        pytest.skip(trouble)
