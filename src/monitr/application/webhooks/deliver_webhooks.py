"""Send a target what it has not received yet, in order."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from monitr.application.ports import Clock
from monitr.application.webhooks.ports import Queue, SendWebhook, SignWebhook, TargetClaim, WebhookDeliveries
from monitr.domain.webhooks import WebhookEvent, WebhookTarget

LEASE = timedelta(seconds=45)
"""Longer than an attempt takes; every attempt renews it."""
BATCH = 50
TURN = timedelta(seconds=20)
"""After it other targets have their turn."""


@dataclass(frozen=True, slots=True)
class DeliverWebhooks:
    """At least once: an attempt whose outcome could not be noted is repeated. The first one that fails ends the turn:
    the next event is not sent before this one has arrived."""

    deliveries: WebhookDeliveries
    send: SendWebhook
    sign: SignWebhook
    clock: Clock
    chance: Callable[[], float]
    """A random number from 0 to 1."""

    async def __call__(self, claim: TargetClaim) -> int:
        """How many events have arrived."""
        queue = await self.deliveries.queue(claim, BATCH)
        if queue is None:
            return 0
        delivered = await self._turn(claim, queue)
        await self.deliveries.release(claim)
        return delivered

    async def _turn(self, claim: TargetClaim, queue: Queue) -> int:
        target, delivered, end = queue.target, 0, self.clock() + TURN
        for event in queue.events:
            target = await self._attempt(target, event, queue)
            if not await self.deliveries.save(claim, target, LEASE) or target.failures:
                break
            delivered += 1
            if self.clock() >= end:
                break
        return delivered

    async def _attempt(self, target: WebhookTarget, event: WebhookEvent, queue: Queue) -> WebhookTarget:
        headers = self.sign(event, queue.secrets, self.clock())
        refusal = await self.send(target.url, headers, event.body)
        now = self.clock()
        return target.delivered(event, now) if refusal is None else target.refused(refusal, now, self.chance())
