"""Nothing of a box is left: after its end, after many, and when somebody is killed."""

import contextlib
import os
import secrets
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tests.sandbox.escapes.outside import left
from tests.sandbox.ordinary import command, users

from banbury.errors import SandboxError
from banbury.sandbox import Box, Limits, service

ROOT = Path(__file__).parents[2]
HOLD = """
import sys
from banbury.sandbox import Box, Limits, service
box = Box(limits=Limits(wall_s=float(sys.argv[2])))
box.run(["true"])
print(service.state["process"].pid, box.pid, flush=True)
box.run(["sh", "-c", "sleep 600 & (setsid sleep 600 &) ; sleep 600; : " + sys.argv[1]])
"""


def groups(launcher: int) -> list[str]:
    """Return the control groups that a launcher made for its boxes."""
    return sorted(str(p) for p in Path("/sys/fs/cgroup").rglob(f"boxes-banbury-{launcher}-*/**/"))


def holding(user: str, wall_s: float = 600) -> tuple[subprocess.Popen, str, int, int]:
    """Start a process whose box runs; return it, the run's mark, the launcher, the holder."""
    mark = secrets.token_hex(12)
    words = [sys.executable, "-c", HOLD, mark, str(wall_s)]
    path = ":".join(p for p in sys.path if p)
    process = subprocess.Popen(
        command(user, words, str(ROOT)), stdout=subprocess.PIPE, cwd=ROOT,
        env=os.environ | {"PYTHONPATH": path},
    )  # fmt: skip
    launcher, holder = map(int, process.stdout.readline().split())
    return process, mark, launcher, holder


def inner(holder: int) -> list[int]:
    """Wait until the command of a box runs; return what runs in the box and the box itself."""
    while True:
        found = below(holder)
        if sum(b"sleep" in name(pid) for pid in found) >= 3:
            return found
        assert Path(f"/proc/{holder}").exists()


def below(pid: int) -> list[int]:
    """Return a process and all that it started."""
    out = [pid]
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                out += below(int(child))
    return out


def name(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_bytes()
    return b""


def gone(pids: list[int], seconds: float = 20) -> bool:
    """Wait until these processes have ended."""
    for pid in pids:
        try:
            file = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        poll = select.poll()
        poll.register(file, select.POLLIN)
        ended = poll.poll(seconds * 1000)
        os.close(file)
        if not ended:
            return False
    return True


@pytest.mark.parametrize("user", users())
@pytest.mark.parametrize("victim", ["banbury", "launcher", "holder"])
def test_a_kill_ends_the_box(user: str, victim: str) -> None:
    process, mark, launcher, holder = holding(user)
    with process:
        pids = inner(holder)
        who = {"banbury": process.pid, "launcher": launcher, "holder": holder}
        os.kill(who[victim], signal.SIGKILL)
        assert gone(pids)
        assert victim != "banbury" or left(mark) == []
        process.wait(20)
    assert gone([launcher])
    # What a killed launcher could not clear away, the next one does.
    service.forget()
    with Box() as box:
        assert box.run(["true"]).code == 0
    assert groups(launcher) == []


@pytest.mark.parametrize("user", users())
def test_a_box_expires_though_nobody_is_awake(user: str) -> None:
    process, _, launcher, holder = holding(user, wall_s=2)
    with process:
        pids = [pid for pid in inner(holder) if pid != holder]
        for pid in (process.pid, launcher):
            os.kill(pid, signal.SIGSTOP)
        assert gone(pids)
        for pid in (process.pid, launcher):
            os.kill(pid, signal.SIGCONT)
        assert process.wait(20) == 0


def state() -> dict[str, object]:
    """Return what boxes could leave behind in this process and on this machine."""
    launcher = service.state["process"].pid
    return {
        "files": len([*Path("/proc/self/fd").iterdir()]),
        "launcher's files": len([*Path(f"/proc/{launcher}/fd").iterdir()]),
        "processes": below(launcher),
        "mounts": Path("/proc/self/mounts").read_text(),
        "groups": groups(launcher),
        "folders": sorted(p.name for p in Path("/tmp").iterdir() if p.name.startswith("s")),
    }  # fmt: skip


@pytest.mark.parametrize("count", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_boxes_in_sequence_leave_nothing(count: int) -> None:
    with Box() as box:
        box.run(["true"])
    before = state()
    for _ in range(count):
        with Box() as box:
            assert box.run(["sh", "-c", "echo x > x; sleep 60 & :"]).code == 0
            box.snapshot()
    assert state() == before


def test_an_interrupted_run_ends_its_box() -> None:
    main = threading.main_thread().ident
    box = Box()
    timer = threading.Timer(0.3, signal.pthread_kill, (main, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        box.run(["sleep", "600"])
    assert gone([box.pid])
    with pytest.raises(SandboxError, match="closed"):
        box.run(["true"])


def test_a_forked_process_makes_boxes_of_its_own() -> None:
    with Box() as box:
        code = os.fork()
        if code == 0:
            with Box(limits=Limits(processes=16)) as own:
                os._exit(own.run(["sh", "-c", "exit 7"]).code)
        assert os.waitstatus_to_exitcode(os.waitpid(code, 0)[1]) == 7
        assert box.run(["true"]).code == 0


def test_threads_use_boxes_side_by_side() -> None:
    codes = {}

    def work(n: int) -> None:
        with Box() as box:
            codes[n] = [box.run(["sh", "-c", f"exit {n}"]).code for _ in range(3)]

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == {n: [n] * 3 for n in range(6)}
