"""Sending: a file of many gigabytes in parts with checksums, from where the server's bytes end."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

import msgspec

from banbury.client.link import Link
from banbury.errors import Garbled, InputError, Misplaced, Occupied

PART = 16 << 20
"""Bytes of one part: what a broken line loses at most."""
SAMPLE = 1 << 18
TRIES = 10
"""How often a part is sent that brings nothing new, before it is given up."""
_TUS = {"Tus-Resumable": "1.0.0"}


class Sent(msgspec.Struct, frozen=True):
    """A file that is on the server, or on its way.

    Attributes:
        id: of the upload.
        name: of the file.
        size: bytes of the whole.
        received: bytes that the server has for good.
        state: `open`, `whole` (being hashed) or `kept`.
        sha256: under which the lab holds the file, once it is kept.
        fingerprint: by which it is known again.
        task: id of the task it belongs to.
    """

    id: str
    name: str
    size: int
    received: int
    state: str
    sha256: str = ""
    fingerprint: str = ""
    task: str = ""


class Sender:
    """Sends files to one lab; see `LabClient.send_file`."""

    def __init__(self, link: Link, lab: str, wait: Callable[[float], None]) -> None:
        self._link = link
        self._lab = lab
        self._wait = wait

    def known(self, task: str, fingerprint: str = "") -> list[Sent]:
        """Return what the lab knows of uploads of a task, or of all tasks ("")."""
        query = {"task": task, "fingerprint": fingerprint}
        found = self._link.do("uploads", query=query, lab_name=self._lab)
        return msgspec.convert(found, list[Sent])

    def send(self, path: Path, task: str, report: Callable[[float], None]) -> Sent:
        """Send a file and return it as the lab holds it; one that was begun before goes on.

        Raises:
            InputError: it changed on the way, or is empty.
            BanburyError: what the server says is wrong.
        """
        with path.open("rb") as file:
            size = path.stat().st_size
            print_ = fingerprint(file, size)
            same = [u for u in self.known(task, print_) if u.task == task]
            kept = [u for u in same if u.state == "kept"]
            if kept:
                report(1.0)
                return kept[0]
            id = same[0].id if same else self._create(path, size, task, print_)
            digest = self._parts(id, file, size, report)
            return self._whole(id, digest, path)

    def _create(self, path: Path, size: int, task: str, print_: str) -> str:
        media = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        named = {"filename": path.name, "filetype": media, "task": task, "fingerprint": print_}
        head = {**_TUS, "Upload-Length": str(size), "Upload-Metadata": _metadata(named)}
        answer = self._link.bare("create_upload", head, again=False, lab_name=self._lab)
        return answer["location"].rpartition("/")[2]

    def _parts(
        self, id: str, file: BinaryIO, size: int, report: Callable[[float], None]
    ) -> Callable[[], str]:
        """Send from where the server ends; return what gives the SHA-256 of the whole.

        Of what did not pass through here in one go, that function reads the rest again.
        """
        whole, hashed, tries = hashlib.sha256(), 0, 0
        at = self._offset(id)
        while at < size:
            report(at / size)
            file.seek(at)
            part = file.read(min(PART, size - at))
            if not part:
                raise InputError("the file became shorter while it was sent", where=file.name)
            try:
                after = self._append(id, at, part)
            except (Misplaced, Garbled, Occupied):
                after = self._offset(id)
            tries = 0 if after > at else tries + 1
            if tries == TRIES:
                raise Occupied("the server takes no more of this upload", where=id)
            if tries:
                self._wait(min(8.0, 0.2 * 2.0**tries))
            if hashed == at and after == at + len(part):
                whole.update(part)
                hashed = after
            at = after
        report(1.0)

        def digest() -> str:
            file.seek(hashed)
            while block := file.read(PART):
                whole.update(block)
            return whole.hexdigest()

        return digest

    def _append(self, id: str, at: int, part: bytes) -> int:
        sum_ = base64.b64encode(hashlib.sha256(part).digest()).decode()
        head = {
            **_TUS,
            "Upload-Offset": str(at),
            "Upload-Checksum": f"sha256 {sum_}",
            "Content-Type": "application/offset+octet-stream",
        }
        answer = self._link.bare("append_upload", head, part, lab_name=self._lab, upload=id)
        return int(answer["upload-offset"])

    def _offset(self, id: str) -> int:
        answer = self._link.bare("ask_upload", _TUS, lab_name=self._lab, upload=id)
        return int(answer["upload-offset"])

    def _whole(self, id: str, digest: Callable[[], str], path: Path) -> Sent:
        """Wait until the lab holds the file, and hold its hash against ours.

        Raises:
            InputError: they differ.
        """
        while True:
            found = self._link.do("upload_state", lab_name=self._lab, upload=id)
            sent = msgspec.convert(found, Sent)
            if sent.state == "kept":
                break
            self._wait(0.5)
        if digest() != sent.sha256:
            raise InputError(
                f"{path.name} changed while it was sent: the lab holds another content",
                where=sent.sha256,
                do="send it again when nothing writes to it any more",
            )
        return sent


def fingerprint(file: BinaryIO, size: int) -> str:
    """Return by what a file is known again, as the browser's uploader makes it.

    Its length, and the SHA-256 of 256 KiB each of its beginning, middle and end.
    """
    digest = hashlib.sha256()
    for at in (0, max(0, size // 2 - SAMPLE // 2), max(0, size - SAMPLE)):
        file.seek(at)
        digest.update(file.read(SAMPLE))
    return f"{size}-{digest.hexdigest()}"


def _metadata(named: Mapping[str, str]) -> str:
    pairs = ((k, base64.b64encode(v.encode()).decode()) for k, v in named.items() if v)
    return ",".join(f"{key} {value}" for key, value in pairs)
