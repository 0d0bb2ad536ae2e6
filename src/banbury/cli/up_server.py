"""The server's process: `python -m banbury.cli.up_server LIFE LINK [STORE]`.

LIFE is a pipe that ends with the process that keeps this one, LINK the socket that is bound
already and outlives this process, so that a browser waits while the server is started again.
"""

from __future__ import annotations

import gc
import socket
import sys

from banbury import store
from banbury.errors import BanburyError
from banbury.web.app import make
from banbury.web.keeper import end_with
from banbury.web.serve import server

COLLECT = (10_000, 10, 10)
"""Objects made before the garbage is looked through; what a start leaves is never looked at again,
since each pass over it stops every request."""

SWITCH_S = 0.0005
"""After how long a thread that computes lets another have its turn: most wait for the store, and
each of a transaction's statements would else wait five milliseconds for the interpreter."""


def main(words: list[str]) -> int:
    """Serve until this process is told to end; return its status."""
    life, link, *at = words
    sys.setswitchinterval(SWITCH_S)
    end_with(int(life))
    with store.open(at[0] if at else None) as house:
        listening = socket.socket(fileno=int(link))
        app = make(house)
        app.state.forms.begin()
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECT)
        server(app).run(sockets=[listening])
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except BanburyError as error:
        sys.stderr.write(f"banbury: {error}\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(0)
