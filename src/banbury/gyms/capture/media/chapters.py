"""Which file of which recording a name says it is, for cameras that split long recordings."""

from __future__ import annotations

import re

_NAMES = (
    # GoPro from HERO6 on: GX 01 0034 (HEVC), GH (AVC), GL (small copy), GS (sphere).
    (re.compile(r"G([XHLS])(\d\d)(\d{4})", re.I), lambda m: (f"G{m[1].upper()}{m[3]}", int(m[2]))),
    # GoPro before: GOPR0034, then GP010034; the first one counts as chapter 0.
    (re.compile(r"GOPR(\d{4})", re.I), lambda m: (f"GOPR{m[1]}", 0)),
    (re.compile(r"GP(\d\d)(\d{4})", re.I), lambda m: (f"GOPR{m[2]}", int(m[1]))),
    # Insta360: VID_20240131_101500_00_001: date, time, lens, file.
    (
        re.compile(r"((?:VID|LRV|PRO_VID)_\d{8}_\d{6}(?:_\d\d)?)_(\d{3})", re.I),
        lambda m: (m[1].upper(), int(m[2])),
    ),
    # DJI action cameras: DJI_0034_001; the form with a date: DJI_20240131101500_0034_D_001.
    (
        re.compile(r"(DJI_(?:\d{14}_)?\d{4}(?:_[A-Z])?)_A?(\d{2,3})", re.I),
        lambda m: (m[1].upper(), int(m[2])),
    ),
)


def chapter_of(name: str) -> tuple[str, int] | None:
    """Return the recording and the number of the file in it; None where the name does not say.

    Only the file's stem counts; a number that a browser adds to a second download, such as
    `GX010034 (1).MP4`, is passed over.
    """
    stem = re.sub(r"\s*(\(\d+\)|- ?copy)$", "", name.rsplit(".", 1)[0], flags=re.I)
    for pattern, read in _NAMES:
        if found := pattern.fullmatch(stem):
            return read(found)
    return None


def first_of(recording: str) -> int:
    """Return the number that the first file of a recording has."""
    return 0 if recording.startswith("GOPR") else 1
