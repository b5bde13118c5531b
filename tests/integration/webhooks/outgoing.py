"""Webhooks in a real database: an organisation whose states change, its targets, and a hand on the courier's clock."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.security.cipher import AesGcmCipher
from monitr.adapters.sql.repositories.unit_of_work import SqlTransactions
from monitr.adapters.sql.webhooks.deliveries import SqlWebhookDeliveries
from monitr.adapters.sql.webhooks.targets import SqlWebhookTargets
from monitr.adapters.webhooks.sending import WebhookSender
from monitr.adapters.webhooks.signing import new_webhook_secret, signed_headers
from monitr.adapters.webhooks.target_addresses import TargetAddresses
from monitr.application.webhooks.deliver_webhooks import LEASE, DeliverWebhooks
from monitr.application.webhooks.use_cases import CreateWebhookTarget, ReplayWebhookEvents, RotateWebhookSecret
from monitr.domain.administration import Administration, DossierNumber
from monitr.domain.import_run import ImportRun
from monitr.domain.integration import Integration
from monitr.domain.organisation import OrganisationId
from monitr.domain.roles import Principal, Role
from monitr.domain.webhooks import WebhookEvent, WebhookTarget
from tests.unit.fakes import a_run, an_administration, an_integration


@dataclass
class Outgoing:
    engine: AsyncEngine
    organisation: OrganisationId = field(default_factory=lambda: OrganisationId(uuid4()))
    ahead: timedelta = timedelta()
    timeout: timedelta = timedelta(seconds=10)
    key: bytes = bytes(range(32))

    def __post_init__(self) -> None:
        cipher = AesGcmCipher([self.key])
        self.transactions = SqlTransactions(self.engine, cipher, self.clock)
        self.targets = SqlWebhookTargets(self.engine, cipher)
        self.deliveries = SqlWebhookDeliveries(self.engine, cipher, self.clock)
        self.addresses = TargetAddresses(allow_loopback=True)
        self.sender = WebhookSender(self.addresses, timeout=self.timeout)
        self.deliver = DeliverWebhooks(self.deliveries, self.sender, signed_headers, self.clock, lambda: 0.5)

    def clock(self) -> datetime:
        """Now, and as far ahead as the test went."""
        return datetime.now(UTC) + self.ahead

    @property
    def principal(self) -> Principal:
        return Principal(self.organisation, "anna", frozenset({Role.ORGANISATION_ADMIN}))

    # --- what happens ---

    async def save(self, *rows: Integration | Administration | ImportRun) -> None:
        """In one transaction, by the repositories; a run that is there already is changed."""
        async with self.transactions(self.organisation) as unit:
            for row in rows:
                match row:
                    case Integration():
                        await unit.integrations.save(row)
                    case Administration():
                        await unit.administrations.save(row)
                    case ImportRun():
                        known = await unit.imports.find(self.organisation, row.id)
                        await (unit.imports.save(row) if known else unit.imports.add(row))
            await unit.commit()

    def an_integration(self, **changes: object) -> Integration:
        return an_integration(organisation_id=self.organisation, **changes)

    async def an_administration(self, dossier: int = 49555) -> Administration:
        """Selected, with its integration authorised: one event."""
        integration = self.an_integration()
        number = DossierNumber(dossier)
        selected = an_administration(organisation_id=self.organisation, integration_id=integration.id, dossier=number)
        await self.save(integration, selected)
        return selected

    async def some_events(self, count: int, of: Administration | None = None) -> Sequence[WebhookEvent]:
        """Imports that are queued and cancelled in the same breath: two events each, but for a last one alone."""
        administration = of or await self.an_administration()
        before = len(await self.events())
        while (missing := count - (len(await self.events()) - before)) > 0:
            run = a_run(administration, queued_at=self.clock())
            await self.save(run)
            await self.save(run.cancelled(self.clock()) if missing > 1 else run)
        return (await self.events())[before : before + count]

    async def events(self) -> list[WebhookEvent]:
        """All that is in order, the newest included."""
        await self.order_events()
        return list((await self.targets.events(self.organisation, 500, None)).rows)

    async def order_events(self) -> None:
        """Those of other tests too: the database is shared."""
        while await self.deliveries.order_events():
            pass

    async def types(self) -> list[str]:
        return [event.type.value for event in await self.events()]

    # --- where it is sent ---

    async def target(self, url: str) -> tuple[WebhookTarget, str]:
        """A new one, with its secret; it receives what happens from now on."""
        await self.order_events()
        create = CreateWebhookTarget(self.targets, self.addresses, self.clock, uuid4, new_webhook_secret)
        created = (await create(self.principal, url, None)).unwrap()
        return created.target, created.secret

    async def seen(self, target: WebhookTarget) -> WebhookTarget:
        """As it is now."""
        return next(one for one in await self.targets.all_of(self.organisation) if one.id == target.id)

    async def rotate(self, target: WebhookTarget, *, at_once: bool = False) -> str:
        rotate = RotateWebhookSecret(self.targets, self.clock, new_webhook_secret)
        return (await rotate(self.principal, target.id, at_once=at_once)).unwrap().secret

    async def replay(self, target: WebhookTarget, after: int | None) -> WebhookTarget:
        """From the position of an event."""
        cursor = None if after is None else self.targets.cursor(after)
        return (await ReplayWebhookEvents(self.targets)(self.principal, target.id, cursor)).unwrap()

    async def round(self) -> int:
        """One look of the courier, and all that follows from it; how many events have arrived."""
        await self.order_events()
        claims = await self.deliveries.claim(LEASE, 32)
        return sum(await asyncio.gather(*(self.deliver(claim) for claim in claims)))

    def later(self, time: timedelta) -> None:
        self.ahead += time

    async def until_the_next_attempt(self, target: WebhookTarget) -> WebhookTarget:
        """Go to it, and make it."""
        due = (await self.seen(target)).next_attempt_at
        assert due is not None
        self.ahead = due - datetime.now(UTC)
        await self.round()
        return await self.seen(target)


def elsewhere(outgoing: Outgoing) -> Outgoing:
    """Another organisation in the same database."""
    return replace(outgoing, organisation=OrganisationId(uuid4()))
