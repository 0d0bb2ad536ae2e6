"""Reading footage: containers, tracks, chapters, timecode, telemetry, sound, frames.

Originals are read alone, never changed. The files' dates are shown and never used.
"""

from banbury.gyms.capture.media.copies import peaks, proxy
from banbury.gyms.capture.media.media import Hole, Media, Part, Track
from banbury.gyms.capture.media.picture import Frame
from banbury.gyms.capture.media.probe import probe
from banbury.gyms.capture.media.take import Take, open_take
from banbury.gyms.capture.media.telemetry import Stream, Telemetry, telemetry

__all__ = [
    "Frame",
    "Hole",
    "Media",
    "Part",
    "Stream",
    "Take",
    "Telemetry",
    "Track",
    "open_take",
    "peaks",
    "probe",
    "proxy",
    "telemetry",
]
