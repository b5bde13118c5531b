"""AES-256-GCM for secrets at rest, bound to the place where they are kept.

A text is ``version (1 byte) | key id (4) | nonce (12) | ciphertext and tag``. The place (table, column, row) is
authenticated with it, so that a ciphertext copied into another row does not decrypt. The first key encrypts, all
decrypt: a new key is put first, and the old one goes when nothing needs it any more.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_VERSION = b"\x01"
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12


class Undecipherable(Exception):
    """Not made with one of our keys, not for this place, or altered. Says nothing about the secret."""


@dataclass(frozen=True, slots=True)
class AesGcmCipher:
    """``keys`` are 32 bytes each, at least one; ValueError otherwise."""

    keys: Sequence[bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.keys or any(len(key) != KEY_BYTES for key in self.keys):
            raise ValueError(f"encryption needs one or more keys of {KEY_BYTES} bytes")

    def encrypt(self, secret: str, place: str) -> bytes:
        """``place`` is table|column|row, as it will be told to ``decrypt``."""
        key = self.keys[0]
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + _key_id(key) + nonce + AESGCM(key).encrypt(nonce, secret.encode(), place.encode())

    def decrypt(self, sealed: bytes, place: str) -> str:
        """Raises Undecipherable."""
        version, key_id, rest = sealed[:1], sealed[1 : 1 + _KEY_ID_BYTES], sealed[1 + _KEY_ID_BYTES :]
        key = next((key for key in self.keys if _key_id(key) == key_id), None)
        if version != _VERSION or key is None:
            raise Undecipherable("a stored secret was encrypted with a key that is not in MONITR_ENCRYPTION_KEYS")
        try:
            return AESGCM(key).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], place.encode()).decode()
        except (InvalidTag, ValueError) as refused:
            raise Undecipherable(f"the secret stored at {place} was altered or moved") from refused


def _key_id(key: bytes) -> bytes:
    return sha256(b"monitr key id" + key).digest()[:_KEY_ID_BYTES]
