"""Static files, held in memory; their address names their content, so a browser keeps them."""

from __future__ import annotations

import gzip
import mimetypes
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from banbury.episode import digest
from banbury.web.guard import may

FOLDER = Path(__file__).parent / "static"
_FOR_GOOD = "public, max-age=31536000, immutable"
_TEXT = (".css", ".js", ".svg", ".json", ".txt")
mimetypes.add_type("text/javascript", ".js")


class File(msgspec.Struct, frozen=True):
    """One static file: its bytes, the same with gzip where that helps, its media type."""

    data: bytes
    packed: bytes
    media: str


class Files:
    """The static files as they lay in the folder when this was made."""

    def __init__(self, folder: Path = FOLDER) -> None:
        paths = sorted(p for p in folder.rglob("*") if p.is_file())
        self._held = {p.relative_to(folder).as_posix(): _read(p) for p in paths}
        self.version = digest(*(f.data for f in self._held.values()))[:12]

    def at(self, path: str) -> File:
        """Return a file.

        Raises:
            NotFoundException: there is none of this name.
        """
        try:
            return self._held[path]
        except KeyError:
            raise NotFoundException(f"there is no file {path[:200]!r}") from None

    def address(self, path: str) -> str:
        """Return where a page finds a file."""
        self.at(path)
        return f"/static/{self.version}/{path}"


def _read(path: Path) -> File:
    data = path.read_bytes()
    packed = gzip.compress(data, 9, mtime=0) if path.suffix in _TEXT else b""
    media = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return File(data, packed if len(packed) < len(data) else b"", media)


@get("/static/{version:str}/{path:path}", opt=may("see", "static"), include_in_schema=False)
async def static(
    request: Request[Any, Any, Any], version: FromPath[str], path: FromPath[str]
) -> Response[bytes]:
    """Return a static file; any version's address gives the file as it is now."""
    files: Files = request.app.state.files
    file = files.at(path.lstrip("/"))
    headers = {"Cache-Control": _FOR_GOOD if version == files.version else "no-cache"}
    body = file.data
    if file.packed:
        headers["Vary"] = "Accept-Encoding"
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"], body = "gzip", file.packed
    return Response(body, media_type=file.media, headers=headers)


routes = (static,)
