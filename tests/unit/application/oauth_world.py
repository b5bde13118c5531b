"""An organisation, Octopus and a browser between them: what the tests of the OAuth rounds act on."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from monitr.application.chores.sweep_authorizations import SweepAuthorizations
from monitr.application.complete_authorization import CompleteAuthorization
from monitr.application.connect_integration import ConnectIntegration
from monitr.application.octopus import ListedDossiers
from monitr.application.reconnect import Reconnect
from monitr.application.return_addresses import ReturnAddresses
from monitr.application.start_authorization import RoundStarted, StartAuthorization
from monitr.domain.authorization import Authorization, Tokens
from monitr.domain.integration import Integration, IntegrationId
from tests.unit.fakes import NOON, FakeOctopus, FakeOctopusLogin, FakeTransactions, a_principal, some_tokens

HOME = "https://monitr.example"
PAGE = "https://app.example/integrations"
CODE = "a code of Octopus"


@dataclass
class OctopusMeanwhile(FakeOctopus):
    """While it lists the dossiers, something else happens; it remembers whose list was asked for."""

    meanwhile: Callable[[], Awaitable[object]] | None = None
    listed_with: list[str] = field(default_factory=list)

    async def dossiers_with(self, access_token: str) -> ListedDossiers:
        self.listed_with.append(access_token)
        if self.meanwhile is not None:
            await self.meanwhile()
        return await FakeOctopus.dossiers_with(self, access_token)


@dataclass
class LoginMeanwhile(FakeOctopusLogin):
    """While a code is exchanged, something else happens."""

    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def exchange(self, code: str, verifier: str | None) -> Tokens:
        if self.meanwhile is not None:
            await self.meanwhile()
        return await FakeOctopusLogin.exchange(self, code, verifier)


@dataclass(frozen=True)
class OpenRound:
    """A browser that stands at Octopus's login page."""

    integration: IntegrationId
    browser: str
    state: str


class OAuthWorld:
    """At noon, Octopus grants CODE. ``now`` can be moved."""

    def __init__(self, *integrations: Integration) -> None:
        self.transactions = FakeTransactions(integrations)
        self.login = LoginMeanwhile(grants={CODE: some_tokens()})
        self.octopus = OctopusMeanwhile()
        self.now: datetime = NOON
        secrets = count(1)
        clock, new_secret = (lambda: self.now), (lambda: f"secret {next(secrets)}")
        addresses = ReturnAddresses(HOME, frozenset({"https://app.example"}))
        self.connect = ConnectIntegration(self.transactions, self.login, addresses, clock, uuid4, new_secret)
        self.reconnect = Reconnect(self.transactions, self.login, addresses, clock, uuid4, new_secret)
        self.start = StartAuthorization(self.transactions, self.login, clock, new_secret)
        self.complete = CompleteAuthorization(self.transactions, self.login, self.octopus, clock)
        self.sweep = SweepAuthorizations(self.transactions, clock)

    async def at_octopus(self, reconnecting: IntegrationId | None = None) -> OpenRound:
        """The user has asked to connect, or to connect that integration again, and is at Octopus now."""
        if reconnecting is None:
            asked = (await self.connect(a_principal(), PAGE)).unwrap()
        else:
            asked = (await self.reconnect(a_principal(), reconnecting, PAGE)).unwrap()
        begun = (await self.start(asked.ticket, None)).unwrap()
        return OpenRound(asked.integration.id, begun.browser, state_of(begun))

    def round_of(self, integration: IntegrationId) -> Authorization:
        (found,) = [row for row in self.transactions.authorizations if row.integration_id == integration]
        return found


def state_of(begun: RoundStarted) -> str:
    return parse_qs(urlsplit(begun.authorize_url).query)["state"][0]
