"""The watch over calls: what takes too long ends, and nothing of it stays behind."""

import contextlib
import subprocess
import sys
import time

from banbury.arena.watch import Stuck, Watch

TRACED = """
import sys
from banbury.arena.watch import Stuck, Watch

def spin():
    while True:
        pass

with Watch(0.1) as watch:
    try:
        watch.call(spin)
    except Stuck:
        sys.settrace(lambda *_: None)
        (lambda: None)()
        print("went on")
"""


def test_after_a_call_that_hung_a_debugger_or_coverage_goes_on():
    done = subprocess.run(
        [sys.executable, "-c", TRACED], capture_output=True, text=True, timeout=120
    )
    assert done.stdout == "went on\n", done.stderr


def busy(seconds):
    last = time.perf_counter() + seconds
    while time.perf_counter() < last:
        pass
    return seconds


def deaf(seconds):
    last = time.perf_counter() + seconds
    while time.perf_counter() < last:
        with contextlib.suppress(BaseException):
            busy(last - time.perf_counter())
    return seconds


def test_what_was_raised_for_one_call_never_reaches_what_follows_it():
    longest = 0.01
    with Watch(longest) as watch:
        for number in range(150):
            call, seconds = (busy, deaf)[number % 2], longest * (1 + number % 50 / 50)
            with contextlib.suppress(Stuck):
                assert watch.call(call, seconds) == seconds
            busy(0.001)
    assert watch.held_s == 0
