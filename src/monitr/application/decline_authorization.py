"""The other button of our start page: whoever was asked to authorise says no."""

from dataclasses import dataclass

from returns.result import Failure, Result, Success

from monitr.application.complete_authorization import discard_unauthorized
from monitr.application.ports import Clock, Transactions
from monitr.application.start_authorization import RoundRefused, open_round
from monitr.domain.audit import MONITR
from monitr.domain.authorization import CallbackError


@dataclass(frozen=True, slots=True)
class RoundDeclined:
    return_to: str


@dataclass(frozen=True, slots=True)
class DeclineAuthorization:
    """The round is over: its link opens nothing any more, nor does an answer of Octopus that is still to come. An
    integration that never was authorised goes with it, as at a refusal at Octopus. Who holds the link is nobody that we
    know, so the trail names the program."""

    transactions: Transactions
    clock: Clock

    async def __call__(self, ticket: str, browser: str | None) -> Result[RoundDeclined, RoundRefused]:
        """``browser``: as in ``open_round``."""
        now = self.clock()
        async with self.transactions() as work:
            named = await open_round(work, ticket, browser, now)
        if isinstance(named, RoundRefused):
            return Failure(named)
        async with self.transactions(named.organisation_id) as work:
            await work.integrations.find(named.organisation_id, named.integration_id)  # first, as the sweep locks
            authorization = await open_round(work, ticket, browser, now)  # another click may have been faster
            if isinstance(authorization, RoundRefused):
                return Failure(authorization)
            await discard_unauthorized(work, authorization, CallbackError.ACCESS_DENIED, MONITR)
            await work.authorizations.save(authorization.consumed(now))
            await work.commit()
        return Success(RoundDeclined(authorization.return_to))
