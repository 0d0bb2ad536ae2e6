"""One take while it is synchronized: what each method needs of it, made once and kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from banbury.episode import Source
from banbury.gyms.capture.media import Take
from banbury.gyms.capture.sync import claps, codes, gyro, motion, timecode
from banbury.gyms.capture.sync.claps import Onsets
from banbury.gyms.capture.sync.codes import Reading
from banbury.gyms.capture.sync.recording import Footage, Recording
from banbury.gyms.capture.sync.series import Series


class Camera:
    """A take with its sound decoded. Close it, or use it in a `with`."""

    def __init__(self, take: Footage, report: Callable[[float], None] | None = None) -> None:
        self.take = take
        self.film = take if isinstance(take, Take) else None
        self.recording = Recording(take, report)

    @property
    def duration_s(self) -> float:
        """Seconds of the take."""
        return self.take.duration_s

    @property
    def files(self) -> tuple[Source, ...]:
        """The files, if it is made of files."""
        return self.film.files if self.film else ()

    @cached_property
    def claps(self) -> Onsets:
        """Its sharpest sounds."""
        return claps.onsets(self.recording)

    @cached_property
    def timecode(self) -> timecode.Start | None:
        """What its timecode says of its start."""
        return timecode.start(self.film) if self.film else None

    @cached_property
    def gyro(self) -> Series | None:
        """How fast it turned."""
        return gyro.turning(self.film) if self.film else None

    @cached_property
    def codes(self) -> tuple[Reading, ...]:
        """Clock codes in its pictures."""
        return codes.readings(self.film) if self.film else ()

    @cached_property
    def motion(self) -> Series | None:
        """How much its pictures change."""
        return motion.change(self.film) if self.film else None

    def lag_ms(self) -> float | None:
        """Its sound behind its picture."""
        strongest: NDArray[np.float64] = self.claps.strongest(12)
        return motion.lag_ms(self.film, strongest) if self.film else None

    def close(self) -> None:
        """Remove the scratch file."""
        self.recording.close()

    def __enter__(self) -> Camera:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
