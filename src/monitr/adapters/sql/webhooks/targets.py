"""The webhook targets of an organisation, and the events it can have replayed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from monitr.adapters.sql.database.secrets_at_rest import WEBHOOK_SECRET, Cipher
from monitr.adapters.sql.database.tables import webhook_event, webhook_target
from monitr.adapters.sql.database.tenancy import transaction
from monitr.adapters.sql.reading.cursors import Cursors
from monitr.adapters.sql.repositories.audit import append
from monitr.adapters.sql.repositories.integrations import lock_organisation
from monitr.adapters.sql.webhooks.rows import delivery_values, event_of, events_behind, target_of
from monitr.application.reading.pages import Page
from monitr.domain.audit import webhook_created, webhook_deleted, webhook_replayed, webhook_secret_rotated
from monitr.domain.organisation import OrganisationId
from monitr.domain.webhooks import WebhookEvent, WebhookTarget, WebhookTargetId

_EVENTS = Cursors("webhook_event", {"position": BigInteger})


@dataclass(frozen=True, slots=True)
class SqlWebhookTargets:
    """The port ``WebhookTargets``."""

    engine: AsyncEngine
    cipher: Cipher

    async def add(self, target: WebhookTarget, secret: str, most: int, by: str) -> WebhookTarget | None:
        async with transaction(self.engine, target.organisation_id) as connection:
            if await self._count(connection, target.organisation_id) >= most:
                return None
            newest = select(func.coalesce(func.max(webhook_event.c.position), 0)).where(
                webhook_event.c.organisation_id == target.organisation_id
            )
            added = insert(webhook_target).values(
                id=target.id,
                organisation_id=target.organisation_id,
                url=target.url,
                description=target.description,
                secret=WEBHOOK_SECRET.sealed(self.cipher, secret, target.id, target.organisation_id),
                created_at=target.created_at,
                position=newest.scalar_subquery(),
            )
            created = target_of((await connection.execute(added.returning(webhook_target))).mappings().one())
            await append(connection, target.organisation_id, webhook_created(created, by))
        return created

    @staticmethod
    async def _count(connection: AsyncConnection, organisation: OrganisationId) -> int:
        """With the organisation locked, so that two who add at once are counted one after the other."""
        await lock_organisation(connection, organisation)
        counted = select(func.count()).select_from(webhook_target).where(_of(organisation))
        return int((await connection.execute(counted)).scalar_one())

    async def all_of(self, organisation: OrganisationId) -> list[WebhookTarget]:
        query = (
            select(webhook_target).where(_of(organisation)).order_by(webhook_target.c.created_at, webhook_target.c.id)
        )
        async with transaction(self.engine, organisation, read_only=True) as connection:
            return [target_of(row) for row in (await connection.execute(query)).mappings()]

    async def remove(self, organisation: OrganisationId, id: WebhookTargetId, by: str) -> bool:
        removed = delete(webhook_target).where(_of(organisation, id)).returning(webhook_target)
        async with transaction(self.engine, organisation) as connection:
            row = (await connection.execute(removed)).mappings().one_or_none()
            if row is not None:
                await append(connection, organisation, webhook_deleted(target_of(row), by))
        return row is not None

    async def rotate(
        self, organisation: OrganisationId, id: WebhookTargetId, secret: str, previous_until: datetime | None, by: str
    ) -> WebhookTarget | None:
        changes = {
            "secret": WEBHOOK_SECRET.sealed(self.cipher, secret, id, organisation),
            "previous_secret": None if previous_until is None else webhook_target.c.secret,
            "previous_secret_until": previous_until,
        }
        rotated = update(webhook_target).where(_of(organisation, id)).values(changes).returning(webhook_target)
        async with transaction(self.engine, organisation) as connection:
            row = (await connection.execute(rotated)).mappings().one_or_none()
            if row is None:
                return None
            target = target_of(row)
            await append(connection, organisation, webhook_secret_rotated(target, by))
        return target

    async def replay(
        self, organisation: OrganisationId, id: WebhookTargetId, after: str | None, by: str
    ) -> WebhookTarget | None:
        position = _position(after)
        query = select(webhook_target).where(_of(organisation, id)).with_for_update()
        async with transaction(self.engine, organisation) as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
            if row is None:
                return None
            target = target_of(row).replayed_from(position)
            # whoever sends to it at this moment loses its claim, and with it the right to say what has arrived
            changes = {**delivery_values(target), "fence": webhook_target.c.fence + 1, "lease_until": None}
            await connection.execute(update(webhook_target).where(_of(organisation, id)).values(changes))
            await append(connection, organisation, webhook_replayed(target, by))
        return target

    async def events(self, organisation: OrganisationId, first: int, after: str | None) -> Page[WebhookEvent]:
        query = events_behind(organisation, _position(after), first + 1)
        async with transaction(self.engine, organisation, read_only=True) as connection:
            rows = (await connection.execute(query)).all()
        return _EVENTS.page(rows, first, after, lambda row: event_of(row._mapping))

    def cursor(self, position: int) -> str:
        return _EVENTS.encode((position,))


def _of(organisation: OrganisationId, id: WebhookTargetId | None = None) -> ColumnElement[bool]:
    mine = webhook_target.c.organisation_id == organisation
    return mine if id is None else mine & (webhook_target.c.id == id)


def _position(after: str | None) -> int:
    (position,) = (0,) if after is None else _EVENTS.decode(after)
    return int(position)
