"""The tokens of the integrations: read, and refreshed by exactly one worker at a time (decision 9)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from psycopg import errors
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from monitr.adapters.sql.database.secrets_at_rest import Cipher
from monitr.adapters.sql.database.tables import credential
from monitr.adapters.sql.database.tables import integration as integration_table
from monitr.adapters.sql.database.tenancy import rows_of_all, transaction
from monitr.adapters.sql.database.upsert import upsert
from monitr.adapters.sql.repositories.credential_rows import (
    StoredTokens,
    credential_values,
    stored_tokens_of,
    to_be_stored,
)
from monitr.adapters.sql.repositories.integrations import SqlIntegrations
from monitr.application.octopus import AuthorizationRejected, OctopusUnavailable
from monitr.application.ports import Clock
from monitr.domain.authorization import REFRESH_TOKEN_LIFETIME, Tokens
from monitr.domain.integration import IntegrationId, IntegrationStatus
from monitr.domain.organisation import OrganisationId
from monitr.domain.words.sentence import Sentence

Refresh = Callable[[str], Awaitable[Tokens]]
"""The refresh call at Octopus, given the refresh token. Raises AuthorizationRejected and OctopusUnavailable."""

# Both well under the lease of 30 seconds, and whoever waits for the lock outlasts the call that it is held for.
REFRESH_TIMEOUT = timedelta(seconds=12)
LOCK_TIMEOUT = timedelta(seconds=15)

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('refresh ' || :id, 0))")
_WAIT = text("SELECT set_config('lock_timeout', :milliseconds, true)")


@dataclass(frozen=True, slots=True)
class SqlCredentials:
    """The port ``Credentials``, for the event loop that made the engine.

    Callers of one process share one refresh; processes exclude each other by a lock in the database, from before the
    tokens are read until the new ones are committed: whoever gets it second finds the new tokens. It is an advisory
    lock of the transaction, not one of the credential's row: deleting and reconnecting write that row while they hold
    the integration's, so they would wait for Octopus, and a refused refresh, which writes both, could deadlock with
    them. What they did meanwhile is seen when the answer is stored, and wins.
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
            stored = await self._stored(connection, organisation, integration)
        if stored.is_good(self.clock(), rejected):
            return stored.access_token

        if (others := self._refreshing.get(integration)) is not None:
            token = await asyncio.shield(others)
            return token if token != rejected else await self.access_token(integration, rejected)
        task = asyncio.create_task(self._renewed(organisation, integration, rejected))
        self._refreshing[integration] = task
        task.add_done_callback(lambda _: self._refreshing.pop(integration, None))
        # A caller that is cancelled does not take the refresh with it: the answer may hold a rotated refresh token,
        # and until that is stored it exists nowhere else.
        return await asyncio.shield(task)

    async def _renewed(self, organisation: OrganisationId, id: IntegrationId, rejected: str | None) -> str:
        async with transaction(self.engine, organisation) as connection:
            await self._alone(connection, id)
            stored = await self._stored(connection, organisation, id)
            if stored.is_good(self.clock(), rejected):
                return stored.access_token  # another process has refreshed it meanwhile
            answer = await self._ask(stored.refresh_token)
            token = await self._store(connection, organisation, id, stored, answer)
        if token is None:  # with RECONNECT_REQUIRED committed
            raise _reconnect()
        return token

    async def _ask(self, refresh_token: str) -> Tokens | AuthorizationRejected:
        try:
            async with asyncio.timeout(REFRESH_TIMEOUT.total_seconds()):
                return await self.refresh(refresh_token)
        except AuthorizationRejected as refused:
            return refused
        except TimeoutError as late:
            raise OctopusUnavailable(Sentence.of("octopus.NO_TOKEN_IN_TIME")) from late

    async def _store(
        self,
        connection: AsyncConnection,
        organisation: OrganisationId,
        id: IntegrationId,
        before: StoredTokens,
        answer: Tokens | AuthorizationRejected,
    ) -> str | None:
        """The token to use; None where Octopus has refused the refresh token.

        The integration is locked before its credential, as everywhere. ``before`` is what was read: the refresh token
        is another one if the user has reconnected while Octopus was asked, and then those tokens stand. The tokens are
        compared and not their ciphertexts: a rotation of the keys may have encrypted the same one anew meanwhile.
        """
        await connection.execute(_WAIT, {"milliseconds": "0"})  # a rotated token must not be lost to impatience
        integrations = SqlIntegrations(connection, organisation, self.cipher, self.clock)
        integration = await integrations.find(organisation, id)
        stored = await self._stored(connection, organisation, id)
        if integration is None or stored.refresh_token != before.refresh_token:
            return stored.access_token
        if isinstance(answer, AuthorizationRejected):
            await integrations.save(integration.rejected())
            return None

        now = self.clock()
        # the same token again is no new one: nothing says that its 60 days begin anew (octopus.md 1.2)
        rotated = answer.refresh_token not in (None, before.refresh_token)
        deadline = now + REFRESH_TOKEN_LIFETIME if rotated else before.refresh_expires_at
        renewed = to_be_stored(answer, answer.refresh_token or before.refresh_token, deadline, now)
        await upsert(connection, credential, credential_values(id, organisation, renewed, self.cipher))
        if rotated:
            await integrations.save(integration.prolonged(deadline))
        return renewed.access_token

    async def _alone(self, connection: AsyncConnection, id: IntegrationId) -> None:
        await connection.execute(_WAIT, {"milliseconds": f"{LOCK_TIMEOUT / timedelta(milliseconds=1):.0f}"})
        try:
            await connection.execute(_LOCK, {"id": str(id)})
        except DBAPIError as refused:
            if isinstance(refused.orig, errors.LockNotAvailable):
                raise OctopusUnavailable(Sentence.of("octopus.TOKEN_ON_ITS_WAY")) from refused
            raise

    async def _stored(
        self, connection: AsyncConnection, organisation: OrganisationId, id: IntegrationId
    ) -> StoredTokens:
        """Raises AuthorizationRejected where there are none to use."""
        query = (
            select(credential)
            .join(integration_table, integration_table.c.id == credential.c.integration_id)
            .where(
                credential.c.integration_id == id,
                credential.c.organisation_id == organisation,
                integration_table.c.status == IntegrationStatus.CONFIGURED.value,
            )
        )
        row = (await connection.execute(query)).mappings().one_or_none()
        if row is None:
            raise _reconnect()
        return stored_tokens_of(row, self.cipher)

    async def _owner(self, id: IntegrationId) -> OrganisationId:
        """An integration never changes hands, so it is asked once."""
        if id not in self._owners:
            query = select(integration_table.c.organisation_id).where(integration_table.c.id == id)
            owners = await rows_of_all(self.engine, query)
            if not owners:
                raise _reconnect()
            self._owners[id] = OrganisationId(owners[0].organisation_id)
        return self._owners[id]


def _reconnect() -> AuthorizationRejected:
    return AuthorizationRejected("Octopus no longer accepts the authorisation of this integration.")
