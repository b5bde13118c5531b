"""The files of pages: compressed once, with validators, and under addresses that a browser may keep for ever.

A page names them below ``/static/<version>/``, where the version is made of what is in all of them: such an address
never means anything else, so it is ``immutable``. Without it, or with that of another version of the program (there are
two while it is replaced), a file is asked for again each time, and answered with 304 where it is the same.
"""

import asyncio
import gzip
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from monitr.entrypoints.http.compression import SMALLEST, takes_gzip

ADDRESS = "/static/{path:path}"
FOR_EVER = "public, max-age=31536000, immutable"
EACH_TIME = "public, no-cache"
_VERSIONED = re.compile(r"([0-9a-f]{16})/(.+)", re.ASCII)
_COMPRESSIBLE = ("text/", "image/svg", "application/javascript", "application/json")


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    media_type: str
    tag: str

    @property
    def is_compressible(self) -> bool:
        return self.media_type.startswith(_COMPRESSIBLE) and len(self.content) >= SMALLEST

    async def answer(self, asked: Headers, kept: str) -> Response:
        packed = self.is_compressible and takes_gzip(asked)
        headers = {"cache-control": kept, "etag": f'"{self.tag}{"-gzip" if packed else ""}"'}
        headers |= {"vary": "accept-encoding"} if self.is_compressible else {}
        if headers["etag"] in {tag.strip().removeprefix("W/") for tag in asked.get("if-none-match", "").split(",")}:
            return Response(status_code=304, headers=headers)
        headers |= {"content-encoding": "gzip"} if packed else {}
        content = await asyncio.to_thread(_packed, self) if packed else self.content
        return Response(content, headers=headers, media_type=self.media_type)


class StaticFiles:
    """``folder`` holds nothing that not everybody may see. What is changed in it is served from then on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def versioned(self, html: str) -> str:
        """The page, with the version in each address of a file."""
        return html.replace('="/static/', f'="/static/{self.version()}/')

    def version(self) -> str:
        return _version(self._folder, tuple(sorted(_files_below(str(self._folder)))))

    async def serve(self, request: Request) -> Response:
        """Raises HTTPException 404."""
        asked = str(request.path_params["path"])
        version, name = found.groups() if (found := _VERSIONED.fullmatch(asked)) else ("", asked)
        path = self._found(name)
        kept = FOR_EVER if version and version == self.version() else EACH_TIME
        return await _read(path, path.stat().st_mtime_ns).answer(request.headers, kept)

    def _found(self, name: str) -> Path:
        """Raises HTTPException 404, of what no file can be called, too."""
        with suppress(OSError, ValueError):
            path = (self._folder / name).resolve()
            if path.is_relative_to(self._folder) and path.is_file():
                return path
        raise HTTPException(404)


def _files_below(folder: str) -> Iterator[tuple[str, int]]:
    """Each with when it was changed. Asked for with every file, and so without Path, which takes twice as long."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _files_below(entry.path)
            elif entry.is_file():
                yield entry.path, entry.stat().st_mtime_ns


@lru_cache(maxsize=8)
def _version(folder: Path, files: tuple[tuple[str, int], ...]) -> str:
    digest = sha256()
    for name, changed in files:
        path = Path(name)
        digest.update(f"{path.relative_to(folder).as_posix()} {_read(path, changed).tag}\n".encode())
    return digest.hexdigest()[:16]


@lru_cache(maxsize=512)
def _read(path: Path, changed: int) -> _File:
    """``changed``: nanoseconds, by which a file that was written anew is another."""
    content = path.read_bytes()
    media_type = guess_type(path.name)[0] or "application/octet-stream"
    return _File(content, media_type, sha256(content).hexdigest()[:32])


@lru_cache(maxsize=512)
def _packed(file: _File) -> bytes:
    return gzip.compress(file.content, mtime=0)
