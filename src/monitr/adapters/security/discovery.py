"""Where one signs in: the issuer's discovery document (OpenID Connect Discovery 1.0, section 4), fetched and kept."""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast
from urllib.parse import urlsplit

import httpx
import structlog

from monitr.adapters.security.fetched_json import NoDocument, fetched_json
from monitr.application.ports import Clock
from monitr.application.signing_in import IssuerUnavailable, SignIn

log = structlog.get_logger()

FRESH_FOR = timedelta(hours=1)
RETRY_AFTER = timedelta(seconds=10)
"""Between two fetches where the issuer does not answer: nobody who asks for our page can flood it."""
_ADDRESS = re.compile(r"https?://[^\s;,'\"<>\\?#]+")
"""Of an endpoint: it goes into a Content-Security-Policy as it is."""


def discovery_address(issuer: str) -> str:
    return f"{issuer.rstrip('/')}/.well-known/openid-configuration"


@dataclass(slots=True)
class Discovery:
    """Belongs to one event loop. ``may_be_plain``: http:// endpoints are taken too."""

    issuer: str
    client_id: str
    scopes: str
    resource: str | None
    client: httpx.AsyncClient = field(repr=False)
    clock: Clock
    may_be_plain: bool
    _found: SignIn | None = field(default=None, init=False, repr=False)
    _fetched_at: datetime | None = field(default=None, init=False, repr=False)
    _tried_at: datetime | None = field(default=None, init=False, repr=False)
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)

    async def __call__(self) -> SignIn:
        """The newest that the issuer has told; one that does not answer is asked again later. Raises
        IssuerUnavailable where it never has."""
        async with self._one_at_a_time:
            now = self.clock()
            if not _is_within(FRESH_FOR, self._fetched_at, now) and not _is_within(RETRY_AFTER, self._tried_at, now):
                await self._refresh(now)
        if self._found is None:
            raise IssuerUnavailable(f"{self.issuer} does not say how one signs in.")
        return self._found

    async def _refresh(self, now: datetime) -> None:
        self._tried_at = now
        address = discovery_address(self.issuer)
        try:
            self._found = self._read(await fetched_json(self.client, address))
            self._fetched_at = now
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, NoDocument) as error:
            log.warning("discovery.unavailable", address=address, error=type(error).__name__, reason=str(error))

    def _read(self, document: object) -> SignIn:
        """Raises NoDocument."""
        if not isinstance(document, dict):
            raise NoDocument("its answer is no object")
        metadata = cast("dict[str, object]", document)
        if metadata.get("issuer") != self.issuer:
            raise NoDocument("it is the document of another issuer")
        authorization, token = (self._endpoint(metadata, f"{name}_endpoint") for name in ("authorization", "token"))
        if authorization is None or token is None:
            raise NoDocument("it names no authorization_endpoint or token_endpoint that can be used")
        return SignIn(
            self.issuer,
            self.client_id,
            self.scopes,
            self.resource,
            authorization,
            token,
            self._endpoint(metadata, "revocation_endpoint"),
            self._endpoint(metadata, "end_session_endpoint"),
        )

    def _endpoint(self, metadata: dict[str, object], name: str) -> str | None:
        address = metadata.get(name)
        if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
            return None
        return address if self.may_be_plain or urlsplit(address).scheme == "https" else None


def _is_within(span: timedelta, since: datetime | None, now: datetime) -> bool:
    return since is not None and now - since < span
