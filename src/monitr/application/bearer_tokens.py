"""Who asks: what a verified bearer token says (``tests/contract/operations.md``, section HTTP)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitr.domain.roles import Principal

LONGEST_LIFE = timedelta(days=1)
"""Of a token. A user whose access has been taken away, or a token that was stolen, is refused the next day at last."""


class InvalidToken(ValueError):
    """The token is missing, malformed, wrongly signed, expired, or not for us. The message holds nothing of it."""


class MissingToken(InvalidToken):
    """There is none."""


class ExpiredToken(InvalidToken):
    """It was one of ours: said only of what is signed by a key that is trusted."""


class KeysUnavailable(ConnectionError):
    """The keys of the issuer cannot be had at the moment, so no token of it can be judged."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """A verified token. ``expires_at`` is UTC; what was opened with the token ends there."""

    principal: Principal
    expires_at: datetime


VerifyToken = Callable[[str], Awaitable[Bearer]]
"""Raises InvalidToken and KeysUnavailable. Roles that we do not know are left out; without any, nothing is allowed."""
