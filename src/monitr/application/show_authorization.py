"""Our start page of an OAuth round: what whoever opens the link is told before anything happens (decision 22)."""

from dataclasses import dataclass
from datetime import timedelta

from returns.result import Failure, Result, Success

from monitr.application.octopus import OctopusLogin
from monitr.application.ports import Clock, Transactions
from monitr.application.start_authorization import RoundRefused
from monitr.domain.authorization import CallbackError, Purpose, digest
from monitr.domain.names import readable


@dataclass(frozen=True, slots=True)
class RoundOffered:
    """``organisation`` and ``asked_by`` are words of others: readable, on one line, of at most 255 characters.
    ``octopus`` is the origin of the login page."""

    organisation: str
    asked_by: str
    purpose: Purpose
    octopus: str
    return_to: str
    time_left: timedelta


@dataclass(frozen=True, slots=True)
class ShowAuthorization:
    """Looks, and changes nothing, however often: programs open links too, before people do."""

    transactions: Transactions
    login: OctopusLogin
    clock: Clock

    async def __call__(self, ticket: str, browser: str | None) -> Result[RoundOffered, RoundRefused]:
        """``browser`` is the cookie that the browser already has."""
        async with self.transactions() as work:
            authorization = await work.authorizations.by_ticket(digest(ticket))
        if authorization is None:
            return Failure(RoundRefused(CallbackError.INVALID_STATE, None))
        now = self.clock()
        if (closed := authorization.why_closed_to(browser, now)) is not None:
            return Failure(RoundRefused(closed, authorization.return_to))
        organisation = authorization.organisation_name or str(authorization.organisation_id)
        return Success(
            RoundOffered(
                readable(organisation),
                readable(authorization.subject_name or authorization.subject) or "?",
                authorization.purpose,
                self.login.origin,
                authorization.return_to,
                authorization.expires_at - now,
            )
        )
