"""What a box sees: the read-only system, its layers, its private disk.

All is mounted in the box's own mount namespace, below /tmp there, so that it is gone with the last
process of the box. The order of the steps is forced: sources are bound while their paths can still
be reached (as root, if we are), then the process becomes an ordinary user in a user namespace of
its own, and everything that can be written to is mounted by that user.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import kernel
from .kernel import NODEV, NOSUID, RDONLY
from .tree import copy_tree

PLACE = "/tmp"
ROOT = f"{PLACE}/root"
SEALED = RDONLY | NOSUID | NODEV
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
ETC = {
    "passwd": "root:x:0:0::/:/bin/sh\nbox:x:1000:1000::/tmp/home:/bin/sh\n"
    "nobody:x:65534:65534::/:/bin/false\n",
    "group": "root:x:0:\nbox:x:1000:\nnogroup:x:65534:\n",
    "hosts": "127.0.0.1 localhost box\n::1 localhost\n",
    "hostname": "box\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
COPIED = ("ld.so.cache", "ld.so.conf", "mime.types", "services", "protocols", "ssl/openssl.cnf",
          "debian_version", "os-release")  # fmt: skip
SHOWN = ("alternatives", "ssl/certs", "fonts")


@dataclass
class Plan:
    """What to put where.

    Attributes:
        layers: folders that are merged at /work, lowest first.
        mounts: (source, target) bound read-only.
        hidden: folders below a mount or the system that appear empty.
        disk: bytes that the box may write.
        user: id that the box runs as where we are root; None where we are not.
    """

    layers: list[str]
    mounts: list[tuple[str, str]]
    hidden: list[str]
    disk: int
    user: int | None = None
    userns: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, message: dict[str, Any]) -> Plan:
        """Read it from a message."""
        mounts = [(s, t) for s, t in message["mounts"]]
        return cls(message["layers"], mounts, message["hidden"], message["disk"])


def gather(plan: Plan) -> None:
    """Bind all sources below a small file system of our own at /tmp."""
    kernel.mount("", "/", flags=kernel.REC | kernel.PRIVATE)
    system = [s for s in ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
              if Path(s).is_dir() and not Path(s).is_symlink()]  # fmt: skip
    etc = [f"/etc/{name}" for name in SHOWN if Path("/etc", name).is_dir()]
    sources = [
        *((s, f"{ROOT}{s}", False) for s in system + etc),
        *((s, f"{ROOT}{t}", True) for s, t in plan.mounts),
        *((s, f"{PLACE}/layers/{n}", True) for n, s in enumerate(plan.layers)),
    ]
    files = [os.open(s, os.O_PATH | os.O_CLOEXEC) for s, _, _ in sources]
    kernel.mount("tmpfs", PLACE, "tmpfs", NOSUID | NODEV, "mode=755,size=64m")
    if plan.user is not None:
        os.chown(PLACE, plan.user, plan.user)
    furnish()
    for file, (_, target, given) in zip(files, sources, strict=True):
        folder(target) if stat.S_ISDIR(os.fstat(file).st_mode) else touch(target)
        show(plan, f"/proc/self/fd/{file}", target, given)
        os.close(file)
    for device in DEVICES:
        touch(f"{ROOT}/dev/{device}")
        kernel.mount(f"/dev/{device}", f"{ROOT}/dev/{device}", flags=kernel.BIND)
    for path in plan.hidden:
        if Path(f"{ROOT}{path}").is_dir():
            kernel.bind(f"{PLACE}/empty", f"{ROOT}{path}", SEALED)


def show(plan: Plan, source: str, target: str, given: bool) -> None:
    """Bind one source read-only; what the caller gave appears as the box's own."""
    owner = os.stat(source).st_uid
    if not given or plan.user is None or owner == plan.user:
        kernel.bind(source, target, SEALED, deep=not target.startswith(f"{PLACE}/layers/"))
        return
    try:
        kernel.bind_mapped(source, target, SEALED, user_namespace(plan, owner))
    except OSError:
        # A file system that cannot map owners: a copy in memory, which costs time and memory.
        kernel.mount("tmpfs", target, "tmpfs", NOSUID | NODEV, "mode=755")
        os.chown(target, plan.user, plan.user)
        copy_tree(os.open(source, os.O_RDONLY), os.open(target, os.O_RDONLY), plan.user)
        kernel.restrict(target, SEALED)


def user_namespace(plan: Plan, owner: int) -> int:
    """Return a user namespace that maps an owner on disk to the box's user."""
    if owner in plan.userns:
        return plan.userns[owner]
    ready, done = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        kernel.unshare(kernel.NEWUSER)
        os.write(ready[1], b"1")
        os.read(done[0], 1)
        os._exit(0)
    try:
        os.read(ready[0], 1)
        for kind in ("uid_map", "gid_map"):
            Path(f"/proc/{child}/{kind}").write_text(f"{owner} {plan.user} 1")
        plan.userns[owner] = os.open(f"/proc/{child}/ns/user", os.O_RDONLY)
        return plan.userns[owner]
    finally:
        os.write(done[1], b"1")
        os.waitpid(child, 0)
        for file in (*ready, *done):
            os.close(file)


def furnish() -> None:
    """Make the folders, links and files of the box's root."""
    for name in ("empty", "layers", "root", "base", "nothing"):
        folder(f"{PLACE}/{name}")
    kernel.mount(ROOT, ROOT, flags=kernel.BIND)
    for name in ("work", "tmp", "proc", "dev/shm", "dev/pts", "etc/ssl", "var", "run", "env"):
        folder(f"{ROOT}/{name}")
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        if (path := Path("/", name)).is_symlink():
            os.symlink(path.readlink(), f"{ROOT}/{name}")
    links = {"var/tmp": "/tmp", "dev/fd": "/proc/self/fd", "dev/stdin": "/proc/self/fd/0",
             "dev/stdout": "/proc/self/fd/1", "dev/stderr": "/proc/self/fd/2",
             "dev/ptmx": "pts/ptmx", "var/run": "/run"}  # fmt: skip
    for name, target in links.items():
        os.symlink(target, f"{ROOT}/{name}")
    for name, text in ETC.items():
        Path(ROOT, "etc", name).write_text(text)
    for name in COPIED:
        if (source := Path("/etc", name)).is_file():
            Path(ROOT, "etc", name).write_bytes(source.read_bytes())


def private(place: str, disk: int) -> None:
    """Mount what the box may write to: a disk in memory that cannot grow beyond its size."""
    folder(place)
    # Empty files take memory too, so there is an end to their number.
    options = f"mode=755,size={disk},nr_inodes={max(disk >> 12, 4096)}"
    kernel.mount("tmpfs", place, "tmpfs", NOSUID | NODEV, options)
    folder(f"{place}/shm")
    os.chmod(f"{place}/shm", 0o1777)


def finish(place: str, *, again: bool) -> None:
    """Mount what needs the box's own namespaces, then seal its root."""
    kernel.mount("proc", "/proc", "proc", NOSUID | NODEV | kernel.NOEXEC)
    pts = "newinstance,ptmxmode=0666,mode=620"
    kernel.mount("devpts", f"{ROOT}/dev/pts", "devpts", NOSUID | kernel.NOEXEC, pts)
    kernel.bind(f"{place}/shm", f"{ROOT}/dev/shm", NOSUID | NODEV)
    if not again:
        kernel.restrict(ROOT, SEALED)


def folder(path: str) -> None:
    """Make a folder and those above it."""
    Path(path).mkdir(parents=True, exist_ok=True)


def touch(path: str) -> None:
    """Make an empty file to mount something on."""
    folder(str(Path(path).parent))
    Path(path).touch()
