"""Run inside a peer's environment: offsets of pairs of files by audio-offset-finder or syncstart.

    python offsets.py NAME < lines of JSON [path a, path b, seconds]

Prints for each pair b's time less a's, in seconds, and the CPU seconds, its children's included.
"""

import contextlib
import importlib
import io
import json
import os
import resource
import sys
import types
from pathlib import Path


def cpu_s() -> float:
    own, children = (
        resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def audio_offset_finder(a: str, b: str, seconds: float) -> float:
    finder = importlib.import_module("audio_offset_finder.audio_offset_finder")
    return -float(finder.find_offset_between_files(a, b, fs=16000)["time_offset"])


def syncstart(a: str, b: str, seconds: float) -> float:
    """Its own function, on whole takes instead of 20 s; ffprobe's answer and Tk are not needed."""
    importlib.import_module("matplotlib").use = lambda *_: None
    sys.modules.setdefault("cv2", types.ModuleType("cv2"))
    peer = importlib.import_module("syncstart")
    peer.get_max_rate = lambda *_: 48_000
    sys.argv = ["syncstart"]
    with contextlib.redirect_stdout(io.StringIO()):
        path, by = peer.file_offset(
            in1=a, in2=b, video=False, begin=0, take=seconds, normalize=True,
            denoise=False, lowpass=0, crop=False, show=False, quiet=True,
        )  # fmt: skip
    return -float(by) if path == a else float(by)


def main() -> None:
    ffmpeg = importlib.import_module("imageio_ffmpeg").get_ffmpeg_exe()
    folder = Path(sys.prefix) / "ffmpeg"
    folder.mkdir(exist_ok=True)
    link = folder / "ffmpeg"
    if not link.exists():
        link.symlink_to(ffmpeg)
    os.environ["PATH"] = f"{folder}:{os.environ['PATH']}"
    ask = {"audio_offset_finder": audio_offset_finder, "syncstart": syncstart}[sys.argv[1]]
    for line in sys.stdin.read().splitlines():
        a, b, seconds = json.loads(line)
        begun = cpu_s()
        try:
            said = {"offset_s": ask(a, b, seconds)}
        except Exception as error:
            said = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps({**said, "cpu_s": cpu_s() - begun}), file=sys.__stdout__, flush=True)


if __name__ == "__main__":
    main()
