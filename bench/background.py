"""Servers of this package in processes of their own."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

_START_SECONDS = 900
"""The sandbox makes its books before it listens: two million lines take minutes."""


@contextmanager
def background(module: str, *arguments: str, listening: int) -> Iterator[None]:
    """The module runs, and listens on that port, until the end of the block."""
    process = subprocess.Popen([sys.executable, "-m", module, *arguments])  # our own module
    try:
        _wait_for(listening, process)
        yield
    finally:
        process.terminate()
        process.wait(30)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("a server of the benchmark did not start") from None
            time.sleep(0.1)
