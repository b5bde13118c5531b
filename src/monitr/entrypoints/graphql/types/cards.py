"""The Integrations page: providers, integrations and the dossiers that can be selected."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Self, assert_never

import strawberry
from returns.methods import unwrap_or_failure

from monitr.application.list_dossiers import ListedDossier
from monitr.application.problems import DailyMaximumReached, NotAuthorized, OctopusDown, UnknownIntegration
from monitr.application.reading.cards import Provider, label_seen_by
from monitr.application.reading.reading import Reading
from monitr.domain import administration, integration
from monitr.domain.import_run import Dataset
from monitr.domain.integration import IntegrationStatus
from monitr.domain.roles import Forbidden
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.described import described
from monitr.entrypoints.graphql.execution.errors import UnavailableField
from monitr.entrypoints.graphql.execution.paging import Connection
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.types.administrations import Administration
from monitr.entrypoints.graphql.types.enums import AuthenticationKind
from monitr.entrypoints.graphql.types.imports import Failure
from monitr.entrypoints.graphql.types.node import Node
from monitr.entrypoints.graphql.types.timeline import Notice, TimelineEvent

USED_FOR = {
    Dataset.GENERAL_LEDGER: "Trial balance, profit and loss account, balance sheet and transactions",
    Dataset.ACCOUNTS: "Chart of accounts: names and classes in every report",
    Dataset.DIMENSIONS: "Reports by cost centre",
    Dataset.OUTSTANDING_ITEMS: "Outstanding Items dashboard: receivables and payables by age",
    Dataset.FIXED_ASSETS: "Fixed Assets dashboard and module",
    Dataset.BOOKYEARS: "Bookyears and periods of every report",
    Dataset.JOURNALS: "Journals of transactions and bookings",
    Dataset.RELATIONS: "Clients and suppliers of transactions and outstanding items",
}


@strawberry.type(description="A dossier that the Octopus login sees. reason says why it cannot be selected.")
class Dossier:
    number: int
    name: str
    vat_number: str | None
    selectable: bool
    reason: str | None
    administration: Administration | None

    @classmethod
    def of(cls, listed: ListedDossier) -> Self:
        return shown(
            cls,
            listed.dossier,
            selectable=listed.reason is None,
            reason=listed.reason,
            administration=Administration.of(listed.administration) if listed.administration else None,
        )


@strawberry.type(description="One authorised link to an Octopus login.")
class Integration(Node):
    row: strawberry.Private[integration.Integration]
    provider: Provider
    status: IntegrationStatus
    authorized_at: datetime | None
    authorization_expires_at: datetime | None
    last_error: Failure | None

    @classmethod
    def of(cls, row: integration.Integration) -> Self:
        return shown(cls, row, row=row, provider=Provider.OCTOPUS)

    @strawberry.field
    async def label(self, info: Info) -> str:
        """How the login is told from others: how many of its dossiers are selected here, and the names of the first, as
        in `2 dossiers: Demo Bouw BV, Demo Handel NV`. Empty for who sees names only."""
        rows = await info.context.loaders.administrations_of.load(self.row.id)
        return label_seen_by(info.context.principal, rows)

    @described("Warnings ahead: 14, 7 and 1 day before the authorisation ends.")
    def notices(self, info: Info) -> list[Notice]:
        notice = self.row.notice(info.context.services.clock())
        return [Notice.of(notice)] if notice else []

    @described("What has happened to it, newest first: what, when, who or what caused it, why.")
    async def timeline(
        self, info: Info, first: int | None = 50, after: str | None = strawberry.UNSET
    ) -> Connection[TimelineEvent]:
        info.context.reading.expect(Reading.timeline_of_integration)
        question = partial(info.context.reading.timeline_of_integration, self.row.id)
        return await Connection[TimelineEvent].ask(question, TimelineEvent.of, first, after, 50)

    @described("Those that the caller may see, by dossier number.")
    async def administrations(self, info: Info) -> list[Administration]:
        rows = await info.context.loaders.administrations_of.load(self.row.id)
        return [Administration.of(row) for row in rows]

    @described("Asked of Octopus at this moment; where reconnecting is required, the selected ones alone.")
    async def dossiers(self, info: Info) -> list[Dossier]:
        list_dossiers = info.context.use_cases.list_dossiers
        outcome = await info.context.act(list_dossiers(info.context.principal, self.row.id))
        match unwrap_or_failure(outcome):
            case list() as listed:
                return [Dossier.of(dossier) for dossier in listed]
            case NotAuthorized() as problem:  # the card itself says RECONNECT_REQUIRED
                selected = await info.context.loaders.administrations_of.load(self.row.id)
                return [Dossier.of(_unreachable(row, problem.message)) for row in selected]
            case UnknownIntegration() | OctopusDown() | DailyMaximumReached() | Forbidden() as problem:
                raise UnavailableField(problem.code, problem.message)
            case other:
                assert_never(other)


def _unreachable(row: administration.Administration, reason: str) -> ListedDossier:
    return ListedDossier(administration.Dossier(row.dossier, row.name, row.vat_number), reason, row)


@strawberry.type(description="What a dataset of the provider is used for in Monitr.")
class ProviderDataset:
    dataset: Dataset
    used_for: str


@strawberry.type
class IntegrationProvider:
    key: Provider
    name: str
    region: str
    authentication: AuthenticationKind

    @strawberry.field
    def datasets(self) -> list[ProviderDataset]:
        return [ProviderDataset(dataset=dataset, used_for=text) for dataset, text in USED_FOR.items()]

    @described("Those of the caller's organisation, oldest first.")
    async def integrations(self, info: Info) -> list[Integration]:
        rows = await info.context.reading.integrations()
        return [Integration.of(row) for row in _remembered(info, rows)]


PROVIDERS = {
    Provider.OCTOPUS: IntegrationProvider(
        key=Provider.OCTOPUS, name="Octopus", region="Belgium", authentication=AuthenticationKind.OAUTH2
    )
}


def _remembered(info: Info, rows: Sequence[integration.Integration]) -> Sequence[integration.Integration]:
    """What was just read need not be read again for a field below it."""
    info.context.loaders.integrations.know({row.id: row for row in rows})
    return rows
