"""The courier of one worker process: it serves many targets side by side, so that none waits for another."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from monitr.application.webhooks.deliver_webhooks import LEASE, DeliverWebhooks
from monitr.application.webhooks.ports import TargetClaim, WebhookDeliveries

logger = structlog.get_logger(__name__)

LOOK_SECONDS = 2.0
HANDS = 32
"""Targets at a time. Each has one request under way at most, and costs a connection to the database only between
requests."""


@dataclass(frozen=True, slots=True)
class Courier:
    """Several processes may have one: a target is in the hands of one at a time. ``close`` is called at the end."""

    deliveries: WebhookDeliveries
    deliver: DeliverWebhooks
    close: Callable[[], Awaitable[None]]
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, init=False, repr=False)

    async def run(self) -> None:
        """Until cancelled: then what is under way is given up, and is sent again when its claim has run out."""
        try:
            while True:
                try:
                    await self.deliveries.order_events()
                    await self._claim_all()
                except Exception as error:  # the database is away: look again later
                    logger.warning("webhooks_not_looked_for", error=type(error).__name__)
                await self._rest()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self.close()

    async def _claim_all(self) -> None:
        free = HANDS - len(self._tasks)
        for claim in await self.deliveries.claim(LEASE, free) if free else ():
            task = asyncio.create_task(self._bring(claim), name=f"webhook target {claim.target_id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _bring(self, claim: TargetClaim) -> None:
        try:
            delivered = await self.deliver(claim)
        except Exception:  # a fault of ours: it is tried again when the claim has run out
            logger.exception("webhook_turn_failed", target=str(claim.target_id))
        else:
            logger.info("webhook_turn", target=str(claim.target_id), delivered=delivered)

    async def _rest(self) -> None:
        """Until the next look; a full courier looks again as soon as it has a hand free."""
        if len(self._tasks) < HANDS:
            await asyncio.sleep(LOOK_SECONDS)
        else:
            await asyncio.wait(self._tasks, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
