"""Opening a file of footage, and what may go wrong at it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from banbury.episode import Source
from banbury.errors import InputError, SetupError

try:
    import av
    from av.container import InputContainer
    from av.stream import Discard
except ImportError as error:  # pragma: no cover - the extra is there where tests run
    raise SetupError("PyAV is missing", do="pip install 'banbury[media]'") from error

if TYPE_CHECKING:
    from av.stream import Stream

# A list of formats, since FFmpeg's others read text as pictures, and lists as more files.
_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mp3,wav,w64,flac,aac,ogg,mpegts,mpeg,avi,asf,flv,mxf"
)
_BUFFER = 1 << 18
PIXELS = 1 << 26
"""Pixels of a picture at most, 8,192 by 8,192: some bytes may say a gigabyte of black."""
LONGEST_S = 24 * 3600.0
"""Of a file and of a recording: stamps may say years, and each second of them is measured."""
_CUT_OFF = "the camera mends such a file when the card is put back; else copy it again"


@contextlib.contextmanager
def opened(path: Source) -> Iterator[InputContainer]:
    """Open a file of footage for reading, and tell what goes wrong as one InputError.

    What is under a key is read through it, without a copy.

    Raises:
        InputError: the file is not there, or is no footage that can be read.
    """
    if not path.is_file():
        raise InputError("there is no such file", where=str(path))
    if path.stat().st_size == 0:
        raise InputError("the file is empty", where=str(path), do="copy it again from the camera")
    with contextlib.ExitStack() as stack:
        try:
            file = f"file:{path.resolve()}" if isinstance(path, Path) else path.open()
            if not isinstance(file, str):
                stack.enter_context(file)
            container = av.open(
                file,
                "r",
                container_options={
                    "format_whitelist": _FORMATS,
                    "protocol_whitelist": "file",
                    "export_all": "1",
                },
                options={"max_pixels": str(PIXELS)},
                metadata_errors="replace",
                buffer_size=_BUFFER,
            )
            stack.enter_context(container)
        except (av.FFmpegError, OSError, ValueError, UnicodeError) as error:
            raise refused(path, error) from error
        for stream in container.streams.video:
            if stream.codec_context is not None:  # what it says inside may differ
                stream.codec_context.options = {"max_pixels": str(PIXELS)}
        try:
            yield container
        except av.FFmpegError as error:
            raise InputError(
                f"the file cannot be read on: {said(error)}", where=str(path), do=_CUT_OFF
            ) from error


def refused(path: Source, error: Exception) -> InputError:
    """Return why FFmpeg would not open a file, in words."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head[4:8] in (b"ftyp", b"mdat", b"wide", b"free", b"moov", b"skip"):
        return InputError(
            "the file is cut off: its index (moov) is missing or damaged",
            where=str(path),
            do=_CUT_OFF,
        )
    kind = "a text file" if _text(head) else "no footage that can be read"
    return InputError(
        f"this is {kind}, whatever its name says",
        where=str(path),
        do="give MP4, MOV, MKV, WebM, MPEG-TS, AVI, WAV or MP3",
    )


def _text(head: bytes) -> bool:
    try:
        head[:-4].decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in head


def said(error: Exception) -> str:
    """Return the reason within an error of FFmpeg, without its numbers and paths."""
    return str(getattr(error, "strerror", None) or error).split(":")[0].lower()


def within(seconds_: float, what: str, where: Source) -> None:
    """Let footage pass that is no longer than a camera films.

    Raises:
        InputError: it claims to be.
    """
    if not seconds_ <= LONGEST_S:
        raise InputError(
            f"by its time stamps {what} lasts {seconds_ / 3600:,.0f} h, and at most "
            f"{LONGEST_S / 3600:g} h are taken as one recording",
            where=str(where),
            do="copy it again from the camera",
        )


def only(container: InputContainer, stream: Stream) -> Any:
    """Let the container read one track alone, and return it; the others' bytes are skipped."""
    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all
    return stream


def seconds(stamp: int | None, base: Fraction | None) -> float | None:
    """Return a stamp in seconds, None where there is none."""
    return None if stamp is None or base is None else float(stamp * base)


def origin_of(container: InputContainer) -> float:
    """Return the stamp of the file's first picture or sound, the zero of its clock, in seconds."""
    starts = [
        seconds(s.start_time, s.time_base)
        for s in (*container.streams.video, *container.streams.audio)
    ]
    return min((s for s in starts if s is not None), default=0.0)
