"""What a hostile program tries from inside a box; run there, with the standard library alone.

Each attempt returns what it got hold of, or nothing. An OSError means that it was refused. The
witness says what there is outside to be found: ports, names, secrets, process ids.
"""

import contextlib
import ctypes
import errno
import fcntl
import importlib.util
import json
import mmap
import os
import platform
import resource
import signal
import socket
import stat
import struct
import sys
import time
from pathlib import Path

libc = ctypes.CDLL(None, use_errno=True)
WITNESS = {}
ATTEMPTS = {}
X86 = platform.machine() == "x86_64"
CLONE_NEWUSER, CLONE_NEWNS = 0x10000000, 0x00020000


def attempt(function):
    ATTEMPTS[function.__name__] = function
    return function


def call(number, *words):
    """Make a system call by its number; raise OSError where it fails."""
    result = libc.syscall(ctypes.c_long(number), *words)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def made(result):
    """Return the result of a C function; raise OSError where it fails."""
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def any_of(*tries):
    """Make several tries; return what those that were not refused got."""
    got = []
    for one in tries:
        with contextlib.suppress(OSError):
            got.append(one())
    return [g for g in got if g is not None]


def opens(path, flags=os.O_RDONLY):
    os.close(os.open(path, flags))
    return path


# Network


@attempt
def tcp_to_the_host():
    with socket.create_connection(("127.0.0.1", WITNESS["port"]), 2):
        return "connected"


@attempt
def udp_to_the_world():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        return s.sendto(b"x", ("192.0.2.1", 53))


@attempt
def ipv6_to_the_world():
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
        return s.sendto(b"x", ("2001:db8::1", 53))


@attempt
def name_lookup():
    return socket.getaddrinfo("example.com", 80)


@attempt
def abstract_socket_of_the_host():
    with socket.socket(socket.AF_UNIX) as s:
        s.connect("\0" + WITNESS["abstract"])
        return "connected"


@attempt
def socket_file_of_the_host():
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(WITNESS["socket"])
        return "connected"


@attempt
def vsock_to_the_hypervisor():
    with socket.socket(40, socket.SOCK_STREAM):
        return "AF_VSOCK"


@attempt
def raw_and_packet_sockets():
    return any_of(
        lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3).close() or "packet",
        lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).close() or "raw",
    )


@attempt
def rare_socket_families():
    found = []
    for family in range(46):
        if family not in (1, 2, 10, 16):
            with contextlib.suppress(OSError):
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
                    socket.socket(family, kind).close()
                    found.append(family)
    return found


@attempt
def another_interface():
    names = [name for _, name in socket.if_nameindex()]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, 0x8914, struct.pack("16sh", b"lo", 0))
    return names


@attempt
def only_the_loopback_is_there():
    return [name for _, name in socket.if_nameindex() if name != "lo"]


@attempt
def sockets_of_daemons():
    names = ["/run/docker.sock", "/var/run/docker.sock", "/run/dbus/system_bus_socket",
             "/run/containerd/containerd.sock", "/run/systemd/private", "/run/user",
             "/run/podman/podman.sock", "/tmp/.X11-unix"]  # fmt: skip
    return [n for n in names if Path(n).exists()]


# Processes


@attempt
def see_the_host_in_proc():
    return [p.name for p in Path("/proc").glob("[0-9]*") if WITNESS["marker"].encode() in words(p)]


def words(folder):
    with contextlib.suppress(OSError):
        return (folder / "cmdline").read_bytes() if folder.name != str(os.getpid()) else b""
    return b""


@attempt
def signal_the_host():
    # The test then looks whether the process outside still lives.
    with contextlib.suppress(OSError):
        os.kill(WITNESS["pid"], signal.SIGKILL)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        os.kill(-1, signal.SIGTERM)


@attempt
def the_first_process_of_the_box():
    # It may be traced, being of the same user, so it must be as confined as the program is.
    status = dict(x.split(":\t") for x in Path("/proc/1/status").read_text().splitlines())
    loose = [n for n in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb") if int(status[n], 16)]
    loose += [n for n, v in {"NoNewPrivs": "1", "Seccomp": "2"}.items() if status[n] != v]
    loose += [] if status["Uid"].split() == ["1000"] * 4 else ["Uid"]
    spaces = Path("/proc/1/ns").iterdir()
    own = "/proc/self/ns"
    return loose + [p.name for p in spaces if p.readlink() != Path(own, p.name).readlink()]


@attempt
def the_host_through_proc_links():
    secret = WITNESS["secret_file"]
    ways = ["/proc/1/root", "/proc/1/cwd/../../..", "/proc/self/root/../..", "/proc/self/cwd/../.."]
    ways += [f"/proc/self/fd/{n}/../../.." for n in range(3)]
    return any_of(*(lambda w=w: Path(w + secret).read_text() for w in ways))


@attempt
def inherited_files():
    return [n for n in range(3, 256) if is_open(n)]


def is_open(number):
    with contextlib.suppress(OSError):
        return bool(os.fstat(number))
    return False


@attempt
def secrets_in_the_environment():
    own = set(os.environ) - {"PATH", "HOME", "LANG", "PWD", "LC_CTYPE"}
    seen = [p for p in Path("/proc").glob("[0-9]*/environ") if reads(p, WITNESS["secret"])]
    return [*own, *map(str, seen)]


def reads(path, text):
    with contextlib.suppress(OSError):
        return text.encode() in path.read_bytes()
    return False


@attempt
def kill_the_parents():
    for pid in (os.getppid(), 1):
        os.kill(pid, signal.SIGKILL)
    os.kill(1, 0)
    Path("/proc/1/cmdline").read_bytes()
    # Still here: process 1 took no harm, and the run goes on to its end.


@attempt
def priority_over_others():
    return any_of(
        lambda: os.nice(-5),
        lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10)) or "realtime",
        lambda: Path("/proc/self/oom_score_adj").write_text("-500") and "oom",
    )


@attempt
def higher_limits():
    found = []
    for name in ("RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_CORE"):
        number = getattr(resource, name)
        _, most = resource.getrlimit(number)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(number, (most + 1, most + 1))
            found.append(name)
    return found


@attempt
def core_dump():
    child = os.fork()
    if child == 0:
        os.kill(os.getpid(), signal.SIGSEGV)
    _, status = os.waitpid(child, 0)
    return "dumped" if os.WCOREDUMP(status) else [p.name for p in Path().glob("core*")]


# Kernel


@attempt
def new_user_namespace():
    made(libc.unshare(CLONE_NEWUSER))
    return "unshared"


@attempt
def new_user_namespace_by_clone():
    number = 56 if X86 else 220
    pid = call(number, ctypes.c_ulong(CLONE_NEWUSER | 17), 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    return "cloned"


@attempt
def new_user_namespace_by_clone3():
    arguments = (ctypes.c_uint64 * 8)(CLONE_NEWUSER, 0, 0, 0, 17, 0, 0, 0)
    if call(435, ctypes.byref(arguments), 64) == 0:
        os._exit(0)
    return "cloned"


@attempt
def enter_namespaces():
    def enter(name):
        file = os.open(f"/proc/1/ns/{name}", os.O_RDONLY)
        made(libc.setns(file, 0))
        return name

    return any_of(*(lambda n=n: enter(n) for n in ("mnt", "net", "pid", "user", "ipc", "uts")))


@attempt
def map_other_users():
    return any_of(
        lambda: Path("/proc/self/uid_map").write_text("0 0 4294967295") and "uid_map",
        lambda: Path("/proc/self/setgroups").write_text("allow") and "setgroups",
    )


@attempt
def mount_something():
    def mount(source, target, kind, flags):
        made(libc.mount(source, target, kind, ctypes.c_ulong(flags), None))
        return target.decode()

    return any_of(
        lambda: mount(b"tmpfs", b"/tmp", b"tmpfs", 0),
        lambda: mount(b"proc", b"/proc", b"proc", 0),
        lambda: mount(None, b"/usr", None, 0x20 | 0x1000),
        lambda: mount(b"/proc/self/cwd", b"/work", None, 0x1000),
        lambda: made(libc.umount2(b"/usr", 2)) or "unmounted",
    )


@attempt
def mount_by_the_new_calls():
    return any_of(
        lambda: call(430, b"tmpfs", 0),
        lambda: call(428, -100, b"/", 1),
        lambda: call(433, -100, b"/", 0),
        lambda: call(442, -100, b"/usr", 0, ctypes.byref((ctypes.c_uint64 * 4)(0, 1, 0, 0)), 32),
    )


@attempt
def change_the_root():
    Path("new").mkdir()
    return any_of(
        lambda: os.chroot("new") or "chroot",
        lambda: call(155 if X86 else 41, b"new", b"new") or "pivot_root",
    )


@attempt
def open_by_handle():
    handle = (ctypes.c_char * 136)()
    ctypes.memmove(handle, struct.pack("II", 128, 1), 8)
    return call(304 if X86 else 265, 3, ctypes.byref(handle), 0)


@attempt
def tune_the_kernel():
    files = ["/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname", "/proc/sysrq-trigger",
             "/proc/sys/vm/drop_caches", "/proc/sys/fs/binfmt_misc/register",
             "/proc/sys/kernel/ns_last_pid", "/proc/sys/kernel/modprobe"]  # fmt: skip
    return any_of(*(lambda f=f: Path(f).write_text("1") and f for f in files))


@attempt
def memory_of_the_machine():
    return any_of(
        *(lambda f=f: opens(f) for f in ("/dev/mem", "/dev/kmem", "/proc/kcore", "/dev/kmsg",
                                         "/proc/kmsg", "/dev/port"))
    )  # fmt: skip


@attempt
def devices():
    plain = {"null", "zero", "full", "random", "urandom", "tty", "ptmx"}
    nodes = [p for p in Path("/dev").rglob("*") if stat.S_IFMT(p.lstat().st_mode) in
             (stat.S_IFBLK, stat.S_IFCHR)]  # fmt: skip
    return [str(p) for p in nodes if p.name not in plain]


@attempt
def make_devices():
    return any_of(
        lambda: os.mknod("disk", 0o666 | stat.S_IFBLK, os.makedev(253, 0)) or "disk",
        lambda: os.mknod("memory", 0o666 | stat.S_IFCHR, os.makedev(1, 1)) or "memory",
        lambda: os.mknod("/dev/shm/memory", 0o666 | stat.S_IFCHR, os.makedev(1, 1)) or "shm",
    )


@attempt
def hide_files_of_the_layer():
    # A character device 0:0 is how an overlay says that a file of a lower layer is gone.
    os.mknod("whiteout", 0o666 | stat.S_IFCHR, os.makedev(0, 0))
    return "whiteout"


@attempt
def overlay_attributes():
    Path("d").mkdir()
    os.setxattr("d", "trusted.overlay.redirect", b"/../../..")
    return "trusted attribute"


@attempt
def overlay_redirect():
    Path("d").mkdir()
    for name in ("redirect", "metacopy", "opaque"):
        with contextlib.suppress(OSError):
            os.setxattr("d", f"user.overlay.{name}", b"/../../../../etc")
    return [p.name for p in Path("d").iterdir()]


@attempt
def tools_against_the_kernel():
    return any_of(
        lambda: call(321 if X86 else 280, 0, ctypes.byref((ctypes.c_char * 120)()), 120),
        lambda: call(298 if X86 else 241, ctypes.byref((ctypes.c_char * 128)()), 0, -1, -1, 0),
        lambda: call(323 if X86 else 282, 0),
        lambda: call(425, 8, ctypes.byref((ctypes.c_char * 120)())),
    )


@attempt
def keys_of_the_host():
    return any_of(
        lambda: call(248 if X86 else 217, b"user", b"banbury", b"x", 1, -5),
        lambda: call(250 if X86 else 219, 0, -3, 0),
    )


@attempt
def older_tables_of_calls():
    if not X86:
        return None
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    # unshare(CLONE_NEWUSER) through the 32-bit gate: mov eax,310; mov ebx,flags; int 0x80; ret
    code = b"\x53\xb8\x36\x01\x00\x00\xbb" + struct.pack("<I", CLONE_NEWUSER) + b"\xcd\x80\x5b\xc3"
    page.write(code)
    place = ctypes.addressof(ctypes.c_char.from_buffer(page))
    if ctypes.CFUNCTYPE(ctypes.c_int)(place)() == 0:
        return "32-bit calls"
    return call(0x40000000 | 272, CLONE_NEWUSER)


@attempt
def the_clock():
    return any_of(
        lambda: time.clock_settime(time.CLOCK_REALTIME, 0) or "clock",
        lambda: socket.sethostname("mine") or "host name",
    )


@attempt
def shared_memory_of_the_host():
    found = libc.shmget(WITNESS["shm"], 0, 0)
    queues = [p.name for p in Path("/dev/shm").iterdir()]
    return queues or (found if found >= 0 else None)


@attempt
def type_into_the_terminal():
    with contextlib.suppress(OSError):
        fcntl.ioctl(0, 0x5412, b"x")
        return "typed"
    return opens("/dev/tty", os.O_RDWR)


@attempt
def control_groups():
    return any_of(
        lambda: [str(p) for p in Path("/sys").iterdir()],
        lambda: made(libc.mount(b"c", b"/tmp", b"cgroup2", 0, None)) or "cgroup2",
    )


# Users and files


@attempt
def become_root():
    return any_of(
        lambda: os.setuid(0) or "setuid", lambda: os.setgid(0) or "setgid",
        lambda: os.setgroups([0]) or "setgroups",
        lambda: os.setresuid(60999, 60999, 60999) or "setresuid",
    ) or ("root" if os.geteuid() == 0 else None)  # fmt: skip


@attempt
def capabilities():
    status = Path("/proc/self/status").read_text().splitlines()
    caps = [x for x in status if x.startswith("Cap") and int(x.split()[1], 16)]
    return caps or [x for x in status if x == "NoNewPrivs:\t0"]


@attempt
def setuid_copy_of_a_shell():
    Path("sh").write_bytes(Path("/bin/sh").read_bytes())
    Path("sh").chmod(0o6755)
    told = os.popen("./sh -p -c 'id -u; id -g'").read().split()
    return [n for n in told if n != "1000"]


@attempt
def setuid_programs_of_the_system():
    found = [p for p in map(Path, ("/usr/bin/su", "/usr/bin/mount", "/usr/bin/passwd",
                                   "/usr/bin/newgrp", "/usr/bin/chsh")) if p.exists()]  # fmt: skip
    for path in found:
        if not os.statvfs(path).f_flag & os.ST_NOSUID:
            return str(path)
    return os.popen("echo | timeout 2 su -c 'id -u' root 2>/dev/null").read().split()


@attempt
def file_capabilities():
    Path("tool").write_bytes(b"")
    os.setxattr("tool", "security.capability", struct.pack("<5I", 0x2000001, 0xFFFFFFFF, 0, 0, 0))
    return "set"


@attempt
def write_to_the_system():
    places = ["/usr/bin/x", "/etc/x", "/x", "/bin/x", "/proc/x", "/dev/x", "/root/x", "/run/x",
              f"{sys.base_prefix}/lib/x", os.__file__, "/etc/passwd", "/usr/bin/env"]  # fmt: skip
    return any_of(*(lambda p=p: opens(p, os.O_WRONLY | os.O_CREAT) for p in places))


@attempt
def write_to_the_judges_files():
    answer = Path("/judge/answer")
    tries = (
        lambda: opens(answer, os.O_WRONLY), lambda: answer.unlink() or "gone",
        lambda: answer.rename("/judge/other") and "moved", lambda: answer.chmod(0o777) or "mode",
        lambda: os.utime(answer) or "times", lambda: os.truncate(answer, 0) or "cut",
        lambda: Path("/judge").rename("/judged") and "moved",
        lambda: os.link(answer, "/work/answer") or "linked",
        lambda: os.setxattr(answer, "user.x", b"x") or "attribute",
    )  # fmt: skip
    return any_of(*tries)


@attempt
def write_through_to_the_layer():
    # The test then looks at the layer outside.
    Path("kept").write_text("spoiled")
    os.link("kept", "kept.link")
    Path("kept.link").write_text("spoiled")
    for path in [*Path("folder").iterdir()]:
        path.unlink()


@attempt
def hard_links_to_the_system():
    return any_of(
        lambda: os.link("/etc/passwd", "passwd") or "passwd",
        lambda: os.link("/usr/bin/env", "env") or "env",
        lambda: os.link("/proc/self/exe", "exe", follow_symlinks=True) or "exe",
    )


@attempt
def homes_and_temporary_files_of_the_host():
    tree = [p for p in Path("/tmp").iterdir() if p.name != "home"] + [*Path("/tmp/home").iterdir()]
    homes = [p for p in ("/home", "/mnt", "/media", "/srv", "/opt", "/boot") if Path(p).exists()]
    return [*map(str, tree), *homes, *any_of(lambda: Path(WITNESS["secret_file"]).read_text())]


@attempt
def secrets_in_etc():
    names = ["shadow", "gshadow", "sudoers", "ssh", "ssl/private", "machine-id", "resolv.conf",
             "krb5.keytab", "docker", "environment", "netrc", "pip.conf", "gitconfig"]  # fmt: skip
    users = {line.split(":")[0] for line in Path("/etc/passwd").read_text().splitlines()}
    found = [n for n in names if Path("/etc", n).exists()]
    return found + sorted(users - {"root", "box", "nobody"})


@attempt
def packages_of_banbury():
    return [n for n in ("banbury", "msgspec", "numpy", "torch", "litestar")
            if importlib.util.find_spec(n)]  # fmt: skip


@attempt
def a_file_larger_than_allowed():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with Path("big").open("wb") as file:
        file.truncate(1 << 50)
    return "made"


@attempt
def standard_input_of_the_host():
    os.write(0, b"x")
    return "wrote to standard input"


@attempt
def run_from_memory_as_another():
    file = os.memfd_create("x")
    os.write(file, Path("/bin/sh").read_bytes())
    os.fchmod(file, 0o6755)
    told = os.popen(f"/proc/{os.getpid()}/fd/{file} -p -c 'id -u'").read().strip()
    return None if told in ("1000", "") else told


def main():
    name = sys.argv[1]
    WITNESS.update(json.load(sys.stdin))
    try:
        got = ATTEMPTS[name]()
    except OSError as error:
        print("held:", errno.errorcode.get(error.errno, error))
        return
    print(f"escaped: {got}" if got else "held")


if __name__ == "__main__":
    main()
