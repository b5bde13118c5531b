"""The Integrations page: providers, integrations and the dossiers that can be selected."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Self, assert_never

import strawberry
from returns.methods import unwrap_or_failure

from monitr.application.list_dossiers import ListedDossier
from monitr.application.problems import DailyMaximumReached, NotAuthorized, OctopusDown, UnknownIntegration
from monitr.application.reading.cards import Provider
from monitr.application.reading.reading import Reading
from monitr.domain import administration, integration
from monitr.domain.import_run import Dataset
from monitr.domain.integration import IntegrationStatus
from monitr.domain.roles import Forbidden
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.errors import UnavailableField
from monitr.entrypoints.graphql.execution.paging import After, Connection, First
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.types.administrations import Administration
from monitr.entrypoints.graphql.types.enums import AuthenticationKind
from monitr.entrypoints.graphql.types.imports import Failure
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


@strawberry.type
class Dossier:
    """A dossier that the Octopus login sees."""

    number: int
    """Octopus's number of it; for `selectAdministrations`."""
    name: str
    """What Octopus calls it."""
    vat_number: str | None
    """Without dots and spaces: `BE0352633701`; null: none."""
    selectable: bool
    """Whether it can become an administration."""
    reason: str | None
    """A sentence on why it cannot be selected; null: it can."""
    administration: Administration | None
    """What it has become here; null: it is not selected, or the caller may not see it."""

    @classmethod
    def of(cls, listed: ListedDossier) -> Self:
        return shown(
            cls,
            listed.dossier,
            selectable=listed.reason is None,
            reason=listed.reason,
            administration=Administration.of(listed.administration) if listed.administration else None,
        )


@strawberry.type
class Integration:
    """One authorised link to an Octopus login."""

    row: strawberry.Private[integration.Integration]
    id: strawberry.ID
    """Opaque; stays when it is reconnected."""
    provider: Provider
    """Which program it links to."""
    status: IntegrationStatus
    """Whether Octopus accepts its authorisation."""
    authorized_at: datetime | None
    """When Octopus gave its authorisation last (UTC); null: not yet, or the caller may only see names."""
    authorization_expires_at: datetime | None
    """When somebody has to reconnect at the latest (UTC); null: not authorised yet, or the caller may only see
    names."""
    last_error: Failure | None
    """Why it needs attention; null: it does not."""

    @classmethod
    def of(cls, row: integration.Integration) -> Self:
        return shown(cls, row, row=row, provider=Provider.OCTOPUS)

    @strawberry.field
    def notices(self, info: Info) -> list[Notice]:
        """Warnings ahead: 14, 7 and 1 day before the authorisation ends."""
        notice = self.row.notice(info.context.services.clock())
        return [Notice.of(notice)] if notice else []

    @strawberry.field
    async def timeline(
        self, info: Info, first: First = 50, after: After = strawberry.UNSET
    ) -> Connection[TimelineEvent]:
        """What has happened to it, newest first: what, when, who or what caused it, why."""
        info.context.reading.expect(Reading.timeline_of_integration)
        question = partial(info.context.reading.timeline_of_integration, self.row.id)
        return await Connection[TimelineEvent].ask(question, TimelineEvent.of, first, after, 50)

    @strawberry.field
    async def administrations(self, info: Info) -> list[Administration]:
        """Those that the caller may see, by dossier number."""
        rows = await info.context.loaders.administrations_of.load(self.row.id)
        return [Administration.of(row) for row in rows]

    @strawberry.field
    async def dossiers(self, info: Info) -> list[Dossier]:
        """Asked of Octopus at this moment; where reconnecting is required, the selected ones alone."""
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


@strawberry.type
class ProviderDataset:
    """What a dataset of the provider is used for in Monitr."""

    dataset: Dataset
    """Which dataset."""
    used_for: str
    """Where its rows show up, as a sentence for people."""


@strawberry.type
class IntegrationProvider:
    """A card on the Integrations page: what can be connected, and what is."""

    key: Provider
    """For `connectIntegration`."""
    name: str
    """What people call it: `Octopus`."""
    region: str
    """Where it is used: `Belgium`."""
    authentication: AuthenticationKind
    """How somebody connects it."""

    @strawberry.field
    def datasets(self) -> list[ProviderDataset]:
        """What is read of it, and what for."""
        return [ProviderDataset(dataset=dataset, used_for=text) for dataset, text in USED_FOR.items()]

    @strawberry.field
    async def integrations(self, info: Info) -> list[Integration]:
        """Those of the caller's organisation, oldest first."""
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
