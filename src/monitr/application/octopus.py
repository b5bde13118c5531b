"""What the use cases need of Octopus: the OAuth rounds, and reading a dossier. Nothing here can write (decision 10).

Ports that talk to Octopus raise the exceptions below; they cross many layers of streaming code, and the use case at
the top turns each into an outcome or a failure with words (adr/0001).
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from monitr.domain.accounting.account import Account, CostCentre, Relation
from monitr.domain.accounting.bookyear import Bookyear, Journal
from monitr.domain.accounting.ledger import LedgerBatch, OddRecord
from monitr.domain.accounting.matchings import MatchedPair, Matching
from monitr.domain.accounting.outstanding_items import OutstandingItem, OutstandingItemType
from monitr.domain.administration import Dossier, DossierNumber
from monitr.domain.authorization import Tokens
from monitr.domain.integration import IntegrationId
from monitr.domain.words.sentence import Sentence

T = TypeVar("T")

Pause = Callable[[float], Awaitable[None]]
"""Waits for so many seconds; what it raises ends the attempts."""


class OctopusError(Exception):
    """Octopus did not give what was asked. The message is safe to log and to show: no token, no login, no address.

    ``said``: a text is somebody else's words, the same in every language.
    """

    def __init__(self, said: Sentence | str = "") -> None:
        self.said = said if isinstance(said, Sentence) else Sentence.verbatim(said)
        super().__init__(str(self.said))


class OctopusUnavailable(OctopusError):
    """No usable answer after all attempts: network, time-out, 5xx, a truncated body. Trying again later may help."""


class AnswerBrokeOff(OctopusUnavailable):
    """An answer that is given away while it arrives broke off in the middle. Whoever took its beginning asks again."""


class OctopusAsksToWait(OctopusUnavailable):
    """Octopus does not answer before ``wait`` is over (``Retry-After``), which is longer than an attempt may wait."""

    def __init__(self, said: Sentence | str, wait: timedelta) -> None:
        super().__init__(said)
        self.wait = wait


class InvalidAnswer(OctopusError):
    """Octopus answered, whole, with something that is not what the contract says: HTML, invalid JSON, a wrong shape."""


class ReadRefused(InvalidAnswer):
    """Octopus does not let this user read something that it has (403), or takes the question for a wrong one (400).
    The message says so.

    ``status`` is the HTTP status, 200 where an error object came under it; ``subject`` is what was asked for, in a
    bookkeeper's words (``the bookings of bookyear 3``).
    """

    def __init__(self, said: Sentence | str, status: int | None = None, subject: str | None = None) -> None:
        super().__init__(said)
        self.status = status
        self.subject = subject


class AuthorizationRejected(OctopusError):
    """The refresh token is no longer accepted (``invalid_grant``), or there is none: the user has to reconnect."""


class NotConfiguredError(OctopusError):
    """No client id is configured, or one that Octopus does not know, so it cannot be asked. The message says which."""


class DossierNotFound(OctopusError):
    """Connecting to the dossier was answered 404."""


@dataclass(eq=False)  # not frozen: contextlib sets the traceback of an exception that passes through it
class DossierRefused(OctopusError):
    """Connecting was answered 403: no right on the dossier, disabled, or without the webservice module."""

    reason: Sentence
    """For the user."""

    def __str__(self) -> str:
        return str(self.reason)


@dataclass(eq=False)  # not frozen, as above
class QuotaSpent(OctopusError):
    """One operation is closed for today: its daily maximum is used up by our count, or Octopus refuses it for good."""

    operation: str
    until: datetime
    """The next midnight in Brussels, in UTC."""

    def __str__(self) -> str:
        return f"Octopus takes no more {self.operation} until {self.until:%Y-%m-%d %H:%M} UTC."


class GrantRejected(OctopusError):
    """The token endpoint refused an authorisation code: expired, used, or of another round."""


class OctopusLogin(Protocol):
    """The OAuth side of Octopus (octopus.md 1.2). Tries again for as long as a person waits; the caller ends that."""

    @property
    def is_configured(self) -> bool:
        """Whether a client id is there."""
        ...

    def new_verifier(self) -> str | None:
        """A fresh PKCE verifier (RFC 7636), or None where PKCE is switched off."""
        ...

    def authorize_url(self, state: str, verifier: str | None) -> str:
        """Octopus's login page, with our callback as ``redirect_uri`` and an S256 challenge for the verifier."""
        ...

    @property
    def origin(self) -> str:
        """Of Octopus's login page (``https://octopus.example``)."""
        ...

    def is_issuer(self, issuer: str) -> bool:
        """Whether an answer that names this issuer (RFC 9207) can be Octopus's."""
        ...

    async def exchange(self, code: str, verifier: str | None) -> Tokens:
        """The tokens of an authorisation code. Raises GrantRejected, OctopusUnavailable, InvalidAnswer,
        NotConfiguredError."""
        ...


@dataclass(frozen=True, slots=True)
class ListedDossiers:
    """``unreadable`` counts records without a key, often disabled dossiers (octopus.md 2.1)."""

    dossiers: tuple[Dossier, ...]
    unreadable: int = 0


@dataclass(frozen=True)  # a generic with slots cannot be made with its parameter: Changed[Row](…)
class Changed(Generic[T]):
    """Rows that changed since the moment asked for, and the keys of rows that are gone. ``is_silent``: as in
    ``Listed``."""

    rows: list[T]
    deleted: list[T]
    odd: list[OddRecord] = field(default_factory=list)
    is_silent: bool = False


@dataclass(frozen=True, slots=True)
class ChangedMatchings:
    """A part of an answer: matchings that are there, and the keys of those that were removed. ``is_silent``: as in
    ``Listed``."""

    rows: list[Matching]
    deleted: list[MatchedPair]
    odd: list[OddRecord] = field(default_factory=list)
    is_silent: bool = False


@dataclass(frozen=True)  # a generic with slots cannot be made with its parameter: Listed[Row](…)
class Listed(Generic[T]):
    """A whole list, as it stands. ``is_silent``: no document came (404, 204, an empty body), which says "nothing", or
    comes from something in between; the import believes it only where it fits (decision 17).

    A record of which a part is lost is among the rows, and the part among the odd.
    """

    rows: list[T]
    odd: list[OddRecord] = field(default_factory=list)
    is_silent: bool = False
    unreadable: set[int] = field(default_factory=set[int])
    """The numbers of bookyears that are listed, and whose records cannot be read."""
    nameless: list[OddRecord] = field(default_factory=list)
    """Bookyears of which not even the number can be read: of those that are stored, each may be meant. Odd too."""


@dataclass(frozen=True, slots=True)
class AccountAmount:
    """Octopus's own figure for an account in a period (octopus.md 2.6); movement or cumulative is decided from the
    data."""

    bookyear: int
    period: int
    account: int
    balance: Decimal


class OpenDossier(Protocol):
    """A dossier that has been connected to. Tokens are renewed inside; every call is counted before it is made.

    ``since`` is an instant in UTC; the adapter converts it to Brussels time and subtracts the overlap (octopus.md 3.4).
    None asks for everything (1980). A 404 is an empty, silent list. Raises OctopusUnavailable, InvalidAnswer (a
    refusal is its ReadRefused), QuotaSpent, AuthorizationRejected, DossierNotFound, DossierRefused.
    """

    @property
    def octopus_time(self) -> datetime | None:
        """What Octopus's clock said (UTC) with its first answer about the open dossier, by the ``Date`` of it; None
        before, and where it sent none."""
        ...

    async def bookyears(self) -> Listed[Bookyear]: ...

    async def journals(self, bookyear: int) -> Listed[Journal]: ...

    async def accounts(self, bookyear: int) -> Listed[Account]:
        """The chart of one bookyear. 2 calls a day: ``changed_accounts`` is the ordinary way."""
        ...

    async def changed_accounts(self, since: datetime | None) -> Changed[Account]: ...

    async def cost_centres(self) -> Listed[CostCentre]:
        """All, closed ones included. 2 calls a day."""
        ...

    async def relations(self) -> Listed[Relation]:
        """The active ones. 2 calls a day: ``changed_relations`` is the ordinary way."""
        ...

    async def changed_relations(self, since: datetime | None) -> Changed[Relation]: ...

    def ledger(
        self,
        bookyears: Sequence[Bookyear],
        bookyear: int,
        journal_type: int,
        since: datetime | None,
        known: str | None = None,
    ) -> AsyncGenerator[LedgerBatch, None]:
        """The lines of changed bookings, in batches of about a thousand, as the answer arrives.

        ``bookyear`` and ``journal_type`` may be -1 (all) together. ``bookyears`` serve to find each line's effective
        date. ``known`` is the digest of an earlier answer: if it comes again, its lines do not. The iterator ends
        normally only when the document has closed and the body was complete; until then nothing of it may be
        published. Raises as above, at any batch.
        """
        ...

    async def ledger_calls_left(self) -> int:
        """How often ``ledger`` may still be asked today; by our count, and more than anybody needs where nothing is
        counted."""
        ...

    async def changed_account_amounts(self, since: datetime | None) -> Changed[AccountAmount]: ...

    def changed_matchings(self, since: datetime | None) -> AsyncGenerator[ChangedMatchings, None]:
        """Matchings that were made, changed or removed; in parts, as the answer arrives, like the ledger."""
        ...

    def open_items(
        self, type: OutstandingItemType, bookyears: Sequence[Bookyear]
    ) -> AsyncGenerator[Listed[OutstandingItem], None]:
        """All open rows as of now, from the first period of the first bookyear to the last period of the last; in
        parts, as the answer arrives, like the ledger."""
        ...


class Octopus(Protocol):
    """The REST side of Octopus, in the name of an integration, whose stored tokens are refreshed as needed.

    An open dossier is asked with the patience of a run: for minutes at every call. All else is asked with that of a
    person, who may end it at any time (``patience.py``): a token that is being renewed is stored all the same."""

    async def dossiers(self, integration: IntegrationId) -> ListedDossiers:
        """What the login can see. Raises OctopusUnavailable, InvalidAnswer, QuotaSpent, AuthorizationRejected."""
        ...

    async def dossiers_with(self, access_token: str) -> ListedDossiers:
        """The same with a token that is not stored yet."""
        ...

    async def refusal(
        self, integration: IntegrationId, dossier: DossierNumber, *, lately: bool = False
    ) -> Sentence | None:
        """Why the dossier cannot be opened; None where it can. Costs one connect call; none where it
        is enough that it was opened ``lately``, some minutes ago."""
        ...

    async def reach(self, integration: IntegrationId, dossier: DossierNumber) -> None:
        """Connect to the dossier anew, with the tokens that the integration has now, and nothing else. Raises as
        ``open``."""
        ...

    async def reach_with(self, access_token: str, integration: IntegrationId, dossier: DossierNumber) -> None:
        """The same with a token that is not stored yet."""
        ...

    def open(
        self, integration: IntegrationId, dossier: DossierNumber, pause: Pause | None = None
    ) -> AbstractAsyncContextManager[OpenDossier]:
        """Connect to the dossier. ``pause`` is how to wait between the attempts at any of its answers. Raises
        DossierNotFound and DossierRefused beside the above."""
        ...


class Credentials(Protocol):
    """The tokens of the integrations, encrypted at rest and bound to their row."""

    async def access_token(self, integration: IntegrationId, rejected: str | None = None) -> str:
        """A token that is good for at least its leeway, refreshed where needed by exactly one caller at a time.

        ``rejected`` is a token that Octopus has just refused: another is returned, refreshed unless somebody else did
        so meanwhile. A rotated refresh token is stored before the new access token is used. Raises
        AuthorizationRejected (the integration is RECONNECT_REQUIRED from then on) and OctopusUnavailable (nothing has
        changed).
        """
        ...


class Quota(Protocol):
    """Octopus's daily maxima (octopus.md 3.1), counted in the database before each call; a day is a Brussels day."""

    async def count(
        self, integration: IntegrationId, dossier: DossierNumber | None, operation: str, limit: int
    ) -> None:
        """One more call, or QuotaSpent where ``limit`` calls were made today or the operation is stopped."""
        ...

    async def left(self, integration: IntegrationId, dossier: DossierNumber | None, operation: str, limit: int) -> int:
        """How many of the ``limit`` calls of today are left."""
        ...

    async def stop(self, integration: IntegrationId, dossier: DossierNumber | None, operation: str) -> QuotaSpent:
        """Octopus itself has refused: no further call of this operation today. Returns what to raise."""
        ...
