"""The issuer's keys (RFC 7517), fetched when they are needed and kept."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import httpx
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, OctKey
from joserfc.jws import JWSRegistry

from monitr.application.bearer_tokens import InvalidToken, KeysUnavailable
from monitr.application.ports import Clock

log = structlog.get_logger()

ASYMMETRIC = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""The algorithms that a published key may verify."""

KEPT_FOR = timedelta(hours=1)
"""Then they are fetched again, so that a key that the issuer has withdrawn is not trusted for ever."""
COOL_DOWN = timedelta(seconds=30)
"""Between two fetches because of a key id that we do not know: anybody can send one."""
TIMEOUT = 5.0
"""Seconds."""
LARGEST_DOCUMENT = 256 * 1024


@dataclass(slots=True)
class Jwks:
    """Belongs to one event loop. While the issuer does not answer, the keys that are there go on being used."""

    url: str
    client: httpx.AsyncClient = field(repr=False)
    clock: Clock
    _keys: Sequence[Key] = ()
    _fetched_at: datetime | None = None
    _tried_at: datetime | None = None
    _fetching: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def key(self, algorithm: str, kid: str | None) -> Key:
        """The key of that id, or, without an id, the only one that fits. Raises InvalidToken and KeysUnavailable."""
        now = self.clock()
        if self._fetched_at is None or now - self._fetched_at > KEPT_FOR:
            await self._refresh(now)
        if (key := self._find(algorithm, kid)) is None:
            await self._refresh(now)
            key = self._find(algorithm, kid)
        if key is None and self._fetched_at is None:
            raise KeysUnavailable("the issuer's keys cannot be fetched")
        if key is None:
            raise InvalidToken("its key is not among the issuer's")
        return key

    def _find(self, algorithm: str, kid: str | None) -> Key | None:
        fitting = [
            key
            for key in self._keys
            if key.key_type == JWSRegistry.algorithms[algorithm].key_type
            and key.get("use") in (None, "sig")
            and key.get("alg") in (None, algorithm)
            and (kid is None or key.kid == kid)
        ]
        return fitting[0] if len(fitting) == 1 or (fitting and kid is not None) else None

    async def _refresh(self, now: datetime) -> None:
        async with self._fetching:
            if self._tried_at is not None and now - self._tried_at < COOL_DOWN:
                return
            self._tried_at = now
            try:
                self._keys = await self._fetch()
                self._fetched_at = now
            except (httpx.HTTPError, ValueError) as error:
                log.warning("jwks.unavailable", error=type(error).__name__)

    async def _fetch(self) -> Sequence[Key]:
        response = await self.client.get(self.url, timeout=TIMEOUT, headers={"accept": "application/json"})
        response.raise_for_status()
        if len(response.content) > LARGEST_DOCUMENT:
            raise ValueError("the document is too large")
        document: dict[str, object] | list[object] | None = response.json()
        entries = document.get("keys") if isinstance(document, dict) else None
        if not isinstance(entries, list):
            raise ValueError("the document holds no keys")
        return [key for entry in cast("list[object]", entries) if (key := _public_key(entry)) is not None]


def _public_key(entry: object) -> Key | None:
    """None for a key that we cannot use: an unknown type (RFC 7517, section 5), or a secret, which nobody publishes."""
    if not isinstance(entry, dict):
        return None
    try:
        key = JWKRegistry.import_key(cast("dict[str, Any]", entry))
    except (JoseError, ValueError, KeyError, TypeError):
        return None
    return None if isinstance(key, OctKey) else key
