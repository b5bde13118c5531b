"""Secrets that the program makes by itself and keeps in its data folder, readable by its user alone."""

import os
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path
from tempfile import NamedTemporaryFile

SECRET_BYTES = 32


def kept_secret(file: Path) -> str:
    """256 bits as base64url: what the file holds; made and written (0600) by the first who asks.

    Of two processes that ask at once both get the same. Raises OSError where the folder cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists():
        _create(file)
    return file.read_text().strip()


def _create(file: Path) -> None:
    """Whole or not at all: written aside, then linked, which fails where somebody was faster."""
    with NamedTemporaryFile("w", dir=file.parent, prefix=f".{file.name}-", delete=False) as draft:  # made with 0600
        draft.write(urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).decode() + "\n")
        draft.flush()
        os.fsync(draft.fileno())
    try:
        os.link(draft.name, file)
    except FileExistsError:
        pass
    finally:
        os.unlink(draft.name)
