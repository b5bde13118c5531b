"""Bodies that are rendered once and served often: small ones in memory, large ones in a temporary file."""

import mmap
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO

_IN_MEMORY = 4 * 1024 * 1024
BLOCK = 1024 * 1024
"""Size of the blocks that a body is sent in."""


class Spool:
    """Bytes that grow by `append` and can be read once `seal` was called. The file goes with the object."""

    def __init__(self) -> None:
        self._memory = bytearray()
        self._file: IO[bytes] | None = None
        self._map: mmap.mmap | None = None
        self._length = 0

    def append(self, data: bytes) -> None:
        self._length += len(data)
        self._memory += data
        if len(self._memory) > _IN_MEMORY:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="octopus-sandbox-")  # noqa: SIM115 - lives with the spool
            self._file.write(self._memory)
            self._memory.clear()

    def seal(self) -> None:
        if self._file is not None:
            self._file.write(self._memory)
            self._memory.clear()
            self._file.flush()
            self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)

    def __len__(self) -> int:
        return self._length

    def blocks(self) -> Iterator[bytes]:
        source = self._memory if self._map is None else self._map
        for start in range(0, self._length, BLOCK):
            yield bytes(source[start : start + BLOCK])


class Content:
    """A body made of parts: bytes and spools one after another."""

    def __init__(self, *parts: bytes | Spool) -> None:
        self._parts = parts

    def __len__(self) -> int:
        return sum(len(part) for part in self._parts)

    def blocks(self) -> Iterator[bytes]:
        for part in self._parts:
            yield from part.blocks() if isinstance(part, Spool) else (part,)

    def whole(self) -> bytes:
        return b"".join(self.blocks())


def joined(parts: Iterable[Spool], separator: bytes = b",") -> list[bytes | Spool]:
    """Parts that are not empty, with the separator between them."""
    result: list[bytes | Spool] = []
    for part in parts:
        if len(part):
            if result:
                result.append(separator)
            result.append(part)
    return result
