"""Our start page of an OAuth round: what whoever opens the link is told before anything happens (decision 22)."""

from dataclasses import dataclass
from datetime import timedelta

from returns.result import Failure, Result, Success

from monitr.application.octopus import OctopusLogin
from monitr.application.ports import Clock, Transactions
from monitr.application.start_authorization import RoundRefused, open_round
from monitr.domain.authorization import Purpose
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
        """``browser``: as in ``open_round``."""
        now = self.clock()
        async with self.transactions() as work:
            authorization = await open_round(work, ticket, browser, now)
        if isinstance(authorization, RoundRefused):
            return Failure(authorization)
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
