"""Reading a résumé: text as it is, PDF and Word in a box with limits, since they are strangers'."""

from __future__ import annotations

import json
import sys
import unicodedata
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Literal

import pypdf

from banbury.errors import InputError
from banbury.sandbox import Box, Limits, Mount

LARGEST = 10 << 20
"""Bytes of a file."""
LONGEST = 50_000
"""Characters that are kept."""
LIMITS = Limits(
    cpu_s=15, wall_s=30, memory=512 << 20, processes=8, file=1 << 20, disk=8 << 20,
    output=1 << 20,
)  # fmt: skip
Kind = Literal["pdf", "docx", "text"]
_PYTHON = str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}")
_SCRIPT = (Path(__file__).parent / "inside.py").read_text(encoding="utf-8")
_PLACE = "/env"
_START = f"import sys\nsys.path.insert(0, {_PLACE!r})\n"
_TROUBLES = {
    "encrypted": "this file is locked with a password",
    "bomb": "this file unfolds to far more than a résumé holds",
    "broken": "this file cannot be read; it may be damaged",
}
_DO = "hand in another file, or paste the text"


def read(data: bytes) -> str:
    """Return the words of a résumé.

    Args:
        data: a PDF, a Word file (docx) or plain text in UTF-8.

    Raises:
        InputError: it is empty, too large, of another type, locked, damaged, a bomb, or holds no
            words.
        SandboxError: no box can be made here; text can be read without one.
    """
    if not data:
        raise InputError("the file is empty", do=_DO)
    if len(data) > LARGEST:
        raise InputError(f"a résumé has at most {LARGEST >> 20} MB", do=_DO)
    kind = kind_of(data)
    said = data.decode("utf-8-sig") if kind == "text" else _boxed(data, kind)
    words = tidy(said)
    if not any(c.isalpha() for c in words):
        raise InputError("there are no words in this file; it may be a scanned picture", do=_DO)
    return words


def kind_of(data: bytes) -> Kind:
    """Return what a file is, by what it holds.

    Raises:
        InputError: it is nothing that can be read.
    """
    if data[:1024].lstrip().startswith(b"%PDF-"):
        return "pdf"
    if data.startswith(b"PK") and _names_document(data):
        return "docx"
    try:
        data.decode("utf-8-sig")
        if b"\x00" not in data and not data.startswith(b"PK\x03\x04"):
            return "text"
    except UnicodeDecodeError:
        pass
    raise InputError("this is no PDF, no Word file (docx) and no plain text", do=_DO)


def tidy(text: str) -> str:
    """Return a text without control characters and empty stretches, cut to what is kept."""
    plain = "".join(c for c in text if c in "\n\t" or unicodedata.category(c)[0] != "C")
    lines = [" ".join(line.split()) for line in plain.splitlines()]
    return "\n".join(line for line in lines if line)[:LONGEST]


def _names_document(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(BytesIO(data)) as folder:
            return "word/document.xml" in folder.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False


def _boxed(data: bytes, kind: Kind) -> str:
    library = Mount(Path(pypdf.__file__).parent, f"{_PLACE}/pypdf")
    with Box(mounts=[library], limits=LIMITS) as box:
        command = [_PYTHON, "-I", "-S", "-B", "-c", _START + _SCRIPT, kind]
        ran = box.run(command, stdin=data)
    try:
        told = json.loads(ran.out)
    except ValueError:
        told = {"trouble": "broken" if ran.end == "exit" else "bomb"}
    if "text" not in told:
        raise InputError(_TROUBLES.get(told.get("trouble", ""), _TROUBLES["broken"]), do=_DO)
    return str(told["text"])
