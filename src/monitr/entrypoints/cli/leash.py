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

leashed_option = Annotated[bool, typer.Option("--leashed", hidden=True)]


def leash() -> None:
    """End this process in an orderly way, as SIGTERM does, once standard input is closed."""
    threading.Thread(target=_watch, name="leash", daemon=True).start()


def _watch() -> None:
    while sys.stdin.buffer.read(1024):
        pass
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGTERM)  # os.kill would end the process at once there
    else:
        os.kill(os.getpid(), signal.SIGTERM)  # to the process, so that it interrupts the main thread
    time.sleep(LAST_RESORT_SECONDS)
    os._exit(1)
