"""Names that Python has removed since a commit, put back in its environment.

Code from before 2020 imports `collections.Mapping` or calls `inspect.getargspec`, which later
releases of Python removed. A small module in the environment, loaded at the start of each process,
gives the modules that need it those names again; the project's files stay as they are.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterable

from banbury.cycle.source.mine.environment.archive import archive
from banbury.gyms.code_repair.building.files import inline
from banbury.gyms.code_repair.recipe import Pin

NAME = "names-removed-from-python"
MODULE = "_names_removed_from_python"
ABC = (
    "Awaitable|Coroutine|Async\\w+|Hashable|Iterable|Iterator|Generator|Reversible|Sized|"
    "Container|Callable|Collection|Set|MutableSet|Mapping|MutableMapping|\\w+View|Sequence|"
    "MutableSequence|ByteString"
)
# module: (version that removed the names, pattern of the names, code that puts them back)
TABLE: dict[str, tuple[tuple[int, int], str, str]] = {
    "collections": (
        (3, 10),
        ABC,
        "for _n in dir(collections.abc):\n"
        "    if not _n.startswith('_') and not hasattr(collections, _n):\n"
        "        setattr(collections, _n, getattr(collections.abc, _n))\n",
    ),
    "inspect": (
        (3, 11),
        "getargspec|formatargspec",
        "def getargspec(function):\n"
        "    found = inspect.getfullargspec(function)\n"
        "    if found.kwonlyargs:\n"
        "        raise ValueError('the function has keyword-only parameters')\n"
        "    return _spec(found.args, found.varargs, found.varkw, found.defaults)\n"
        "_spec = collections.namedtuple('ArgSpec', 'args varargs keywords defaults')\n"
        "inspect.ArgSpec, inspect.getargspec = _spec, getargspec\n"
        "def formatargspec(args, varargs=None, varkw=None, defaults=None, *more, **words):\n"
        "    first = len(args) - len(defaults or ())\n"
        "    ends = ['' if i < first else f'={defaults[i - first]!r}' for i in range(len(args))]\n"
        "    out = [a + e for a, e in zip(args, ends)]\n"
        "    out += ['*' + varargs] if varargs else []\n"
        "    out += ['**' + varkw] if varkw else []\n"
        "    return '(' + ', '.join(out) + ')'\n"
        "inspect.formatargspec = formatargspec\n",
    ),
    "fractions": ((3, 9), "gcd", "import math\nfractions.gcd = math.gcd\n"),
    "time": ((3, 8), "clock", "time.clock = time.perf_counter\n"),
    "cgi": ((3, 8), "escape", "import html\ncgi.escape = html.escape\n"),
    "base64": (
        (3, 9),
        "encodestring|decodestring",
        "base64.encodestring, base64.decodestring = base64.encodebytes, base64.decodebytes\n",
    ),
    "asyncio": ((3, 11), "coroutine", "import types\nasyncio.coroutine = types.coroutine\n"),
    "platform": (
        (3, 8),
        "linux_distribution|dist",
        "platform.linux_distribution = lambda *a, **k: ('', '', '')\n"
        "platform.dist = platform.linux_distribution\n",
    ),
    "configparser": (
        (3, 12),
        "SafeConfigParser",
        "configparser.SafeConfigParser = configparser.ConfigParser\n",
    ),
    "unittest": (
        (3, 12),
        "assertEquals|assertNotEquals|assertRegexpMatches|assertItemsEqual|assert_|"
        "assertRaisesRegexp|assertAlmostEquals|assertNotRegexpMatches",
        "_c = unittest.TestCase\n"
        "for _o, _n in dict(assertEquals='assertEqual', assertNotEquals='assertNotEqual',\n"
        "        assertRegexpMatches='assertRegex', assertNotRegexpMatches='assertNotRegex',\n"
        "        assertRaisesRegexp='assertRaisesRegex', assert_='assertTrue',\n"
        "        assertAlmostEquals='assertAlmostEqual').items():\n"
        "    if not hasattr(_c, _o):\n"
        "        setattr(_c, _o, getattr(_c, _n))\n",
    ),
    "threading": ((3, 9), "isAlive", "threading.Thread.isAlive = threading.Thread.is_alive\n"),
}
IMPORTED = re.compile(r"^[ \t]*from[ \t]+(\w+)[ \t]+import[ \t]+(\([^)]*\)|[^\n]+)", re.M)


def used(text: str) -> set[str]:
    """Return the modules of which a source text uses names that this Python no longer has."""
    out = set()
    for module, (since, names, _) in TABLE.items():
        if sys.version_info[:2] < since or module not in text:
            continue
        subject = r"\b\w+" if module in ("unittest", "threading") else rf"\b{module}"
        if re.search(rf"{subject}\.(?:{names})\b", text):
            out.add(module)
    for match in IMPORTED.finditer(text):
        found = TABLE.get(match[1])
        if found and sys.version_info[:2] >= found[0]:
            words = re.findall(r"\w+", match[2])
            if any(re.fullmatch(found[1], w) for w in words):
                out.add(match[1])
    return out


def named(fault: str) -> set[str]:
    """Return the modules whose removed names a failure tells of."""
    out = set()
    for module, (since, names, _) in TABLE.items():
        patterns = (
            rf"cannot import name '(?:{names})' from '{module}'",
            rf"module '{module}' has no attribute '(?:{names})'",
        )
        if sys.version_info[:2] >= since and any(re.search(p, fault) for p in patterns):
            out.add(module)
    return out


def pin(modules: Iterable[str]) -> Pin:
    """Return a pin of a wheel that puts the names of some modules back."""
    listed = sorted(modules)
    imports = "".join(f"import {m}\n" for m in sorted({*listed, "collections", "collections.abc"}))
    code = imports + "".join(TABLE[m][2] for m in listed)
    stem = f"{NAME.replace('-', '_')}-1"
    files = {f"{MODULE}.py": code, f"{MODULE}.pth": f"import {MODULE}\n"}
    data = archive(NAME, "1", stem, files)
    return Pin(
        name=NAME,
        version="1",
        url=inline(data),
        sha256=hashlib.sha256(data).hexdigest(),
        kind="wheel",
    )
