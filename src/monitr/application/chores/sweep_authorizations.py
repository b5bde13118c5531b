"""Rounds that nobody came back from: their integrations go after 10 minutes."""

from dataclasses import dataclass

from monitr.application.complete_authorization import discard_unauthorized
from monitr.application.ports import Clock, Transactions


@dataclass(frozen=True, slots=True)
class SweepAuthorizations:
    transactions: Transactions
    clock: Clock

    async def __call__(self) -> int:
        """The number of rounds that were closed."""
        now = self.clock()
        async with self.transactions() as work:
            expired = await work.authorizations.expired(now)
        for authorization in expired:
            async with self.transactions(authorization.organisation_id) as work:
                await discard_unauthorized(work, authorization)
                await work.authorizations.save(authorization.consumed(now))
                await work.commit()
        return len(expired)
