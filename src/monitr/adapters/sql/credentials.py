"""The tokens of the integrations: read, and refreshed by exactly one worker at a time (DESIGN, decision 9)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from psycopg import errors
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from monitr.adapters.sql.credential_rows import (
    Cipher,
    StoredTokens,
    credential_values,
    stored_tokens_of,
    to_be_stored,
)
from monitr.adapters.sql.integrations import SqlIntegrations
from monitr.adapters.sql.tables import credential
from monitr.adapters.sql.tables import integration as integration_table
from monitr.adapters.sql.tenancy import transaction
from monitr.adapters.sql.upsert import upsert
from monitr.application.octopus import AuthorizationRejected, OctopusUnavailable
from monitr.application.ports import Clock
from monitr.domain.authorization import REFRESH_TOKEN_LIFETIME, Tokens
from monitr.domain.integration import Integration, IntegrationId
from monitr.domain.organisation import OrganisationId

Refresh = Callable[[str], Awaitable[Tokens]]
"""The refresh call at Octopus, given the refresh token. Raises AuthorizationRejected and OctopusUnavailable."""

REFRESH_TIMEOUT = timedelta(seconds=12)
LOCK_TIMEOUT = timedelta(seconds=15)
"""Both well under the lease of 30 seconds, and a waiter outlasts the call that it waits for."""

_RECONNECT = "Octopus no longer accepts the authorisation of this integration."


@dataclass(frozen=True, slots=True)
class SqlCredentials:
    """The port ``Credentials``, for the event loop that made the engine.

    Callers of one process share one refresh; processes exclude each other by locking the credential's row, from
    reading the tokens until the new ones are committed. Whoever got the lock second finds the new tokens.
    """

    engine: AsyncEngine
    cipher: Cipher
    clock: Clock
    refresh: Refresh
    _owners: dict[IntegrationId, OrganisationId] = field(default_factory=dict, init=False, repr=False)
    _refreshing: dict[IntegrationId, asyncio.Task[str]] = field(default_factory=dict, init=False, repr=False)

    async def access_token(self, integration: IntegrationId, rejected: str | None = None) -> str:
        organisation = await self._owner(integration)
        async with transaction(self.engine, organisation, read_only=True) as connection:
            await self._usable(connection, organisation, integration)
            stored = await self._stored(connection, integration)
        if stored.is_good(self.clock(), rejected):
            return stored.access_token

        task = self._refreshing.get(integration)
        if task is None:
            task = asyncio.create_task(self._renewed(organisation, integration, rejected))
            self._refreshing[integration] = task
            task.add_done_callback(lambda _: self._refreshing.pop(integration, None))
        # A caller that is cancelled does not take the refresh with it: the answer may hold a rotated refresh token,
        # and until that is stored it exists nowhere else.
        return await asyncio.shield(task)
