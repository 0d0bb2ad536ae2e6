"""Makes boxes, sets the attempts loose in them, and looks from outside what came of it.

Run as a program it prints a JSON object: name of an attempt -> "held" or what went wrong. So it can
be started as another user.
"""

import contextlib
import ctypes
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.sandbox.escapes.inside import ATTEMPTS

from banbury.errors import BanburyError, InputError
from banbury.sandbox import Box, Layer, Limits, Mount, Ran, available

HERE = Path(__file__).parent
SMALL = Limits(cpu_s=5, wall_s=20, memory=192 << 20, processes=24, disk=24 << 20, file=16 << 20)
CHECKS: dict[str, Callable[["Outside"], None]] = {}


def check(function: Callable[["Outside"], None]) -> Callable[["Outside"], None]:
    CHECKS[function.__name__] = function
    return function


class Outside:
    """What is there to be reached, if a box does not hold."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secret = secrets.token_hex(16)
        self.marker = f"banbury-witness-{secrets.token_hex(8)}"
        self.layer, self.judge = folder / "layer", folder / "judge"
        for path, text in (
            (folder / "secret", self.secret), (self.layer / "kept", "kept"),
            (self.layer / "folder/one", "one"), (self.judge / "answer", "42"),
        ):  # fmt: skip
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        os.environ["BANBURY_TEST_SECRET"] = self.secret
        words = [sys.executable, "-c", "import time; time.sleep(600)", self.marker]
        self.process = subprocess.Popen(words)
        self.servers = [socket.create_server(("127.0.0.1", 0)), *map(unix, self.names())]
        self.key = secrets.randbits(30) | 1
        self.shm = ctypes.CDLL(None).shmget(self.key, 4096, 0o1666)

    def names(self) -> list[str]:
        return ["\0" + self.marker, str(self.folder / "socket")]

    def witness(self) -> str:
        return json.dumps(
            {"port": self.servers[0].getsockname()[1], "abstract": self.marker, "pid":
             self.process.pid, "socket": str(self.folder / "socket"), "marker": self.marker,
             "secret": self.secret, "secret_file": str(self.folder / "secret"), "shm": self.key}
        )  # fmt: skip

    def box(self, **limits: int) -> Box:
        mounts = [Mount(HERE, "/attempts"), Mount(self.judge, "/judge")]
        bounds = {n: getattr(SMALL, n) for n in SMALL.__struct_fields__} | limits
        return Box([Layer(self.layer)], mounts=mounts, limits=Limits(**bounds))

    def try_inside(self, name: str) -> str:
        """Run one attempt of inside.py in a box of its own, then look around."""
        with self.box() as box:
            ran = box.run(["python3", "-I", "-B", "/attempts/inside.py", name],
                          stdin=self.witness().encode())  # fmt: skip
        told = ran.out.decode().strip()
        assert told.startswith("held"), f"{told} {ran.err.decode()} {ran.end} {ran.code}"
        self.unharmed()
        return told

    def unharmed(self) -> None:
        assert self.process.poll() is None, "the process outside was killed"
        assert (self.layer / "kept").read_text() == "kept"
        assert [p.name for p in (self.layer / "folder").iterdir()] == ["one"]
        assert (self.judge / "answer").read_text() == "42"
        assert left(self.marker) == [self.process.pid]

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        for server in self.servers:
            server.close()
        ctypes.CDLL(None).shmctl(self.shm, 0, None)


def unix(name: str) -> socket.socket:
    server = socket.socket(socket.AF_UNIX)
    server.bind(name)
    server.listen()
    return server


def left(marker: str) -> list[int]:
    """Return the processes of this machine that carry a mark on their command line."""
    out = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if marker.encode() in (folder / "cmdline").read_bytes():
                out.append(int(folder.name))
    return out


def python(box: Box, code: str, *words: str) -> Ran:
    return box.run(["python3", "-I", "-B", "-c", code, *words])


# The end of a run


@check
def survive_by_two_forks(outside: Outside) -> None:
    mark = secrets.token_hex(12)
    code = """
import os, sys, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGHUP, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for n in range(3): os.close(n)
        time.sleep(600)
    os._exit(0)
os.wait()
print("left one")
"""
    with outside.box() as box:
        ran = python(box, code, mark)
        assert (ran.code, ran.out) == (0, b"left one\n"), ran
        assert left(mark) == []
        seen = box.run(["sh", "-c", "ls -d /proc/[0-9]* | wc -l"])
        assert int(seen.out) <= 4, seen.out


@check
def survive_with_the_output_open(outside: Outside) -> None:
    mark = secrets.token_hex(12)
    with outside.box() as box:
        ran = box.run(["sh", "-c", f"setsid nohup sh -c 'sleep 600; : {mark}' & echo done"])
        assert ran.out == b"done\n" and left(mark) == [], ran


@check
def survive_the_wall_limit(outside: Outside) -> None:
    mark = secrets.token_hex(12)
    with outside.box(wall_s=1) as box:
        ran = box.run(["sh", "-c", f"trap '' TERM INT; sleep 600 & sleep 600; : {mark}"])
        assert ran.end == "wall" and left(mark) == [], ran


@check
def keep_writing_after_the_end(outside: Outside) -> None:
    with outside.box() as box:
        box.run(["sh", "-c", "(while :; do date >> log; done) & sleep 0.05"])
        before = box.changes()
        assert box.run(["sleep", "0.05"]).code == 0
        assert box.changes() == before


@check
def leave_shared_memory_behind(outside: Outside) -> None:
    with outside.box() as box:
        box.run(["sh", "-c", "echo x > /dev/shm/left"])
        assert box.run(["ls", "-A", "/dev/shm"]).out == b""


@check
def stop_the_first_process(outside: Outside) -> None:
    mark = secrets.token_hex(12)
    code = "import ctypes, time; ctypes.CDLL(None).ptrace(16, 1, None, None); time.sleep(60)"
    with outside.box(wall_s=1) as box:
        ran = python(box, code, mark)
        assert ran.end == "wall" and left(mark) == [], ran


# Limits


@check
def fork_bomb(outside: Outside) -> None:
    mark = secrets.token_hex(12)
    with outside.box() as box:
        box.run(["sh", "-c", f"f() {{ f | f & }}; f; sleep 0.3; : {mark}"])
        assert left(mark) == []
        assert box.run(["echo", "fine"]).out == b"fine\n"


@check
def more_processes_than_allowed(outside: Outside) -> None:
    code = """
import os, time
n = 0
try:
    while n < 200:
        if os.fork() == 0: time.sleep(60); os._exit(0)
        n += 1
except OSError: pass
print(n)
"""
    with outside.box() as box:
        ran = python(box, code)
        assert 10 <= int(ran.out) <= SMALL.processes, ran


@check
def more_threads_than_allowed(outside: Outside) -> None:
    code = """
import threading
n = 0
stop = threading.Event()
try:
    for n in range(200): threading.Thread(target=stop.wait, daemon=True).start()
except RuntimeError: pass
print(n, flush=True)
import os; os._exit(0)
"""
    with outside.box() as box:
        assert int(python(box, code).out) <= SMALL.processes


@check
def more_memory_than_allowed(outside: Outside) -> None:
    with outside.box() as box:
        ran = python(box, "x = bytearray(1 << 30); print('got it')")
        assert b"got it" not in ran.out and ran.code != 0, ran
        assert ran.end == "memory" or (not box.grouped and b"MemoryError" in ran.err), ran


@check
def memory_of_many_processes(outside: Outside) -> None:
    code = """
import os, time
for _ in range(5):
    if os.fork() == 0:
        x = bytearray(os.urandom(1 << 20) * 64); time.sleep(60); os._exit(0)
time.sleep(60)
"""
    with outside.box() as box:
        ran = python(box, code)
        assert ran.end == "memory" and ran.wall_s < 15, ran


@check
def memory_that_no_process_holds(outside: Outside) -> None:
    code = """
import os
files = [os.memfd_create(str(n)) for n in range(60)]
for file in files: os.write(file, b"x" * (8 << 20))
print("got it")
"""
    with outside.box() as box:
        ran = python(box, code)
        assert b"got it" not in ran.out and ran.code != 0, ran


@check
def fill_the_disk(outside: Outside) -> None:
    for place in ("/work", "/tmp", "/dev/shm"):
        with outside.box() as box:
            ran = box.run(["sh", "-c", f"for n in 1 2 3; do cat /dev/zero > {place}/$n; done"])
            size = box.run(["sh", "-c", f"cat {place}/* | wc -c"])
            assert ran.code != 0 and int(size.out) <= SMALL.disk + len("kept"), (place, ran, size)
            # What other runs write has no room either, and they end with a reason.
            assert place == "/dev/shm" or ran.end == "disk", ran


@check
def fill_the_disk_with_empty_files(outside: Outside) -> None:
    code = """
import os
n = 0
try:
    while n < 200_000:
        os.close(os.open(f"f{n}", os.O_CREAT | os.O_WRONLY)); n += 1
except OSError: pass
print(n)
"""
    with outside.box() as box:
        assert int(python(box, code).out or 0) < 100_000


@check
def spin_in_many_processes(outside: Outside) -> None:
    with outside.box(cpu_s=1) as box:
        ran = box.run(["sh", "-c", "for n in 1 2 3 4; do (while :; do :; done) & done; wait"])
        assert ran.end == "cpu" and ran.cpu_s < 3, ran


@check
def spin_in_short_processes(outside: Outside) -> None:
    code = """
import os
while True:
    if os.fork() == 0:
        for _ in range(300_000): pass
        os._exit(0)
    os.wait()
"""
    with outside.box(cpu_s=1) as box:
        ran = python(box, code)
        assert ran.end == "cpu" and ran.cpu_s < 4, ran


@check
def print_without_end(outside: Outside) -> None:
    with outside.box(output=1000) as box:
        ran = box.run(["sh", "-c", "head -c 50000000 /dev/zero; head -c 50000000 /dev/zero >&2"])
        assert (len(ran.out), len(ran.err), ran.cut) == (1000, 1000, 99_998_000)


# What comes out


@check
def links_out_of_the_box(outside: Outside) -> None:
    target = outside.folder / "secret"
    with outside.box() as box:
        box.run(["sh", "-c", f"ln -s {target} link; ln -s / root; ln -s /etc/passwd kept2; "
                 f"rm kept; ln -s {target} kept"])  # fmt: skip
        for path in ("link", f"root{target}", "kept2", "kept"):
            with contextlib.suppress(InputError):
                raise AssertionError(f"read {path}: {box.read(path)!r}")
        assert box.changes() == {"kept": None}
        assert outside.secret not in repr(box.files())
        frozen = box.freeze(outside.folder / "frozen-links")
        assert (frozen.path / "kept").is_symlink()
        shutil.rmtree(frozen.path)


@check
def write_through_links(outside: Outside) -> None:
    victim = outside.folder / "victim"
    victim.mkdir(exist_ok=True)
    with outside.box() as box:
        box.run(["sh", "-c", f"ln -s {victim} folder2; ln -s {victim}/file file; ln -s /etc etc"])
        box.write("file", b"mine")
        assert box.read("file") == b"mine"
        for path in ("folder2/x", "etc/x", "../etc/x", "/etc/x", "/work/../usr/x"):
            with contextlib.suppress(InputError):
                box.write(path, b"x")
                raise AssertionError(f"wrote {path}")
    assert [*victim.iterdir()] == []


@check
def pipes_devices_and_sockets_for_files(outside: Outside) -> None:
    with outside.box() as box:
        python(box, "import os, socket; os.mkfifo('fifo'); socket.socket(1).bind('sock'); "
               "os.remove('kept'); os.mkfifo('kept')")  # fmt: skip
        for path in ("fifo", "sock", "kept", "."):
            with contextlib.suppress(InputError):
                raise AssertionError(f"read {path}: {box.read(path)!r}")
        assert box.changes() == {"kept": None}
        frozen = box.freeze(outside.folder / "frozen-kinds")
        assert [p.name for p in frozen.path.iterdir()] == ["folder"]
        shutil.rmtree(frozen.path)


@check
def setuid_and_hard_links_out(outside: Outside) -> None:
    with outside.box() as box:
        box.run(["sh", "-c", "cp /bin/sh sh; chmod 6755 sh; ln sh sh2; chmod 7777 folder"])
        frozen = box.freeze(outside.folder / "frozen-modes")
        for path in [*frozen.path.rglob("*")]:
            status = path.lstat()
            assert status.st_mode & 0o7000 == 0, path
            assert path.is_dir() or status.st_nlink == 1, path
        shutil.rmtree(frozen.path)


@check
def a_file_too_large_to_read(outside: Outside) -> None:
    with outside.box() as box:
        box.run(["truncate", "-s", "15M", "sparse"])
        for read in (lambda: box.read("sparse", 1 << 20), lambda: box.changes(1 << 20)):
            with contextlib.suppress(InputError):
                raise AssertionError(read())


@check
def fill_the_memory_with_files(outside: Outside) -> None:
    with outside.box(memory=64 << 20, disk=512 << 20, file=512 << 20) as box:
        ran = box.run(["sh", "-c", "head -c 400000000 /dev/zero > /tmp/big"])
        assert ran.end == ("disk" if box.grouped else "exit"), ran
        # The box itself takes no harm, so that it is the program that failed, not the sandbox.
        assert box.changes() == {}
        assert box.read("kept") == b"kept"
        assert box.run(["echo", "fine"]).out == b"fine\n"


@check
def folders_deeper_than_can_be_followed(outside: Outside) -> None:
    code = """
import os
for _ in range(3000):
    os.mkdir("d"); os.chdir("d")
open("x", "w")
"""
    with outside.box() as box:
        before = box.snapshot()
        assert python(box, code).code == 0
        for work in (box.changes, box.files, lambda: box.freeze(outside.folder / "deep")):
            with contextlib.suppress(InputError):
                raise AssertionError(f"followed: {len(work())}")
        box.restore(before)
        assert box.read("kept") == b"kept" and box.changes() == {}


@check
def names_that_are_no_text(outside: Outside) -> None:
    with outside.box() as box:
        python(box, "open(b'\\xff\\n\"', 'w').write('x'); open('a\\udcffb', 'w').write('y')")
        found = {os.fsencode(path): data for path, data in box.changes().items()}
        assert found == {b'\xff\n"': b"x", b"a\xffb": b"y"}


@check
def another_box_of_the_same_user(outside: Outside) -> None:
    with outside.box() as one, outside.box() as other:
        one.write("/tmp/secret", b"x")
        one.write("secret", b"x")
        ran = other.run(["sh", "-c", "ls -A /tmp /work /dev/shm; ls -d /proc/[0-9]* | wc -l"])
        assert b"secret" not in ran.out, ran.out


def everything(folder: Path) -> Iterator[tuple[str, str]]:
    if trouble := available():
        raise SystemExit(trouble)
    outside = Outside(folder)
    try:
        for name in ATTEMPTS:
            yield name, outcome(lambda name=name: outside.try_inside(name))
        for name, one in CHECKS.items():
            yield name, outcome(lambda one=one: one(outside))
    finally:
        outside.close()


def outcome(work: Callable[[], object]) -> str:
    try:
        work()
    except (AssertionError, BanburyError, OSError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return "held"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="banbury-escapes-") as name:
        Path(name).chmod(0o755)
        json.dump(dict(everything(Path(name))), sys.stdout)
