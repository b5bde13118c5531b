"""The other button of our start page: whoever was asked to authorise says no."""

from dataclasses import dataclass

from returns.result import Failure, Result, Success

from monitr.application.complete_authorization import discard_unauthorized
from monitr.application.ports import Clock, Transactions
from monitr.application.start_authorization import RoundRefused
from monitr.domain.audit import MONITR
from monitr.domain.authorization import CallbackError, digest


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
        """``browser`` is the cookie that the browser already has."""
        unknown = RoundRefused(CallbackError.INVALID_STATE, None)
        async with self.transactions() as work:
            if (named := await work.authorizations.by_ticket(digest(ticket))) is None:
                return Failure(unknown)
        async with self.transactions(named.organisation_id) as work:
            await work.integrations.find(named.organisation_id, named.integration_id)  # first, as the sweep locks
            if (authorization := await work.authorizations.by_ticket(digest(ticket))) is None:
                return Failure(unknown)
            now = self.clock()
            if (closed := authorization.why_closed_to(browser, now)) is not None:
                return Failure(RoundRefused(closed, authorization.return_to))
            await discard_unauthorized(work, authorization, CallbackError.ACCESS_DENIED, MONITR)
            await work.authorizations.save(authorization.consumed(now))
            await work.commit()
        return Success(RoundDeclined(authorization.return_to))
