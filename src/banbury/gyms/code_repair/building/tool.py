"""Where uv is on this machine."""

from __future__ import annotations

import shutil
from functools import cache

from banbury.errors import SetupError


@cache
def uv() -> str:
    """Return the path of uv: the one installed beside Banbury, else the first on PATH.

    Raises:
        SetupError: there is none.
    """
    try:
        from uv import find_uv_bin  # noqa: PLC0415  an extra
    except ImportError:
        path = shutil.which("uv")
    else:
        try:
            path = str(find_uv_bin())
        except FileNotFoundError:
            path = shutil.which("uv")
    if not path:
        raise SetupError("uv is missing", do='install it: pip install "banbury[mine]"')
    return path
