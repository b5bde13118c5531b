"""Recognises an answer that is, byte for byte, one that was read before: it need not be decoded again (adr/0010)."""

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import suppress
from tempfile import TemporaryFile
from typing import IO

_PIECE = 256 * 1024
LONGEST_KEPT = 512 * 1024 * 1024
"""Bytes of a body that are kept on the disk until it is known."""


class Recognition:
    """The recognition of one answer. ``rules`` is everything beside the body that decides what becomes of it.

    ``known`` is the digest of the answer before it, where there is one.
    """

    def __init__(self, rules: bytes, known: str | None) -> None:
        self._rules = rules
        self._known = known
        self.digest: str | None = None
        """SHA-256 over the rules and the whole body, in hex; None until the body has arrived."""
        self.is_known = False
        """The answer is the known one: nothing of it was passed on."""

    async def passed_on(self, body: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
        """The body as it arrives; or, where it may be the known one, only if it turns out at its end that it is not.

        It is kept in a temporary file meanwhile, which the operating system forgets with the process. Where the disk
        takes no more of it, it is passed on from there.
        """
        digest = hashlib.sha256(self._rules)
        with _Kept(is_open=self._known is not None) as kept:
            async for piece in body:
                digest.update(piece)
                if kept.takes(piece):
                    continue
                for earlier in kept.given_back():
                    yield earlier
                yield piece
            self.digest = digest.hexdigest()
            self.is_known = kept.is_open and self.digest == self._known
            if not self.is_known:
                for earlier in kept.given_back():
                    yield earlier


class _Kept:
    """Bytes on the disk, until they are given back."""

    def __init__(self, *, is_open: bool) -> None:
        self.is_open = is_open
        self._file: IO[bytes] | None = None
        self._length = 0

    def __enter__(self) -> "_Kept":
        if self.is_open:
            with suppress(OSError):  # a disk that takes nothing
                self._file = TemporaryFile(buffering=0)  # closed by __exit__
            self.is_open = self._file is not None
        return self

    def __exit__(self, *error: object) -> None:
        if self._file is not None:
            self._file.close()

    def takes(self, piece: bytes) -> bool:
        if not self.is_open or self._file is None or self._length + len(piece) > LONGEST_KEPT:
            return False
        try:
            is_whole = self._file.write(piece) == len(piece)
        except OSError:  # the disk is full
            return False
        self._length += len(piece) if is_whole else 0
        return is_whole

    def given_back(self) -> Iterator[bytes]:
        """Once; nothing is kept afterwards."""
        if self.is_open and self._file is not None:
            self.is_open = False
            self._file.seek(0)
            while self._length > 0:
                if not (piece := self._file.read(min(_PIECE, self._length))):
                    raise OSError("the temporary file of an answer has lost its end")
                self._length -= len(piece)
                yield piece
