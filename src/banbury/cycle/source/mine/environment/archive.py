"""Small wheels that are written here."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping

METADATA = "Metadata-Version: 2.1\nName: {title}\nVersion: {version}\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: banbury\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def archive(title: str, version: str, stem: str, files: Mapping[str, str]) -> bytes:
    """Return a wheel, the same bytes each time.

    Args:
        title: the distribution's name.
        version: its version.
        stem: name and version as they stand in file names.
        files: texts by path in site-packages.
    """
    info = f"{stem}.dist-info"
    all_ = {
        **files,
        f"{info}/METADATA": METADATA.format(title=title, version=version),
        f"{info}/WHEEL": WHEEL,
    }
    rows = "".join(_row(path, text) for path, text in all_.items())
    all_[f"{info}/RECORD"] = f"{rows}{info}/RECORD,,\n"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for path, text in all_.items():
            member = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            written.writestr(member, text)
    return out.getvalue()


def _row(path: str, text: str) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
    return f"{path},sha256={digest.decode()},{len(text.encode())}\n"
