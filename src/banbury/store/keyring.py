"""Keyring: the keys of people, in files that are in no database and in no back-up.

A box sealed under a key can be opened while the key is there. Destroying the key makes all its
boxes unreadable at once, wherever copies of them lie.

Boxes are AES-256-GCM-SIV (RFC 8452) under a fixed nonce: the same bytes give the same box, so that
what is written twice is known to be the same, and a box that was changed does not open. Files are
AES-256-CTR (NIST SP 800-38A) under a key of their own, derived (HKDF, RFC 5869) from the person's
and a random salt, so that they can be read and written from any byte on.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from banbury.errors import CorruptBlob, Erased, SetupError
from banbury.store.embedded import writing

KEYS = "BANBURY_KEYS"
SALT = 16
"""Bytes of a file's own salt."""
TOGETHER = "+"
"""Between the names of several people in the id of the key of what they did together."""
_BYTES = 32
_BLOCK = 16
_NONCE = bytes(12)
_VERSION = b"\x01"
_HOUSE = "house"
_HELD = 4096


class Stream:
    """The key stream of one file: the same call seals and opens. Got from `Keyring.stream`."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def apply(self, data: bytes | memoryview, at: int) -> bytes:
        """Seal or open bytes that begin at the byte `at` of the file; the length stays."""
        block, inside = divmod(at, _BLOCK)
        mode = modes.CTR(block.to_bytes(_BLOCK, "big"))
        cipher = Cipher(algorithms.AES(self._key), mode).encryptor()
        cipher.update(bytes(inside))
        return cipher.update(data)


class Keyring:
    """The keys in one folder; several processes may use it at once.

    An id names a key: `person:ACCOUNT` for what the house knows of a person, `work:LAB:PSEUDONYM`
    for what they show or say in a lab. A file's name is a hash of the id, so that the folder does
    not list people.

    Args:
        folder: made with the first key; nobody else may read it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._held: dict[str, tuple[int, int, bytes]] = {}
        self._swept = False

    def __repr__(self) -> str:
        return f"<Keyring at {self.folder}>"

    def make(self, id: str) -> None:
        """Make a key, once; it is on the disk when this returns.

        Raises:
            Erased: it was destroyed, and is never made again.
            StoreFull: the folder cannot be written.
            SetupError: others may read the folder.
        """
        if not self.has(id):
            self.make_all([id])

    def make_all(self, ids: Iterable[str]) -> None:
        """Make several keys, each once; see `make`.

        Raises:
            Erased: one was destroyed; those before it are made.
        """
        with self._writing() as folder:
            for id in ids:
                if self._gone(id).exists():
                    raise _erased(id)
                if not self._place(id).exists():
                    aside = folder / f"new-{secrets.token_hex(8)}"
                    _written(aside, secrets.token_bytes(_BYTES))
                    aside.replace(self._place(id))
            _synced(folder)

    def has(self, id: str) -> bool:
        """Return whether there is a key of this id."""
        return self._place(id).exists()

    def destroyed(self, id: str) -> bool:
        """Return whether the key of this id was destroyed."""
        return not self.has(id) and self._gone(id).exists()

    def seal(self, id: str, data: bytes, bound: bytes = b"") -> bytes:
        """Return a box of bytes; the same bytes give the same box.

        Args:
            id: of the key, which was made.
            data: what the box holds.
            bound: what must be given again to open it, such as where it stands.

        Raises:
            Erased: the key was destroyed.
            CorruptBlob: there is no such key.
        """
        sealer = AESGCMSIV(self._derived(id, b"box"))
        return _VERSION + sealer.encrypt(_NONCE, data, _VERSION + bound)

    def open(self, id: str, box: bytes, bound: bytes = b"") -> bytes:
        """Return what a box holds.

        Raises:
            Erased: the key was destroyed.
            CorruptBlob: there is no such key, or the box was changed or is another's.
        """
        opener = AESGCMSIV(self._derived(id, b"box"))
        try:
            if box[:1] != _VERSION:
                raise InvalidTag
            return opener.decrypt(_NONCE, box[1:], _VERSION + bound)
        except (InvalidTag, ValueError) as error:
            raise CorruptBlob(
                "sealed bytes do not open with their key",
                where=f"key {id}",
                do="restore them from a back-up; nothing was changed",
            ) from error

    def stream(self, id: str, salt: bytes) -> Stream:
        """Return the key stream of a file; its integrity is for the file's own hash to show.

        Args:
            id: of the key, which was made.
            salt: random bytes of this file alone.

        Raises:
            Erased: the key was destroyed.
            CorruptBlob: there is no such key.
        """
        return Stream(self._derived(id, b"stream", salt))

    def hashed(self, id: str, what: bytes) -> bytes:
        """Return a hash of bytes that nobody can compute without the key, 32 bytes.

        Raises:
            Erased: the key was destroyed.
            CorruptBlob: there is no such key.
        """
        return hmac.digest(self._derived(id, b"hash"), what, "sha256")

    def blind(self, what: str) -> bytes:
        """Return a hash by which to look a text up, under the house's own key, 32 bytes."""
        self.make(_HOUSE)
        return self.hashed(_HOUSE, what.encode())

    def destroy(self, id: str) -> None:
        """Destroy a key for good: overwritten, unlinked, remembered; again changes nothing.

        What a file system keeps of an overwritten file (snapshots, a worn cell of flash) is beyond
        this; keep the folder on a disk without snapshots.

        Raises:
            StoreFull: the folder cannot be written.
        """
        self.bury([name_of(id)])
        self._held.pop(id, None)

    def buried(self) -> set[str]:
        """Return the names of all keys that were destroyed; see `name_of`."""
        return {file.stem for file in self.folder.glob("*.gone")}

    def bury(self, names: Iterable[str]) -> int:
        """Destroy keys by their names; return how many were there.

        Raises:
            StoreFull: the folder cannot be written.
        """
        there = 0
        with self._writing() as folder:
            for name in names:
                place = folder / name
                gone = place.with_suffix(".gone")
                if not gone.exists():
                    _written(gone, b"")
                    _synced(folder)
                with suppress(FileNotFoundError):
                    _overwritten(place)
                    place.unlink()
                    _synced(folder)
                    there += 1
        return there

    def _derived(self, id: str, use: bytes, salt: bytes | None = None) -> bytes:
        return HKDF(SHA256(), _BYTES, salt, b"banbury " + use).derive(self._key(id))

    def _key(self, id: str) -> bytes:
        """Return a key; one that another process destroyed is noticed."""
        place = self._place(id)
        try:
            now = place.stat()
            held = self._held.get(id)
            if held and held[:2] == (now.st_ino, now.st_mtime_ns):
                return held[2]
            key = place.read_bytes()
        except FileNotFoundError:
            self._held.pop(id, None)
            raise self._missing(id) from None
        if len(key) != _BYTES or not any(key):
            raise self._missing(id)
        if len(self._held) >= _HELD:
            self._held.clear()
        self._held[id] = (now.st_ino, now.st_mtime_ns, key)
        return key

    def _missing(self, id: str) -> Erased | CorruptBlob:
        if self._gone(id).exists():
            return _erased(id)
        return CorruptBlob(
            f"the key {id} is not in the keyring",
            where=str(self.folder),
            do=f"set {KEYS} to the folder of this store's keys",
        )

    def _place(self, id: str) -> Path:
        return self.folder / name_of(id)

    def _gone(self, id: str) -> Path:
        return self._place(id).with_suffix(".gone")

    @contextmanager
    def _writing(self) -> Iterator[Path]:
        """Hold the folder alone.

        Raises:
            SetupError: others may read it.
            StoreFull: it cannot be written.
        """
        with writing(self.folder):
            if not self.folder.exists():
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                _synced(self.folder.parent)
            if self.folder.stat().st_mode & 0o077:
                raise SetupError(
                    "others may read the folder of the keys",
                    where=str(self.folder),
                    do=f"run: chmod 700 {self.folder}",
                )
            lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._sweep()
                yield self.folder
            finally:
                os.close(lock)

    def _sweep(self) -> None:
        """Remove, once, what a process left that was killed while it made or destroyed a key."""
        if not self._swept:
            self._swept = True
            for left in self.folder.glob("new-*"):
                left.unlink()
            for gone in self.folder.glob("*.gone"):
                with suppress(FileNotFoundError):
                    _overwritten(gone.with_suffix(""))
                    gone.with_suffix("").unlink()


def at(default: Path) -> Keyring:
    """Return the keyring of the environment's BANBURY_KEYS, else of a folder."""
    named = os.environ.get(KEYS)
    return Keyring(Path(named).expanduser().absolute() if named else default)


def name_of(id: str) -> str:
    """Return the name of a key's file: a hash, so that the folder does not list people."""
    return hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()


def work_key(lab: str, *people: str) -> str:
    """Return the id of the key of what a person shows or says in a lab, or several together."""
    return f"work:{lab}:{TOGETHER.join(map(quoted, sorted(people)))}"


def quoted(person: str) -> str:
    """Return a pseudonym as ids of keys have it: whatever separates names in them is escaped."""
    return quote(person, safe="", errors="surrogatepass")


def _erased(id: str) -> Erased:
    return Erased(
        "this was erased: the key of the person whom it concerned was destroyed",
        where=f"key {id}",
    )


def _written(place: Path, data: bytes) -> None:
    file = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, data)
        os.fsync(file)
    finally:
        os.close(file)


def _overwritten(place: Path) -> None:
    file = os.open(place, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(file, bytes(_BYTES))
        os.fsync(file)
    finally:
        os.close(file)


def _synced(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
