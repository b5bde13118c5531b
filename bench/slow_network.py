"""A network with a round trip, between a client and a server of this machine: one TCP connection behaves as one stream.

Bytes arrive half a round trip after they were sent, and are acknowledged another half later; no more than a window of
them is ever on the way. So a stream delivers at most a window a round trip (5.2 MB/s with the default), and a reader
that pauses for longer than its buffer holds loses that time for good. Opening a connection costs one round trip. The
start of a stream is not slower than its middle (no slow start), nothing is lost and nothing is reordered.

As a process of its own: python -m bench.slow_network LISTEN_PORT TARGET_PORT
"""

import asyncio
import contextlib
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bench.background import background, free_port

ROUND_TRIP = 0.050
"""Seconds."""
WINDOW = 256 * 1024
"""Bytes on the way in one direction of a connection."""
_LONGEST_SEGMENT = 64 * 1024


@contextmanager
def a_slow_network(url: str) -> Iterator[str]:
    """The address under which the server at ``url`` seems to be far away."""
    near, far = urlsplit(url).port, free_port()
    with background("bench.slow_network", str(far), str(near), listening=far):
        yield f"http://127.0.0.1:{far}"


@dataclass(slots=True)
class _Direction:
    source: asyncio.StreamReader
    target: asyncio.StreamWriter
    window: int = WINDOW
    _room: asyncio.Event = field(default_factory=asyncio.Event)
    _on_the_way: asyncio.Queue[tuple[float, bytes]] = field(default_factory=asyncio.Queue)

    async def carry(self) -> None:
        """Until the source closes; then the target is closed as well, once everything has arrived."""
        await asyncio.gather(self._send(), self._deliver())

    async def _send(self) -> None:
        loop = asyncio.get_running_loop()
        data = b"-"
        while data:
            while self.window <= 0:
                self._room.clear()
                await self._room.wait()
            try:
                data = await self.source.read(min(self.window, _LONGEST_SEGMENT))
            except ConnectionError:
                data = b""
            self.window -= len(data)
            self._on_the_way.put_nowait((loop.time() + ROUND_TRIP / 2, data))

    async def _deliver(self) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(ConnectionError):
            while True:
                arrives, data = await self._on_the_way.get()
                await asyncio.sleep(arrives - loop.time())
                if not data:
                    break
                self.target.write(data)
                await self.target.drain()  # a reader that does not keep up keeps its window closed
                loop.call_later(ROUND_TRIP / 2, self._acknowledge, len(data))
        self.target.close()

    def _acknowledge(self, count: int) -> None:
        self.window += count
        self._room.set()


async def serve(listen_port: int, target_port: int) -> None:
    async def connected(client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        # or the kernel would hold megabytes for a reader that does not read
        to_client.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, WINDOW)
        to_client.transport.set_write_buffer_limits(0)
        await asyncio.sleep(ROUND_TRIP)
        server, to_server = await asyncio.open_connection("127.0.0.1", target_port)
        await asyncio.gather(_Direction(client, to_server).carry(), _Direction(server, to_client).carry())

    async with await asyncio.start_server(connected, "127.0.0.1", listen_port) as proxy:
        await proxy.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
