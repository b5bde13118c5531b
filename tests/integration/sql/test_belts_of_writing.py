"""Decision 14 for what tenants do beside reading and importing: with either belt off, nothing of another is found or
changed. What the workers' role does is about all organisations, and named here as the exception."""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest_asyncio
from sqlalchemy import func, update
from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.engine import create_engine
from monitr.adapters.sql.database.tables import administration
from monitr.adapters.sql.repositories.administrations import SqlAdministrations
from monitr.adapters.sql.repositories.asset_settings import SqlAssetSettings
from monitr.adapters.sql.repositories.audit import SqlAuditTrail
from monitr.adapters.sql.repositories.authorizations import SqlAuthorizations
from monitr.adapters.sql.repositories.credentials import SqlCredentials
from monitr.adapters.sql.repositories.import_runs import SqlImportRuns
from monitr.adapters.sql.repositories.integrations import SqlIntegrations
from monitr.adapters.sql.repositories.reports import SqlReports
from monitr.adapters.sql.repositories.unit_of_work import SqlTransactions, SqlUnitOfWork
from monitr.adapters.sql.webhooks.deliveries import SqlWebhookDeliveries
from monitr.adapters.sql.webhooks.targets import SqlWebhookTargets
from monitr.adapters.sql.work.jobs import SqlJobs
from monitr.adapters.sql.work.purgeable_administrations import SqlPurgeableAdministrations
from monitr.application.webhooks.ports import TargetClaim
from monitr.domain.accounting.asset_accounts import AssetRole
from monitr.domain.accounting.asset_settings import PlanTarget
from monitr.domain.audit import AuditAction, AuditEntry
from tests.integration.tenants import (
    ACQUIRED,
    CIPHER,
    DOSSIER,
    ONE,
    Tenant,
    unscoped,
    without_conditions,
    without_row_security,
)
from tests.unit.fake_webhooks import a_target
from tests.unit.fakes import NOON, a_report, a_run, an_administration, an_authorization, an_integration, some_tokens

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Doing:
    """One thing that ``me`` does about ``of``, whose ids it has got hold of. Entities say that they are ``me``'s."""

    engine: AsyncEngine
    me: Tenant
    of: Tenant

    async def work(self, act: "Callable[[SqlUnitOfWork, Doing], Awaitable[object]]") -> object:
        async with SqlTransactions(self.engine, CIPHER, lambda: NOON)(self.me.organisation) as work:
            done = await act(work, self)
            await work.commit()
        return done

    @property
    def targets(self) -> SqlWebhookTargets:
        return SqlWebhookTargets(self.engine, CIPHER)

    @property
    def deliveries(self) -> SqlWebhookDeliveries:
        return SqlWebhookDeliveries(self.engine, CIPHER, lambda: NOON)

    @property
    def claim(self) -> TargetClaim:
        return TargetClaim(self.of.target, self.me.organisation, ONE)

    @property
    def mine(self) -> dict[str, Any]:
        return {"organisation_id": self.me.organisation}

    @property
    def administration(self) -> dict[str, Any]:
        return {"id": self.of.administration, "integration_id": self.me.integration, **self.mine}


def an_entry(subject: UUID) -> AuditEntry:
    return AuditEntry("me", AuditAction.EXPORTED, subject)


Deed = Callable[[Doing], Awaitable[object]]


def in_unit(act: Callable[[SqlUnitOfWork, Doing], Awaitable[object]]) -> Deed:
    return lambda doing: doing.work(act)


DEEDS: Mapping[Callable[..., object], Deed] = {
    SqlIntegrations.find: in_unit(lambda work, it: work.integrations.find(it.me.organisation, it.of.integration)),
    SqlIntegrations.save: in_unit(
        lambda work, it: work.integrations.save(an_integration(id=it.of.integration, **it.mine))
    ),
    SqlIntegrations.store_tokens: in_unit(
        lambda work, it: work.integrations.store_tokens(it.of.integration, some_tokens(), NOON)
    ),
    SqlIntegrations.erase_tokens: in_unit(lambda work, it: work.integrations.erase_tokens(it.of.integration)),
    SqlAdministrations.find: in_unit(
        lambda work, it: work.administrations.find(it.me.organisation, it.of.administration)
    ),
    SqlAdministrations.with_integration: in_unit(
        lambda work, it: work.administrations.with_integration(it.me.organisation, [it.of.administration])
    ),
    SqlAdministrations.of_dossiers: in_unit(
        lambda work, it: work.administrations.of_dossiers(it.me.organisation, [DOSSIER])
    ),
    SqlAdministrations.bookyears: in_unit(
        lambda work, doing: work.administrations.bookyears(doing.me.organisation, [doing.of.administration])
    ),
    SqlAdministrations.of_integration: in_unit(
        lambda work, it: work.administrations.of_integration(it.me.organisation, it.of.integration)
    ),
    SqlAdministrations.save: in_unit(
        lambda work, it: work.administrations.save(an_administration(**it.administration, dossier=DOSSIER + 1))
    ),
    SqlImportRuns.find: in_unit(lambda work, it: work.imports.find(it.me.organisation, it.of.run)),
    SqlImportRuns.administration_of: in_unit(
        lambda work, it: work.imports.administration_of(it.me.organisation, it.of.run)
    ),
    SqlImportRuns.active: in_unit(lambda work, it: work.imports.active(it.of.administration)),
    SqlImportRuns.last_ended: in_unit(lambda work, it: work.imports.last_ended(it.of.administration)),
    SqlImportRuns.add: in_unit(
        lambda work, it: work.imports.add(a_run(an_administration(**it.administration), id=it.of.run))
    ),
    SqlImportRuns.save: in_unit(
        lambda work, it: work.imports.save(a_run(an_administration(**it.administration), id=it.of.run))
    ),
    SqlAuthorizations.save: in_unit(
        lambda work, it: work.authorizations.save(an_authorization(id=it.of.authorization, **it.mine))
    ),
    SqlAssetSettings.set_role: in_unit(
        lambda work, it: work.asset_settings.set_role(it.of.administration, ACQUIRED, AssetRole.NONE)
    ),
    SqlAssetSettings.set_plan: in_unit(
        lambda work, it: work.asset_settings.set_plan(it.of.administration, PlanTarget("230"), None)
    ),
    SqlReports.find: in_unit(lambda work, it: work.reports.find(it.me.organisation, it.of.report)),
    SqlReports.save: in_unit(lambda work, it: work.reports.save(a_report(id=it.of.report, **it.mine))),
    SqlReports.remove: in_unit(lambda work, it: work.reports.remove(it.me.organisation, it.of.report)),
    SqlAuditTrail.append: in_unit(lambda work, it: work.audit.append(an_entry(it.of.administration))),
    SqlJobs.purge: in_unit(lambda work, it: work.jobs.purge(it.of.administration, NOON)),
    SqlWebhookTargets.add: lambda it: it.targets.add(a_target(id=it.of.target, **it.mine), "secret", 9, "me"),
    SqlWebhookTargets.all_of: lambda it: it.targets.all_of(it.me.organisation),
    SqlWebhookTargets.remove: lambda it: it.targets.remove(it.me.organisation, it.of.target, "me"),
    SqlWebhookTargets.rotate: lambda it: it.targets.rotate(it.me.organisation, it.of.target, "secret", None, "me"),
    SqlWebhookTargets.replay: lambda it: it.targets.replay(it.me.organisation, it.of.target, None, "me"),
    SqlWebhookTargets.events: lambda it: it.targets.events(it.me.organisation, 999, None),
    SqlWebhookDeliveries.queue: lambda it: it.deliveries.queue(it.claim, 9),
    SqlWebhookDeliveries.save: lambda it: it.deliveries.save(
        it.claim, a_target(id=it.of.target, failures=7, **it.mine), A_DAY
    ),
    SqlPurgeableAdministrations.erase: lambda it: SqlPurgeableAdministrations(it.engine).erase(
        it.me.organisation, it.of.administration, NOON + A_DAY
    ),
}
"""By the method that it tries."""

OF_ALL_ORGANISATIONS = {
    SqlAuthorizations.by_ticket,  # a browser that comes back is known by what it brings
    SqlAuthorizations.by_state,
    SqlAuthorizations.expired,
    SqlCredentials.access_token,  # of an integration, whosever it is: asked by what works for its owner
    SqlWebhookDeliveries.order_events,
    SqlWebhookDeliveries.claim,
    SqlWebhookDeliveries.release,
    SqlWebhookDeliveries.prune,
    SqlPurgeableAdministrations.due,
}
"""What workers do: as the role ``monitr_worker``."""


ONLY_INSERTS = {SqlImportRuns.add, SqlJobs.purge, SqlAuditTrail.append, SqlWebhookTargets.add}
"""They look for nothing that could be another's; a key that is taken is refused whoever has it."""


def test_every_method_is_a_deed_or_named_as_an_exception() -> None:
    tried = {method.__qualname__ for method in (*DEEDS, *OF_ALL_ORGANISATIONS)}
    owners = {globals()[name.split(".")[0]] for name in tried}
    methods = {
        method.__qualname__
        for owner in owners
        for name, method in inspect.getmembers(owner, inspect.iscoroutinefunction)
        if not name.startswith("_")
    }
    assert tried == methods


class Attempts:
    """Each deed tried on a tenant of its own, beside whose rows stand those of who tries it."""

    def __init__(self, url: str) -> None:
        self.engine = create_engine(url)
        self.looking = create_engine(url)
        """Keeps the belts' conditions, and is bound by no policy."""
        self.me = Tenant()

    async def successful(self) -> set[str]:
        """The deeds that found or changed something of the other tenant."""
        await self.fill(self.me)
        return {method.__qualname__ for method, deed in DEEDS.items() if await self._succeeds(method, deed)}

    async def _succeeds(self, method: Callable[..., object], deed: Deed) -> bool:
        other = Tenant()
        await self.fill(other, removed=method is SqlPurgeableAdministrations.erase)
        before = await self._rows(other)
        try:
            answer = await deed(Doing(self.engine, self.me, other))
        except (DBAPIError, LookupError, NoResultFound):  # by row-level security, or for want of a row
            answer = None
        told = any(str(id) in repr(answer) for id in (other.organisation, other.administration))
        return answer is True or told or await self._rows(other) != before

    async def fill(self, tenant: Tenant, *, removed: bool = False) -> None:
        async with self.looking.begin() as connection:
            await tenant.fill(connection)
            newest = update(administration).where(administration.c.id == tenant.administration)
            await connection.execute(newest.values(created_at=func.clock_timestamp()))  # of_dossiers gives the newest
            if removed:
                await connection.execute(
                    update(administration).where(administration.c.id == tenant.administration).values(status="DELETED")
                )

    async def _rows(self, tenant: Tenant) -> object:
        async with self.looking.connect() as connection:
            return await tenant.rows(connection)


@pytest_asyncio.fixture
async def attempts(fresh_database: str) -> AsyncIterator[Attempts]:
    attempts = Attempts(fresh_database)
    yield attempts
    await attempts.engine.dispose()
    await attempts.looking.dispose()


async def test_nothing_of_another_tenant_is_found_or_changed(attempts: Attempts) -> None:
    assert await attempts.successful() == set()


async def test_the_conditions_suffice_without_row_security(attempts: Attempts) -> None:
    with without_row_security():
        assert await attempts.successful() == set()


async def test_row_security_suffices_without_the_conditions(attempts: Attempts) -> None:
    with without_conditions(attempts.engine):
        assert await attempts.successful() == set()


async def test_without_both_every_deed_succeeds(attempts: Attempts) -> None:
    """So each of them can do what it must not, and the belts come off in the tests above."""
    with without_row_security(), without_conditions(attempts.engine):
        assert await attempts.successful() == {method.__qualname__ for method in DEEDS.keys() - ONLY_INSERTS}


async def test_every_statement_of_a_purge_names_its_organisation(attempts: Attempts) -> None:
    await attempts.fill(attempts.me, removed=True)
    purge = DEEDS[SqlPurgeableAdministrations.erase]

    with unscoped(attempts.engine) as found:
        assert await purge(Doing(attempts.engine, attempts.me, attempts.me)) is True
    assert found == set()
