"""The issuer's keys (RFC 7517), fetched when they are needed and kept.

Two things are weighed here. A key that the issuer has withdrawn must not be trusted for long, and one that cannot be
fetched again not for ever. And a key that is new has to be found, although anybody can send a token that names a key
which does not exist: no stranger may use up our right to ask, and no flood of tokens is passed on to the issuer.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import httpx
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, OctKey, RSAKey
from joserfc.jws import JWSRegistry

from monitr.adapters.security.fetched_json import NoDocument, fetched_json
from monitr.application.bearer_tokens import InvalidToken, KeysUnavailable
from monitr.application.ports import Clock

log = structlog.get_logger()

ASYMMETRIC = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""The algorithms that a published key may verify."""
SHORTEST_RSA_KEY = 2048
"""Bits (RFC 7518, section 3.3)."""

FRESH_FOR = timedelta(hours=1)
"""Then they are fetched again, so that a key that the issuer has withdrawn is not trusted for ever."""
TRUSTED_FOR = timedelta(hours=2)
"""After the last fetch, where the issuer does not answer."""
RETRY_AFTER = timedelta(seconds=30)
"""Between two fetches of keys that are no longer fresh."""
UNKNOWN_FOR = timedelta(seconds=30)
"""So long a key id that was not there is not asked for again."""
MOST_UNKNOWN = 1000
PAUSE, BURST = timedelta(seconds=5), 5
"""For key ids that we do not know: so many fetches at once, then one in each pause."""


class NoKeys(ValueError):
    """What the address answers is no set of keys. One sentence for the operator."""


@dataclass(slots=True)
class Jwks:
    """Belongs to one event loop. One fetch at a time, and whoever waits for it may leave: it goes on."""

    url: str
    client: httpx.AsyncClient = field(repr=False)
    clock: Clock
    _keys: Sequence[Key] = field(default=(), init=False, repr=False)
    _fetched_at: datetime | None = field(default=None, init=False, repr=False)
    _tried_at: datetime | None = field(default=None, init=False, repr=False)
    _unknown: dict[str, datetime] = field(default_factory=dict[str, datetime], init=False, repr=False)
    _paid_until: datetime | None = field(default=None, init=False, repr=False)
    _fetching: asyncio.Task[None] | None = field(default=None, init=False, repr=False)

    async def key(self, algorithm: str, kid: str | None) -> Key:
        """The key of that id, or, without an id, the only one that fits. Raises InvalidToken and KeysUnavailable."""
        has_asked = await self._keep_fresh()
        key = self._find(algorithm, kid)
        if key is None and self._fetching is not None:
            await asyncio.shield(self._fetching)
            key = self._find(algorithm, kid)
        if key is None and not has_asked and self._may_look_for(kid):
            await asyncio.shield(self._fetch())
            key = self._find(algorithm, kid)
        if not self._are_trusted():
            raise KeysUnavailable("the issuer's keys cannot be fetched")
        if key is None:
            self._remember_unknown(kid)
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

    async def _keep_fresh(self) -> bool:
        """Whether the issuer was asked. One waits for it; while keys can still be trusted the others do not."""
        now = self.clock()
        if self._fetched_at is not None and now - self._fetched_at <= FRESH_FOR:
            return False
        if self._fetching is None and (self._tried_at is None or now - self._tried_at >= RETRY_AFTER):
            await asyncio.shield(self._fetch())
            return True
        if self._fetching is not None and not self._are_trusted():
            await asyncio.shield(self._fetching)
        return False

    def _are_trusted(self) -> bool:
        return self._fetched_at is not None and self.clock() - self._fetched_at <= TRUSTED_FOR

    def _may_look_for(self, kid: str | None) -> bool:
        """Takes one from the fetches that unknown key ids have."""
        if not self._are_trusted():
            return False  # it was tried a moment ago
        now = self.clock()
        if (seen := self._unknown.get(kid or "")) is not None and now - seen < UNKNOWN_FOR:
            return False
        if self._fetching is not None:
            return True  # somebody else's, begun after we came
        paid_until = max(self._paid_until or now, now)
        if paid_until - now > PAUSE * (BURST - 1):
            return False
        self._paid_until = paid_until + PAUSE
        return True

    def _remember_unknown(self, kid: str | None) -> None:
        now = self.clock()
        if now - self._unknown.get(kid or "", now - UNKNOWN_FOR) >= UNKNOWN_FOR:  # its time is not prolonged
            self._unknown.pop(kid or "", None)
            self._unknown[kid or ""] = now
        while len(self._unknown) > MOST_UNKNOWN:
            del self._unknown[next(iter(self._unknown))]

    def _fetch(self) -> asyncio.Task[None]:
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._refresh())
        return self._fetching

    async def _refresh(self) -> None:
        self._tried_at = now = self.clock()
        try:
            self._keys = await published_keys(self.client, self.url)
            self._fetched_at = now
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, NoKeys) as error:
            log.warning("jwks.unavailable", error=type(error).__name__)
        finally:
            self._fetching = None


async def published_keys(client: httpx.AsyncClient, url: str) -> Sequence[Key]:
    """Those that can verify a token. Raises NoKeys, TimeoutError, httpx.HTTPError."""
    try:
        document = await fetched_json(client, url)
    except NoDocument as other:
        raise NoKeys(str(other)) from other
    entries = cast("dict[str, object]", document).get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise NoKeys("its answer holds no keys")
    return [key for entry in cast("list[object]", entries) if (key := _public_key(entry)) is not None]


def _public_key(entry: object) -> Key | None:
    """None for a key that we cannot use: an unknown type (RFC 7517, section 5), one that is too weak, or a secret,
    which nobody publishes."""
    if not isinstance(entry, dict):
        return None
    try:
        key = JWKRegistry.import_key(cast("dict[str, Any]", entry))
        usable = not isinstance(key, OctKey) and not _is_weak(key)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return key if usable else None


def _is_weak(key: Key) -> bool:
    return isinstance(key, RSAKey) and key.raw_value.key_size < SHORTEST_RSA_KEY
