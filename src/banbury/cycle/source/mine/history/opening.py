"""Where a repository's objects lie and which commit is its newest, found without asking git.

What a folder says of itself (its configuration, its hooks) is not read by git at all; the few
facts that are needed are plain files, and are read as such.
"""

from __future__ import annotations

import fcntl
import hashlib
import itertools
import re
import secrets
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from banbury.actors import reach
from banbury.cycle.source.mine.history.git import Git
from banbury.errors import InputError

_HASH = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")
_BRANCH = re.compile(r"refs/[\w./+@#%=,-]+\Z")
_ORIGIN = re.compile(r'^\[remote "origin"\]\s*$.*?^\s*url\s*=\s*(\S+)', re.M | re.S)
_TAG = re.compile(r"refs/tags/[\w./+@#%=,-]+\Z")
MINED = "refs/heads/mined"
_PART = re.compile(r"(?!\.{1,2}\Z)[\w.-]+", re.ASCII)
_TAGS = "+refs/tags/*:refs/tags/*"


class Place(msgspec.Struct, frozen=True):
    """Where a repository lies.

    Attributes:
        git: the folder with HEAD and refs (of a work tree, its own one).
        common: the folder with objects and packed-refs.
        head: hash of the newest commit.
        shallow: commits whose parents are not there.
        origin: the address it was cloned from, or "".
    """

    git: Path
    common: Path
    head: str
    shallow: tuple[str, ...]
    origin: str


def is_address(text: str) -> bool:
    """Say whether a text is meant as an address, not as a folder."""
    scp = re.match(r"[\w.+-]+@[\w.-]+:", text)
    return "://" in text or "::" in text.split("/")[0] or bool(scp)


def local(address: str, pattern: str) -> str:
    """Return where a clone of an address lies on this machine, the address itself if nowhere.

    Args:
        address: of a repository.
        pattern: a folder with {owner} and {name}, "" for none.

    Raises:
        InputError: the pattern names no place.
    """
    parts = [part for part in address.split("/") if part]
    if not pattern or "://" not in address or len(parts) < 4:
        return address
    owner, name = parts[-2], parts[-1].removesuffix(".git")
    if not (_PART.fullmatch(owner) and _PART.fullmatch(name)):
        return address
    try:
        place = pattern.format(owner=owner, name=name)
    except (KeyError, IndexError, ValueError) as error:
        raise InputError(
            f"{pattern!r} names no place", do="write --local with {owner} and {name} alone"
        ) from error
    return place if Path(place).is_dir() else address


def find(path: Path) -> Place:
    """Return where the repository at a folder lies: bare, with a work tree, or a linked one.

    Raises:
        InputError: there is none, it is empty, or it borrows objects from elsewhere.
    """
    where = str(path)
    if not path.exists():
        raise InputError("there is no such folder", where=where)
    git = _git_folder(path)
    if git is None:
        do = "give the folder of a clone, or its https address"
        raise InputError("this is not a git repository", where=where, do=do)
    common = _pointed(git, _line(git / "commondir"))
    if not (common / "objects").is_dir():
        raise InputError("this is not a git repository", where=where, do="it has no objects")
    for borrowed in ("alternates", "http-alternates"):
        if _line(common / "objects" / "info" / borrowed):
            do = "run `git repack -a -d` in it and delete objects/info/alternates"
            raise InputError("the repository borrows objects from another", where=where, do=do)
    head = _head(git, common)
    if not head:
        raise InputError("the repository has no commits", where=where, do="commit something first")
    shallow = tuple(w for w in _text(common / "shallow").split() if _HASH.match(w))
    found = _ORIGIN.search(_text(common / "config"))
    return Place(git.resolve(), common.resolve(), head, shallow, found[1] if found else "")


def _git_folder(path: Path) -> Path | None:
    inner = path / ".git"
    if inner.is_file():
        line = _line(inner)
        return _pointed(path, line.removeprefix("gitdir:").strip()) if line else None
    for folder in (inner, path):
        if (folder / "HEAD").is_file() and (folder / "objects").is_dir():
            return folder
    return None


def _pointed(folder: Path, line: str) -> Path:
    return folder / line if line else folder


def _text(path: Path, most: int = 64 << 20) -> str:
    if not path.is_file() or path.stat().st_size > most:
        return ""
    return path.read_text(encoding="utf-8", errors="replace")


def _line(path: Path) -> str:
    return next(iter(_text(path, 1 << 16).splitlines()), "").strip()


def _head(git: Path, common: Path) -> str:
    value = _line(git / "HEAD")
    for _ in range(5):
        if _HASH.match(value):
            return value
        name = value.removeprefix("ref:").strip()
        if not _BRANCH.match(name) or ".." in name:
            return ""
        value = _line(common / name) or _packed(common).get(name, "")
    return ""


def _packed(common: Path) -> dict[str, str]:
    rows = (line.split(" ") for line in _text(common / "packed-refs").splitlines())
    return {row[1]: row[0] for row in rows if len(row) == 2 and _HASH.match(row[0])}


def made(folder: Path, kind: str = "sha1") -> Path:
    """Make an empty git folder of ours, where there is none, and return it."""
    if (folder / "HEAD").is_file():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="new-") as made_in:
        new = Path(made_in) / "git"
        for part in ("objects/pack", "objects/info", "refs/heads"):
            (new / part).mkdir(parents=True)
        (new / "HEAD").write_text(f"ref: {MINED}\n")
        number = int(kind != "sha1")
        form = f"[core]\n\trepositoryformatversion = {number}\n\tbare = true\n"
        form += f"[extensions]\n\tobjectformat = {kind}\n" if number else ""
        (new / "config").write_text(form)
        try:
            new.rename(folder)
        except OSError:  # somebody else made it in the meantime
            if not (folder / "HEAD").is_file():
                raise
    return folder


def reader(place: Place, cache: Path) -> Git:
    """Return git over the repository's objects, through a folder of ours."""
    told = "\n".join((str(place.common), *place.shallow))
    name = hashlib.sha256(told.encode(errors="surrogateescape")).hexdigest()[:24]
    kind = "sha256" if len(place.head) == 64 else "sha1"
    folder = made(cache.absolute() / "readers" / name, kind)
    if place.shallow:
        _replaced(folder / "shallow", "".join(f"{commit}\n" for commit in place.shallow))
    named = sorted(_tags(place.common).items())
    _replaced(folder / "packed-refs", "".join(f"{commit} {name}\n" for name, commit in named))
    return Git(folder, place.common / "objects")


def _tags(common: Path) -> dict[str, str]:
    """Return what the tags of a repository point at, by their full names."""
    found = {n: h for n, h in _packed(common).items() if _TAG.match(n) and ".." not in n}
    loose = common / "refs" / "tags"
    for path in itertools.islice(loose.rglob("*"), 100_000) if loose.is_dir() else ():
        name = path.relative_to(common).as_posix()
        if _TAG.match(name) and ".." not in name and _HASH.match(value := _line(path)):
            found[name] = value
    return found


def _replaced(path: Path, text: str) -> None:
    """Write a file whole, while others may read it."""
    aside = path.with_name(f"{path.name}-{secrets.token_hex(4)}")
    aside.write_text(text)
    aside.replace(path)


def _held(address: str) -> dict[str, str]:
    """Return settings that hold git to the addresses which whoever asks may reach.

    Raises:
        InputError: they may not reach this one.
    """
    found = reach.pinned(address)
    if not found:
        return {}
    parts = urlsplit(address)
    ips = ",".join(f"[{ip}]" if ":" in ip else ip for ip in found)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return {
        "http.curloptResolve": f"{parts.hostname}:{port}:{ips}",
        "http.followRedirects": "false",
        "http.proxy": "",
    }


def fetched(address: str, cache: Path, protocols: tuple[str, ...], commit: str = "") -> Path:
    """Fetch the default branch, or one commit, at an address into the cache; return the folder.

    Raises:
        InputError: the address is of a kind that is not allowed, or it cannot be fetched.
    """
    parts = urlsplit(address)
    if "::" in address or parts.scheme not in protocols or not parts.netloc or "@" in parts.netloc:
        allowed = " or ".join(f"{name}://" for name in protocols)
        do = f"give an address that begins with {allowed} and holds no name or password"
        raise InputError("this kind of address is not fetched", where=address, do=do)
    clean = address.rstrip("/").removesuffix(".git")
    folder = cache.absolute() / "clones" / hashlib.sha256(clean.encode()).hexdigest()[:24]
    made(folder)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        git = Git(folder, protocols=protocols, settings=_held(address))
        wanted = commit if _HASH.match(commit) else "HEAD"
        options = ("--quiet", "--no-tags", "--no-write-fetch-head", "--")
        heads = [f"+{wanted}:{MINED}"] if commit else [f"+{wanted}:{MINED}", _TAGS]
        try:
            git.out("fetch", *options, address, *heads, timeout=3600)
        except InputError as wrong:
            raise InputError(
                "the repository cannot be fetched", where=address, do=wrong.what
            ) from wrong
    return folder
