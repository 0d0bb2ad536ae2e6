"""Look at a take: sample it, measure it, and say what is wrong from when to when."""

from __future__ import annotations

import numpy as np

from banbury.gyms.capture.media import Take
from banbury.gyms.capture.quality.faulting import picture_faults, sound_faults
from banbury.gyms.capture.quality.findings import Fault, Prints, Quality
from banbury.gyms.capture.quality.readings import Report, Sights, Sounds, hear, see
from banbury.gyms.capture.quality.segments import segments

HOW = (
    "The first key frame of each second, and the five frames after every other one; where key"
    " frames are more than 4 s apart, all frames are decoded. What comes and goes between two of"
    " them is missed, and without a gyro shaking that lasts less than 4 s. Hands are looked for"
    " each 4 s, screens in every fourth key frame. Dropped frames come from the time stamps of all"
    " frames, standing pictures from the sizes of all packets too, clipping and speech from all of"
    " the sound."
)


def look(take: Take, *, report: Report | None = None) -> Quality:
    """Return what was measured on a take, and its faults.

    Args:
        take: one camera's footage.
        report: called with the share done, 0 to 1.

    Raises:
        InputError: a file cannot be read.
    """
    tell = report or (lambda done: None)
    heard_share = 0.2 if take.has_picture else 1.0
    sights = see(take, lambda x: tell(x * (1 - heard_share))) if take.has_picture else Sights()
    sounds = hear(take, lambda x: tell(1 - heard_share + x * heard_share))
    tell(1.0)
    return weigh(take.duration_s, sights, sounds, sounded=take.has_sound)


def weigh(duration_s: float, sights: Sights, sounds: Sounds, *, sounded: bool) -> Quality:
    """Return the quality that readings come to."""
    faults: list[Fault] = [
        *picture_faults(sights, duration_s),
        *sound_faults(sounds, duration_s, sounded=sounded),
    ]
    return Quality(
        duration_s=duration_s,
        segments=segments(duration_s, sights, sounds),
        faults=tuple(sorted(faults, key=lambda f: (f.start_s, f.kind))),
        how=HOW,
        unmeasured=_unmeasured(sights, sounds),
        prints=_prints(sights),
    )


def _prints(sights: Sights) -> Prints | None:
    if not sights.t_s:
        return None
    times = np.rint(np.asarray(sights.t_s) * 1000).clip(0).astype("<u4")
    whole = np.asarray([p[0] for p in sights.prints], dtype="<u8")
    inner = np.asarray([p[1] for p in sights.prints], dtype="<u8")
    return Prints(times.tobytes(), whole.tobytes(), inner.tobytes())


def _unmeasured(sights: Sights, sounds: Sounds) -> dict[str, str]:
    made = {}
    if not sights.t_s:
        made["picture"] = "the take has no picture that can be decoded"
    else:
        if np.isnan(sights.edge).all():
            made["blur"] = "the picture never has enough contrast to tell"
        if np.isnan(sights.shake).all():
            made["shake"] = "too few frames in a row could be matched"
        if np.isnan(sights.screen).all():
            made["screen"] = "the picture is smaller than 256 pixels"
    if not sounds.level:
        made["sound"] = "the take has no sound"
    return made
