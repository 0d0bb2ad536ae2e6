"""Calls a submitted function with given arguments and says what it returned; judges nothing.

It knows no expected value. So whatever the submitted code does to this process, to its output or
to the interpreter, it can say no more than what it takes the results to be.

It loads little, since a box lives for few milliseconds.

Standard input: in marshal's format, `code`, `entry`, `calls` (pairs of arguments, encoded),
`seconds` (CPU seconds a call), `late` (calls that may take longer before it gives up).
Standard output: a line of JSON for each call: [number, "value", encoded], or [number, what went
wrong, in words]; number -1 for what concerns the whole.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import io
import marshal
import os
import sys

from banbury.gyms.code_write.inside.values import as_json, decode, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_WORDS = 200


class _Late(BaseException):
    """A call took too long."""


def main() -> None:
    """Read what to call, call it, write what came."""
    asked = marshal.load(sys.stdin.buffer)
    say = _quiet()
    sys.setrecursionlimit(2000)
    try:
        function = _loaded(asked["code"], asked["entry"])
    except BaseException as error:
        say(-1, words_of(error))
        os._exit(0)
    late = 0
    for number, (args, named) in enumerate(asked["calls"]):
        if late >= asked["late"]:
            break
        late += _called(say, number, function, args, named, asked["seconds"])
    os._exit(0)


def _quiet() -> Callable[..., None]:
    """Keep the real output for results; what the function prints goes nowhere."""
    out = os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for handle in (0, 1, 2):
        os.dup2(nothing, handle)
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(), io.StringIO(), io.StringIO()
    write, dumps = os.write, as_json

    def say(*line: Any) -> None:
        data = f"\n{dumps(line)}\n".encode()
        while data:
            data = data[write(out, data) :]

    return say


def _loaded(code: str, entry: str) -> Callable[..., Any]:
    # `__main__` would run what a submission has for trying itself out.
    space: dict[str, Any] = {"__name__": "submission", "__builtins__": __builtins__}
    exec(compile(code, "submission.py", "exec"), space)
    function = space.get(entry)
    if not callable(function):
        raise NameError(f"there is no function {entry}")
    return function  # type: ignore[no-any-return]


def _called(
    say: Callable[..., None],
    number: int,
    function: Callable[..., Any],
    args: list[Any],
    named: dict[str, Any],
    seconds: float,
) -> bool:
    """Make one call and say what came; return whether it was late."""
    given = [decode(one) for one in args]
    named = {name: decode(one) for name, one in named.items()}
    if "random" in sys.modules:
        sys.modules["random"].seed(0)
    try:
        _signal.signal(_signal.SIGVTALRM, _ring)
        _signal.setitimer(_signal.ITIMER_VIRTUAL, seconds)
        said = encode(function(*given, **named))
        _signal.setitimer(_signal.ITIMER_VIRTUAL, 0)
    except _Late:
        say(number, f"took more than {seconds:g} CPU seconds")
        return True
    except BaseException as error:
        _signal.setitimer(_signal.ITIMER_VIRTUAL, 0)
        say(number, words_of(error))
        return False
    say(number, "value", said)
    return False


def _ring(*_: object) -> None:
    raise _Late


def words_of(error: BaseException) -> str:
    """Return an error in words that are the same in every run."""
    try:
        text = f"{type(error).__name__}: {error}".rstrip(": ")
    except BaseException:
        text = type(error).__name__
    if "0x" in text:
        import re  # noqa: PLC0415 - rarely needed

        text = re.sub("0x[0-9a-fA-F]{6,}", "0x...", text)
    return text[:_WORDS].encode("ascii", "backslashreplace").decode()
