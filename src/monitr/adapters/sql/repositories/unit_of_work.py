"""The unit of work: one transaction, one organisation, and the repositories in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from monitr.adapters.sql.database.secrets_at_rest import Cipher
from monitr.adapters.sql.database.tenancy import enter
from monitr.adapters.sql.repositories.administrations import SqlAdministrations
from monitr.adapters.sql.repositories.asset_settings import SqlAssetSettings
from monitr.adapters.sql.repositories.audit import SqlAuditTrail
from monitr.adapters.sql.repositories.authorizations import SqlAuthorizations
from monitr.adapters.sql.repositories.import_runs import SqlImportRuns
from monitr.adapters.sql.repositories.integrations import SqlIntegrations
from monitr.adapters.sql.repositories.reports import SqlReports
from monitr.adapters.sql.work.jobs import Origin, SqlJobs, unknown_origin
from monitr.application.ports import Clock
from monitr.domain.organisation import OrganisationId


@dataclass(frozen=True, slots=True)
class SqlUnitOfWork:
    """The port ``UnitOfWork``."""

    connection: AsyncConnection
    integrations: SqlIntegrations
    authorizations: SqlAuthorizations
    administrations: SqlAdministrations
    imports: SqlImportRuns
    reports: SqlReports
    jobs: SqlJobs
    asset_settings: SqlAssetSettings
    audit: SqlAuditTrail

    async def commit(self) -> None:
        """Nothing can be done with it afterwards: the role and the organisation ended with the transaction."""
        await self.connection.commit()
        await self.connection.close()


@dataclass(frozen=True, slots=True)
class SqlTransactions:
    """The port ``Transactions``."""

    engine: AsyncEngine
    cipher: Cipher
    clock: Clock
    origin: Origin = unknown_origin

    @asynccontextmanager
    async def __call__(self, organisation: OrganisationId | None = None) -> AsyncIterator[SqlUnitOfWork]:
        async with self.engine.connect() as connection:  # rolls back what was not committed

            async def begin_anew() -> None:
                await connection.rollback()
                await enter(connection, organisation)

            await enter(connection, organisation)
            yield SqlUnitOfWork(
                connection,
                SqlIntegrations(connection, organisation, self.cipher, self.clock),
                SqlAuthorizations(connection, self.cipher),
                SqlAdministrations(connection, self.clock, begin_anew),
                SqlImportRuns(connection, organisation, self.origin),
                SqlReports(connection),
                SqlJobs(connection, organisation, self.origin),
                SqlAssetSettings(connection, organisation),
                SqlAuditTrail(connection, organisation),
            )
