"""AES-256-GCM for secrets at rest, bound to the place where they are kept and to the organisation whose they are.

A text is ``version (1 byte) | key id (4) | nonce (12) | ciphertext and tag``. What it is bound to is authenticated with
it, so that a ciphertext copied into another row, or a row given to another organisation, does not decrypt. Version 2
binds to organisation, table, column and row; version 1, which the programs of before wrote, lacks the organisation.
The first key encrypts, all decrypt: a new key is put first, and the old one goes when nothing needs it any more.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_UNBOUND, _BOUND = b"\x01", b"\x02"
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12


class Undecipherable(ValueError):
    """Not made with one of our keys, not for this place, or altered. Says nothing about the secret."""


@dataclass(frozen=True, slots=True)
class AesGcmCipher:
    """``keys`` are 32 bytes each, at least one; ValueError otherwise."""

    keys: Sequence[bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.keys or any(len(key) != KEY_BYTES for key in self.keys):
            raise ValueError(f"encryption needs one or more keys of {KEY_BYTES} bytes")

    @property
    def newest(self) -> bytes:
        """How every text begins that the first key has encrypted in the format of now."""
        return _BOUND + _key_id(self.keys[0])

    @property
    def key_ids(self) -> Sequence[bytes]:
        """What a text holds behind its version to name its key, in the order of the keys. They tell nothing of them."""
        return [_key_id(key) for key in self.keys]

    def encrypt(self, secret: str, place: str, organisation: UUID | None) -> bytes:
        """``place`` is table|column|row; both as they will be told to ``decrypt``. Without the organisation it is the
        format that programs of before read."""
        key = self.keys[0]
        nonce = os.urandom(_NONCE_BYTES)
        version, bound_to = (_UNBOUND, place) if organisation is None else (_BOUND, f"{organisation}|{place}")
        return version + _key_id(key) + nonce + AESGCM(key).encrypt(nonce, secret.encode(), bound_to.encode())

    def decrypt(self, sealed: bytes, place: str, organisation: UUID) -> str:
        """Raises Undecipherable."""
        version, key_id, rest = sealed[:1], sealed[1 : 1 + _KEY_ID_BYTES], sealed[1 + _KEY_ID_BYTES :]
        key = next((key for key in self.keys if _key_id(key) == key_id), None)
        if version not in (_UNBOUND, _BOUND) or key is None:
            raise Undecipherable("a stored secret was encrypted with a key that is not in MONITR_ENCRYPTION_KEYS")
        bound_to = place if version == _UNBOUND else f"{organisation}|{place}"
        try:
            return AESGCM(key).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], bound_to.encode()).decode()
        except (InvalidTag, ValueError) as refused:
            raise Undecipherable(f"the secret stored at {place} was altered or moved") from refused


def _key_id(key: bytes) -> bytes:
    return sha256(b"monitr key id" + key).digest()[:_KEY_ID_BYTES]
