"""Rounds that nobody came back from: their integrations go after 10 minutes."""

from dataclasses import dataclass
from datetime import datetime

from monitr.application.complete_authorization import discard_unauthorized
from monitr.application.ports import Clock, Transactions
from monitr.domain.audit import MONITR
from monitr.domain.authorization import Authorization, CallbackError


@dataclass(frozen=True, slots=True)
class SweepAuthorizations:
    transactions: Transactions
    clock: Clock

    async def __call__(self) -> int:
        """The number of rounds that were closed."""
        now = self.clock()
        async with self.transactions() as work:
            expired = await work.authorizations.expired(now)
        return sum([await self._close(authorization, now) for authorization in expired])

    async def _close(self, expired: Authorization, now: datetime) -> bool:
        async with self.transactions(expired.organisation_id) as work:
            authorization = await work.authorizations.by_ticket(expired.ticket)
            if authorization is None or authorization.consumed_at is not None:  # by somebody else meanwhile
                return False
            await discard_unauthorized(work, authorization, CallbackError.EXPIRED, MONITR)
            await work.authorizations.save(authorization.consumed(now))
            await work.commit()
        return True
