"""The button of our start page: binds the browser to the OAuth round and sends it on to Octopus."""

from dataclasses import dataclass, field
from datetime import datetime

from returns.result import Failure, Result, Success

from monitr.application.octopus import OctopusLogin
from monitr.application.ports import Clock, NewSecret, Transactions, UnitOfWork
from monitr.domain.authorization import Authorization, CallbackError, digest
from monitr.domain.organisation import AdministrationId


@dataclass(frozen=True, slots=True)
class RoundStarted:
    """``browser`` goes into the cookie, ``authorize_url`` is where the browser goes on to."""

    browser: str = field(repr=False)
    authorize_url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RoundRefused:
    """``return_to`` is None where ticket or state is unknown, so nothing is known of where to go. ``lost``: what the
    login of a DIFFERENT_ACCOUNT does not open, as far as it was tried; it is as it was."""

    error: CallbackError
    return_to: str | None
    lost: tuple[AdministrationId, ...] = ()


async def open_round(work: UnitOfWork, ticket: str, browser: str | None, now: datetime) -> Authorization | RoundRefused:
    """The round that the link opens in this browser, or why it opens none. ``browser`` is the cookie that the browser
    already has, from this or another round."""
    authorization = await work.authorizations.by_ticket(digest(ticket))
    if authorization is None:
        return RoundRefused(CallbackError.INVALID_STATE, None)
    closed = authorization.why_closed_to(browser, now)
    return authorization if closed is None else RoundRefused(closed, authorization.return_to)


@dataclass(frozen=True, slots=True)
class StartAuthorization:
    """A round belongs to the first browser in which somebody clicks, whoever asked for it: the link may be sent to who
    has the login at Octopus. That browser may click again, and begins anew then."""

    transactions: Transactions
    login: OctopusLogin
    clock: Clock
    new_secret: NewSecret

    async def __call__(self, ticket: str, browser: str | None) -> Result[RoundStarted, RoundRefused]:
        """``browser``: as in ``open_round``."""
        async with self.transactions() as work:
            now = self.clock()
            authorization = await open_round(work, ticket, browser, now)
            if isinstance(authorization, RoundRefused):
                return Failure(authorization)

            identity, state, verifier = browser or self.new_secret(), self.new_secret(), self.login.new_verifier()
            await work.authorizations.save(authorization.clicked(now).started(identity, state, verifier))
            await work.commit()
        return Success(RoundStarted(identity, self.login.authorize_url(state, verifier)))
