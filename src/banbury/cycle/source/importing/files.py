"""Files that an item shows: looked at before they are taken, since anybody may have made them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import importlib
import io
import mimetypes
import os
import warnings
import wave
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image, UnidentifiedImageError

from banbury.errors import SetupError
from banbury.gyms.labelling.controls import Media

PIXELS = 100_000_000
"""The largest image that is taken; a browser holds four bytes for each pixel."""
BYTES = 2_000_000_000
"""The largest file that is taken."""
_IMAGES = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
    "AVIF": "image/avif",
}
"""What every browser shows, by Pillow's names."""
_TURNED = (5, 6, 7, 8)
"""EXIF orientations with width and height exchanged, as browsers show them."""
_ORIENTATION = 0x0112
_SHORT = 0.9
"""A recording that ends before this share of its own length was cut off."""
SOUND = (".wav", ".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".weba")
VIDEO = (".mp4", ".m4v", ".webm", ".mov", ".mkv", ".ogv")
PICTURE = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".avif")
OTHER_PICTURE = (".tif", ".tiff", ".svg", ".heic", ".heif", ".psd", ".ico")
WORDS = (".txt", ".md", ".text")


class Unfit(ValueError):
    """A file or a value that cannot be taken; the text says why."""


@dataclass(frozen=True)
class File:
    """A file of an item: where it lies, or what it holds."""

    path: Path | None
    data: bytes = b""
    name: str = ""

    def open(self) -> BinaryIO:
        """Return the file at its start."""
        return self.path.open("rb") if self.path else io.BytesIO(self.data)


def within(root: Path, said: str) -> Path:
    """Return the file that a row names, which lies in the folder of its table or below.

    Raises:
        Unfit: it lies elsewhere, is no file, or does not exist.
    """
    if "://" in said[:20]:
        raise Unfit(f"{said[:80]!r} is an address; download it and name the file")
    if "\0" in said:
        raise Unfit("the file's name holds a NUL")
    top = _real(root)
    try:
        path = Path(os.path.realpath(top / said))
        inside = path.is_relative_to(top)
        there = inside and path.is_file()
    except (OSError, ValueError) as error:
        raise Unfit(f"{said[:80]!r} cannot be a file: {error}") from None
    if not inside:
        raise Unfit(f"{said[:80]!r} leads out of the folder {root}")
    if not there:
        raise Unfit(f"there is no file {said[:200]!r} in {root}")
    return path


@lru_cache(maxsize=8)
def _real(root: Path) -> Path:
    return Path(os.path.realpath(root))


def embedded(url: str) -> File:
    """Return the file that a `data:` URL holds.

    Raises:
        Unfit: it is not base64.
    """
    head, _, body = url.partition(",")
    try:
        data = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise Unfit(f"{head[:60]!r} holds no base64") from None
    mime = head.removeprefix("data:").split(";", 1)[0]
    suffix = ".wav" if mime in ("audio/wav", "audio/x-wav") else mimetypes.guess_extension(mime)
    return File(None, data, f"{mime.split('/', 1)[0]}{suffix or ''}")


def sort_of(name: str) -> str:
    """Return `image`, `audio`, `video` or `text` by a file's name, "" for anything else."""
    suffix = Path(name).suffix.lower()
    sorts = (("image", PICTURE), ("audio", SOUND), ("video", VIDEO), ("text", WORDS))
    return next((sort for sort, suffixes in sorts if suffix in suffixes), "")


def sha256(file: File) -> str:
    """Return the hash that will name the blob."""
    digest = hashlib.sha256()
    with file.open() as opened:
        while chunk := opened.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def looked_at(file: File, sort: str = "") -> Media:
    """Return what a file is, with size, length and the hash of its bytes.

    Images are decoded and recordings read to their end, so that one that is cut off is found now
    and not before a person.

    Args:
        file: to look at.
        sort: `image`, `audio` or `video` where that is known.

    Raises:
        Unfit: it is broken, too large, or nothing that a browser shows.
        SetupError: sound or video other than WAV, and PyAV is not installed.
    """
    size = file.path.stat().st_size if file.path else len(file.data)
    if not size:
        raise Unfit("the file is empty")
    if size > BYTES:
        raise Unfit(f"the file has {size} bytes; the most are {BYTES}")
    name = file.name or (file.path.name if file.path else "")
    sort = sort or sort_of(name)
    if sort == "image" or (not sort and _is_image(file)):
        mime, width, height = _image(file)
        return Media(sha256(file), mime, width=width, height=height, name=name)
    if sort in ("audio", "video") or not sort:
        return _recording(file, name)
    raise Unfit(f"{name[:80]!r} is no image, sound or video")


def _is_image(file: File) -> bool:
    try:
        with file.open() as opened, _Strict():
            Image.open(opened)
    except (UnidentifiedImageError, OSError):
        return False
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return True
    return True


class _Strict(warnings.catch_warnings):
    """Pillow's warnings as errors."""

    def __enter__(self) -> Any:
        log = super().__enter__()
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        warnings.simplefilter("ignore", UserWarning)
        return log


def _image(file: File) -> tuple[str, int, int]:
    """Return media type, width and height, as a browser shows it."""
    try:
        with file.open() as opened, _Strict(), Image.open(opened) as image:
            width, height = image.size
            if width * height > PIXELS:
                raise Unfit(_too_large(f"{width} x {height}"))
            if image.format not in _IMAGES:
                raise Unfit(f"browsers show no {image.format}; convert it to PNG")
            mime = _IMAGES[image.format]
            turned = image.getexif().get(_ORIENTATION) in _TURNED
            # A JPEG is read to its end also where it is only unfolded to an eighth.
            image.draft(None, (max(1, width // 8), max(1, height // 8)))
            image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unfit(_too_large("too many")) from None
    except UnidentifiedImageError:
        raise Unfit("this is no image") from None
    except Unfit:
        raise
    except Exception as error:  # Pillow's readers raise whatever broken bytes lead them to
        raise Unfit(f"the image is broken: {str(error)[:120]}") from None
    return (mime, height, width) if turned else (mime, width, height)


def _too_large(size: str) -> str:
    return f"the image has {size} pixels; the most are {PIXELS:,}"


def _recording(file: File, name: str) -> Media:
    if name.lower().endswith(".wav"):
        try:
            return Media(sha256(file), "audio/wav", seconds=_wave(file), name=name)
        except Unfit as error:
            if not str(error).startswith("not plain"):
                raise
    mime, seconds, width, height = _decoded(file, name)
    return Media(sha256(file), mime, width=width, height=height, seconds=seconds, name=name)


def _wave(file: File) -> float:
    """Return the length of a plain WAV file in seconds."""
    try:
        with file.open() as opened, wave.open(opened) as sound:
            frames, rate = sound.getnframes(), sound.getframerate()
            step = sound.getnchannels() * sound.getsampwidth()
            held = 0
            while data := sound.readframes(1 << 20):
                held += len(data)
            if held < frames * step * _SHORT:
                raise Unfit(f"the recording is cut off at {held / step / rate:.1f} s")
            return float(round(frames / rate, 3))
    except EOFError:
        raise Unfit("the recording is cut off in its header") from None
    except (wave.Error, ZeroDivisionError) as error:
        raise Unfit(f"not plain WAV: {error}") from None


def _decoded(file: File, name: str) -> tuple[str, float, int, int]:
    """Return media type, seconds, width and height of sound or video."""
    try:
        av = importlib.import_module("av")
    except ImportError:
        raise SetupError(
            "reading sound and video needs PyAV",
            where=name,
            do="pip install 'banbury[media]'",
        ) from None
    try:
        with file.open() as opened, av.open(opened) as container:
            return _streams(container, name)
    except (av.error.FFmpegError, ValueError, ArithmeticError) as error:
        if isinstance(error, Unfit):
            raise
        raise Unfit(f"the recording cannot be read: {str(error)[:120]}") from None


def _streams(container: Any, name: str) -> tuple[str, float, int, int]:
    video = next((s for s in container.streams.video if not _cover(s)), None)
    stream = video or next(iter(container.streams.audio), None)
    if stream is None:
        raise Unfit("there is neither sound nor video in it")
    said = float(container.duration or 0) / 1e6
    last = 0.0
    for packet in container.demux(stream):
        if packet.pts is not None:
            last = max(last, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    if last <= 0.0 or (said and last < said * _SHORT):
        raise Unfit(f"the recording is cut off at {last:.1f} of {said:.1f} s")
    guess = mimetypes.guess_type(name)[0] or ""
    sort = "video" if video else "audio"
    mime = guess if guess.startswith(sort) else f"{sort}/{_container(container, sort)}"
    width, height = (stream.width, stream.height) if video else (0, 0)
    return mime, round(max(said, last), 3), width, height


def _cover(stream: Any) -> bool:
    """Return whether a video stream is only the picture on a sound file's sleeve."""
    return stream.codec_context.name in ("png", "mjpeg", "gif", "bmp")


def _container(container: Any, sort: str) -> str:
    known = {"matroska,webm": "webm", "mov,mp4,m4a,3gp,3g2,mj2": "mp4", "mp3": "mpeg"}
    name = str(container.format.name)
    return known.get(name, name.split(",")[0])
