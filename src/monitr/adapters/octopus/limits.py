"""Octopus's daily maxima, and its wish for one request at a time (api.md 3.1, 3.12)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from weakref import WeakValueDictionary

from monitr.adapters.octopus.brussels import next_midnight
from monitr.adapters.octopus.operations import Operation
from monitr.application.octopus import CallCounter, QuotaSpent
from monitr.application.ports import Clock
from monitr.domain.administration import DossierNumber
from monitr.domain.integration import IntegrationId


@dataclass(frozen=True, slots=True)
class DailyMaxima:
    """``enabled`` off: calls are not counted, but a refusal of Octopus stops the operation all the same."""

    counter: CallCounter
    clock: Clock
    enabled: bool

    async def count(self, integration: IntegrationId, dossier: DossierNumber | None, operation: Operation) -> None:
        if self.enabled:
            await self.counter.count(integration, dossier, operation.label, operation.daily_maximum)

    async def spent(
        self, integration: IntegrationId | None, dossier: DossierNumber | None, operation: Operation
    ) -> QuotaSpent:
        """Octopus has refused. What to raise."""
        if integration is None:
            return QuotaSpent(operation.label, next_midnight(self.clock()))
        return await self.counter.stop(integration, dossier, operation.label)


class _Turn(asyncio.Lock):
    holder: "asyncio.Task[object] | None" = None


class Turns:
    """One request at a time for each login in this process; a stream holds its turn until it has ended."""

    def __init__(self) -> None:
        self._turns: WeakValueDictionary[IntegrationId, _Turn] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, integration: IntegrationId) -> AsyncIterator[None]:
        """Raises RuntimeError where the same task asks while it streams: it would wait for itself."""
        turn = self._turns.setdefault(integration, _Turn())
        if turn.locked() and turn.holder is asyncio.current_task():
            raise RuntimeError("Octopus is asked while an answer of it is still being read by the same task")
        async with turn:
            turn.holder = asyncio.current_task()
            try:
                yield
            finally:
                turn.holder = None
