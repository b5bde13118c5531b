"""A child process that ends with its parent, however the parent ends.

The parent holds the other end of the child's standard input. When it exits, even by SIGKILL, the operating system
closes that end, and the child reads the end of its input. It works alike on Linux, macOS and Windows.
"""

import os
import signal
import sys
import threading
import time
from typing import Annotated

import typer

LAST_RESORT_SECONDS = 12
"""A child that has not ended by itself this long after the signal is ended without further ado."""

_STANDARD_INPUT = 0

leashed_option = Annotated[bool, typer.Option("--leashed", hidden=True)]


def leash(leashed: bool) -> None:
    """Where leashed: end this process in an orderly way, as SIGTERM does, once standard input is closed.

    Until somebody else listens to SIGTERM it unwinds the stack, so that what is open is closed.
    """
    if not leashed:
        return
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    threading.Thread(target=_watch, name="leash", daemon=True).start()


def _watch() -> None:
    while os.read(_STANDARD_INPUT, 1024):  # not sys.stdin: its lock, held here, would break the interpreter's shutdown
        pass
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGTERM)  # os.kill would end the process at once there
    else:
        os.kill(os.getpid(), signal.SIGTERM)  # to the process, so that it interrupts the main thread
    time.sleep(LAST_RESORT_SECONDS)
    os._exit(1)
