"""The integrations and their tokens, in one unit of work."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql.database.secrets_at_rest import Cipher
from monitr.adapters.sql.database.tables import credential, organisation
from monitr.adapters.sql.database.tables import integration as table
from monitr.adapters.sql.database.upsert import upsert
from monitr.adapters.sql.repositories.credential_rows import credential_values, to_be_stored
from monitr.adapters.sql.repositories.rows import integration_of, values_of
from monitr.adapters.sql.repositories.timeline import append
from monitr.application.ports import Clock
from monitr.domain.authorization import Tokens
from monitr.domain.integration import Integration, IntegrationId
from monitr.domain.organisation import OrganisationId


async def ensure_organisation(connection: AsyncConnection, id: OrganisationId) -> None:
    """An organisation exists from its first use: its tokens come from elsewhere, and nobody registers it here."""
    await connection.execute(
        insert(organisation).values(id=id, created_at=func.now()).on_conflict_do_nothing(index_elements=["id"])
    )


async def lock_organisation(connection: AsyncConnection, id: OrganisationId) -> None:
    """In place of rows that are not there yet, and cannot be locked."""
    await ensure_organisation(connection, id)
    query = select(organisation.c.id).where(organisation.c.id == id)
    await connection.execute(query.with_for_update(key_share=True))


@dataclass(frozen=True, slots=True)
class SqlIntegrations:
    """The port ``Integrations``."""

    connection: AsyncConnection
    organisation: OrganisationId | None
    cipher: Cipher
    clock: Clock

    async def find(self, organisation: OrganisationId, id: IntegrationId) -> Integration | None:
        query = select(table).where(table.c.id == id, table.c.organisation_id == organisation)
        # FOR NO KEY UPDATE: keeps other writers away, but not the foreign keys of new administrations
        row = (await self.connection.execute(query.with_for_update(key_share=True))).mappings().one_or_none()
        return None if row is None else integration_of(row)

    async def save(self, integration: Integration) -> None:
        await ensure_organisation(self.connection, integration.organisation_id)
        await upsert(self.connection, table, values_of(integration))
        await append(self.connection, integration.organisation_id, integration.id, integration.events, self.clock())

    async def store_tokens(self, id: IntegrationId, tokens: Tokens, refresh_expires_at: datetime) -> None:
        if tokens.refresh_token is None:
            raise ValueError("an integration cannot be kept without a refresh token")
        owner = select(table.c.organisation_id).where(table.c.id == id, table.c.organisation_id == self.organisation)
        organisation = OrganisationId((await self.connection.execute(owner)).scalar_one())
        stored = to_be_stored(tokens, tokens.refresh_token, refresh_expires_at, self.clock())
        await upsert(self.connection, credential, credential_values(id, organisation, stored, self.cipher))

    async def erase_tokens(self, id: IntegrationId) -> None:
        await self.connection.execute(
            delete(credential).where(
                credential.c.integration_id == id, credential.c.organisation_id == self.organisation
            )
        )
