"""Webhook events on their way out: their order, and who sends to which target.

As the workers' role only ids, places and leases are seen; addresses, secrets and events are read as their organisation.
All times of leases are the database's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, RowMapping, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.secrets_at_rest import PREVIOUS_WEBHOOK_SECRET, WEBHOOK_SECRET, Cipher
from monitr.adapters.sql.database.tables import webhook_target
from monitr.adapters.sql.database.tenancy import transaction
from monitr.adapters.sql.webhooks.rows import delivery_values, event_of, events_behind, target_of
from monitr.application.ports import Clock
from monitr.application.webhooks.ports import Queue, TargetClaim
from monitr.domain.organisation import OrganisationId
from monitr.domain.webhooks import WebhookTarget, WebhookTargetId

_ORDER_LOCK = text("SELECT pg_advisory_xact_lock(7044715511960157)")
"""Any number that no other advisory lock of this program has."""

# Places are given after the commits, by one session at a time: whoever sees the event at a place sees all before it. In
# the order of the commits as far as they did not overlap, in that of the writing within a transaction. Plan: the
# partial index ix_webhook_event_unordered, which holds only these. Bounded; the rest has its turn seconds later.
_ORDER = text("""
    WITH fresh AS MATERIALIZED (SELECT id FROM webhook_event WHERE position IS NULL ORDER BY recorded LIMIT 1000),
    placed AS MATERIALIZED (SELECT id, nextval('webhook_position') AS position FROM fresh)
    UPDATE webhook_event SET position = placed.position FROM placed WHERE placed.id = webhook_event.id
""")

# There is something to send, it is time, and nobody sends. Plan: the few targets, for each one descent of
# ix_webhook_event_organisation_id_position.
_CLAIM = text("""
    WITH chosen AS (
        SELECT target.id
        FROM webhook_target target
        WHERE target.disabled_at IS NULL
            AND (target.lease_until IS NULL OR target.lease_until <= clock_timestamp())
            AND (target.next_attempt_at IS NULL OR target.next_attempt_at <= :now)
            AND EXISTS (
                SELECT FROM webhook_event event
                WHERE event.organisation_id = target.organisation_id AND event.position > target.position
            )
        ORDER BY target.last_attempt_at NULLS FIRST, target.id
        LIMIT :limit
        FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE webhook_target target SET lease_until = clock_timestamp() + :lease, fence = fence + 1
    FROM chosen WHERE chosen.id = target.id
    RETURNING target.id, target.organisation_id, target.fence
""")
_RELEASE = text("UPDATE webhook_target SET lease_until = NULL WHERE id = :id AND fence = :fence")
_PRUNE = text("DELETE FROM webhook_event WHERE occurred_at < :before AND position IS NOT NULL")


@dataclass(frozen=True, slots=True)
class SqlWebhookDeliveries:
    """The port ``WebhookDeliveries``."""

    engine: AsyncEngine
    cipher: Cipher
    clock: Clock

    async def order_events(self) -> int:
        async with transaction(self.engine, None) as connection:
            await connection.execute(_ORDER_LOCK)
            return (await connection.execute(_ORDER)).rowcount

    async def claim(self, lease: timedelta, limit: int) -> Sequence[TargetClaim]:
        parameters = {"lease": lease, "limit": limit, "now": self.clock()}
        async with transaction(self.engine, None) as connection:
            rows = (await connection.execute(_CLAIM, parameters)).all()
        return [
            TargetClaim(WebhookTargetId(id), OrganisationId(organisation), fence) for id, organisation, fence in rows
        ]

    async def queue(self, claim: TargetClaim, limit: int) -> Queue | None:
        async with transaction(self.engine, claim.organisation_id, read_only=True) as connection:
            held = select(webhook_target).where(*_held(claim))
            row = (await connection.execute(held)).mappings().one_or_none()
            if row is None:
                return None
            target = target_of(row)
            next_events = events_behind(target.organisation_id, target.position, limit)
            events = [event_of(event) for event in (await connection.execute(next_events)).mappings()]
        return Queue(target, self._secrets(row), events)

    def _secrets(self, row: RowMapping) -> list[str]:
        """Newest first."""
        until = row["previous_secret_until"]
        sealed = [(WEBHOOK_SECRET, row["secret"])]
        if row["previous_secret"] is not None and until is not None and self.clock() < until:
            sealed.append((PREVIOUS_WEBHOOK_SECRET, row["previous_secret"]))
        return [secret.opened(self.cipher, kept, row["id"], row["organisation_id"]) for secret, kept in sealed]

    async def save(self, claim: TargetClaim, target: WebhookTarget, lease: timedelta) -> bool:
        saved = (
            update(webhook_target)
            .where(*_held(claim))
            .values(**delivery_values(target), lease_until=text("clock_timestamp() + :lease"))
        )
        async with transaction(self.engine, claim.organisation_id) as connection:
            return (await connection.execute(saved, {"lease": lease})).rowcount == 1

    async def release(self, claim: TargetClaim) -> None:
        async with transaction(self.engine, None) as connection:
            await connection.execute(_RELEASE, {"id": claim.target_id, "fence": claim.fence})

    async def prune(self, older_than: timedelta) -> int:
        async with transaction(self.engine, None) as connection:
            return (await connection.execute(_PRUNE, {"before": self.clock() - older_than})).rowcount


def _held(claim: TargetClaim) -> Sequence[ColumnElement[bool]]:
    """Nobody else has claimed the target since."""
    target = webhook_target.c
    return target.id == claim.target_id, target.organisation_id == claim.organisation_id, target.fence == claim.fence
