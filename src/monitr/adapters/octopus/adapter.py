"""The parts of this adapter put together, for the composition root."""

import asyncio
from types import TracebackType
from typing import Self

import httpx

from monitr.adapters.octopus.access_tokens import AccessTokens
from monitr.adapters.octopus.answers.odd_records import Unknown
from monitr.adapters.octopus.client import OctopusClient, OnRequest, http_client
from monitr.adapters.octopus.dossier_tokens import DossierTokens
from monitr.adapters.octopus.login import OctopusOAuth
from monitr.adapters.octopus.octopus import OctopusOfIntegrations
from monitr.adapters.octopus.quota import OperationQuota
from monitr.adapters.octopus.reads import Reads
from monitr.adapters.octopus.retries import Retries
from monitr.adapters.octopus.settings import OctopusSettings
from monitr.adapters.octopus.turns import Turns
from monitr.application.octopus import Credentials, Pause, Quota
from monitr.application.ports import Clock


def _unobserved(operation: str, status: int | None, seconds: float) -> None:
    """Nobody counts requests."""


class OctopusAdapter:
    """One for each event loop: its connections and locks belong to the loop. Close it with the loop.

    ``login`` comes first, because the stored credentials refresh themselves with it:

        adapter = OctopusAdapter(settings, clock)
        octopus = adapter.octopus(credentials(refresh=adapter.login.refresh), quota)
    """

    def __init__(
        self,
        settings: OctopusSettings,
        clock: Clock,
        on_request: OnRequest = _unobserved,
        sleep: Pause = asyncio.sleep,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._http = http_client(settings, transport)
        self._client = OctopusClient(self._http, settings.api_url, clock, on_request)
        self._retries = Retries(settings.attempts, sleep)
        self.login = OctopusOAuth(self._http, settings, clock, on_request, self._retries)

    def octopus(self, credentials: Credentials, counter: Quota) -> OctopusOfIntegrations:
        """Call it once: dossier tokens and turns are shared by what it returns."""
        quota = OperationQuota(counter, self._clock, self._settings.daily_limits)
        access = AccessTokens(credentials)
        tokens = DossierTokens(self._client, access, quota, self._clock, self._settings.locale)
        reads = Reads(self._client, tokens, quota, Turns(), self._retries)
        return OctopusOfIntegrations(access, reads, Unknown())

    async def aclose(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()
